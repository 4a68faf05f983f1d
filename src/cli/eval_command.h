/* fleck eval: trains on DIR/train, scores DIR/test, compares with the truth. */
#ifndef FLECK_CLI_EVAL_COMMAND_H
#define FLECK_CLI_EVAL_COMMAND_H

#include "run.h"

/* Prints metrics and costs on standard output; gives the exit status. */
int cli_eval(cli_run *run);

#endif
