/* SPDX-License-Identifier: Apache-2.0 */
/* The block of FleetSync II: the 64 bits of a code word, four at a time in words of 16 bits with a BCH(15,7)
 * code, 256 bits on air. Pure, reentrant. Facts: the open decoder of M. Kaufman; the maker published none. */
#ifndef PROTOCOL_FLEETSYNC_ROBUST_H
#define PROTOCOL_FLEETSYNC_ROBUST_H

#include "atalaya/protocol/code_word.h"

enum { ROBUST_BITS = 256 };

/* The likeliest code words of all sixteen, by soft decisions. False unless the CRC holds and they are near
 * enough to what was heard. */
bool robust_read(const struct soft_history *history, uint64_t first, bool inverted, struct code_word *word);
/* bits [size: ROBUST_BITS], 0 or 1. */
void robust_write(const uint8_t octets[static CODE_WORD_OCTETS], uint8_t *bits);

#endif
