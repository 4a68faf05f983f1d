/* The natural logarithm, of which no libm is asked: the same bits everywhere. */
#ifndef FLECK_NATURAL_LOG_H
#define FLECK_NATURAL_LOG_H

/* ln(x) of a normal number above 0, to a few units of the last place. */
float fleck_natural_log(float x);

#endif
