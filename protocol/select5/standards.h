/* SPDX-License-Identifier: Apache-2.0 */
/* The standards of selective calling as data: which tones, how long, and what each of them means. */
#ifndef ATALAYA_SELECT5_STANDARDS_H
#define ATALAYA_SELECT5_STANDARDS_H

#include <stdint.h>

enum {
    SELECT5_LETTERS = 16, /* 0 .. 9, A .. F */
    SELECT5_FAMILIES = 3,
    SELECT5_STANDARDS = 9,
    SELECT5_REPEAT = 14 /* letter E: the tone of the digit before once more */
};

/* Standards that are made of the same frequencies, so that a tone can be told from its neighbours. */
enum select5_family { FAMILY_ZVEI, FAMILY_CCIR, FAMILY_EIA };

struct select5_standard {
    const char *name; /* "zvei1" */
    enum select5_family family;
    unsigned tone_ms;
    uint8_t tone[SELECT5_LETTERS]; /* enum tone of each letter */
};

/* Where the tones of a call leave the choice, the first one in this order is meant. */
extern const struct select5_standard select5_standards[SELECT5_STANDARDS];

/* The letter that the tone is in the standard, or SELECT5_LETTERS. */
unsigned select5_letter(const struct select5_standard *standard, unsigned tone);

#endif
