/* Which name somebody may have meant. */
#ifndef FLECK_CLI_NEAREST_H
#define FLECK_CLI_NEAREST_H

#include <stddef.h>

/* The one of names [count] that wrong is a slip for; NULL when none is near. */
const char *cli_nearest(const char *wrong, const char *const *names, size_t count);

#endif
