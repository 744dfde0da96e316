/* SPDX-License-Identifier: Apache-2.0 */
/* Where bits begin and what they look like: a bank of hypotheses (lanes), some at fixed phases of the nominal
 * clock, some that track. Each learns its own pulse and zero line; one trellis reads them all, and every lane
 * fills a bit train. */
#ifndef ATALAYA_DSP_NRZ_BANK_H
#define ATALAYA_DSP_NRZ_BANK_H

#include <stdint.h>

#include "bit_train.h"
#include "nrz_filter.h"
#include "nrz_trellis.h"

enum {
    NRZ_PER_BIT = 8,           /* times are in eighths of a bit */
    NRZ_REMEMBERED = NRZ_STEPS /* samples */
};

struct nrz_lane {
    double at;    /* instant of the next bit's middle, in input samples */
    double drift; /* samples by which the sender's bit is longer than nominal */
    float zero;   /* zero line */
    float level;  /* running mean of |sample| */
    float tap[NRZ_TAPS];
    uint64_t bits; /* samples taken */
    float value[NRZ_REMEMBERED];
    double instant[NRZ_REMEMBERED];
    float *memory; /* [size: BIT_TRAIN_MEMORY] samples of the bits in the train */
};

struct nrz_bank {
    double samples_a_bit;
    struct nrz_trellis trellis;
    struct nrz_lane lanes[NRZ_LANES];
    float memory[NRZ_LANES][BIT_TRAIN_MEMORY];
};

void nrz_bank_reset(struct nrz_bank *bank, double samples_a_bit);
/* All bits that are complete in the filter. */
void nrz_bank_execute(struct nrz_bank *bank, const struct nrz_filter *filter,
                      struct bit_train trains[NRZ_LANES]);

#endif
