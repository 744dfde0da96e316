/* SPDX-License-Identifier: Apache-2.0 */
#include "level.h"

#include <math.h>

static const float full_scale = 0.98F, too_quiet = 0.02F;
static const double too_often = 1e-4; /* of the samples: a click is no fault */

void level_reset(struct level *level)
{
    *level = (struct level){.least = INFINITY, .most = -INFINITY};
}

void level_execute(struct level *level, const float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        level->least = fminf(level->least, samples[i]);
        level->most = fmaxf(level->most, samples[i]);
        level->clipped += fabsf(samples[i]) >= full_scale;
    }
    level->count += count;
}

float level_peak(const struct level *level)
{
    return level->count ? fmaxf(fabsf(level->least), fabsf(level->most)) : 0.0F;
}

const char *level_advice(const struct level *level, bool radio, bool *grave)
{
    *grave = true;
    if (!level->count)
        return "no samples came";
    if (!(level->least < level->most))
        return radio ? "every sample is the same: is it another program's, or broken?"
                     : "every sample is the same: a muted or wrong input (alsamixer), no cable, or a closed "
                       "squelch";
    if ((double)level->clipped > too_often * (double)level->count)
        return radio ? "it clips: less gain until it does not, then 6 dB less"
                     : "it clips: less gain (alsamixer), until a burst's peak is 0.3 to 0.5";
    *grave = false;
    if (level_peak(level) < too_quiet)
        return radio ? "it is very quiet: more gain, or is there an antenna?"
                     : "it is very quiet: right between bursts behind a squelch; else more gain (alsamixer), "
                       "until a "
                       "burst's peak is 0.3 to 0.5";
    return NULL;
}
