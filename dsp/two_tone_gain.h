/* SPDX-License-Identifier: Apache-2.0 */
/* What each lane knows of the channel: complex amplitudes of both tones, as a phase reference of 0 would show
 * them, and how much faster than nominal the phase runs. Learnt from the trellis' decisions of a moment ago.
 * All lanes side by side, for vector instructions.
 */
#ifndef ATALAYA_DSP_TWO_TONE_GAIN_H
#define ATALAYA_DSP_TWO_TONE_GAIN_H

#include "cpm_trellis.h"
#include "two_tone.h"

/* Correlations of a bit with both tones. */
struct two_tone_bit {
    trellis_lanes re[TONES], im[TONES];
};

struct two_tone_gain {
    float rate, drift_rate; /* the waveform's */
    trellis_lanes re[TONES], im[TONES];
    trellis_lanes drift; /* phase advance per bit beyond the nominal, rad: the tones' common offset */
    trellis_lanes power; /* running |space|^2 + |mark|^2 of the correlations */
    trellis_lanes quick; /* the same of the last few bits */
};

void two_tone_gain_reset(struct two_tone_gain *gain, const struct two_tone *waveform);
/* The correlations of every bit, before they are used. use: 1; or 0 where the lane has no bit. */
void two_tone_gain_watch(struct two_tone_gain *gain, const struct two_tone_bit *tone,
                         const trellis_lanes use);
/* The trellis' input from a bit's correlations and the nominal turn of the space tone. */
void two_tone_gain_match(const struct two_tone_gain *gain, const struct two_tone_bit *tone,
                         const trellis_lanes turn_re, const trellis_lanes turn_im, struct trellis_bit *bit);
/* Bits decided, and what was received in them; for lanes whose `use` is 1. */
void two_tone_gain_learn(struct two_tone_gain *gain, const struct trellis_decisions *decided,
                         const struct two_tone_bit *tone, const trellis_lanes use);

#endif
