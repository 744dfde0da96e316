/* SPDX-License-Identifier: Apache-2.0 */
#include "cpm_trellis.h"

#include <string.h>

#include "two_tone_gain.h"

/* Log likelihood of correlation y, amplitude g: 2 Re(y conj g) - |g|^2, up to what all paths share. */
static inline float likelihood(float y_re, float y_im, float g_re, float g_im)
{
    return 2.0F * (y_re * g_re + y_im * g_im) - (g_re * g_re + g_im * g_im);
}

/* What the tone received (here) and the other (there) are called depends on the new state alone. */
struct tone_view {
    const trellis_lanes *here_re, *here_im, *there_re, *there_im;
    const float *y_re, *y_im;
    float turn_sign; /* mark turns backwards */
};

static struct tone_view view_tone(const struct trellis_survivors *from, const struct trellis_bit *bit,
                                  bool mark)
{
    if (mark)
        return (struct tone_view){from->mark_re, from->mark_im, from->space_re, from->space_im,
                                  bit->mark_re,  bit->mark_im,  -1.0F};
    return (struct tone_view){from->space_re, from->space_im, from->mark_re, from->mark_im,
                              bit->space_re,  bit->space_im,  1.0F};
}

/* The two paths that lead into `state`: the better survives, the other is noted in `merge`. */
static void extend(const struct trellis_survivors *restrict from, struct trellis_survivors *restrict to,
                   struct trellis_merge *restrict merge, const struct trellis_bit *restrict bit,
                   const float *restrict rate, unsigned state)
{
    const bool mark = state & 1U;
    const unsigned a = state >> 1, b = a | TRELLIS_STATES / 2;
    const struct tone_view view = view_tone(from, bit, mark);
    float *restrict here_re = mark ? to->mark_re[state] : to->space_re[state];
    float *restrict here_im = mark ? to->mark_im[state] : to->space_im[state];
    float *restrict there_re = mark ? to->space_re[state] : to->mark_re[state];
    float *restrict there_im = mark ? to->space_im[state] : to->mark_im[state];
    for (unsigned i = 0; i < TRELLIS_LANES; i++) {
        float y_re = view.y_re[i], y_im = view.y_im[i];
        float metric_a = from->metric[a][i] + likelihood(y_re, y_im, view.here_re[a][i], view.here_im[a][i]);
        float metric_b = from->metric[b][i] + likelihood(y_re, y_im, view.here_re[b][i], view.here_im[b][i]);
        bool second = metric_b > metric_a;
        struct two_tone_gain gain = {second ? view.here_re[b][i] : view.here_re[a][i],
                                     second ? view.here_im[b][i] : view.here_im[a][i],
                                     second ? view.there_re[b][i] : view.there_re[a][i],
                                     second ? view.there_im[b][i] : view.there_im[a][i],
                                     second ? from->drift[b][i] : from->drift[a][i]};
        two_tone_gain_update(&gain, y_re, y_im, rate[i], bit->power[i], bit->turn_re[i],
                             view.turn_sign * bit->turn_im[i]);
        here_re[i] = gain.here_re;
        here_im[i] = gain.here_im;
        there_re[i] = gain.there_re;
        there_im[i] = gain.there_im;
        to->drift[state][i] = gain.drift;
        to->metric[state][i] = second ? metric_b : metric_a;
        merge->margin[state][i] = fabsf(metric_a - metric_b);
        uint32_t history_a = from->history[a][i], history_b = from->history[b][i];
        to->history[state][i] = (second ? history_b : history_a) << 1 | mark;
        merge->pattern[state][i] = (history_a ^ history_b) << 1;
    }
}

/* A lane without a bit keeps its survivors. */
static void keep_lane(const struct trellis_survivors *from, struct trellis_survivors *to, unsigned lane)
{
    for (unsigned s = 0; s < TRELLIS_STATES; s++) {
        to->metric[s][lane] = from->metric[s][lane];
        to->mark_re[s][lane] = from->mark_re[s][lane];
        to->mark_im[s][lane] = from->mark_im[s][lane];
        to->space_re[s][lane] = from->space_re[s][lane];
        to->space_im[s][lane] = from->space_im[s][lane];
        to->drift[s][lane] = from->drift[s][lane];
        to->history[s][lane] = from->history[s][lane];
    }
}

/* Metrics relative to the best: they neither grow nor lose digits. */
static void level_metrics(struct trellis_survivors *survivors)
{
    trellis_lanes best;
    memcpy(best, survivors->metric[0], sizeof best);
    for (unsigned s = 1; s < TRELLIS_STATES; s++)
        for (unsigned i = 0; i < TRELLIS_LANES; i++)
            best[i] = survivors->metric[s][i] > best[i] ? survivors->metric[s][i] : best[i];
    for (unsigned s = 0; s < TRELLIS_STATES; s++)
        for (unsigned i = 0; i < TRELLIS_LANES; i++)
            survivors->metric[s][i] -= best[i];
}

void cpm_trellis_reset(struct cpm_trellis *trellis, const float gain_rate[TRELLIS_LANES])
{
    memset(trellis, 0, sizeof *trellis);
    memcpy(trellis->gain_rate, gain_rate, sizeof trellis->gain_rate);
    for (unsigned s = 0; s < TRELLIS_STATES; s++)
        for (unsigned i = 0; i < TRELLIS_LANES; i++) {
            trellis->bank[0].history[s][i] = s;
            trellis->bank[0].mark_re[s][i] = trellis->bank[0].space_re[s][i] = 1e-3F;
        }
}

void cpm_trellis_execute(struct cpm_trellis *trellis, const struct trellis_bit *bit)
{
    const struct trellis_survivors *from = &trellis->bank[trellis->now];
    struct trellis_survivors *to = &trellis->bank[trellis->now ^ 1U];
    unsigned slot = (unsigned)(trellis->steps % TRELLIS_STEPS);
    for (unsigned state = 0; state < TRELLIS_STATES; state++)
        extend(from, to, &trellis->merge[slot], bit, trellis->gain_rate, state);
    level_metrics(to);
    for (unsigned i = 0; i < TRELLIS_LANES; i++) {
        if (bit->present[i])
            trellis->step_of_bit[i][trellis->bits[i]++ % TRELLIS_STEPS] = (uint8_t)slot;
        else
            keep_lane(from, to, i);
    }
    trellis->now ^= 1U;
    trellis->steps++;
}

bool cpm_trellis_decide(const struct cpm_trellis *trellis, unsigned lane, struct trellis_decision *decision)
{
    const struct trellis_survivors *now = &trellis->bank[trellis->now];
    unsigned best = 0;
    for (unsigned s = 1; s < TRELLIS_STATES; s++)
        if (now->metric[s][lane] > now->metric[best][lane])
            best = s;
    uint32_t history = now->history[best][lane];
    decision->history = history;
    decision->state = best;
    if (trellis->bits[lane] <= TRELLIS_DEPTH)
        return false;
    uint64_t certain = trellis->bits[lane] - 1 - TRELLIS_DEPTH;
    unsigned then = history >> TRELLIS_DEPTH & (TRELLIS_STATES - 1);
    const struct trellis_merge *merge = &trellis->merge[trellis->step_of_bit[lane][certain % TRELLIS_STEPS]];
    decision->mark = (history >> TRELLIS_DEPTH & 1U) != 0;
    decision->margin = merge->margin[then][lane];
    decision->pattern = merge->pattern[then][lane];
    return true;
}
