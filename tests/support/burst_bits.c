/* SPDX-License-Identifier: Apache-2.0 */
#include "burst_bits.h"

#include <stdbool.h>

unsigned burst_bits_make(struct impair_random *random, uint8_t *bits, unsigned before, unsigned data,
                         unsigned after)
{
    uint8_t line = 0;
    for (unsigned i = 0; i < before + data + after; i++) {
        bool flags = i < before || i >= before + data;
        unsigned place = (i + 7 * before) % 8; /* in its flag */
        bool change = flags ? place == 0 || place == 7 : impair_random_uniform(random) < 0.5;
        line ^= (uint8_t)change;
        bits[i] = line;
    }
    return before + data + after;
}

unsigned burst_bits_wrong(const int8_t *heard, uint64_t heard_count, const uint8_t *bits, unsigned count,
                          unsigned most, uint64_t *at)
{
    unsigned least = most + 1;
    for (uint64_t k = 0; k + count <= heard_count && least > 0; k++) {
        unsigned wrong = 0;
        for (unsigned i = 0; i < count && wrong < least; i++)
            wrong += (heard[k + i] > 0) != (bits[i] != 0);
        if (wrong >= least)
            continue;
        least = wrong;
        *at = k;
    }
    return least;
}
