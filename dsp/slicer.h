/* SPDX-License-Identifier: Apache-2.0 */
/* One branch: weighs the two tones for an assumed twist, recovers the bit clock, decides. */
#ifndef ATALAYA_DSP_SLICER_H
#define ATALAYA_DSP_SLICER_H

#include <stdint.h>

#include "bit_train.h"
#include "tone_pair.h"

struct slicer {
    float mark_weight, space_weight, bias; /* of the assumed twist; bias in units of the level */
    float phase;                           /* of the bit clock: 0 at a change of tone, 0.5 = decide */
    float drift;                           /* relative clock error learnt */
    float before;                          /* decision variable of the sample before */
    float scale;                           /* running mean of |decision variable| */
};

/* twist_db: how much stronger the space tone is taken to be than the mark tone. */
void slicer_reset(struct slicer *slicer, float twist_db);
/* One baseband sample: its number and its tones. Zero or one bit goes to the train. */
void slicer_execute(struct slicer *slicer, uint64_t index, const struct tone_levels *levels,
                    struct bit_train *train);

#endif
