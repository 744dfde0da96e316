/* SPDX-License-Identifier: Apache-2.0 */
/* Decides bit by bit from the tones' magnitudes alone. Deaf beside the trellis, but indifferent to what the
 * trellis lives on: a sender whose phase jumps, or whose tones are not 1000 Hz apart. Bare, it says which one
 * is larger and knows nothing more: for signals whose single bits do not reach the strength of longer runs.
 */
#ifndef ATALAYA_DSP_SLICER_H
#define ATALAYA_DSP_SLICER_H

#include <stdbool.h>

#include "bit_train.h"

struct slicer {
    bool bare;
    float step_bits;               /* from one pair of magnitudes to the next, nominally */
    float mark_level, space_level; /* running magnitudes of each tone when it is sent */
    float phase;                   /* of the bit clock: 0 at a change of tone, 0.5 = decide */
    float drift;                   /* relative clock error learnt */
    float before;                  /* decision variable of the sample before */
    float scale;                   /* running mean of |decision variable| */
};

void slicer_reset(struct slicer *slicer, bool bare, unsigned per_bit);
/* Magnitudes of both tones in the bit that ends at baseband instant `end`; they come `per_bit` times a bit.
 * Zero or one bit goes to the train. */
void slicer_execute(struct slicer *slicer, float mark, float space, double end, struct bit_train *train);

#endif
