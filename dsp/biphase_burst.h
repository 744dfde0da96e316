/* SPDX-License-Identifier: Apache-2.0 */
/* One burst, read as a whole once its last bit is there: bit clock, carrier phase, bits. */
#ifndef ATALAYA_DSP_BIPHASE_BURST_H
#define ATALAYA_DSP_BIPHASE_BURST_H

#include <stdbool.h>

#include "biphase.h"

/* From the carrier's beginning to the last bit's end, with room for a clock that is 1.5 % slow. */
#define BIPHASE_BEFORE_BITS 66
#define BIPHASE_AFTER_BITS  148

enum {
    BIPHASE_BURST_SAMPLES = 1 + (BIPHASE_BEFORE_BITS + BIPHASE_AFTER_BITS) * 160 /* at 64,000 a second */
};

struct biphase_burst {
    double start, bit;                /* of the first bit, in samples of the window; length of a bit */
    double turn;                      /* of the carrier, radians a sample; 0 without one */
    float margin[2 * BIPHASE_MARGIN]; /* the same of the bits before and after those in value */
    float value[BIPHASE_BITS];        /* > 0: a one, if the sense of the phase is as it should be */
    float amplitude;                  /* of the carrier; NaN without one */
    float ebn0;                       /* a ratio */
    float open;    /* (mean |value|)^2 / mean value^2 of a short message's bits: noise 0.64 */
    float along;   /* power of these bits where the carrier's phase has them, over what lies across: noise 1
                      to 1.5 */
    float carrier; /* amplitude over that of the bits: cos 1.1 / sin 1.1 = 0.51 as sent, up to 0.59 for their
                     transitions; without a carrier 0 */
    float before;  /* what is in the bits' shape before the first of them, of what is after; power */
};

struct biphase_reader {
    float complex sum[BIPHASE_BURST_SAMPLES + 1]; /* of the mixed samples before each */
    double from;                                  /* the sample at sum[0] */
    unsigned count;
    float complex c[BIPHASE_BITS], d[BIPHASE_BITS]; /* both halves of a bit added; the second taken away */
};

/* coherent: there is a carrier, and bits turn its phase. Else the samples' imaginary part is the phase. The
 * window holds the burst to its end; what was before it may be missing. */
void biphase_burst_read(struct biphase_reader *reader, const struct biphase_window *window,
                        const struct biphase_find *find, bool coherent, struct biphase_burst *burst);

#endif
