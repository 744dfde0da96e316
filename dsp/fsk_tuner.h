/* SPDX-License-Identifier: Apache-2.0 */
/* Complex samples of any rate to the grid of the FSK bank: mixer that follows the carrier, channel filter. */
#ifndef ATALAYA_DSP_FSK_TUNER_H
#define ATALAYA_DSP_FSK_TUNER_H

#include <complex.h>

#include "fsk_bank.h"
#include "nrz_filter.h"

enum { FSK_BANKS = 2, FSK_BRANCHES = FSK_BANKS * FSK_LANES };

struct fsk_tuner {
    double rate_hz;
    struct nrz_filter re, im;
    double step, at; /* input samples from one grid sample to the next, and where it is */
    double tuned_hz; /* what the mixer takes to 0 */
    double complex mixer;
    bool retuned;         /* the banks have not yet been told, */
    double retuned_at;    /* and are at this input sample */
    unsigned block, held; /* input samples mixed at once, and how many wait for that */
    float complex input[NRZ_CHUNK_MAX];
    float complex last[2], spin; /* grid samples; sum of the turns between samples two apart */
    float power;                 /* sum of the grid samples' */
    unsigned blocks;             /* summed */
    struct fsk_shape_table table;
    struct fsk_bank banks[FSK_BANKS];
};

void fsk_tuner_init(struct fsk_tuner *tuner, double rate_hz);
void fsk_tuner_reset(struct fsk_tuner *tuner);
/* At most NRZ_CHUNK_MAX finite samples. The result does not depend on how they are cut. */
void fsk_tuner_execute(struct fsk_tuner *tuner, const float complex *samples, unsigned count,
                       struct bit_train trains[FSK_BRANCHES]);

#endif
