/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/code_word_sync.h"

#include "atalaya/protocol/ones.h"

const uint16_t mpt1327_syncs[MPT1327_SYNCS] = {MPT1327_SYNC, MPT1327_SYNT};
const uint16_t fleetsync_syncs[FLEETSYNC_SYNCS] = {FLEETSYNC_SYNC, 0x052b, 0x7650};

struct code_word_sync sync_nearest(uint32_t latest, uint64_t end, const uint16_t *words, unsigned count)
{
    struct code_word_sync found = {.open = true, .start = end, .wrong = SYNC_BITS};
    for (unsigned i = 0; i < count; i++) {
        unsigned wrong = ones_count(latest ^ (SYNC_PREAMBLE | words[i]));
        bool inverted = wrong > SYNC_BITS / 2;
        wrong = inverted ? SYNC_BITS - wrong : wrong;
        if (wrong >= found.wrong)
            continue;
        found.wrong = wrong;
        found.inverted = inverted;
    }
    return found;
}

void *sync_find_slot(const struct code_word_sync *found, void *slots, size_t size, unsigned count)
{
    struct code_word_sync *worst = NULL;
    if (found->wrong > SYNC_ERRORS_MAX)
        return NULL;
    for (unsigned s = 0; s < count; s++) {
        struct code_word_sync *sync = (void *)((char *)slots + s * size);
        if (!sync->open)
            return sync;
        if (!sync->taken && (!worst || sync->wrong > worst->wrong))
            worst = sync;
    }
    return worst && found->wrong < worst->wrong ? worst : NULL;
}

unsigned sync_distance(const struct soft_history *history, const struct code_word_sync *sync,
                       const uint16_t *words, unsigned count)
{
    unsigned nearest = 100;
    for (unsigned i = 0; i < count; i++) {
        uint32_t word = SYNC_PREAMBLE | words[i];
        unsigned percent =
            soft_history_distance(history, sync->start - SYNC_BITS, SYNC_BITS, sync->inverted ? ~word : word);
        nearest = percent < nearest ? percent : nearest;
    }
    return nearest;
}
