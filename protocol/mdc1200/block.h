/* SPDX-License-Identifier: Apache-2.0 */
/* A block of MDC-1200: four octets of message and a CRC-16, coded at rate 1/2 and interleaved, 112 bits on
 * air. Pure, reentrant. Facts: the open decoder of M. Kaufman KA6SQG; the maker published none. */
#ifndef ATALAYA_MDC1200_BLOCK_H
#define ATALAYA_MDC1200_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { BLOCK_BITS = 112, BLOCK_OCTETS = 4 };

/* How sure a soft decision is: 0 .. 127. */
static inline int block_weight(int8_t soft)
{
    return soft < 0 ? -soft : soft;
}

/* What became of a block. */
struct block {
    uint8_t octets[BLOCK_OCTETS]; /* operation, argument, unit (high octet first) */
    bool guessed;                 /* not the likeliest code word, but another that is nearly as likely */
    unsigned corrected;           /* bits in which the decisions differ from what was sent */
};

/* soft [size: BLOCK_BITS] in the order on air: -127 surely 0 .. 127 surely 1. The likeliest code words
 * are found one after the other (Viterbi, 64 states), until the CRC of one holds; false when none does that
 * is near enough to what was heard. */
bool block_decode(const int8_t *soft, struct block *block);
/* bits [size: BLOCK_BITS] in the order on air, 0 or 1. */
void block_encode(const uint8_t octets[BLOCK_OCTETS], uint8_t *bits);

#endif
