/* SPDX-License-Identifier: Apache-2.0 */
#include "robust.h"

#include <limits.h>

enum {
    WORD_BITS = 16, /* on air; what the first bit means nobody published: it is sent 0 and not listened to */
    CODED_BITS = 15,
    CHECK_BITS = 8,
    WORDS = ROBUST_BITS / WORD_BITS,
    INFORMATION = 128, /* words of the code; of the seven bits the upper three are unknown too, and sent 0 */
    GENERATOR = 0x1d1, /* x^8 + x^7 + x^6 + x^4 + 1: BCH(15,7), which corrects two bits */
    FAR_PERCENT = 7    /* of all that was heard; of noise one block in 750 is nearer */
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

static int agreement(const int8_t *soft, unsigned coded)
{
    int sum = 0;
    for (unsigned i = 0; i < CODED_BITS; i++)
        sum += coded >> (CODED_BITS - 1 - i) & 1 ? soft[i] : -soft[i];
    return sum;
}

/* The word of the code that agrees best with soft [size: CODED_BITS]. */
static unsigned find_likeliest(const int8_t *soft, int *agrees)
{
    unsigned likeliest = 0;
    *agrees = INT_MIN;
    for (unsigned information = 0; information < INFORMATION; information++) {
        unsigned coded = encode(information);
        int sum = agreement(soft, coded);
        if (sum <= *agrees)
            continue;
        *agrees = sum;
        likeliest = coded;
    }
    return likeliest;
}

bool robust_read(const struct soft_history *history, uint64_t first, bool inverted, struct code_word *word)
{
    uint64_t block = 0;
    int against = 0, total = 0;
    word->corrected = 0;
    for (unsigned k = 0; k < WORDS; k++) {
        int8_t soft[CODED_BITS];
        int weight = 0, agrees;
        for (unsigned i = 0; i < CODED_BITS; i++) {
            soft[i] = soft_history_soft(history, first + place[k] * WORD_BITS + 1 + i, inverted);
            weight += soft[i] < 0 ? -soft[i] : soft[i];
        }
        unsigned coded = find_likeliest(soft, &agrees);
        for (unsigned i = 0; i < CODED_BITS; i++)
            word->corrected += (soft[i] > 0) != (coded >> (CODED_BITS - 1 - i) & 1);
        total += weight;
        against += (weight - agrees) / 2;
        block = block << 4 | (coded >> CHECK_BITS & 15);
    }
    for (unsigned i = 0; i < CODE_WORD_OCTETS; i++)
        word->octets[i] = (uint8_t)(block >> (56 - 8 * i));
    return total > 0 && against * 100 <= total * FAR_PERCENT && block == code_word_write(word->octets);
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
