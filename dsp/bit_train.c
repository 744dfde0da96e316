/* SPDX-License-Identifier: Apache-2.0 */
#include "bit_train.h"

#include <assert.h>
#include <math.h>

#include "baseband.h"

enum { TICKS = 32, TICK_MASK = 0x7fffffff };

void bit_train_reset(struct bit_train *train)
{
    train->total = 0;
    train->pending = 0;
}

void bit_train_push(struct bit_train *train, float soft, uint64_t index, float before)
{
    assert(train->pending < BIT_TRAIN_RUN_MAX);
    int rounded = (int)lrintf(fminf(fmaxf(soft, -127.0F), 127.0F));
    uint64_t ticks = index * TICKS - (uint64_t)lrintf(before * (float)TICKS);
    train->end[train->total % BIT_TRAIN_MEMORY] = (uint32_t)(ticks & TICK_MASK) << 1 | (soft > 0.0F);
    train->soft[train->pending++] = (int8_t)rounded;
    train->total++;
}

void bit_train_flush(struct bit_train *train, unsigned branch, modem_sink *sink, void *context)
{
    if (train->pending == 0)
        return;
    struct soft_run run = {.soft = train->soft,
                           .count = train->pending,
                           .first_bit = train->total - train->pending,
                           .branch = branch};
    sink(context, &run);
    train->pending = 0;
}

bool bit_train_holds(const struct bit_train *train, uint64_t first_bit, uint64_t end_bit)
{
    return first_bit < end_bit && end_bit <= train->total && train->total - first_bit <= BIT_TRAIN_MEMORY;
}

bool bit_train_decision(const struct bit_train *train, uint64_t bit)
{
    return (train->end[bit % BIT_TRAIN_MEMORY] & 1U) != 0;
}

/* How long before `now` the bit ended, in baseband samples. */
static double bit_age(const struct bit_train *train, uint64_t bit, uint64_t now)
{
    uint32_t ticks = train->end[bit % BIT_TRAIN_MEMORY] >> 1;
    uint32_t age = ((uint32_t)(now * TICKS & TICK_MASK) - ticks) & TICK_MASK;
    return (double)age / TICKS;
}

void bit_train_clock(const struct bit_train *train, uint64_t first_bit, uint64_t end_bit, uint64_t now,
                     double *start, double *length)
{
    double n = (double)(end_bit - first_bit), middle = 0.5 * (n - 1.0);
    double mean = 0.0, slope = 0.0;
    for (uint64_t bit = first_bit; bit < end_bit; bit++) {
        double age = bit_age(train, bit, now);
        mean += age / n;
        slope -= age * ((double)(bit - first_bit) - middle);
    }
    *length = BASEBAND_PER_BIT;
    if (end_bit - first_bit >= 16) /* fewer bits say less about the clock than its nominal rate */
        *length = slope * 12.0 / (n * (n * n - 1.0)); /* sum of (i - middle)^2 = n (n^2 - 1) / 12 */
    *start = (double)now - mean - (middle + 1.0) * *length;
}
