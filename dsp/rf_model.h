/* SPDX-License-Identifier: Apache-2.0 */
/* What an FM carrier does while a tone of Bell 202 sounds in it: everything that is not known of it, and its
 * phase for each of the six states and two tones. README.md has the mathematics. */
#ifndef ATALAYA_DSP_RF_MODEL_H
#define ATALAYA_DSP_RF_MODEL_H

#include <complex.h>
#include <stdint.h>

#include "cpm_trellis.h"
#include "rf_phasor.h"

enum {
    RF_STATES = 6,
    RF_MIRROR = RF_STATES / 2, /* a state and the one this far on are mirror images */
    RF_TONES = 2,              /* SPACE and MARK of cpm_trellis.h */
    RF_VECTORS_MAX = 9         /* of WIDE samples, in the longest bit at 38,400 S/s */
};

/* At the start of a bit. */
struct rf_model {
    double start, length;          /* of the bit, samples */
    double carrier, turn;          /* the carrier's phase, and what it turns in a bit, radians */
    double complex tone[RF_TONES]; /* the carrier's phase follows Im(tone exp(i w t)) while the tone sounds */
    double drift;                  /* radians a bit by which the tones run ahead of their nominal phases */
};

/* The samples of one bit, and where in it they lie. */
struct rf_bit {
    unsigned vectors;                             /* used, of WIDE samples */
    unsigned samples;                             /* in them; the rest is 0 */
    wide place[RF_VECTORS_MAX];                   /* 0 to 1 */
    struct phasor tone[RF_TONES][RF_VECTORS_MAX]; /* exp(i w t) */
    struct phasor sample[RF_VECTORS_MAX];         /* turned back by the carrier */
};

/* exp(-i pi state / 3) */
static inline float complex rf_state_turn(unsigned state)
{
    static const float re[RF_STATES] = {1.0F, 0.5F, -0.5F, -1.0F, -0.5F, 0.5F};
    static const float im[RF_STATES] = {0.0F, -0.8660254F, -0.8660254F, 0.0F, 0.8660254F, 0.8660254F};
    return re[state] + im[state] * _Complex_I;
}
/* exp(i angle); small angles by the series, for less than libm needs. */
static inline float complex rf_turn(float angle)
{
    if (fabsf(angle) > 1.0F)
        return cosf(angle) + sinf(angle) * _Complex_I;
    const float y = angle * angle;
    return 1.0F - y * (0.5F - y * (1.0F / 24.0F - y * (1.0F / 720.0F - y / 40320.0F))) +
           angle * (1.0F - y * (1.0F / 6.0F - y * (1.0F / 120.0F - y / 5040.0F))) * _Complex_I;
}
/* The model `bits` bits later, or earlier. */
void rf_model_advance(struct rf_model *model, int bits);
/* Reads the bit at the model's start out of a ring of samples [size: mask + 1]. */
void rf_bit_read(struct rf_bit *bit, const struct rf_model *model, const float complex *ring, uint64_t mask);

/* Phase of the carrier in state `state`, a tone sounding: Im(base + swing exp(i w t)). */
struct rf_wave {
    float complex base, swing;
};
/* A mark is one whole turn of the audio and leaves the carrier where it was; a space moves it along its own
 * wave. So the carrier's phase where bits meet follows from the state, and is that of the space's wave. */
static inline struct rf_wave rf_model_wave(const struct rf_model *model, unsigned state, unsigned tone)
{
    const float complex turned = rf_state_turn(state);
    const float complex space = (float complex)model->tone[0], own = (float complex)model->tone[tone];
    return (struct rf_wave){.base = turned * (space - own), .swing = turned * own};
}
_Static_assert(SPACE == 0, "the space's is the first tone");

#endif
