/* SPDX-License-Identifier: Apache-2.0 */
#include "nrz_trellis.h"

#include <string.h>

#include "wide.h"

/* What the bits of each state add up to in the sample, the oldest tap left out. */
static inline void sum_states(const struct nrz_sample *sample, unsigned i, wide sum[NRZ_STATES])
{
    sum[0] = -wide_load(sample->tap[0] + i);
    sum[1] = wide_load(sample->tap[0] + i);
    for (unsigned j = 1; j < NRZ_MEMORY; j++) {
        wide tap = wide_load(sample->tap[j] + i);
        for (unsigned s = 0; s < 1U << j; s++) {
            wide newer = sum[s];
            sum[s] = newer - tap;
            sum[s | 1U << j] = newer + tap;
        }
    }
}

/* Two paths lead into a state, whose oldest bits differ. Gain of the metric: -(y - x)^2 + y^2. */
static inline void extend(const struct nrz_survivors *from, struct nrz_survivors *to, struct nrz_merge *merge,
                          wide sum, wide oldest, wide twice, unsigned state, unsigned i)
{
    const unsigned zero = state >> 1, one = zero | NRZ_STATES >> 1;
    wide x0 = sum - oldest, x1 = sum + oldest;
    wide by_zero = wide_load(from->metric[zero] + i) + x0 * (twice - x0);
    wide by_one = wide_load(from->metric[one] + i) + x1 * (twice - x1);
    wide_int which = by_one > by_zero;
    wide_int with_zero = wide_load_int(from->history[zero] + i) << 1 | (int32_t)(state & 1);
    wide_int with_one = wide_load_int(from->history[one] + i) << 1 | (int32_t)(state & 1);
    wide_store(to->metric[state] + i, wide_choose(which, by_one, by_zero));
    wide_store_int(to->history[state] + i, wide_choose_int(which, with_one, with_zero));
    wide_store(merge->margin[state] + i, wide_choose(which, by_one - by_zero, by_zero - by_one));
    wide_store_int(merge->pattern[state] + i, with_zero ^ with_one);
}

/* Finds the best, and takes its metric from all: they neither grow nor lose digits. */
static inline void level_metrics(struct nrz_survivors *survivors, uint32_t *best, unsigned i)
{
    wide highest = wide_load(survivors->metric[0] + i);
    wide_int history = wide_load_int(survivors->history[0] + i);
    for (unsigned s = 1; s < NRZ_STATES; s++) {
        wide metric = wide_load(survivors->metric[s] + i);
        wide_int higher = metric > highest;
        highest = wide_choose(higher, metric, highest);
        history = wide_choose_int(higher, wide_load_int(survivors->history[s] + i), history);
    }
    wide_store_int(best + i, history);
    for (unsigned s = 0; s < NRZ_STATES; s++)
        wide_store(survivors->metric[s] + i, wide_load(survivors->metric[s] + i) - highest);
}

static void keep_lane(const struct nrz_survivors *from, struct nrz_survivors *to, unsigned lane)
{
    for (unsigned s = 0; s < NRZ_STATES; s++) {
        to->metric[s][lane] = from->metric[s][lane];
        to->history[s][lane] = from->history[s][lane];
    }
}

void nrz_trellis_reset(struct nrz_trellis *trellis)
{
    memset(trellis, 0, sizeof *trellis);
}

void nrz_trellis_execute(struct nrz_trellis *trellis, const struct nrz_sample *sample)
{
    const struct nrz_survivors *from = &trellis->bank[trellis->now];
    struct nrz_survivors *to = &trellis->bank[trellis->now ^ 1U];
    unsigned slot = (unsigned)(trellis->steps % NRZ_STEPS);
    uint32_t best[NRZ_LANES];
    for (unsigned i = 0; i < NRZ_LANES; i += WIDE) {
        wide sum[NRZ_STATES], oldest = wide_load(sample->tap[NRZ_MEMORY] + i);
        wide twice = 2.0F * wide_load(sample->value + i);
        sum_states(sample, i, sum);
        for (unsigned state = 0; state < NRZ_STATES; state++)
            extend(from, to, &trellis->merge[slot], sum[state], oldest, twice, state, i);
        level_metrics(to, best, i);
    }
    for (unsigned i = 0; i < NRZ_LANES; i++) {
        if (!sample->present[i]) {
            keep_lane(from, to, i);
            continue;
        }
        trellis->best[i] = best[i];
        trellis->step_of_bit[i][trellis->bits[i]++ % NRZ_STEPS] = (uint8_t)slot;
    }
    trellis->now ^= 1U;
    trellis->steps++;
}

bool nrz_trellis_recall(const struct nrz_trellis *trellis, unsigned lane, unsigned back,
                        struct nrz_decision *decision)
{
    if (trellis->bits[lane] <= back)
        return false;
    uint64_t index = trellis->bits[lane] - 1 - back;
    uint32_t history = trellis->best[lane] >> back;
    const struct nrz_merge *merge = &trellis->merge[trellis->step_of_bit[lane][index % NRZ_STEPS]];
    decision->bit = history & 1U;
    decision->margin = merge->margin[history % NRZ_STATES][lane];
    decision->pattern = merge->pattern[history % NRZ_STATES][lane];
    return true;
}
