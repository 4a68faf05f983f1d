/* The compiler checks here what constants.mjs read in types.h, and where in the structures it
 * reckons their fields to be, which engine.js reads and writes. */
#include "fleck.h"

#include "layout.h"
