/* SPDX-License-Identifier: Apache-2.0 */
#include "robust.h"

#include <string.h>

#include "atalaya/protocol/ones.h"

enum {
    WORD_BITS = 16, /* on air; what the first bit means nobody published: it is sent 0 and not listened to */
    CODED_BITS = 15,
    CHECK_BITS = 8,
    WORDS = ROBUST_BITS / WORD_BITS,
    INFORMATION = 128, /* words of the code; of the seven bits the upper three are unknown too, and sent 0 */
    GENERATOR = 0x1d1, /* x^8 + x^7 + x^6 + x^4 + 1: BCH(15,7), which corrects two bits */
    DEAR = 1 << 20,
    QUARTERS = 4,    /* of a word, for counting */
    FAR_PERCENT = 5, /* of all that was heard; of noise one block in 100,000 is so near */
    SURE_PERCENT = 4 /* farther ones a voice makes too, once in a day of it */
};

/* Which word on air carries the k-th four bits. */
static const uint8_t place[WORDS] = {1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14};

static unsigned encode(unsigned information)
{
    unsigned rest = information << CHECK_BITS;
    for (unsigned bit = CODED_BITS; bit-- > CHECK_BITS;)
        if (rest >> bit & 1)
            rest ^= (unsigned)GENERATOR << (bit - CHECK_BITS);
    return information << CHECK_BITS | rest;
}

/* The words of the code as what they cost is counted by: their bits; or, where stretches are lost, whether
 * the way is lost after each bit that is wrong. Both are linear: of what was heard the same is taken. */
static unsigned as_counted(unsigned bits, bool in_stretches)
{
    if (!in_stretches)
        return bits;
    for (unsigned shift = 1; shift < CODED_BITS; shift *= 2)
        bits ^= bits >> shift;
    return bits;
}

/* A word on air as it was heard. */
struct heard {
    unsigned counted;
    unsigned unknown;                /* weight of being lost after the unknown bit */
    unsigned total;                  /* of the coded bits */
    unsigned cost[QUARTERS][1 << 4]; /* of four bits, by which of them are wrong or lost */
};

static void hear(const struct soft_history *history, uint64_t first, bool inverted, struct heard *heard)
{
    const uint8_t *weight = history->in_stretches ? history->stretch : history->weight;
    heard->counted = as_counted((unsigned)soft_history_word(history, first + 1, CODED_BITS, inverted),
                                history->in_stretches);
    heard->unknown = weight[first % SOFT_HISTORY_BITS];
    heard->total = 0;
    memset(heard->cost, 0, sizeof heard->cost);
    for (unsigned bit = 0; bit < CODED_BITS; bit++) {
        unsigned its = weight[(first + CODED_BITS - bit) % SOFT_HISTORY_BITS];
        heard->total += its;
        for (unsigned set = 0; set < 1 << 4; set++)
            heard->cost[bit / 4][set] += set >> bit % 4 & 1 ? its : 0;
    }
}

/* The cheapest way to a word of the code: from a way that is lost or not to one that is lost or not. */
struct way {
    unsigned cost, information;
};

static void keep_cheaper(struct way *way, unsigned cost, unsigned information)
{
    if (cost < way->cost)
        *way = (struct way){cost, information};
}

/* Whoever began the other way round is lost where this one is not. Bits wrong one by one: nobody is lost. */
static void find_ways(const struct heard *heard, const uint16_t *counted, bool in_stretches,
                      struct way ways[2][2])
{
    for (unsigned information = 0; information < INFORMATION; information++) {
        unsigned wrong = counted[information] ^ heard->counted, cost = 0;
        for (unsigned k = 0; k < QUARTERS; k++)
            cost += heard->cost[k][wrong >> 4 * k & 15];
        unsigned lost = in_stretches ? wrong & 1 : 0;
        keep_cheaper(&ways[0][lost], cost, information);
        if (in_stretches)
            keep_cheaper(&ways[1][1 - lost], heard->total - cost, information);
    }
}

struct search {
    unsigned cost[2]; /* of the best way until here, not lost and lost */
    uint8_t information[2][WORDS];
};

/* One word on: the unknown bit may change to and fro for nothing, but being lost after it costs. */
static void search_word(struct search *search, unsigned word, const struct heard *heard,
                        struct way ways[2][2])
{
    const struct search before = *search;
    const unsigned from = before.cost[1] < before.cost[0];
    for (unsigned end = 0; end < 2; end++) {
        unsigned found = ways[0][end].cost, lost = ways[1][end].cost + heard->unknown;
        search->cost[end] = before.cost[from] + (found <= lost ? found : lost);
        memcpy(search->information[end], before.information[from], word);
        search->information[end][word] = (uint8_t)ways[found <= lost ? 0 : 1][end].information;
    }
}

static unsigned cheapest(const struct search *search)
{
    return search->cost[1] < search->cost[0] ? search->cost[1] : search->cost[0];
}

/* False as soon as it is too far from what was heard: of noise that is after half of it. */
static bool search_block(const struct soft_history *history, uint64_t first, bool inverted,
                         struct search *search, bool *sure)
{
    uint16_t counted[INFORMATION];
    unsigned total = 0;
    const uint8_t *weight = history->in_stretches ? history->stretch : history->weight;
    for (unsigned i = 0; i < ROBUST_BITS; i++)
        total += i % WORD_BITS ? weight[(first + i) % SOFT_HISTORY_BITS] : 0;
    for (unsigned information = 0; information < INFORMATION; information++)
        counted[information] = (uint16_t)as_counted(encode(information), history->in_stretches);
    search->cost[0] = search->cost[1] = 0;
    for (unsigned w = 0; w < WORDS; w++) {
        struct heard heard;
        struct way ways[2][2] = {{{DEAR, 0}, {DEAR, 0}}, {{DEAR, 0}, {DEAR, 0}}};
        hear(history, first + w * WORD_BITS, inverted, &heard);
        find_ways(&heard, counted, history->in_stretches, ways);
        search_word(search, w, &heard, ways);
        if (cheapest(search) * 100 > total * FAR_PERCENT)
            return false;
    }
    *sure = cheapest(search) * 100 <= total * SURE_PERCENT;
    return total > 0;
}

bool robust_read(const struct soft_history *history, uint64_t first, bool inverted, struct code_word *word)
{
    struct search search;
    uint64_t block = 0;
    bool sure;
    if (!search_block(history, first, inverted, &search, &sure))
        return false;
    word->guessed = !sure;
    const uint8_t *information = search.information[search.cost[1] < search.cost[0]];
    word->corrected = 0;
    for (unsigned k = 0; k < WORDS; k++) {
        uint64_t at = first + place[k] * WORD_BITS + 1;
        uint64_t bits = soft_history_word(history, at, CODED_BITS, inverted);
        word->corrected += ones_count(encode(information[place[k]]) ^ bits);
        block = block << 4 | (information[place[k]] & 15);
    }
    for (unsigned i = 0; i < CODE_WORD_OCTETS; i++)
        word->octets[i] = (uint8_t)(block >> (56 - 8 * i));
    return block == code_word_write(word->octets);
}

void robust_write(const uint8_t octets[static CODE_WORD_OCTETS], uint8_t *bits)
{
    uint64_t block = code_word_write(octets);
    for (unsigned k = 0; k < WORDS; k++) {
        unsigned coded = encode((unsigned)(block >> (60 - 4 * k)) & 15);
        for (unsigned i = 0; i < WORD_BITS; i++)
            bits[place[k] * WORD_BITS + i] = (uint8_t)(coded >> (WORD_BITS - 1 - i) & 1);
    }
}
