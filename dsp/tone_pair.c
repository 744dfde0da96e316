/* SPDX-License-Identifier: Apache-2.0 */
#include "tone_pair.h"

#include <math.h>
#include <string.h>

#define LEVEL_BITS 16.0F /* time constant: settles well within the shortest preambles in use */

void tone_pair_reset(struct tone_pair *pair)
{
    memset(pair, 0, sizeof *pair);
    for (int i = 0; i < BASEBAND_TONE_PERIOD; i++)
        pair->table[i] = cexpf(2.0F * (float)M_PI * _Complex_I * (float)i / (float)BASEBAND_TONE_PERIOD);
}

struct tone_levels tone_pair_execute(struct tone_pair *pair, float complex z)
{
    float complex turn = pair->table[pair->phase];
    pair->phase = (pair->phase + BASEBAND_TONE_STEP) % BASEBAND_TONE_PERIOD;
    pair->mark[pair->oldest] = z * turn;
    pair->space[pair->oldest] = z * conjf(turn);
    pair->oldest = (pair->oldest + 1) % BASEBAND_PER_BIT;
    /* Summed anew each time: a running sum would keep the rounding errors of a loud past for ever. */
    float complex mark = 0.0F, space = 0.0F;
    for (int i = 0; i < BASEBAND_PER_BIT; i++) {
        mark += pair->mark[i];
        space += pair->space[i];
    }
    const float scale = 1.0F / (float)BASEBAND_PER_BIT;
    struct tone_levels levels = {.mark = scale * cabsf(mark), .space = scale * cabsf(space)};
    float power = levels.mark * levels.mark + levels.space * levels.space;
    pair->power += (power - pair->power) / (LEVEL_BITS * (float)BASEBAND_PER_BIT);
    levels.level = sqrtf(pair->power);
    return levels;
}
