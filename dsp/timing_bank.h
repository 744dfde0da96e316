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

struct timing_bank {
    float radians_per_sample; /* of each tone */
    struct cpm_trellis trellis;
    struct two_tone_gain gain;
    trellis_lanes home, track_rate; /* pace to come back to; share of a change's lateness made good at once */
    uint64_t window[TIMING_LANES];  /* tone window of the next bit */
    trellis_lanes late;             /* by how much of a sample the bit lies behind that window */
    trellis_lanes pace;             /* samples by which the sender's bit is longer than nominal */
    trellis_lanes stretch; /* samples by which the next bit is taken to be longer: pace and correction */
    trellis_lanes level;   /* running power of the correlations, unit of the reliabilities */
    struct {               /* of the bits of a step of the trellis: */
        uint64_t window[TIMING_LANES];
        trellis_lanes late; /* behind that window its bit ended */
        struct two_tone_bit tone;
    } past[TRELLIS_STEPS];
    /* The step in work; here and not on the stack, which compilers clear. */
    struct trellis_bit bit;
    struct trellis_decisions decided;
    struct two_tone_bit tone;
    trellis_lanes use, excess;
};

void timing_bank_reset(struct timing_bank *bank, const struct two_tone *waveform);
/* All bits that are complete in `windows`, which must be called for every sample or at least every few. */
void timing_bank_execute(struct timing_bank *bank, const struct tone_windows *windows,
                         struct bit_train trains[TIMING_LANES]);

#endif
