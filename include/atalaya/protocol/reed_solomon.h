/* SPDX-License-Identifier: Apache-2.0 */
/* Reed-Solomon codes over GF(2^8) with the field polynomial x^8 + x^4 + x^3 + x^2 + 1 (0x11d) and the
 * generator element 2, systematic, check octets last, as FX.25 and IL2P use them. Codes are shortened by
 * leaving out leading zero octets: any length from roots + 1 to 255. Pure, reentrant, any thread. */
#ifndef ATALAYA_PROTOCOL_REED_SOLOMON_H
#define ATALAYA_PROTOCOL_REED_SOLOMON_H

#include <stddef.h>
#include <stdint.h>

enum {
    REED_SOLOMON_LENGTH_MAX = 255, /* octets of a code word */
    REED_SOLOMON_ROOTS_MAX = 64,
    REED_SOLOMON_FAILED = -1
};

struct reed_solomon {
    uint8_t first_root; /* the generator polynomial's roots are 2^first_root .. 2^(first_root + roots - 1) */
    uint8_t roots;      /* 2 .. REED_SOLOMON_ROOTS_MAX; also the number of check octets */
    uint8_t gap;        /* zero octets thought between data and check octets, never sent: FX.25 shortens so */
};

/* Writes the check octets of data[0 .. length - 1] to check [size: code->roots]. length + roots + gap is at
 * most REED_SOLOMON_LENGTH_MAX. */
void reed_solomon_encode(const struct reed_solomon *code, const uint8_t *data, size_t length, uint8_t *check);

/* Corrects word[0 .. length - 1], check octets included, in place. erased [size: erased_count] lists indexes
 * into word, each once, whose octets count for nothing. Corrects e errors beside f erasures where 2 e + f <=
 * roots. Returns the number of octets changed, or REED_SOLOMON_FAILED with word untouched. What it returns is
 * a code word, always; with more errors than that it may be another one than was sent. */
int reed_solomon_decode(const struct reed_solomon *code, uint8_t *word, size_t length, const uint8_t *erased,
                        size_t erased_count);

#endif
