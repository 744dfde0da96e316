/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/soft_octets.h"

#include <string.h>

#include "atalaya/protocol/ones.h"

enum {
    ERASURE_STEPS = 8, /* numbers of erasures tried; an odd number gains nothing over the even one below */
    ERASURES_MAX = REED_SOLOMON_ROOTS_MAX
};

/* One search: which octets to erase first, which events lie in the block. */
struct search {
    const struct soft_octets *soft;
    const struct soft_octets_block *block;
    const struct reed_solomon *code;
    uint8_t order[ERASURES_MAX]; /* indexes into the block, most doubtful first */
    size_t order_count;
    const struct weak_event *flip[SOFT_OCTETS_FLIPS_MAX];
    unsigned flip_count;
};

struct error_event soft_octets_event(const struct soft_run *run, size_t i)
{
    if (run->event)
        return run->event[i];
    int magnitude = run->soft[i] < 0 ? -run->soft[i] : run->soft[i];
    return (struct error_event){.mask = 1, .reliability = (uint16_t)magnitude};
}

void soft_octets_reset(struct soft_octets *soft, bool first_bit_high, unsigned octets_max)
{
    soft->first_bit_high = first_bit_high;
    soft->bits = 0;
    soft->bits_max = 8 * (octets_max < SOFT_OCTETS_MAX ? octets_max : SOFT_OCTETS_MAX);
    soft->weak_count = 0;
}

/* Bits of the pattern that mean data bits from 0 to bits_max - 1. */
static uint64_t pattern_inside(const struct soft_octets *soft, int32_t newest, uint64_t pattern)
{
    if (newest >= (int32_t)soft->bits_max) {
        unsigned beyond = (unsigned)newest - soft->bits_max + 1;
        pattern = beyond < 64 ? pattern >> beyond << beyond : 0;
    }
    if (newest < 63)
        pattern &= (UINT64_C(2) << newest) - 1;
    return pattern;
}

static void doubt_lower(struct soft_octets *soft, int32_t newest, uint64_t pattern, uint16_t reliability)
{
    for (; pattern; pattern &= pattern - 1) {
        unsigned octet = (unsigned)(newest - __builtin_ctzll(pattern)) / 8;
        if (reliability < soft->doubt[octet])
            soft->doubt[octet] = reliability;
    }
}

static void weak_insert(struct soft_octets *soft, struct weak_event event)
{
    if (soft->weak_count == SOFT_OCTETS_WEAK_MAX) {
        if (event.reliability >= soft->weak[SOFT_OCTETS_WEAK_MAX - 1].reliability)
            return;
        soft->weak_count--;
    }
    unsigned at = soft->weak_count++;
    for (; at > 0 && soft->weak[at - 1].reliability > event.reliability; at--)
        soft->weak[at] = soft->weak[at - 1];
    soft->weak[at] = event;
}

void soft_octets_push(struct soft_octets *soft, bool bit, struct data_doubt doubt)
{
    int32_t newest = (int32_t)soft->bits++;
    if (newest < (int32_t)soft->bits_max) {
        uint8_t *octet = &soft->octet[newest / 8];
        if (newest % 8 == 0) {
            *octet = 0;
            soft->doubt[newest / 8] = UINT16_MAX;
        }
        unsigned shift = soft->first_bit_high ? 7 - newest % 8 : newest % 8;
        *octet = (uint8_t)(*octet | bit << shift);
    }
    uint64_t pattern = pattern_inside(soft, newest, doubt.pattern);
    if (pattern == 0)
        return;
    doubt_lower(soft, newest, pattern, doubt.reliability);
    weak_insert(soft, (struct weak_event){newest, pattern, doubt.reliability});
}

static void order_insert(struct search *search, size_t index)
{
    const uint16_t *doubt = search->soft->doubt + search->block->first;
    size_t room = search->block->erasures_max < ERASURES_MAX ? search->block->erasures_max : ERASURES_MAX;
    size_t at = search->order_count;
    if (at == room) {
        if (at == 0 || doubt[index] >= doubt[search->order[at - 1]])
            return;
        at--;
    } else {
        search->order_count++;
    }
    for (; at > 0 && doubt[search->order[at - 1]] > doubt[index]; at--)
        search->order[at] = search->order[at - 1];
    search->order[at] = (uint8_t)index;
}

/* Does the event change anything inside the block? */
static bool event_touches(const struct weak_event *event, const struct soft_octets_block *block)
{
    for (uint64_t pattern = event->pattern; pattern; pattern &= pattern - 1) {
        size_t octet = (size_t)(event->newest - __builtin_ctzll(pattern)) / 8;
        if (octet >= block->first && octet < block->first + block->length)
            return true;
    }
    return false;
}

static void search_start(struct search *search)
{
    const struct soft_octets_block *block = search->block;
    unsigned room = block->flips < SOFT_OCTETS_FLIPS_MAX ? block->flips : SOFT_OCTETS_FLIPS_MAX;
    search->order_count = search->flip_count = 0;
    for (size_t i = 0; i < block->length; i++)
        order_insert(search, i);
    for (unsigned i = 0; i < search->soft->weak_count && search->flip_count < room; i++)
        if (event_touches(&search->soft->weak[i], block))
            search->flip[search->flip_count++] = &search->soft->weak[i];
}

static void event_undo(const struct search *search, const struct weak_event *event, uint8_t *word)
{
    for (uint64_t pattern = event->pattern; pattern; pattern &= pattern - 1) {
        size_t bit = (size_t)(event->newest - __builtin_ctzll(pattern)), octet = bit / 8;
        if (octet >= search->block->first && octet < search->block->first + search->block->length)
            word[octet - search->block->first] ^=
                (uint8_t)(1U << (search->soft->first_bit_high ? 7 - bit % 8 : bit % 8));
    }
}

/* flips: bit i = undo event i. Leaves a code word that makes sense in `word`. */
static bool attempt(const struct search *search, unsigned flips, size_t erasures, uint8_t *word)
{
    const struct soft_octets_block *block = search->block;
    memcpy(word, search->soft->octet + block->first, block->length);
    for (unsigned i = 0; i < search->flip_count; i++)
        if (flips >> i & 1)
            event_undo(search, search->flip[i], word);
    if (reed_solomon_decode(search->code, word, block->length, search->order, erasures) < 0)
        return false;
    return !block->accept || block->accept(block->context, word);
}

static int bits_changed(const struct soft_octets *soft, const struct soft_octets_block *block,
                        const uint8_t *word)
{
    int changed = 0;
    for (size_t i = 0; i < block->length; i++)
        changed += (int)ones_count(word[i] ^ soft->octet[block->first + i]);
    return changed;
}

int soft_octets_decode(const struct soft_octets *soft, const struct reed_solomon *code,
                       const struct soft_octets_block *block, uint8_t *word)
{
    struct search search = {.soft = soft, .block = block, .code = code};
    if (block->length > REED_SOLOMON_LENGTH_MAX || block->first + block->length > SOFT_OCTETS_MAX ||
        8 * (block->first + block->length) > soft->bits)
        return -1;
    search_start(&search);
    size_t step = code->roots / ERASURE_STEPS > 2 ? code->roots / ERASURE_STEPS : 2;
    for (unsigned flips = 0; flips < 1U << search.flip_count; flips++)
        for (size_t erasures = 0; erasures <= search.order_count; erasures += step)
            if (attempt(&search, flips, erasures, word))
                return bits_changed(soft, block, word);
    return -1;
}
