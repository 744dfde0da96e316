/* SPDX-License-Identifier: Apache-2.0 */
/* Who may read what is sealed: an X25519 key pair, and the file its private half lives in. Not the key that
 * signs commands: that one acts, stays with a person and is used for a moment; this one lies open on every
 * screen of a centre. Either can be lost or changed without the other. Any thread. */
#ifndef ATALAYA_OUTLET_READER_KEY_H
#define ATALAYA_OUTLET_READER_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "atalaya/gateway/config.h"

enum {
    READER_KEY_BYTES = 32, /* of either half */
    READER_TEXT_MAX = 48   /* Base64 of either */
};

struct reader_key;

/* Base64 of a key that something can be sealed to: no point of small order, which would hide nothing. */
bool reader_key_read_public(const char *text, unsigned char key[READER_KEY_BYTES]);

/* A new pair in a new file of mode 0600, never over another one. false: why says it [size]. */
bool reader_key_make(const char *name, const char *path, char *why, size_t size);
/* Into memory that is locked, guarded and wiped by reader_key_destroy. Refuses a file that everybody may
 * read. NULL: why says it [size]. */
struct reader_key *reader_key_load(const char *path, char *why, size_t size);
/* Is there a key of this kind in the file? Says nothing of whether it may be used. */
bool reader_key_is_in(const char *path);
const char *reader_key_name(const struct reader_key *key);
/* Base64 with padding. Returns text. */
char *reader_key_public(const struct reader_key *key, char text[READER_TEXT_MAX]);
/* Opens a sealed box (crypto_box_seal of libsodium). */
bool reader_key_open(const struct reader_key *key, const unsigned char *box, size_t length,
                     unsigned char *plain);
void reader_key_destroy(struct reader_key *key);

#endif
