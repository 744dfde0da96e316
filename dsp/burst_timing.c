/* SPDX-License-Identifier: Apache-2.0 */
#include "burst_timing.h"

#include <math.h>

/* A window of one bit centred on a change of tone holds half of each: the louder tone says to which side it
 * is off. Both are measured against what the tones have in whole bits. */
enum { ROUNDS = 3, SLOPE_LEAST = 64 };
#define REACH 1.5 /* samples believed of a single change */

struct line_fit {
    double count, x, xx, y, xy;
};

struct whole_bits {
    double level[2], count[2];
};

static double bit_start(const struct burst_span *span, uint64_t bit)
{
    return span->start + (double)(bit - span->first_bit) * span->length;
}

static void find_levels(const struct burst_meter *meter, const struct burst_span *span,
                        struct whole_bits *whole)
{
    for (uint64_t bit = span->first_bit; bit < span->end_bit; bit++) {
        float complex sum;
        bool mark = bit_train_decision(span->train, bit);
        if (!burst_meter_correlate(meter, bit_start(span, bit), mark, &sum))
            continue;
        whole->level[mark] += (double)cabsf(sum);
        whole->count[mark] += 1.0;
    }
    for (int i = 0; i < 2; i++)
        whole->level[i] /= fmax(whole->count[i], 1.0);
}

/* By how many samples the change before `bit` comes late. */
static bool find_change(const struct burst_meter *meter, const struct burst_span *span,
                        const struct whole_bits *whole, uint64_t bit, double *late)
{
    bool after = bit_train_decision(span->train, bit);
    if (bit_train_decision(span->train, bit - 1) == after)
        return false;
    float complex old, new;
    double start = bit_start(span, bit) - BASEBAND_PER_BIT / 2;
    double moved = burst_meter_window(start) - start;
    if (!burst_meter_correlate(meter, start, !after, &old) ||
        !burst_meter_correlate(meter, start, after, &new))
        return false;
    double excess = (double)cabsf(old) / whole->level[!after] - (double)cabsf(new) / whole->level[after];
    *late = fmin(fmax((double)meter->waveform->change_slope * excess + moved, -REACH), REACH);
    return true;
}

void burst_timing_refine(const struct burst_meter *meter, struct burst_span *span)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct whole_bits whole = {{0.0, 0.0}, {0.0, 0.0}};
        struct line_fit fit = {0};
        find_levels(meter, span, &whole);
        if (!(whole.level[0] > 0.0 && whole.level[1] > 0.0))
            return;
        for (uint64_t bit = span->first_bit + 1; bit < span->end_bit; bit++) {
            double late, x = (double)(bit - span->first_bit);
            if (!find_change(meter, span, &whole, bit, &late))
                continue;
            fit.count += 1.0;
            fit.x += x;
            fit.xx += x * x;
            fit.y += late;
            fit.xy += x * late;
        }
        if (fit.count < 1.0)
            return;
        double spread = fit.xx - fit.x * fit.x / fit.count, slope = 0.0;
        if (fit.count >= SLOPE_LEAST)
            slope = (fit.xy - fit.x * fit.y / fit.count) / spread;
        span->length += slope;
        span->start += (fit.y - slope * fit.x) / fit.count;
    }
}
