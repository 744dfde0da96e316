/* SPDX-License-Identifier: Apache-2.0 */
/* The sizes of both tones behind a low-pass, for the slicer that hears senders and receivers that are not as
 * they should be: what lies outside of both tones is mostly noise, hum and clicks, or neighbours. */
#ifndef ATALAYA_DSP_NARROW_BAND_H
#define ATALAYA_DSP_NARROW_BAND_H

#include <stdbool.h>
#include <stdint.h>

#include "baseband.h"
#include "wide.h"

enum {
    NARROW_BAND_TAPS = 33,
    NARROW_BAND_LAG = NARROW_BAND_TAPS / 2, /* baseband samples by which it is late */
    NARROW_BAND_ROOM = 36,                  /* taps and nothing: whole vectors, by three */
    NARROW_BAND_PER_BIT = 4                 /* every second baseband sample is enough */
};

struct narrow_band {
    unsigned tone_step;
    float tap[2 * NARROW_BAND_ROOM];          /* each twice: of the real and the imaginary part */
    float recent[4 * NARROW_BAND_ROOM];       /* a ring, written twice, so that the newest lie in a row */
    unsigned oldest;                          /* sample of it */
    uint64_t total;                           /* baseband samples since reset */
    wide one, two[2];                         /* mark and space turned to 0 Hz: sums of the last samples */
    float complex turn[BASEBAND_TONE_PERIOD]; /* as of tone_windows.h */
};

void narrow_band_init(struct narrow_band *band, const struct two_tone *waveform);
void narrow_band_reset(struct narrow_band *band);
/* True when the sample completed a window of one bit: how large both tones are in it. */
bool narrow_band_push(struct narrow_band *band, float complex z, float *mark, float *space);

#endif
