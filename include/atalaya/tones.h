/* SPDX-License-Identifier: Apache-2.0 */
/* What the line "bits" of the modem `tones` are: like softbits.h, both sides of the border include this.
 *
 * The stream is a sequence of frames, one every TONES_HOP_MS, each TONES_FRAME values long: two for every
 * frequency of tones.def, in that order. Frame n is about the time from n to n + 1 hops; its first value has
 * index n * TONES_FRAME.
 *
 * The two values of a tone are what a filter somewhat below its frequency and one somewhat above it would
 * say: below = 127/2 * share * (1 - deviation),  above = 127/2 * share * (1 + deviation) share (0 .. 1) is
 * the root of the part that the tone has in the power of the audio band, deviation (-1 .. 1) is how far it
 * lies from its nominal frequency, in units of TONES_REACH_PERCENT. Values below 0 say the same as 0. In the
 * other direction, to send, 1 1 is the tone at its nominal frequency, 0 1 and 1 0 are it at the edge of the
 * reach, 0 0 is no tone; at most TONES_AT_ONCE sound together. */
#ifndef ATALAYA_TONES_H
#define ATALAYA_TONES_H

enum tone {
#define ATALAYA_TONE(hz) TONE_##hz,
#include "atalaya/tones.def"
#undef ATALAYA_TONE
    TONE_COUNT
};

enum { TONES_HOP_MS = 5, TONES_FRAME = 2 * TONE_COUNT, TONES_AT_ONCE = 2 };
#define TONES_REACH_PERCENT 2.5

/* Nominal frequency of tone 0 .. TONE_COUNT - 1. */
static inline unsigned tone_hz(unsigned tone)
{
    static const unsigned short hz[TONE_COUNT] = {
#define ATALAYA_TONE(hz) hz,
#include "atalaya/tones.def"
#undef ATALAYA_TONE
    };
    return hz[tone];
}

#endif
