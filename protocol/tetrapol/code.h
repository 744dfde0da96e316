/* SPDX-License-Identifier: Apache-2.0 */
/* The codes of a TETRAPOL frame: convolutional, constraint length 3, (7, 5) octal; CRC-5 and CRC-3
 * (PAS 0001-2 clause 6). Soft values are as in softbits.h. Any thread. */
#ifndef ATALAYA_TETRAPOL_CODE_H
#define ATALAYA_TETRAPOL_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TETRAPOL_CODE_BITS_MAX = 64 }; /* information bits of one block */

/* Likeliest information bits [size: bits] of 2 * bits soft values. A tail-biting block begins and ends in the
 * same state, any other in state 0. Returns how many of the hard decisions were wrong; one that was erased
 * counts as wrong. */
unsigned tetrapol_code_decode(const int16_t *soft, unsigned bits, bool tail_biting, uint8_t *data);
/* Information bits to 2 * bits coded ones; a terminated block brings its two zeros along. */
void tetrapol_code_encode(const uint8_t *data, unsigned bits, bool tail_biting, uint8_t *coded);

/* Remainders, the bit sent first highest. */
uint8_t tetrapol_crc5(const uint8_t *data, unsigned bits); /* 1 + x^2 + x^5 */
uint8_t tetrapol_crc3(const uint8_t *data, unsigned bits); /* 1 + x + x^3, inverted */

#endif
