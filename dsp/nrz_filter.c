/* SPDX-License-Identifier: Apache-2.0 */
#include "nrz_filter.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "nrz_pulse.h"
#include "wide.h"

enum { BUFFER = NRZ_TAPS_MAX + NRZ_HISTORY + NRZ_CHUNK_MAX };

/* Row p: taps for instants p / NRZ_PHASES after the sample in the middle. */
void nrz_filter_init(struct nrz_filter *filter, double rate_hz, double (*response)(double t))
{
    filter->samples_a_bit = rate_hz / NRZ_BIT_RATE;
    filter->reach = NRZ_SPAN * filter->samples_a_bit;
    filter->taps = ((unsigned)(2.0 * filter->reach) + 2 + 7) / 8 * 8;
    assert(filter->taps <= NRZ_TAPS_MAX);
    for (unsigned p = 0; p <= NRZ_PHASES; p++) {
        double sum = 0.0, tap[NRZ_TAPS_MAX];
        for (unsigned i = 0; i < filter->taps; i++) {
            double away = (double)i - filter->taps / 2 - (double)p / NRZ_PHASES;
            tap[i] = response(away / filter->samples_a_bit);
            sum += tap[i];
        }
        for (unsigned i = 0; i < filter->taps; i++)
            filter->table[p][i] = (float)(tap[i] / sum);
    }
    nrz_filter_reset(filter);
}

void nrz_filter_reset(struct nrz_filter *filter)
{
    filter->total = 0;
    memset(filter->input, 0, sizeof filter->input);
}

void nrz_filter_push(struct nrz_filter *filter, const float *samples, unsigned count)
{
    assert(count <= NRZ_CHUNK_MAX);
    memmove(filter->input, filter->input + count, (BUFFER - count) * sizeof *filter->input);
    memcpy(filter->input + BUFFER - count, samples, count * sizeof *samples);
    filter->total += count;
}

double nrz_filter_newest(const struct nrz_filter *filter)
{
    return (double)filter->total - 1.0 - filter->taps / 2;
}

float nrz_filter_execute(const struct nrz_filter *filter, double instant)
{
    double back = instant - ((double)filter->total - BUFFER); /* in input[] */
    unsigned middle = back > 0.0 ? (unsigned)back : 0;
    unsigned phase = (unsigned)((back - middle) * NRZ_PHASES + 0.5);
    if (middle < filter->taps / 2 || middle + filter->taps / 2 > BUFFER || phase > NRZ_PHASES)
        return 0.0F; /* cannot be: lanes keep within a few bits of the newest sample */
    const float *input = filter->input + middle - filter->taps / 2, *tap = filter->table[phase];
    wide sum[2] = {{0}, {0}};
    for (unsigned i = 0; i < filter->taps; i += 2 * WIDE)
        for (unsigned k = 0; k < 2; k++)
            sum[k] += wide_load(input + i + k * WIDE) * wide_load(tap + i + k * WIDE);
    wide all = sum[0] + sum[1];
    return (all[0] + all[1]) + (all[2] + all[3]);
}
