/* SPDX-License-Identifier: Apache-2.0 */
/* What a detector puts out: the soft bits of one branch, with the time of each remembered. Every detector
 * (slicer now, sequence detector to come) fills the same object, and the modem empties it into the sink. */
#ifndef ATALAYA_DSP_BIT_TRAIN_H
#define ATALAYA_DSP_BIT_TRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/dsp/modem.h"

enum {
    BIT_TRAIN_MEMORY = 16384, /* as measure() of modem.h promises */
    BIT_TRAIN_RUN_MAX = 128   /* more than one baseband block can hold */
};

struct bit_train {
    uint64_t total; /* bits since reset, pending ones included */
    unsigned pending;
    int8_t soft[BIT_TRAIN_RUN_MAX];
    uint32_t end[BIT_TRAIN_MEMORY]; /* end of the bit in 1/32 baseband sample, modulo 2^31; bit 0: decision */
};

void bit_train_reset(struct bit_train *train);
/* A bit that ends at baseband instant index - before (0 <= before < 32). */
void bit_train_push(struct bit_train *train, float soft, uint64_t index, float before);
/* Hands the pending bits to the sink. */
void bit_train_flush(struct bit_train *train, unsigned branch, modem_sink *sink, void *context);

bool bit_train_holds(const struct bit_train *train, uint64_t first_bit, uint64_t end_bit);
bool bit_train_decision(const struct bit_train *train, uint64_t bit);
/* Straight line through the ends of bits [first_bit, end_bit), which must be held: start of the first bit and
 * length of a bit, in baseband samples; `now` is the present baseband index. */
void bit_train_clock(const struct bit_train *train, uint64_t first_bit, uint64_t end_bit, uint64_t now,
                     double *start, double *length);

#endif
