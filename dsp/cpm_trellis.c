/* SPDX-License-Identifier: Apache-2.0 */
#include "cpm_trellis.h"

#include <math.h>
#include <string.h>

#include "wide.h"

/* Log likelihood of correlation y, amplitude g, phase u, up to what all paths share:
 * 2 Re(y conj(g u)) - |g|^2. */
static inline wide grow(wide metric, wide phase_re, wide phase_im, const struct trellis_bit *bit,
                        unsigned tone, unsigned i)
{
    wide product =
        wide_load(bit->match_re[tone] + i) * phase_re + wide_load(bit->match_im[tone] + i) * phase_im;
    return metric - wide_load(bit->energy[tone] + i) + (product + product);
}

/* Two paths lead into a state: by a space from the state before, by a mark from itself. */
static inline void extend(const struct trellis_survivors *from, struct trellis_survivors *to,
                          struct trellis_merge *merge, const struct trellis_bit *bit, unsigned state,
                          unsigned before, unsigned i)
{
    const unsigned a = before, b = state;
    wide a_re = wide_load(from->phase_re[a] + i), a_im = wide_load(from->phase_im[a] + i);
    wide b_re = wide_load(from->phase_re[b] + i), b_im = wide_load(from->phase_im[b] + i);
    wide by_space = grow(wide_load(from->metric[a] + i), a_re, a_im, bit, SPACE, i);
    wide by_mark = grow(wide_load(from->metric[b] + i), b_re, b_im, bit, MARK, i);
    wide_int mark = by_mark > by_space;
    wide re = wide_choose(mark, b_re, a_re), im = wide_choose(mark, b_im, a_im);
    wide turn_re = wide_choose(mark, wide_load(bit->turn_re[MARK] + i), wide_load(bit->turn_re[SPACE] + i));
    wide turn_im = wide_choose(mark, wide_load(bit->turn_im[MARK] + i), wide_load(bit->turn_im[SPACE] + i));
    wide next_re = re * turn_re - im * turn_im, next_im = re * turn_im + im * turn_re;
    wide unit = 1.5F - 0.5F * (next_re * next_re + next_im * next_im); /* 1/|z| near |z| = 1 */
    wide_int with_space = wide_load_int(from->history[a] + i) << 1;
    wide_int with_mark = wide_load_int(from->history[b] + i) << 1 | 1;
    wide_store(to->phase_re[state] + i, next_re * unit);
    wide_store(to->phase_im[state] + i, next_im * unit);
    wide_store(to->metric[state] + i, wide_choose(mark, by_mark, by_space));
    wide_store_int(to->history[state] + i, wide_choose_int(mark, with_mark, with_space));
    wide_store(merge->margin[state] + i, wide_choose(mark, by_mark - by_space, by_space - by_mark));
    wide_store(merge->phase_re[state] + i, re);
    wide_store(merge->phase_im[state] + i, im);
    wide_store_int(merge->pattern[state] + i, with_space ^ with_mark);
}

/* Finds the best, and takes its metric from all: they neither grow nor lose digits. */
static inline void level_metrics(struct trellis_survivors *survivors, unsigned states, uint32_t *best,
                                 unsigned i)
{
    wide highest = wide_load(survivors->metric[0] + i);
    wide_int which = {0};
    for (unsigned s = 1; s < states; s++) {
        wide metric = wide_load(survivors->metric[s] + i);
        wide_int higher = metric > highest;
        highest = wide_choose(higher, metric, highest);
        which = wide_choose_int(higher, (wide_int){0} + (int32_t)s, which);
    }
    wide_store_int(best + i, which);
    for (unsigned s = 0; s < states; s++)
        wide_store(survivors->metric[s] + i, wide_load(survivors->metric[s] + i) - highest);
}

/* A lane without a bit keeps its survivors. */
static void keep_lane(const struct trellis_survivors *from, struct trellis_survivors *to, unsigned states,
                      unsigned lane)
{
    for (unsigned s = 0; s < states; s++) {
        to->metric[s][lane] = from->metric[s][lane];
        to->phase_re[s][lane] = from->phase_re[s][lane];
        to->phase_im[s][lane] = from->phase_im[s][lane];
        to->history[s][lane] = from->history[s][lane];
    }
}

void cpm_trellis_reset(struct cpm_trellis *trellis, unsigned states)
{
    const float apart = (float)(-2.0 * M_PI / states); /* by a space instead of a mark */
    memset(trellis, 0, sizeof *trellis);
    trellis->states = states;
    trellis->wrap = (TRELLIS_DEPTH + states - 1) / states * states;
    for (unsigned i = 0; i < sizeof trellis->modulo; i++)
        trellis->modulo[i] = (uint8_t)(i % states);
    for (unsigned s = 0; s < states; s++)
        for (unsigned i = 0; i < TRELLIS_LANES; i++) {
            trellis->bank[0].phase_re[s][i] = cosf(apart * (float)s);
            trellis->bank[0].phase_im[s][i] = sinf(apart * (float)s);
        }
}

void cpm_trellis_execute(struct cpm_trellis *trellis, const struct trellis_bit *bit)
{
    const struct trellis_survivors *from = &trellis->bank[trellis->now];
    struct trellis_survivors *to = &trellis->bank[trellis->now ^ 1U];
    unsigned slot = (unsigned)(trellis->steps % TRELLIS_STEPS);
    const unsigned states = trellis->states;
    uint32_t best[TRELLIS_LANES];
    for (unsigned i = 0; i < TRELLIS_LANES; i += WIDE) {
        for (unsigned state = 0; state < states; state++)
            extend(from, to, &trellis->merge[slot], bit, state, state == 0 ? states - 1 : state - 1, i);
        level_metrics(to, states, best, i);
    }
    for (unsigned i = 0; i < TRELLIS_LANES; i++) {
        if (!bit->present[i]) {
            keep_lane(from, to, states, i);
            continue;
        }
        trellis->best[i] = best[i];
        trellis->step_of_bit[i][trellis->bits[i]++ % TRELLIS_STEPS] = (uint8_t)slot;
    }
    trellis->now ^= 1U;
    trellis->steps++;
}

/* Ones among the lowest bits of a history. */
static unsigned count_marks(uint32_t history, unsigned bits)
{
    history &= (1U << bits) - 1;
    history -= history >> 1 & 0x5555U;
    history = (history & 0x3333U) + (history >> 2 & 0x3333U);
    history = (history + (history >> 4)) & 0x0f0fU;
    return (history + (history >> 8)) & 0x1fU;
}
_Static_assert(TRELLIS_DEPTH <= 16, "count_marks looks at sixteen bits");

/* State in which the bit `back` bits before the newest ended; its history goes to *history. */
static unsigned state_before(const struct cpm_trellis *trellis, unsigned lane, unsigned back,
                             uint32_t *history)
{
    unsigned best = trellis->best[lane];
    *history = trellis->bank[trellis->now].history[best][lane];
    return trellis->modulo[best + trellis->wrap - (back - count_marks(*history, back))];
}

bool cpm_trellis_recall(const struct cpm_trellis *trellis, unsigned lane, unsigned back,
                        struct trellis_decision *decision)
{
    uint32_t history;
    if (trellis->bits[lane] <= back + 1)
        return false;
    unsigned step = trellis->step_of_bit[lane][(trellis->bits[lane] - 1 - back) % TRELLIS_STEPS];
    unsigned state = state_before(trellis, lane, back, &history);
    const struct trellis_merge *merge = &trellis->merge[step];
    decision->mark = (history >> back & 1U) != 0;
    decision->step = step;
    decision->margin = merge->margin[state][lane];
    decision->pattern = merge->pattern[state][lane];
    return true;
}

void cpm_trellis_recall_all(const struct cpm_trellis *trellis, const bool present[TRELLIS_LANES],
                            unsigned back, struct trellis_decisions *decisions)
{
    for (unsigned i = 0; i < TRELLIS_LANES; i++) {
        uint32_t history;
        unsigned step = trellis->step_of_bit[i][(trellis->bits[i] - 1 - back) % TRELLIS_STEPS];
        unsigned state = state_before(trellis, i, back, &history);
        decisions->mark[i] = history >> back & 1U;
        decisions->changed[i] = (history >> back ^ history >> (back + 1)) & 1U;
        decisions->step[i] = (uint8_t)step;
        decisions->before[i] = trellis->step_of_bit[i][(trellis->bits[i] - 2 - back) % TRELLIS_STEPS];
        decisions->phase_re[i] = trellis->merge[step].phase_re[state][i];
        decisions->phase_im[i] = trellis->merge[step].phase_im[state][i];
        decisions->use[i] = present[i] && trellis->bits[i] > back + 1 ? 1.0F : 0.0F;
    }
}
