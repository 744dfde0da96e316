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

struct nrz_bank {
    double samples_a_bit, eighths_a_sample;
    struct nrz_trellis trellis;
    struct nrz_sample sample; /* here and not on the stack, which compilers clear */
    double at[NRZ_LANES];     /* instant of the next bit's middle, in input samples */
    double drift[NRZ_LANES];  /* samples by which the sender's bit is longer than nominal */
    nrz_lanes zero;           /* zero line */
    nrz_lanes level;          /* running mean of |sample| */
    nrz_lanes tap[NRZ_TAPS]; /* the pulse: what the bit NRZ_AHEAD later adds to a sample, then those before */
    nrz_lanes unit;          /* reliability per unit of a margin */
    nrz_lanes late;          /* how late the last bit looked to be, in bits */
    uint64_t bits[NRZ_LANES];               /* samples taken */
    float value[NRZ_LANES][NRZ_REMEMBERED]; /* the last samples, and their instants */
    double instant[NRZ_LANES][NRZ_REMEMBERED];
    float memory[NRZ_LANES][BIT_TRAIN_MEMORY]; /* samples of the bits in the trains */
};

void nrz_bank_reset(struct nrz_bank *bank, double samples_a_bit);
/* All bits that are complete in the filter. */
void nrz_bank_execute(struct nrz_bank *bank, const struct nrz_filter *filter,
                      struct bit_train trains[NRZ_LANES]);

#endif
