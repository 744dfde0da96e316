/* SPDX-License-Identifier: Apache-2.0 */
/* What a lane knows of the channel: complex amplitudes of both tones, as a phase reference of 0 would show
 * them, and how much faster than nominal the phase runs. Learnt from the trellis' decisions of a moment ago.
 */
#ifndef ATALAYA_DSP_TWO_TONE_GAIN_H
#define ATALAYA_DSP_TWO_TONE_GAIN_H

#include <complex.h>

#include "cpm_trellis.h"
#include "two_tone.h"

struct two_tone_gain {
    float rate, drift_rate; /* the waveform's */
    float complex tone[TONES];
    float drift; /* phase advance per bit beyond the nominal, rad: the tones' common offset */
    float power; /* running |space|^2 + |mark|^2 of the correlations */
};

void two_tone_gain_reset(struct two_tone_gain *gain, const struct two_tone *waveform);
/* The correlations of every bit, before they are used. */
void two_tone_gain_watch(struct two_tone_gain *gain, const float complex tone[TONES]);
/* Column `lane` of the trellis' input from a bit's correlations and nominal turn of the space tone. */
void two_tone_gain_match(const struct two_tone_gain *gain, const float complex tone[TONES],
                         float complex turn, struct trellis_bit *bit, unsigned lane);
/* A bit decided, and what was received in it. */
void two_tone_gain_learn(struct two_tone_gain *gain, const struct trellis_decision *decision,
                         const float complex tone[TONES]);

#endif
