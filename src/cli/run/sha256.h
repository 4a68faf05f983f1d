/* SHA-256, by OpenSSL. */
#ifndef FLECK_CLI_SHA256_H
#define FLECK_CLI_SHA256_H

#include <stdbool.h>
#include <stddef.h>

enum { CLI_SHA256_BYTES = 32, CLI_SHA256_DIGITS = 2 * CLI_SHA256_BYTES };

/* The hash of these bytes as sha256sum writes it. False when memory is short. */
bool cli_sha256(const void *bytes, size_t size, char out[CLI_SHA256_DIGITS + 1]);

#endif
