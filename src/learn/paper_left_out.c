/* Stands for paper.c in WebAssembly: a learner without a step. */
#include "learner.h"

const fleck_learner_functions fleck_paper_learner = {.step = NULL};
