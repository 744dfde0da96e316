/* SPDX-License-Identifier: Apache-2.0 */
/* Where the bits of a TETRAPOL frame stand on air (PAS 0001-2 clause 6): sync word, scrambler, precoding of
 * UHF, interleavers. All tables are constant; any thread. */
#ifndef ATALAYA_TETRAPOL_LAYOUT_H
#define ATALAYA_TETRAPOL_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TETRAPOL_FRAME_BITS = 160, /* 20 ms */
    TETRAPOL_SYNC_BITS = 8,
    TETRAPOL_SYNC = 0x62, /* first bit highest */
    TETRAPOL_BODY_BITS = TETRAPOL_FRAME_BITS - TETRAPOL_SYNC_BITS,
    TETRAPOL_FIRST_BITS = 26,  /* information bits of the first code block, tail-biting */
    TETRAPOL_SECOND_BITS = 50, /* of the second one, which data frames have; the last two are 0 */
    TETRAPOL_DATA_BITS = TETRAPOL_FIRST_BITS + TETRAPOL_SECOND_BITS,
    TETRAPOL_PLAIN_BITS = 100, /* of a voice frame, not coded */
    TETRAPOL_COMMON_BITS = 53, /* coded bits with the same place in voice and data frames of UHF */
    TETRAPOL_SCR_COUNT = 128   /* 0: not scrambled */
};

enum tetrapol_band { TETRAPOL_UHF, TETRAPOL_VHF, TETRAPOL_BAND_COUNT };

const char *tetrapol_band_text(enum tetrapol_band band);

/* Places of UHF's coded bits (layout.c). */
extern const uint8_t tetrapol_uhf_common[TETRAPOL_COMMON_BITS];
extern const uint8_t tetrapol_uhf_voice[TETRAPOL_BODY_BITS - TETRAPOL_COMMON_BITS];
extern const uint8_t tetrapol_uhf_data[TETRAPOL_BODY_BITS - TETRAPOL_COMMON_BITS];

/* What the scrambler adds to body bit k: s0..s6 = 1, s[k] = s[k-1] ^ s[k-7], here one period with 64 bits a
 * word, first bit lowest. Inline, as are the next two, for a search asks them for every bit of many bodies.
 */
static inline bool tetrapol_scrambler(unsigned scr, unsigned k)
{
    enum { PERIOD = 127 };
    static const uint64_t period[2] = {UINT64_C(0x126d6f634bb9957f), UINT64_C(0x0106147916753e87)};
    unsigned at = (k + scr) % PERIOD;
    return scr != 0 && (period[at / 64] >> at % 64 & 1);
}

/* UHF: body bit j was added to the one this many places before it; 0 for j = 0 and in VHF. Every third bit
 * from 7 to 76 and from 83 to 149 skips one. */
static inline unsigned tetrapol_precoding(enum tetrapol_band band, unsigned j)
{
    if (band == TETRAPOL_VHF || j == 0)
        return 0;
    bool skips = (j >= 7 && j <= 76 && j % 3 == 1) || (j >= 83 && j <= 149 && j % 3 == 2);
    return skips ? 2 : 1;
}

/* Where coded bit j goes in the body. */
static inline unsigned tetrapol_position(enum tetrapol_band band, bool is_data, unsigned j)
{
    if (band == TETRAPOL_VHF) {
        unsigned low = j % 8, reversed = (low & 1) << 2 | (low & 2) | low >> 2;
        return 19 * reversed + 3 * (j / 8) % 19;
    }
    if (j < TETRAPOL_COMMON_BITS)
        return tetrapol_uhf_common[j];
    return is_data ? tetrapol_uhf_data[j - TETRAPOL_COMMON_BITS]
                   : tetrapol_uhf_voice[j - TETRAPOL_COMMON_BITS];
}

#endif
