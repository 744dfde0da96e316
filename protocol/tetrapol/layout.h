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
    TETRAPOL_SCR_COUNT = 128   /* 0: not scrambled */
};

enum tetrapol_band { TETRAPOL_UHF, TETRAPOL_VHF, TETRAPOL_BAND_COUNT };

const char *tetrapol_band_text(enum tetrapol_band band);

/* What the scrambler adds to body bit k. */
bool tetrapol_scrambler(unsigned scr, unsigned k);
/* UHF: body bit j was added to the one this many places before it; 0 for j = 0 and in VHF. */
unsigned tetrapol_precoding(enum tetrapol_band band, unsigned j);
/* Where coded bit j goes in the body. */
unsigned tetrapol_position(enum tetrapol_band band, bool is_data, unsigned j);

#endif
