/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/code_word.h"

#include "atalaya/protocol/ones.h"

static void split(uint64_t word, uint8_t octets[static CODE_WORD_OCTETS])
{
    for (unsigned i = 0; i < CODE_WORD_OCTETS; i++)
        octets[i] = (uint8_t)(word >> (56 - 8 * i));
}

uint64_t code_word_write(const uint8_t octets[static CODE_WORD_OCTETS])
{
    uint64_t word = crc15_check_word(octets);
    for (unsigned i = 0; i < CODE_WORD_OCTETS; i++)
        word |= (uint64_t)octets[i] << (56 - 8 * i);
    return word;
}

/* Zero for a code word. */
static unsigned syndrome(uint64_t word)
{
    uint8_t octets[CODE_WORD_OCTETS];
    split(word, octets);
    return (unsigned)(word & 0xffff) ^ crc15_check_word(octets);
}

/* The flips of one doubt or of two that make a code word of what has this syndrome; the likeliest. */
static uint64_t find_flips(const struct soft_doubt *doubts, unsigned count, unsigned wanted, unsigned *least)
{
    unsigned of[SOFT_HISTORY_DOUBTS_MAX];
    const unsigned none = syndrome(0);
    uint64_t best = 0;
    *least = UINT32_MAX;
    for (unsigned i = 0; i < count; i++) {
        of[i] = syndrome(doubts[i].flips) ^ none; /* the code is linear but for its inverted bit */
        for (unsigned k = 0; k <= i; k++) {
            unsigned both = k < i ? of[i] ^ of[k] : of[i];
            unsigned cost = doubts[i].reliability + (k < i ? doubts[k].reliability : 0);
            if (both != wanted || cost >= *least)
                continue;
            *least = cost;
            best = k < i ? doubts[i].flips ^ doubts[k].flips : doubts[i].flips;
        }
    }
    return best;
}

bool code_word_read(const struct soft_history *history, uint64_t first, bool inverted, unsigned events,
                    struct code_word *word)
{
    uint64_t heard = soft_history_word(history, first, CODE_WORD_BITS, inverted), flips = 0;
    unsigned wrong = syndrome(heard);
    word->cost = 0;
    if (wrong) {
        struct soft_doubt doubts[SOFT_HISTORY_DOUBTS_MAX];
        if (events > SOFT_HISTORY_DOUBTS_MAX)
            events = SOFT_HISTORY_DOUBTS_MAX;
        unsigned count = soft_history_doubts(history, first, CODE_WORD_BITS, doubts, events);
        flips = find_flips(doubts, count, wrong, &word->cost);
        if (!flips)
            return false;
    }
    split(heard ^ flips, word->octets);
    word->corrected = ones_count(flips);
    word->guessed = word->corrected > 0;
    return true;
}

bool code_word_is_others(const struct soft_history *history, uint64_t other, bool inverted,
                         const struct code_word *word)
{
    struct code_word theirs;
    return word->cost > 0 && code_word_read(history, other, !inverted, SOFT_HISTORY_DOUBTS_MAX, &theirs) &&
           theirs.cost < word->cost;
}
