/* SPDX-License-Identifier: Apache-2.0 */
/* What a detector puts out: the decisions of one branch with their error events and times. Every detector
 * fills the same object, and the modem empties it into the sink. */
#ifndef ATALAYA_DSP_BIT_TRAIN_H
#define ATALAYA_DSP_BIT_TRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/dsp/modem.h"

enum {
    BIT_TRAIN_PROMISE = 16384, /* bits whose times are known, as measure() of modem.h promises */
    BIT_TRAIN_HELD = 8,        /* bits a sequence detector holds back: as far as later events mostly reach */
    BIT_TRAIN_HELD_MAX = 32,
    BIT_TRAIN_ANCHOR = 64, /* bits from one whose end is remembered as it is to the next */
    BIT_TRAIN_MEMORY = BIT_TRAIN_PROMISE + 2 * BIT_TRAIN_ANCHOR,
    BIT_TRAIN_RUN_MAX = 128 /* more than one baseband block can hold */
};

struct bit_train_jump {
    uint64_t bit; /* whose end is not near the one before it, or UINT64_MAX */
    uint32_t end;
};

struct bit_train {
    uint64_t total;                /* bits pushed since reset */
    unsigned pending;              /* of them, not yet handed on */
    enum line_scrambler scrambler; /* as the modem's class has it; reset leaves it alone */
    unsigned held; /* always kept pending: later bits may shake them, or other branches come first */
    int8_t soft[BIT_TRAIN_RUN_MAX + BIT_TRAIN_HELD_MAX];
    struct error_event event[BIT_TRAIN_RUN_MAX + BIT_TRAIN_HELD_MAX];
    /* Ends of bits, in ticks of 1/32 baseband sample, modulo 2^32. One octet a bit, for a site has a hundred
     * channels of nine branches. */
    uint32_t newest;                                      /* as remembered */
    struct bit_train_jump jump;                           /* the latest */
    uint32_t anchor[BIT_TRAIN_MEMORY / BIT_TRAIN_ANCHOR]; /* of every BIT_TRAIN_ANCHOR-th bit */
    uint8_t step[BIT_TRAIN_MEMORY]; /* bit 0: decision; above: 64 and the ticks by which it was longer than
                                       nominal, -63 .. 63: what is more or less is made good later */
};
_Static_assert(BIT_TRAIN_MEMORY % BIT_TRAIN_ANCHOR == 0 && BIT_TRAIN_HELD_MAX <= BIT_TRAIN_ANCHOR,
               "the bit before the oldest that is promised has its anchor");

void bit_train_reset(struct bit_train *train, unsigned held); /* held: up to BIT_TRAIN_HELD_MAX */
/* A decision that ends at baseband instant `end`, with its likeliest error. A bit is as sure as the cheapest
 * event that would flip it: the soft values of the bits before may shrink. */
void bit_train_push(struct bit_train *train, bool mark, struct error_event event, double end);
/* Hands the pending bits to the sink, but for the last `held`. */
void bit_train_flush(struct bit_train *train, unsigned branch, modem_sink *sink, void *context);

bool bit_train_holds(const struct bit_train *train, uint64_t first_bit, uint64_t end_bit);
bool bit_train_decision(const struct bit_train *train, uint64_t bit);
/* Straight line through the ends of bits [first_bit, end_bit), which must be held: start of the first bit and
 * length of a bit, in baseband samples; `now` is the present baseband index. */
void bit_train_clock(const struct bit_train *train, uint64_t first_bit, uint64_t end_bit, uint64_t now,
                     double *start, double *length);

#endif
