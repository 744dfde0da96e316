/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 keys (RFC 8032, by libsodium) that sign commands, and the files they live in. Any thread. */
#ifndef ATALAYA_LIFECYCLE_SIGNATURE_H
#define ATALAYA_LIFECYCLE_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "atalaya/gateway/config.h"

enum {
    SIGNATURE_PUBLIC_BYTES = 32,
    SIGNATURE_SECRET_BYTES = 64,
    SIGNATURE_SEED_BYTES = 32,
    SIGNATURE_BYTES = 64,
    SIGNATURE_TEXT_MAX = 96 /* Base64 of any of them */
};

struct signature_key {
    char name[CONFIG_NAME_MAX];
    unsigned char public_key[SIGNATURE_PUBLIC_BYTES], secret[SIGNATURE_SECRET_BYTES];
};

/* Base64, of a point of the curve. */
bool signature_read_public(const char *text, unsigned char key[SIGNATURE_PUBLIC_BYTES]);
/* Base64 with padding. Returns text. */
char *signature_write(const unsigned char *bytes, size_t length, char text[SIGNATURE_TEXT_MAX]);

void signature_make(const void *message, size_t length, const struct signature_key *key,
                    unsigned char signature[SIGNATURE_BYTES]);
bool signature_verify(const unsigned char signature[SIGNATURE_BYTES], const void *message, size_t length,
                      const unsigned char public_key[SIGNATURE_PUBLIC_BYTES]);

/* A new key from the system's random numbers. */
bool signature_key_generate(const char *name, struct signature_key *key);
/* Writes a new file with mode 0600; never over another one. false: why says it [size]. */
bool signature_key_save(const struct signature_key *key, const char *path, char *why, size_t size);
/* Refuses a file that others may read. false: why says it [size]. */
bool signature_key_load(const char *path, struct signature_key *key, char *why, size_t size);
void signature_key_forget(struct signature_key *key); /* wipes it */

#endif
