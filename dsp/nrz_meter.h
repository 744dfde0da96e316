/* SPDX-License-Identifier: Apache-2.0 */
/* Measures a burst whose bits are known, from the samples its lane decided them by. */
#ifndef ATALAYA_DSP_NRZ_METER_H
#define ATALAYA_DSP_NRZ_METER_H

#include "bit_train.h"

enum { NRZ_PEAKS = 2 * BIT_TRAIN_MEMORY };

/* The loudest input in every stretch of less than a bit. */
struct nrz_peaks {
    unsigned stretch; /* input samples */
    uint64_t total;   /* input samples */
    float peak[NRZ_PEAKS];
};

void nrz_peaks_reset(struct nrz_peaks *peaks, double samples_a_bit);
void nrz_peaks_execute(struct nrz_peaks *peaks, const float *samples, unsigned count);
/* Between two instants of the input, of which the first is remembered. */
float nrz_peaks_find(const struct nrz_peaks *peaks, double first, double end);

/* What a least-squares fit of pulse and zero line to the samples of a burst says. */
struct nrz_fit {
    double signal; /* power of the samples' signal part */
    double noise;  /* and of what the fit leaves */
    double zero;   /* zero line */
    double late;   /* by which the samples were taken after the middle of the bits, in bits */
};

/* samples [size: BIT_TRAIN_MEMORY] of the bits in the train, at the same indices. false: too few bits, or all
 * alike. */
bool nrz_fit_make(struct nrz_fit *fit, const struct bit_train *train, const float *samples,
                  uint64_t first_bit, uint64_t end_bit);

#endif
