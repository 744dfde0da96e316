/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_flags.h"

#include <math.h>
#include <string.h>

#include "cpm_trellis.h"
#include "rf_phasor.h"

#define KEEP       0.875F /* of the sum, a flag later: it is as good as seven or eight flags are */
#define POWER_RATE (RF_FLAG_SAMPLES / 1024.0F)
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

static inline wide size(struct phasor z)
{
    return z.re * z.re + z.im * z.im;
}

static inline struct phasor sum_at(const struct rf_flags *flags, unsigned tone, unsigned at)
{
    return (struct phasor){wide_load(&flags->re[tone][at]), wide_load(&flags->im[tone][at])};
}

/* Flags whose odd bit ends at `first`, one of the next windows or a number of bits later: seven windows
 * before it of the other tone, in phase, and itself. Of the eight places in a ring those behind it have been
 * added to since, and are one flag more than those before. */
static void find_at(const struct rf_flags *flags, unsigned first, unsigned odd, struct rf_flags_found *found)
{
    const float back_re = crealf(turn[!odd]) / (KEEP * KEEP), back_im = -cimagf(turn[!odd]) / (KEEP * KEEP);
    const float other_unit = 1.0F / ((RF_FLAG_BITS - 1) * (flags->power[!odd] + QUIET) * SUM_NOISE);
    const float own_unit = 1.0F / ((flags->power[odd] + QUIET) * SUM_NOISE);
    struct phasor before = {{0.0F}, {0.0F}}, behind = before;
    wide most = {-1.0F, -1.0F, -1.0F, -1.0F}, place = {0.0F};
    for (unsigned at = first; at < RF_FLAG_SAMPLES; at += BASEBAND_PER_BIT) {
        behind.re += sum_at(flags, !odd, at).re;
        behind.im += sum_at(flags, !odd, at).im;
    }
    for (unsigned at = first; at < RF_FLAG_SAMPLES; at += BASEBAND_PER_BIT) {
        const struct phasor others = sum_at(flags, !odd, at);
        behind.re -= others.re;
        behind.im -= others.im;
        const struct phasor all = {before.re + behind.re * back_re - behind.im * back_im,
                                   before.im + behind.re * back_im + behind.im * back_re};
        const wide here = size(all) * other_unit + size(sum_at(flags, odd, at)) * own_unit;
        before.re += others.re;
        before.im += others.im;
        const wide_int more = here > most;
        most = wide_choose(more, here, most);
        place = wide_choose(more, (wide){0.0F, 1.0F, 2.0F, 3.0F} + (float)at, place);
    }
    for (unsigned k = 0; k < WIDE; k++)
        if (most[k] > found->strength) {
            found->strength = most[k];
            found->odd = odd;
            found->window = flags->total - RF_FLAG_SAMPLES + (uint64_t)place[k];
        }
}

static void find(const struct rf_flags *flags, struct rf_flags_found *found)
{
    found->strength = -1.0F;
    for (unsigned first = 0; first < BASEBAND_PER_BIT; first += WIDE)
        for (unsigned odd = 0; odd < 2; odd++)
            find_at(flags, first, odd, found);
}

/* The windows of a flag. */
static void add(struct rf_flags *flags, unsigned tone, const float complex windows[RF_FLAG_SAMPLES])
{
    const float turn_re = crealf(turn[tone]), turn_im = cimagf(turn[tone]);
    float *re = flags->re[tone], *im = flags->im[tone], power = 0.0F;
    for (unsigned at = 0; at < RF_FLAG_SAMPLES; at++) {
        const float here_re = crealf(windows[at]), here_im = cimagf(windows[at]);
        const float sum_re = re[at] * turn_re - im[at] * turn_im + here_re;
        im[at] = re[at] * turn_im + im[at] * turn_re + here_im;
        re[at] = sum_re;
        power += here_re * here_re + here_im * here_im;
    }
    flags->power[tone] += POWER_RATE * (power / RF_FLAG_SAMPLES - flags->power[tone]);
}

bool rf_flags_push(struct rf_flags *flags, const struct tone_windows *windows, struct rf_flags_found *found)
{
    if (++flags->total % RF_FLAG_SAMPLES != 0)
        return false;
    add(flags, SPACE, windows->space);
    add(flags, MARK, windows->mark);
    if (flags->total < 8 * RF_FLAG_SAMPLES)
        return false;
    find(flags, found);
    return true;
}
_Static_assert((int)TONE_WINDOWS == RF_FLAG_SAMPLES, "a flag is what is remembered");
