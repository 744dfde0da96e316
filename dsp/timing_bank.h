/* SPDX-License-Identifier: Apache-2.0 */
/* Where bits begin: a bank of hypotheses (lanes), some at fixed phases of the nominal clock, some that track
 * a clock of their own. Runs the trellis, and fills a bit train per lane. */
#ifndef ATALAYA_DSP_TIMING_BANK_H
#define ATALAYA_DSP_TIMING_BANK_H

#include <stdint.h>

#include "bit_train.h"
#include "cpm_trellis.h"
#include "tone_windows.h"
#include "two_tone_gain.h"

enum { TIMING_LANES = TRELLIS_LANES, TIMING_LOOKAHEAD = 4 };

struct timing_lane {
    uint64_t window; /* tone window of the next bit */
    float late;      /* by how much of a sample the bit lies behind that window */
    float pace;      /* samples by which the sender's bit is longer than nominal */
    float stretch;   /* samples by which the next bit is taken to be longer: pace and correction */
    float level;     /* running power of the correlations, unit of the reliabilities */
    struct two_tone_gain gain;
    uint64_t bits;
    /* Of the last bits: */
    uint64_t windows[TRELLIS_STEPS];
    double ends[TRELLIS_STEPS]; /* baseband instants */
    float complex tones[TRELLIS_STEPS][TONES];
};

struct timing_bank {
    float radians_per_sample; /* of each tone */
    struct cpm_trellis trellis;
    struct timing_lane lanes[TIMING_LANES];
};

void timing_bank_reset(struct timing_bank *bank, const struct two_tone *waveform);
/* All bits that are complete in `windows`, which must be called for every sample or at least every few. */
void timing_bank_execute(struct timing_bank *bank, const struct tone_windows *windows,
                         struct bit_train trains[TIMING_LANES]);

#endif
