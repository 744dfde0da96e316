/* SPDX-License-Identifier: Apache-2.0 */
/* Minimum-shift keying as what it is, antipodal signs on alternating axes: phase, offset and clock from two
 * lines in the square of the signal, over bits before and after those that are decided. Nothing is learnt
 * from decisions, so that nothing is lost to wrong ones. README.md has the mathematics. */
#ifndef ATALAYA_DSP_MSK_DETECTOR_H
#define ATALAYA_DSP_MSK_DETECTOR_H

#include "baseband.h"
#include "bit_train.h"

enum {
    MSK_TAPS = 2 * BASEBAND_PER_BIT, /* half a sine over two bits */
    MSK_HOP_BITS = 8,                /* for so many bits the same estimate holds */
    MSK_HOP = MSK_HOP_BITS * BASEBAND_PER_BIT,
    MSK_HOPS = 16, /* that it is made from, half of them still to come */
    MSK_WINDOW = MSK_HOPS * MSK_HOP,
    MSK_PLACES = 11, /* offsets tried */
    MSK_LINES = 2,   /* of the square: above its middle and below */
    MSK_LINE_PERIOD = 2 * BASEBAND_PER_BIT,
    MSK_MEMORY = 2048, /* samples; a power of two */
    /* Bits after which a decision is there */
    MSK_DELAY = (MSK_HOPS / 2 + 1) * MSK_HOP_BITS + 1
};

/* What the square told about the middle of the window. */
struct msk_estimate {
    double middle;   /* sample */
    float line;      /* phase of the upper line there */
    float early;     /* where bits end, in samples, modulo those of a bit */
    float turn;      /* of the carrier, in radians a sample */
    float certainty; /* share of the lines in the power */
    float scale;     /* root of the power */
};

struct msk_detector {
    uint64_t total; /* samples since reset */
    float complex input[MSK_TAPS];
    float complex matched[MSK_MEMORY];
    float complex bit[MSK_LINES];                        /* sums of the bit at hand */
    float complex part[MSK_HOPS][MSK_LINES][MSK_PLACES]; /* and of hops, turned back by each offset */
    float power[MSK_HOPS];
    double next;  /* sample at which the next bit ends */
    float phase;  /* of the carrier there, on the axis of its sign */
    float before; /* the last sign, as it was seen */
    float doubt;  /* about it */
    /* tables */
    float shape[MSK_TAPS];
    float complex line_turn[MSK_LINE_PERIOD];
    float complex bit_turn[MSK_HOP_BITS][MSK_PLACES], hop_turn[MSK_HOPS][MSK_PLACES];
};

void msk_detector_reset(struct msk_detector *detector);
/* A sample of the baseband. Zero or more bits go to the train. */
void msk_detector_push(struct msk_detector *detector, float complex z, struct bit_train *train);

#endif
