/* SPDX-License-Identifier: Apache-2.0 */
/* From flags that were heard in the audio to the model of the carrier: what the discriminator says of tones,
 * tried at several deviations and carriers on the carrier's own samples, then refined along the known bits.
 */
#ifndef ATALAYA_DSP_RF_ACQUIRE_H
#define ATALAYA_DSP_RF_ACQUIRE_H

#include "rf_flags.h"
#include "rf_learner.h"

enum { RF_ACQUIRE_BITS = 6 * RF_FLAG_BITS };

/* Where the flags are believed: samples of a ring [size: mask + 1], and of the audio. */
struct rf_stretch {
    const float complex *ring;
    uint64_t mask;
    double end, length; /* of the odd bit, of each bit; samples */
    const float *audio; /* in units of unity_hz */
    uint64_t audio_mask;
    double audio_end, audio_length;
    double unity_hz;
    unsigned odd;
    double turn;       /* of the carrier in a bit, as the AFC has it, radians */
    float noise_rate;  /* samples a second over the noise's width */
    float caution;     /* of the learner, e.g. 1 */
    float score_least; /* energy that must fit; noise: some 7 at 24,000 S/s */
};

/* What was found of the last bits of the flags. */
struct rf_acquired {
    struct rf_model model; /* at the first of them, in state 0 */
    struct rf_learner learner;
    float score;     /* energy that fits, in units of the samples' own; noise: some 7 */
    float coherence; /* power that fits over power */
};

/* false: nothing that looks like a carrier. The audio must hold RF_ACQUIRE_BITS. */
bool rf_acquire(const struct rf_stretch *stretch, struct rf_acquired *acquired);

#endif
