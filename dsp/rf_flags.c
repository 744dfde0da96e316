/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_flags.h"

#include <math.h>
#include <string.h>

#include "cpm_trellis.h"

#define KEEP       0.875F /* of the sum, a flag later: it is as good as seven or eight flags are */
#define POWER_RATE (1.0F / 1024.0F)
#define QUIET      1e-20F
#define SUM_NOISE  (1.0F / (1.0F - KEEP * KEEP)) /* power of the sum of a tone that is noise */

/* Every flag, whichever tone is the odd one, sets the mark's phase back by 60 degrees against a tone that
 * runs for ever, and the space's ahead. */
static const float complex turn[2] = {
    [SPACE] = KEEP * 0.5F + KEEP * 0.8660254F * _Complex_I,
    [MARK] = KEEP * 0.5F - KEEP * 0.8660254F * _Complex_I,
};

void rf_flags_reset(struct rf_flags *flags)
{
    memset(flags, 0, sizeof *flags);
}

unsigned rf_flags_tone(unsigned bit, unsigned odd)
{
    return bit % RF_FLAG_BITS == RF_FLAG_BITS - 1 ? odd : !odd;
}

static float size(float complex z)
{
    return crealf(z) * crealf(z) + cimagf(z) * cimagf(z);
}

/* Flags whose odd bit ends at `first` or a number of bits later: seven windows before it of the other tone,
 * in phase, and itself. Of the eight places in a ring those behind it have been added to since, and are one
 * flag more than those before. */
static void find_at(const struct rf_flags *flags, unsigned first, unsigned odd, struct rf_flags_found *found)
{
    const float complex *others = flags->sum[!odd], *own = flags->sum[odd];
    const float complex back = conjf(turn[!odd]) / (KEEP * KEEP);
    const float other_unit = 1.0F / ((RF_FLAG_BITS - 1) * (flags->power[!odd] + QUIET) * SUM_NOISE);
    const float own_unit = 1.0F / ((flags->power[odd] + QUIET) * SUM_NOISE);
    float complex before = 0.0F, behind = 0.0F;
    for (unsigned at = first; at < RF_FLAG_SAMPLES; at += BASEBAND_PER_BIT)
        behind += others[at];
    for (unsigned at = first; at < RF_FLAG_SAMPLES; at += BASEBAND_PER_BIT) {
        behind -= others[at];
        float here = size(before + behind * back) * other_unit + size(own[at]) * own_unit;
        before += others[at];
        if (!(here > found->strength))
            continue;
        found->strength = here;
        found->odd = odd;
        found->window = flags->total - RF_FLAG_SAMPLES + at;
    }
}

static void find(const struct rf_flags *flags, struct rf_flags_found *found)
{
    found->strength = -1.0F;
    for (unsigned first = 0; first < BASEBAND_PER_BIT; first++)
        for (unsigned odd = 0; odd < 2; odd++)
            find_at(flags, first, odd, found);
}

bool rf_flags_push(struct rf_flags *flags, const struct tone_windows *windows, struct rf_flags_found *found)
{
    const unsigned newest = (unsigned)((windows->total - 1) % TONE_WINDOWS);
    const unsigned at = (unsigned)(flags->total++ % RF_FLAG_SAMPLES);
    const float complex tone[2] = {[SPACE] = windows->space[newest], [MARK] = windows->mark[newest]};
    for (unsigned x = 0; x < 2; x++) {
        flags->sum[x][at] = flags->sum[x][at] * turn[x] + tone[x];
        flags->power[x] += POWER_RATE * (size(tone[x]) - flags->power[x]);
    }
    if (at != RF_FLAG_SAMPLES - 1 || flags->total < 8 * RF_FLAG_SAMPLES)
        return false;
    find(flags, found);
    return true;
}
