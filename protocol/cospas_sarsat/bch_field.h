/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the BCH decoders: the field, the syndromes and what they say. */
#ifndef ATALAYA_COSPAS_SARSAT_BCH_FIELD_H
#define ATALAYA_COSPAS_SARSAT_BCH_FIELD_H

#include "bch.h"

enum { BCH_LOCATOR = 2 * BCH_ERRORS_MAX + 2 };

struct bch_field {
    unsigned order; /* 2^degree - 1 */
    uint8_t exp[510], log[256];
};

struct bch_syndromes {
    uint8_t s[2 * BCH_ERRORS_MAX + 1]; /* s[0] is not used */
};

void bch_field_make(struct bch_field *field, const struct bch_code *code);
/* Adds what bit `index` of a word does to its syndromes. */
void bch_syndromes_flip(const struct bch_field *field, const struct bch_code *code, unsigned index,
                        struct bch_syndromes *syndromes);
/* Number of errors and where they are, or BCH_FAILED. */
int bch_locate(const struct bch_field *field, const struct bch_code *code,
               const struct bch_syndromes *syndromes, uint8_t wrong[static BCH_ERRORS_MAX]);

#endif
