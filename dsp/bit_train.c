/* SPDX-License-Identifier: Apache-2.0 */
#include "bit_train.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "baseband.h"

enum {
    TICKS = 32,
    TICKS_PER_BIT = TICKS * BASEBAND_PER_BIT,
    STEP_LIMIT = 63,
    RELIABILITY_PER_SOFT = 32 /* a clean signal's events cost 2000 to 4000 */
};
#define LENGTH_STRAY (0.25 * BASEBAND_PER_BIT) /* more than any clock errs */

void bit_train_reset(struct bit_train *train, unsigned held)
{
    train->held = held;
    train->total = 0;
    train->pending = 0;
    train->jump = (struct bit_train_jump){.bit = UINT64_MAX};
}

/* Soft value of a bit whose cheapest error costs `reliability`. Never 0: that would be an erased bit, and who
 * counts changes of tone would take a doubtful one for the other. */
static int8_t soften(uint16_t reliability)
{
    unsigned magnitude = reliability / RELIABILITY_PER_SOFT;
    magnitude = magnitude > 1 ? magnitude : 1;
    return (int8_t)(magnitude < 127 ? magnitude : 127);
}

static int8_t weaker(int8_t soft, int8_t limit)
{
    int bounded = soft < limit ? soft : limit; /* signs cannot be foretold: no branch on them */
    return (int8_t)(bounded > -limit ? bounded : -limit);
}

static void remember(struct bit_train *train, bool mark, uint32_t end)
{
    const unsigned slot = (unsigned)(train->total % BIT_TRAIN_MEMORY);
    int32_t more = (int32_t)(end - train->newest - TICKS_PER_BIT);
    if (more > TICKS_PER_BIT || more < -TICKS_PER_BIT) /* a detector that began anew, somewhere else */
        train->jump = (struct bit_train_jump){.bit = train->total, .end = train->newest = end};
    more = more < STEP_LIMIT ? more : STEP_LIMIT;
    more = more > -STEP_LIMIT ? more : -STEP_LIMIT;
    if (train->jump.bit != train->total)
        train->newest += (uint32_t)(TICKS_PER_BIT + more);
    if (slot % BIT_TRAIN_ANCHOR == 0)
        train->anchor[slot / BIT_TRAIN_ANCHOR] = train->newest = end;
    train->step[slot] = (uint8_t)((unsigned)(STEP_LIMIT + 1 + more) << 1 | mark);
}

void bit_train_push(struct bit_train *train, bool mark, struct error_event event, double end)
{
    assert(train->pending < BIT_TRAIN_RUN_MAX + BIT_TRAIN_HELD_MAX);
    remember(train, mark, (uint32_t)llrint((end > 0.0 ? end : 0.0) * TICKS));
    train->soft[train->pending] = mark ? 127 : -127;
    train->event[train->pending] = event;
    train->pending++;
    train->total++;
    int8_t limit = soften(event.reliability);
    unsigned last = train->pending - 1;
    for (uint32_t mask = event.mask; mask != 0; mask &= mask - 1) {
        unsigned back = (unsigned)__builtin_ctz(mask);
        if (back > train->held || back > last) /* handed on already, or perhaps, as the blocks may have it */
            break;
        train->soft[last - back] = weaker(train->soft[last - back], limit);
    }
}

void bit_train_flush(struct bit_train *train, unsigned branch, modem_sink *sink, void *context)
{
    if (train->pending <= train->held)
        return;
    unsigned count = train->pending - train->held;
    struct soft_run run = {.soft = train->soft,
                           .event = train->event,
                           .count = count,
                           .first_bit = train->total - train->pending,
                           .branch = branch,
                           .scrambler = train->scrambler};
    sink(context, &run);
    memmove(train->soft, train->soft + count, train->held * sizeof *train->soft);
    memmove(train->event, train->event + count, train->held * sizeof *train->event);
    train->pending = train->held;
}

bool bit_train_holds(const struct bit_train *train, uint64_t first_bit, uint64_t end_bit)
{
    uint64_t handed = train->total - (train->pending < train->held ? train->pending : train->held);
    return first_bit < end_bit && end_bit <= handed && handed - first_bit <= BIT_TRAIN_PROMISE;
}

bool bit_train_decision(const struct bit_train *train, uint64_t bit)
{
    return (train->step[bit % BIT_TRAIN_MEMORY] & 1U) != 0;
}

/* From the end of bit - 1 to that of the bit. */
static uint32_t bit_ticks(const struct bit_train *train, uint64_t bit)
{
    return TICKS_PER_BIT - STEP_LIMIT - 1 + (uint32_t)(train->step[bit % BIT_TRAIN_MEMORY] >> 1);
}

static uint32_t bit_end(const struct bit_train *train, uint64_t bit)
{
    uint64_t at = bit - bit % BIT_TRAIN_ANCHOR;
    uint32_t end = train->anchor[at % BIT_TRAIN_MEMORY / BIT_TRAIN_ANCHOR];
    while (at < bit)
        end = ++at == train->jump.bit ? train->jump.end : end + bit_ticks(train, at);
    return end;
}

void bit_train_clock(const struct bit_train *train, uint64_t first_bit, uint64_t end_bit, uint64_t now,
                     double *start, double *length)
{
    double n = (double)(end_bit - first_bit), middle = 0.5 * (n - 1.0);
    double mean = 0.0, slope = 0.0;
    uint32_t end = bit_end(train, first_bit);
    for (uint64_t bit = first_bit; bit < end_bit; bit++) {
        if (bit % BIT_TRAIN_ANCHOR == 0)
            end = train->anchor[bit % BIT_TRAIN_MEMORY / BIT_TRAIN_ANCHOR];
        else if (bit == train->jump.bit)
            end = train->jump.end;
        else if (bit > first_bit)
            end += bit_ticks(train, bit);
        double age = (double)(int32_t)((uint32_t)(now * TICKS) - end) / TICKS; /* in baseband samples */
        mean += age / n;
        slope -= age * ((double)(bit - first_bit) - middle);
    }
    *length = BASEBAND_PER_BIT;
    if (end_bit - first_bit >= 16) /* fewer bits say less about the clock than its nominal rate */
        *length = slope * 12.0 / (n * (n * n - 1.0));       /* sum of (i - middle)^2 = n (n^2 - 1) / 12 */
    if (!(fabs(*length - BASEBAND_PER_BIT) < LENGTH_STRAY)) /* across a jump there is no line */
        *length = BASEBAND_PER_BIT;
    *start = (double)now - mean - (middle + 1.0) * *length;
}
