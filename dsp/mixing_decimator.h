/* SPDX-License-Identifier: Apache-2.0 */
/* Mixer, low-pass and decimator in one: the mixer is moved into the taps, so that everything runs at the
 * output's rate and on real input. */
#ifndef ATALAYA_DSP_MIXING_DECIMATOR_H
#define ATALAYA_DSP_MIXING_DECIMATOR_H

#include <complex.h>

enum {
    MIXING_TAPS_MAX = 432, /* a multiple of MIXING_WIDTH */
    MIXING_WIDTH = 8,      /* sums side by side, for vector instructions */
    MIXING_CHUNK_MAX = 256
};

struct mixing_decimator {
    unsigned decimation, taps; /* taps: rounded up to MIXING_WIDTH with zeros, oldest first */
    float tap_re[MIXING_TAPS_MAX], tap_im[MIXING_TAPS_MAX];
    float input[MIXING_TAPS_MAX + MIXING_CHUNK_MAX]; /* the last `taps` samples, then what is new */
    unsigned skip;                                   /* inputs until the next output is due */
    double complex phase, step;                      /* of the mixer at the next output; per output */
    double turn_per_sample;
};

/* taps [size: count, odd, below MIXING_TAPS_MAX - MIXING_WIDTH], symmetric; moves turn_per_sample (rad) to 0.
 */
void mixing_decimator_init(struct mixing_decimator *decimator, const float *taps, unsigned count,
                           unsigned decimation, double turn_per_sample);
void mixing_decimator_reset(struct mixing_decimator *decimator);
/* count <= MIXING_CHUNK_MAX real samples; returns how many were written to out, one for every `decimation`.
 */
unsigned mixing_decimator_execute(struct mixing_decimator *decimator, const float *samples, unsigned count,
                                  float complex *out);

#endif
