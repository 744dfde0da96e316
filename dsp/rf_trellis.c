/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_trellis.h"

#include <string.h>

#include "cpm_trellis.h"

void rf_trellis_begin(struct rf_trellis *trellis, unsigned state, float lead)
{
    memset(trellis, 0, sizeof *trellis);
    for (unsigned s = 0; s < RF_STATES; s++)
        trellis->metric[s] = s == state ? 0.0F : -lead;
}

/* Parts of the correlation with a wave: its mirror image gets the same with the other sign of `cross`. */
struct match {
    float along, cross, aside, aside_cross;
};

static inline struct match correlate(const struct rf_wave *wave, const struct rf_bit *bit, unsigned tone)
{
    const float to_turns = 0.15915494F, base = to_turns * cimagf(wave->base);
    const float re = to_turns * crealf(wave->swing), im = to_turns * cimagf(wave->swing);
    wide along = {0.0F}, cross = {0.0F}, aside = {0.0F}, aside_cross = {0.0F};
    for (unsigned v = 0; v < bit->vectors; v++) {
        struct phasor z = bit->tone[tone][v], sample = bit->sample[v];
        struct phasor carrier = phasor_of_turns(base + re * z.im + im * z.re);
        along += sample.re * carrier.re;
        cross += sample.im * carrier.im;
        aside += sample.im * carrier.re;
        aside_cross += sample.re * carrier.im;
    }
    return (struct match){wide_sum(along), wide_sum(cross), wide_sum(aside), wide_sum(aside_cross)};
}

float complex rf_trellis_match(const struct rf_model *model, const struct rf_bit *bit, unsigned state,
                               unsigned tone)
{
    struct rf_wave wave = rf_model_wave(model, state, tone);
    struct match match = correlate(&wave, bit, tone);
    return match.along + match.cross + (match.aside - match.aside_cross) * _Complex_I;
}

/* How well each state explains the bit if a tone sounds in it. State 1 is where 0 and 2 together lead, for
 * exp(-i pi / 3) = 1 + exp(-2 i pi / 3): its carrier is the product of theirs. */
static void match_all(const struct rf_model *model, const struct rf_bit *bit, unsigned tone,
                      float likely[RF_STATES][RF_TONES])
{
    const float to_turns = 0.15915494F;
    const struct rf_wave first = rf_model_wave(model, 0, tone), third = rf_model_wave(model, 2, tone);
    const float base[2] = {to_turns * cimagf(first.base), to_turns * cimagf(third.base)};
    const float re[2] = {to_turns * crealf(first.swing), to_turns * crealf(third.swing)};
    const float im[2] = {to_turns * cimagf(first.swing), to_turns * cimagf(third.swing)};
    wide along[RF_MIRROR] = {{0.0F}}, cross[RF_MIRROR] = {{0.0F}};
    for (unsigned v = 0; v < bit->vectors; v++) {
        const struct phasor z = bit->tone[tone][v], sample = bit->sample[v];
        const struct phasor a = phasor_of_turns(base[0] + re[0] * z.im + im[0] * z.re);
        const struct phasor b = phasor_of_turns(base[1] + re[1] * z.im + im[1] * z.re);
        along[0] += sample.re * a.re;
        cross[0] += sample.im * a.im;
        along[1] += sample.re * (a.re * b.re - a.im * b.im);
        cross[1] += sample.im * (a.re * b.im + a.im * b.re);
        along[2] += sample.re * b.re;
        cross[2] += sample.im * b.im;
    }
    for (unsigned state = 0; state < RF_MIRROR; state++) {
        likely[state][tone] = wide_sum(along[state] + cross[state]);
        likely[state + RF_MIRROR][tone] = wide_sum(along[state] - cross[state]);
    }
}

void rf_trellis_execute(struct rf_trellis *trellis, const struct rf_model *model, const struct rf_bit *bit)
{
    float likely[RF_STATES][RF_TONES], metric[RF_STATES];
    uint32_t history[RF_STATES];
    struct rf_merge *merge = &trellis->merge[trellis->bits % RF_STEPS];
    for (unsigned tone = 0; tone < RF_TONES; tone++)
        match_all(model, bit, tone, likely);
    trellis->best = 0;
    for (unsigned state = 0; state < RF_STATES; state++) {
        unsigned before = (state + RF_STATES - 1) % RF_STATES; /* a space comes from there */
        float by_mark = trellis->metric[state] + likely[state][MARK];
        float by_space = trellis->metric[before] + likely[before][SPACE];
        uint32_t with_mark = trellis->history[state] << 1 | 1U, with_space = trellis->history[before] << 1;
        bool mark = by_mark > by_space;
        metric[state] = mark ? by_mark : by_space;
        history[state] = mark ? with_mark : with_space;
        merge->margin[state] = mark ? by_mark - by_space : by_space - by_mark;
        merge->pattern[state] = with_mark ^ with_space;
        trellis->best = metric[state] > metric[trellis->best] ? state : trellis->best;
    }
    for (unsigned state = 0; state < RF_STATES; state++) /* they neither grow nor lose digits */
        trellis->metric[state] = metric[state] - metric[trellis->best];
    memcpy(trellis->history, history, sizeof history);
    trellis->bits++;
}

_Static_assert(RF_DEPTH <= 3 * RF_STATES, "spaces are taken from three rounds of the states");
bool rf_trellis_recall(const struct rf_trellis *trellis, unsigned back, struct rf_decision *decision)
{
    if (trellis->bits <= back)
        return false;
    const uint32_t history = trellis->history[trellis->best];
    const unsigned spaces = back - (unsigned)__builtin_popcount(history & ((1U << back) - 1U));
    const unsigned state = (trellis->best + 3 * RF_STATES - spaces) % RF_STATES;
    const struct rf_merge *merge = &trellis->merge[(trellis->bits - 1 - back) % RF_STEPS];
    decision->mark = (history >> back & 1U) != 0;
    decision->margin = merge->margin[state];
    decision->pattern = merge->pattern[state];
    decision->state = decision->mark ? state : (state + RF_STATES - 1) % RF_STATES;
    return true;
}
