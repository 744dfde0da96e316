/* SPDX-License-Identifier: Apache-2.0 */
/* Decides bit by bit from the tones' magnitudes alone. Deaf beside the trellis, but indifferent to what the
 * trellis lives on: a sender whose phase jumps, or whose tones are not 1000 Hz apart. */
#ifndef ATALAYA_DSP_SLICER_H
#define ATALAYA_DSP_SLICER_H

#include <stdint.h>

#include "bit_train.h"
#include "tone_windows.h"

struct slicer {
    float mark_level, space_level; /* running magnitudes of each tone when it is sent */
    float phase;                   /* of the bit clock: 0 at a change of tone, 0.5 = decide */
    float drift;                   /* relative clock error learnt */
    float before;                  /* decision variable of the sample before */
    float scale;                   /* running mean of |decision variable| */
};

void slicer_reset(struct slicer *slicer);
/* The newest of the windows. Zero or one bit goes to the train. */
void slicer_execute(struct slicer *slicer, const struct tone_windows *windows, struct bit_train *train);

#endif
