/* SPDX-License-Identifier: Apache-2.0 */
/* A document that only its readers can read: encrypted with a key of its own, which is sealed to each of them
 * (libsodium: crypto_secretbox, crypto_box_seal), so that a reader more costs 120 bytes and not a copy.
 *
 *     {"v": 1, "sealed": Base64(nonce, 24 bytes; box), "to": {READER: Base64(sealed key), ...}}
 *
 * Spaces behind the document make its length a multiple of 256. It hides what is said from whoever reads the
 * broker's disk or the cable; it does not prove who said it, and when and about which topic something is said
 * remains visible. Any thread. */
#ifndef ATALAYA_OUTLET_SEAL_H
#define ATALAYA_OUTLET_SEAL_H

#include "reader_key.h"

enum {
    SEAL_PAYLOAD_MAX = 131072, /* of the longest document, with every reader */
    SEAL_STEP = 256            /* lengths of documents are multiples of it */
};

struct seal_reader {
    char name[CONFIG_NAME_MAX];
    unsigned char public_key[READER_KEY_BYTES];
};

/* JSON, to free; NULL: no memory. length: of the document, at most 65536. */
char *seal_make(const struct seal_reader *readers, unsigned count, const void *document, size_t length);

enum seal_verdict {
    SEAL_NONE,   /* not sealed: read it as it is */
    SEAL_OPENED, /* *text [*length] is the document, to free */
    SEAL_OTHERS, /* sealed to others, or no key was given */
    SEAL_BROKEN  /* sealed to this key, and damaged */
};
/* payload is hostile. key: NULL = none. */
enum seal_verdict seal_open(const struct reader_key *key, const void *payload, size_t payload_length,
                            char **text, size_t *length);

#endif
