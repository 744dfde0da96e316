/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"

enum { SCRAMBLER_PERIOD = 127, COMMON = 53 };

/* PAS 0001-2 clauses 6.1.4.1 (voice) and 6.2.4.1 (data): the first 53 places are the same in both, which is
 * what lets a receiver read the kind of a frame before it knows the kind. */
static const uint8_t uhf_common[COMMON] = {
    1,  77,  38, 114, 20, 96,  59, 135, 3,  79,  41, 117, 23, 99,  62, 138, 5,  81,
    44, 120, 26, 102, 65, 141, 8,  84,  47, 123, 29, 105, 68, 144, 11, 87,  50, 126,
    32, 108, 71, 147, 14, 90,  53, 129, 35, 111, 74, 150, 17, 93,  56, 132, 37,
};

static const uint8_t uhf_voice[TETRAPOL_BODY_BITS - COMMON] = {
    113, 73, 4,   0,  76,  40, 119, 19, 95,  58, 137, 151, 80,  42, 115, 24, 100, 60, 133, 12,
    88,  48, 121, 30, 106, 66, 139, 18, 91,  51, 124, 28,  104, 67, 146, 10, 89,  52, 131, 34,
    110, 70, 149, 13, 97,  57, 130, 36, 112, 75, 148, 6,   82,  39, 116, 16, 92,  55, 134, 2,
    78,  43, 122, 22, 98,  61, 140, 9,  85,  45, 118, 27,  103, 63, 136, 15, 83,  46, 125, 25,
    101, 64, 143, 7,  86,  49, 128, 31, 107, 69, 142, 21,  94,  54, 127, 33, 109, 72, 145,
};

static const uint8_t uhf_data[TETRAPOL_BODY_BITS - COMMON] = {
    112, 76, 148, 2,  88,  40, 115, 19, 97,  58, 133, 4,  75,  43, 118, 22, 100, 61, 136, 7,
    85,  46, 121, 25, 103, 64, 139, 10, 82,  49, 124, 28, 106, 67, 142, 13, 91,  52, 127, 31,
    109, 73, 145, 16, 94,  55, 130, 34, 113, 70, 151, 0,  80,  39, 116, 21, 95,  57, 134, 6,
    78,  42, 119, 24, 98,  60, 137, 9,  83,  45, 122, 27, 101, 63, 140, 12, 86,  48, 125, 30,
    104, 66, 143, 15, 89,  51, 128, 33, 107, 69, 146, 18, 92,  54, 131, 36, 110, 72, 149,
};

const char *tetrapol_band_text(enum tetrapol_band band)
{
    return band == TETRAPOL_VHF ? "vhf" : "uhf";
}

/* s0..s6 = 1, s[k] = s[k-1] ^ s[k-7]: one period, 64 bits a word, first bit lowest. */
bool tetrapol_scrambler(unsigned scr, unsigned k)
{
    static const uint64_t period[2] = {UINT64_C(0x126d6f634bb9957f), UINT64_C(0x0106147916753e87)};
    unsigned at = (k + scr) % SCRAMBLER_PERIOD;
    return scr != 0 && (period[at / 64] >> at % 64 & 1);
}

/* Every third bit from 7 to 76 and from 83 to 149 skips one. */
unsigned tetrapol_precoding(enum tetrapol_band band, unsigned j)
{
    if (band == TETRAPOL_VHF || j == 0)
        return 0;
    bool skips = (j >= 7 && j <= 76 && j % 3 == 1) || (j >= 83 && j <= 149 && j % 3 == 2);
    return skips ? 2 : 1;
}

unsigned tetrapol_position(enum tetrapol_band band, bool is_data, unsigned j)
{
    if (band == TETRAPOL_VHF) {
        unsigned low = j % 8, reversed = (low & 1) << 2 | (low & 2) | low >> 2;
        return 19 * reversed + 3 * (j / 8) % 19;
    }
    if (j < COMMON)
        return uhf_common[j];
    return is_data ? uhf_data[j - COMMON] : uhf_voice[j - COMMON];
}
