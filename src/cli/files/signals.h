/* Being told to end: by Ctrl-C, SIGTERM or SIGHUP. */
#ifndef FLECK_CLI_SIGNALS_H
#define FLECK_CLI_SIGNALS_H

#include <stdbool.h>

/* Catches the signals, but not SIGHUP where nohup wants it ignored. A second one ends the
 * program at once. */
void cli_stop_catch(void);

/* Whether the program was told to end. */
bool cli_interrupted(void);

/* Runs work(context) on a thread of its own and waits for it, but no longer than until the
 * program is told to end: a network that does not answer holds only that thread, which no
 * signal may reach. False when it was left running: context must then stay as it is until
 * the program has ended. */
bool cli_patiently(void (*work)(void *), void *context);

/* Ends the program, interrupted, with a thread that was left and memory that it uses. */
_Noreturn void cli_leave(void);

#endif
