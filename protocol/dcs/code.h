/* SPDX-License-Identifier: Apache-2.0 */
/* The code words of digital coded squelch: Golay (23,12), sent without end, lowest bit first. */
#ifndef ATALAYA_DCS_CODE_H
#define ATALAYA_DCS_CODE_H

#include <stdint.h>

enum { DCS_CODES = 104, DCS_BITS = 23 };

extern const uint16_t dcs_codes[DCS_CODES];

/* The 23 bits of a code (nine bits), bit 0 first on the air. */
uint32_t dcs_word(unsigned code);
/* The place in dcs_codes of the code of which the word is a turn, or DCS_CODES. */
unsigned dcs_find(uint32_t word);
/* The place of the code that a receiver with the other polarity would name. */
unsigned dcs_inverse(unsigned code);

#endif
