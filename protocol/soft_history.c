/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/soft_history.h"

#include "atalaya/protocol/ones.h"

enum { RELIABILITY_PER_SOFT = 32 }; /* as modems make soft values of reliabilities */

static unsigned weight_of(int8_t soft)
{
    int weight = soft < 0 ? -soft : soft;
    return weight > SOFT_HISTORY_SURE ? SOFT_HISTORY_SURE : (unsigned)weight;
}

/* An event as the stretches in which the way was lost. */
static void note_stretches(struct soft_history *history, uint64_t index, uint32_t mask, unsigned weight)
{
    history->in_stretches = mask ? ones_count(mask) % 2 == 0 : history->in_stretches;
    if (!history->in_stretches)
        return;
    while (mask) { /* the oldest bit in which the way was lost, and the one in which it was found again */
        unsigned from = 31U - (unsigned)__builtin_clz(mask);
        mask ^= UINT32_C(1) << from;
        unsigned to = mask ? 31U - (unsigned)__builtin_clz(mask) : 0;
        mask ^= mask ? UINT32_C(1) << to : 0;
        for (unsigned back = from; back > to; back--) {
            uint8_t *known = &history->stretch[(index - back) % SOFT_HISTORY_BITS];
            *known = weight < *known ? (uint8_t)weight : *known;
        }
    }
}

void soft_history_push(struct soft_history *history, const struct soft_run *run, size_t i)
{
    uint64_t index = run->first_bit + i, at = index % SOFT_HISTORY_BITS;
    history->bit[at] = run->soft[i] > 0;
    history->stretch[at] = SOFT_HISTORY_SURE;
    if (!run->event) {
        history->in_stretches = false;
        unsigned weight = weight_of(run->soft[i]);
        history->weight[at] = (uint8_t)weight;
        history->event[at] =
            (struct error_event){.mask = 1, .reliability = (uint16_t)(weight * RELIABILITY_PER_SOFT)};
        return;
    }
    const struct error_event *event = &run->event[i];
    unsigned weight = event->reliability / RELIABILITY_PER_SOFT;
    history->weight[at] = SOFT_HISTORY_SURE;
    history->event[at] = *event;
    for (uint32_t mask = event->mask; mask; mask &= mask - 1) {
        uint8_t *known = &history->weight[(index - (unsigned)__builtin_ctz(mask)) % SOFT_HISTORY_BITS];
        *known = weight < *known ? (uint8_t)weight : *known;
    }
    note_stretches(history, index, event->mask, weight);
}

int8_t soft_history_soft(const struct soft_history *history, uint64_t index, bool inverted)
{
    uint64_t at = index % SOFT_HISTORY_BITS;
    return (int8_t)(history->bit[at] != inverted ? history->weight[at] : -history->weight[at]);
}

uint64_t soft_history_word(const struct soft_history *history, uint64_t first, unsigned count, bool inverted)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < count; i++)
        word = word << 1 | (history->bit[(first + i) % SOFT_HISTORY_BITS] != inverted);
    return word;
}

/* Which bits of the word the event of stream bit `newest` turns round. */
static uint64_t flips_in(const struct error_event *event, uint64_t newest, uint64_t first, unsigned count)
{
    uint64_t end = first + count, mask = event->mask;
    if (newest >= end)
        return newest - end >= SOFT_HISTORY_SETTLE ? 0 : mask >> (newest - end + 1);
    uint64_t left = end - 1 - newest;
    mask = left < 64 ? mask << left : 0;
    return count < 64 ? mask & ((UINT64_C(1) << count) - 1) : mask;
}

/* Keeps the list in order, one entry for one set of flips; the unlikeliest gives way. */
static unsigned note(struct soft_doubt *doubts, unsigned known, unsigned max, struct soft_doubt doubt)
{
    unsigned at = 0;
    while (at < known && doubts[at].flips != doubt.flips)
        at++;
    if (at == known && known < max) {
        known++;
    } else {
        at = at < known ? at : max - 1;
        if (doubts[at].reliability <= doubt.reliability)
            return known;
    }
    for (; at > 0 && doubts[at - 1].reliability > doubt.reliability; at--)
        doubts[at] = doubts[at - 1];
    doubts[at] = doubt;
    return known;
}

unsigned soft_history_doubts(const struct soft_history *history, uint64_t first, unsigned count,
                             struct soft_doubt *doubts, unsigned max)
{
    unsigned known = 0;
    for (uint64_t newest = first; max > 0 && newest < first + count + SOFT_HISTORY_SETTLE; newest++) {
        const struct error_event *event = &history->event[newest % SOFT_HISTORY_BITS];
        struct soft_doubt doubt = {.flips = flips_in(event, newest, first, count),
                                   .reliability = event->reliability};
        if (doubt.flips)
            known = note(doubts, known, max, doubt);
    }
    return known;
}

unsigned soft_history_weight(const struct soft_history *history, uint64_t first, unsigned count)
{
    unsigned total = 0;
    for (unsigned i = 0; i < count; i++)
        total += history->weight[(first + i) % SOFT_HISTORY_BITS];
    return count ? total / count : 0;
}

unsigned soft_history_distance(const struct soft_history *history, uint64_t first, unsigned count,
                               uint64_t word)
{
    unsigned against = 0, total = 0;
    for (unsigned i = 0; i < count; i++) {
        int8_t soft = soft_history_soft(history, first + i, false);
        total += weight_of(soft);
        against += (soft > 0) != (word >> (count - 1 - i) & 1) ? weight_of(soft) : 0;
    }
    return total ? against * 100 / total : 100;
}
