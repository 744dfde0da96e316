/* SPDX-License-Identifier: Apache-2.0 */
/* Frequencies and lengths as makers of radios and test sets publish them; no standard is in force any more.
 * Makers differ in ZVEI3 and DZVEI: here ZVEI3 has ZVEI's digits, and DZVEI ("depressed") is the one whose
 * digits are moved down by a tone. */
#include "standards.h"

#include "atalaya/tones.h"

#define ZVEI_DIGITS                                                                                          \
    TONE_2400, TONE_1060, TONE_1160, TONE_1270, TONE_1400, TONE_1530, TONE_1670, TONE_1830, TONE_2000,       \
        TONE_2200
#define CCIR_DIGITS                                                                                          \
    TONE_1981, TONE_1124, TONE_1197, TONE_1275, TONE_1358, TONE_1446, TONE_1540, TONE_1640, TONE_1747,       \
        TONE_1860
#define CCIR_TONES                                                                                           \
    {                                                                                                        \
        CCIR_DIGITS, TONE_2400, TONE_930, TONE_2247, TONE_991, TONE_2110, TONE_1055                          \
    }

const struct select5_standard select5_standards[SELECT5_STANDARDS] = {
    {"zvei1", FAMILY_ZVEI, 70, {ZVEI_DIGITS, TONE_2800, TONE_810, TONE_970, TONE_885, TONE_2600, TONE_680}},
    {"zvei2", FAMILY_ZVEI, 70, {ZVEI_DIGITS, TONE_885, TONE_825, TONE_740, TONE_680, TONE_970, TONE_2600}},
    {"zvei3", FAMILY_ZVEI, 70, {ZVEI_DIGITS, TONE_885, TONE_810, TONE_2800, TONE_680, TONE_970, TONE_2600}},
    {"pzvei", FAMILY_ZVEI, 70, {ZVEI_DIGITS, TONE_970, TONE_810, TONE_2800, TONE_885, TONE_2600, TONE_680}},
    {"dzvei",
     FAMILY_ZVEI,
     70,
     {TONE_2200, TONE_970, TONE_1060, TONE_1160, TONE_1270, TONE_1400, TONE_1530, TONE_1670, TONE_1830,
      TONE_2000, TONE_825, TONE_740, TONE_2600, TONE_885, TONE_2400, TONE_680}},
    {"ccir1", FAMILY_CCIR, 100, CCIR_TONES},
    {"ccir7", FAMILY_CCIR, 70, CCIR_TONES},
    {"eea", FAMILY_CCIR, 40, {CCIR_DIGITS, TONE_1055, TONE_930, TONE_2400, TONE_991, TONE_2110, TONE_2247}},
    {"eia",
     FAMILY_EIA,
     33,
     {TONE_600, TONE_741, TONE_882, TONE_1023, TONE_1164, TONE_1305, TONE_1446, TONE_1587, TONE_1728,
      TONE_1869, TONE_2151, TONE_2433, TONE_2010, TONE_2292, TONE_459, TONE_1091}},
};

unsigned select5_letter(const struct select5_standard *standard, unsigned tone)
{
    unsigned letter = 0;
    while (letter < SELECT5_LETTERS && standard->tone[letter] != tone)
        letter++;
    return letter;
}
