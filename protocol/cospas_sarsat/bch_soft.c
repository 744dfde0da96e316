/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bch_field.h"

enum { MASK_WORDS = 4 };

/* A set of bits to change, and what that costs. */
struct change {
    uint64_t mask[MASK_WORDS];
    uint32_t distance;
};

static uint8_t reliability(int8_t soft)
{
    return (uint8_t)(soft < 0 ? -(int)soft : soft);
}

static void change_flip(struct change *change, const int8_t *soft, unsigned index)
{
    uint64_t bit = UINT64_C(1) << index % 64;
    uint64_t *mask = &change->mask[index / 64];
    if (*mask & bit)
        change->distance -= reliability(soft[index]);
    else
        change->distance += reliability(soft[index]);
    *mask ^= bit;
}

/* Indexes of the least reliable bits, the least first. */
static void find_weak(const struct bch_code *code, const int8_t *soft, unsigned count, uint8_t *weak)
{
    bool taken[BCH_LENGTH_MAX] = {false};
    for (unsigned n = 0; n < count; n++) {
        unsigned least = code->length;
        for (unsigned i = 0; i < code->length; i++)
            if (!taken[i] && (least == code->length || reliability(soft[i]) < reliability(soft[least])))
                least = i;
        taken[least] = true;
        weak[n] = (uint8_t)least;
    }
}

static unsigned lowest_one(unsigned n)
{
    unsigned at = 0;
    while (!(n >> at & 1))
        at++;
    return at;
}

/* Tries all patterns in the order of a Gray code: one bit changes from each to the next. */
static bool search(const struct bch_code *code, const int8_t *soft, struct bch_syndromes *syndromes,
                   struct change *best)
{
    struct bch_field field;
    struct change tried = {.distance = 0};
    uint8_t index[BCH_WEAK_MAX], wrong[BCH_ERRORS_MAX];
    bool any = false;
    bch_field_make(&field, code);
    for (unsigned i = 0; i < code->length; i++)
        if (soft[i] > 0)
            bch_syndromes_flip(&field, code, i, syndromes);
    find_weak(code, soft, code->weak, index);
    for (unsigned n = 1;; n++) {
        struct change found = tried;
        int errors = bch_locate(&field, code, syndromes, wrong);
        for (int i = 0; i < errors; i++)
            change_flip(&found, soft, wrong[i]);
        if (errors >= 0 && (!any || found.distance < best->distance)) {
            *best = found;
            any = true;
        }
        if (n >> code->weak)
            return any;
        change_flip(&tried, soft, index[lowest_one(n)]);
        bch_syndromes_flip(&field, code, index[lowest_one(n)], syndromes);
    }
}

int bch_correct_soft(const struct bch_code *code, const int8_t *soft, uint8_t *word, struct bch_cost *cost)
{
    struct bch_syndromes syndromes = {{0}};
    struct change best = {.distance = 0};
    int changed = 0;
    *cost = (struct bch_cost){.distance = 0};
    for (unsigned i = 0; i < code->length; i++) {
        cost->total += reliability(soft[i]);
        cost->erased += soft[i] == 0;
    }
    if (!search(code, soft, &syndromes, &best))
        return BCH_FAILED;
    for (unsigned i = 0; i < code->length; i++) {
        bool change = best.mask[i / 64] >> i % 64 & 1;
        word[i] = (soft[i] > 0) != change;
        changed += change;
    }
    cost->distance = best.distance;
    return changed;
}

/* Costs at most so many thousandths of the total, of which enough is known. */
static bool costs_at_most(const struct bch_code *code, const struct bch_cost *cost, unsigned thousandths)
{
    return cost->erased <= 2U * code->errors && cost->total > 0 &&
           UINT64_C(1000) * cost->distance <= (uint64_t)thousandths * cost->total;
}

bool bch_believable(const struct bch_code *code, const struct bch_cost *cost)
{
    return costs_at_most(code, cost, code->believable);
}

bool bch_thinkable(const struct bch_code *code, const struct bch_cost *cost)
{
    return costs_at_most(code, cost, code->believable * 3U / 2U);
}
