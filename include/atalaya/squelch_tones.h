/* SPDX-License-Identifier: Apache-2.0 */
/* The line "bits" of the modem `ctcss`: as in tones.h, with other tones, a frame every SQUELCH_HOP_MS and a
 * finer reach. The band whose power the shares are parts of is that below the voice. */
#ifndef ATALAYA_SQUELCH_TONES_H
#define ATALAYA_SQUELCH_TONES_H

enum squelch_tone {
#define ATALAYA_SQUELCH_TONE(tenths) SQUELCH_TONE_##tenths,
#include "atalaya/squelch_tones.def"
#undef ATALAYA_SQUELCH_TONE
    SQUELCH_TONE_COUNT
};

enum { SQUELCH_HOP_MS = 50, SQUELCH_FRAME = 2 * SQUELCH_TONE_COUNT };
#define SQUELCH_REACH_PERCENT 0.75 /* half the least distance of two tones */

/* Nominal frequency in tenths of a Hz of tone 0 .. SQUELCH_TONE_COUNT - 1. */
static inline unsigned squelch_tone_tenths(unsigned tone)
{
    static const unsigned short tenths[SQUELCH_TONE_COUNT] = {
#define ATALAYA_SQUELCH_TONE(tenths) tenths,
#include "atalaya/squelch_tones.def"
#undef ATALAYA_SQUELCH_TONE
    };
    return tenths[tone];
}

#endif
