/* SPDX-License-Identifier: Apache-2.0 */
#include "block.h"

#include <limits.h>
#include <string.h>

#include "atalaya/protocol/crc.h"

enum {
    STEPS = BLOCK_BITS / 2, /* of the code: message, CRC and eight zeros */
    MEMORY = 6,             /* constraint length 7 */
    STATES = 1 << MEMORY,
    WORD = STEPS / 8,
    ROWS = 16,
    COLUMNS = 7,
    FAR_PERCENT =
        9 /* of all that was heard; of noise 97 blocks in 100 disagree more with their likeliest word */
};

/* The bits before an input, newest in bit 0, and the input: the check bit that is sent with it. */
static unsigned parity(unsigned before, unsigned input)
{
    return (input ^ before >> 1 ^ before >> 4 ^ before >> 5) & 1;
}

/* Where bit k of the code word (octets least significant bit first, checks after data) stands on air. */
static unsigned place(unsigned k)
{
    return ROWS * (k % COLUMNS) + k / COLUMNS;
}

struct path {
    int metric[STATES];
    uint64_t older[STEPS]; /* bit s: the survivor in state s had a 1 seven bits ago */
};

static void extend(struct path *path, unsigned step, int data, int check)
{
    int next[STATES];
    const unsigned inputs = step < STEPS - 8 ? 2 : 1; /* the last octet is zero */
    path->older[step] = 0;
    for (unsigned state = 0; state < STATES; state++) {
        unsigned input = state & 1, low = state >> 1, high = low | STATES / 2;
        next[state] = INT_MIN / 2;
        if (input >= inputs)
            continue;
        int by_low = path->metric[low] + (parity(low, input) ? check : -check);
        int by_high = path->metric[high] + (parity(high, input) ? check : -check);
        next[state] = (by_high > by_low ? by_high : by_low) + (input ? data : -data);
        path->older[step] |= (uint64_t)(by_high > by_low) << state;
    }
    memcpy(path->metric, next, sizeof next);
}

/* The likeliest data; what the decisions against it weigh is *cost. */
static void find_likeliest(const int8_t word[BLOCK_BITS], uint8_t data[WORD], int *cost)
{
    struct path path;
    int total = 0;
    for (unsigned s = 0; s < STATES; s++)
        path.metric[s] = s ? INT_MIN / 2 : 0;
    for (unsigned step = 0; step < STEPS; step++) {
        extend(&path, step, word[step], word[STEPS + step]);
        total += block_weight(word[step]) + block_weight(word[STEPS + step]);
    }
    memset(data, 0, WORD);
    unsigned state = 0;
    for (unsigned step = STEPS; step-- > 0;) {
        data[step / 8] |= (uint8_t)((state & 1) << step % 8);
        state = state >> 1 | (unsigned)(path.older[step] >> state & 1) * (STATES / 2);
    }
    *cost = (total - path.metric[0]) / 2;
    *cost = *cost * 100 > total * FAR_PERCENT || total == 0 ? INT_MAX : *cost;
}

static void encode_word(const uint8_t data[WORD], uint8_t bits[BLOCK_BITS])
{
    unsigned before = 0;
    for (unsigned step = 0; step < STEPS; step++) {
        unsigned input = data[step / 8] >> step % 8 & 1;
        bits[step] = (uint8_t)input;
        bits[STEPS + step] = (uint8_t)parity(before, input);
        before = (before << 1 | input) & (STATES - 1);
    }
}

bool block_decode(const int8_t *soft, struct block *block)
{
    int8_t word[BLOCK_BITS];
    uint8_t data[WORD], sent[BLOCK_BITS];
    int cost;
    for (unsigned k = 0; k < BLOCK_BITS; k++)
        word[k] = soft[place(k)];
    find_likeliest(word, data, &cost);
    unsigned crc = data[4] | (unsigned)data[5] << 8;
    if (cost == INT_MAX || crc != crc16_mdc(data, BLOCK_OCTETS))
        return false;
    encode_word(data, sent);
    block->corrected = 0;
    for (unsigned k = 0; k < BLOCK_BITS; k++)
        block->corrected += (word[k] > 0) != sent[k];
    memcpy(block->octets, data, BLOCK_OCTETS);
    return true;
}

void block_encode(const uint8_t octets[BLOCK_OCTETS], uint8_t *bits)
{
    uint8_t data[WORD] = {0}, word[BLOCK_BITS];
    unsigned crc = crc16_mdc(octets, BLOCK_OCTETS);
    memcpy(data, octets, BLOCK_OCTETS);
    data[4] = (uint8_t)crc;
    data[5] = (uint8_t)(crc >> 8);
    encode_word(data, word);
    for (unsigned k = 0; k < BLOCK_BITS; k++)
        bits[place(k)] = word[k];
}
