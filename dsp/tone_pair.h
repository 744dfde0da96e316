/* SPDX-License-Identifier: Apache-2.0 */
/* Two sliding correlators of one bit's length, a tone each: the non-coherent detector's matched filters. */
#ifndef ATALAYA_DSP_TONE_PAIR_H
#define ATALAYA_DSP_TONE_PAIR_H

#include "baseband.h"

struct tone_pair {
    float complex table[BASEBAND_TONE_PERIOD]; /* turns the mark tone to 0 Hz; its conjugate, space */
    float complex mark[BASEBAND_PER_BIT], space[BASEBAND_PER_BIT];
    unsigned phase, oldest;
    float power; /* running mean of mark^2 + space^2 */
};

struct tone_levels {
    float mark, space; /* magnitudes over the last bit's length: |z| of a steady tone */
    float level;       /* running root of the mean of mark^2 + space^2 */
};

void tone_pair_reset(struct tone_pair *pair);
struct tone_levels tone_pair_execute(struct tone_pair *pair, float complex z);

#endif
