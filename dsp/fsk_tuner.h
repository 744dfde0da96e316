/* SPDX-License-Identifier: Apache-2.0 */
/* Complex samples of any rate to the grid of the FSK bank: mixer that follows the carrier, channel filter. */
#ifndef ATALAYA_DSP_FSK_TUNER_H
#define ATALAYA_DSP_FSK_TUNER_H

#include <complex.h>

#include "fsk_bank.h"
#include "nrz_filter.h"

struct fsk_tuner {
    struct nrz_filter re, im;
    double step, at; /* input samples from one grid sample to the next, and where it is */
    double tuned_hz; /* what the mixer takes to 0 */
    double complex mixer;
    double rate_hz;
};

void fsk_tuner_init(struct fsk_tuner *tuner, double rate_hz);
void fsk_tuner_reset(struct fsk_tuner *tuner);
/* At most NRZ_CHUNK_MAX finite samples. */
void fsk_tuner_execute(struct fsk_tuner *tuner, const float complex *samples, unsigned count,
                       struct fsk_bank *bank, struct bit_train trains[FSK_LANES]);

#endif
