/* SPDX-License-Identifier: Apache-2.0 */
/* Correlations of the baseband with both tones over every window of one bit: the sufficient statistics of
 * everything after. Window n ends with sample n; phases are those of tones that run for ever. */
#ifndef ATALAYA_DSP_TONE_WINDOWS_H
#define ATALAYA_DSP_TONE_WINDOWS_H

#include <stdint.h>

#include "baseband.h"
#include "wide.h"

enum { TONE_WINDOWS = 64 }; /* remembered; a power of two */

struct tone_windows {
    const struct two_tone *waveform;
    uint64_t total; /* samples since reset */
    float complex mark[TONE_WINDOWS], space[TONE_WINDOWS];
    /* The same of the audio behind 1 - b z^-1, which undoes a receiver's de-emphasis. */
    float complex lifted_mark[TONE_WINDOWS], lifted_space[TONE_WINDOWS];
    wide before, back_re, back_im;             /* windows of the last sample; b z^-1 as a factor of them */
    wide one, two[2], four[4];                 /* mark and space turned to 0 Hz: sums of the last samples */
    float complex table[BASEBAND_TONE_PERIOD]; /* turns the mark tone to 0 Hz; its conjugate, space */
};

void tone_windows_reset(struct tone_windows *windows, const struct two_tone *waveform);
void tone_windows_push(struct tone_windows *windows, float complex z);

#endif
