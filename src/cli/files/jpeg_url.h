/* A picture within a text: a JPEG as a data URL. */
#ifndef FLECK_CLI_JPEG_URL_H
#define FLECK_CLI_JPEG_URL_H

#include "image.h"

#include <stdio.h>

void cli_put_jpeg_url(FILE *out, const fleck_image *picture);

#endif
