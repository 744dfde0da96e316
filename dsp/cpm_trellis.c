/* SPDX-License-Identifier: Apache-2.0 */
#include "cpm_trellis.h"

#include <math.h>
#include <string.h>

/* Two paths lead into a state: by a space from the state before, by a mark from itself. Log likelihood of
 * correlation y, amplitude g, phase u, up to what all paths share: 2 Re(y conj(g u)) - |g|^2. */
static void extend(const struct trellis_survivors *restrict from, struct trellis_survivors *restrict to,
                   struct trellis_merge *restrict merge, const struct trellis_bit *restrict bit,
                   unsigned state)
{
    const unsigned a = (state + TRELLIS_STATES - 1) % TRELLIS_STATES, b = state;
    for (unsigned i = 0; i < TRELLIS_LANES; i++) {
        float by_space = from->metric[a][i] - bit->energy[SPACE][i] +
                         2.0F * (bit->match_re[SPACE][i] * from->phase_re[a][i] +
                                 bit->match_im[SPACE][i] * from->phase_im[a][i]);
        float by_mark = from->metric[b][i] - bit->energy[MARK][i] +
                        2.0F * (bit->match_re[MARK][i] * from->phase_re[b][i] +
                                bit->match_im[MARK][i] * from->phase_im[b][i]);
        bool mark = by_mark > by_space;
        float re = mark ? from->phase_re[b][i] : from->phase_re[a][i];
        float im = mark ? from->phase_im[b][i] : from->phase_im[a][i];
        float turn_re = mark ? bit->turn_re[MARK][i] : bit->turn_re[SPACE][i];
        float turn_im = mark ? bit->turn_im[MARK][i] : bit->turn_im[SPACE][i];
        float next_re = re * turn_re - im * turn_im, next_im = re * turn_im + im * turn_re;
        float unit = 1.5F - 0.5F * (next_re * next_re + next_im * next_im); /* 1/|z| near |z| = 1 */
        to->phase_re[state][i] = next_re * unit;
        to->phase_im[state][i] = next_im * unit;
        to->metric[state][i] = mark ? by_mark : by_space;
        merge->margin[state][i] = fabsf(by_mark - by_space);
        merge->phase_re[state][i] = re;
        merge->phase_im[state][i] = im;
        uint32_t with_space = from->history[a][i] << 1, with_mark = from->history[b][i] << 1 | 1U;
        to->history[state][i] = mark ? with_mark : with_space;
        merge->pattern[state][i] = with_space ^ with_mark;
    }
}

/* Finds the best, and takes its metric from all: they neither grow nor lose digits. */
static void level_metrics(struct trellis_survivors *survivors, uint32_t best[TRELLIS_LANES])
{
    trellis_lanes highest;
    memcpy(highest, survivors->metric[0], sizeof highest);
    memset(best, 0, TRELLIS_LANES * sizeof *best);
    for (unsigned s = 1; s < TRELLIS_STATES; s++)
        for (unsigned i = 0; i < TRELLIS_LANES; i++) {
            bool higher = survivors->metric[s][i] > highest[i];
            highest[i] = higher ? survivors->metric[s][i] : highest[i];
            best[i] = higher ? s : best[i];
        }
    for (unsigned s = 0; s < TRELLIS_STATES; s++)
        for (unsigned i = 0; i < TRELLIS_LANES; i++)
            survivors->metric[s][i] -= highest[i];
}

/* A lane without a bit keeps its survivors. */
static void keep_lane(const struct trellis_survivors *from, struct trellis_survivors *to, unsigned lane)
{
    for (unsigned s = 0; s < TRELLIS_STATES; s++) {
        to->metric[s][lane] = from->metric[s][lane];
        to->phase_re[s][lane] = from->phase_re[s][lane];
        to->phase_im[s][lane] = from->phase_im[s][lane];
        to->history[s][lane] = from->history[s][lane];
    }
}

void cpm_trellis_reset(struct cpm_trellis *trellis)
{
    const float apart = (float)(2.0 * M_PI * 5.0 / 6.0); /* by a space instead of a mark */
    memset(trellis, 0, sizeof *trellis);
    for (unsigned s = 0; s < TRELLIS_STATES; s++)
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
    uint32_t best[TRELLIS_LANES];
    for (unsigned state = 0; state < TRELLIS_STATES; state++)
        extend(from, to, &trellis->merge[slot], bit, state);
    level_metrics(to, best);
    for (unsigned i = 0; i < TRELLIS_LANES; i++) {
        if (!bit->present[i]) {
            keep_lane(from, to, i);
            continue;
        }
        trellis->best[i] = best[i];
        trellis->step_of_bit[i][trellis->bits[i]++ % TRELLIS_STEPS] = (uint8_t)slot;
    }
    trellis->now ^= 1U;
    trellis->steps++;
}

bool cpm_trellis_recall(const struct cpm_trellis *trellis, unsigned lane, unsigned back,
                        struct trellis_decision *decision)
{
    if (trellis->bits[lane] <= back + 1)
        return false;
    uint64_t index = trellis->bits[lane] - 1 - back;
    unsigned best = trellis->best[lane];
    uint32_t history = trellis->bank[trellis->now].history[best][lane];
    unsigned spaces = back - (unsigned)__builtin_popcount(history & ((1U << back) - 1));
    unsigned state = (best + TRELLIS_STATES * TRELLIS_DEPTH - spaces) % TRELLIS_STATES;
    const struct trellis_merge *merge = &trellis->merge[trellis->step_of_bit[lane][index % TRELLIS_STEPS]];
    decision->mark = (history >> back & 1U) != 0;
    decision->mark_before = (history >> (back + 1) & 1U) != 0;
    decision->phase_re = merge->phase_re[state][lane];
    decision->phase_im = merge->phase_im[state][lane];
    decision->margin = merge->margin[state][lane];
    decision->pattern = merge->pattern[state][lane];
    return true;
}
