#include "sha256.h"

#include <openssl/evp.h>
#include <stdio.h>

bool cli_sha256(const void *bytes, size_t size, char out[CLI_SHA256_DIGITS + 1]) {
    unsigned char digest[CLI_SHA256_BYTES];
    if (!EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL)) return false;
    for (size_t i = 0; i < CLI_SHA256_BYTES; i++) snprintf(out + 2 * i, 3, "%02x", digest[i]);
    return true;
}
