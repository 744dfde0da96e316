/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of bits from complex input: coherent, with a phase that follows decisions, the interference of bits
 * two apart resolved over the whole block. */
#ifndef ATALAYA_DSP_GMSK_DETECT_H
#define ATALAYA_DSP_GMSK_DETECT_H

#include "gmsk_sync.h"

enum {
    GMSK_BLOCK = 160,
    GMSK_AHEAD = 48, /* bits looked at beyond the block */
    GMSK_SPAN = GMSK_BLOCK + GMSK_AHEAD
};

/* Where the detector is: the next bit's pulse, and the carrier there. */
struct gmsk_place {
    double at;    /* middle of the next bit's pulse, input samples */
    double phase; /* carrier there, radians */
    double turn;  /* radians a bit */
};

struct gmsk_block {
    float soft[GMSK_BLOCK]; /* log likelihoods in units of the amplitude */
    float level;            /* amplitude of the signal */
    float noise;            /* mean square of what is left, along the bits, in units of level^2 */
    double turn;            /* mean carrier, radians a bit */
};

/* Bits from `place` on; `after` is the place for the next block. */
void gmsk_detect(const struct gmsk_window *window, const struct gmsk_filter *matched, double samples_a_bit,
                 const struct gmsk_place *place, struct gmsk_block *block, struct gmsk_place *after);

#endif
