/* SPDX-License-Identifier: Apache-2.0 */
#include "code.h"

#include <string.h>

enum { STATES = 4, UNREACHED = -(1 << 30) };

/* Coded pair of bit d after state (d[i-1], d[i-2]): first bit highest. */
static unsigned pair_of(unsigned state, unsigned d)
{
    unsigned one = state >> 1, two = state & 1;
    return (d ^ one ^ two) << 1 | (d ^ two);
}

/* Best path from `start` back to it; survivors hold the bit that left each state. Returns its metric. */
static int32_t path_find(const int16_t *soft, unsigned bits, unsigned start, uint8_t *data)
{
    uint8_t left[TETRAPOL_CODE_BITS_MAX] = {0};
    int32_t metric[STATES] = {UNREACHED, UNREACHED, UNREACHED, UNREACHED}, next[STATES];
    metric[start] = 0;
    for (unsigned i = 0; i < bits; i++) {
        int32_t first = soft[2 * i], second = soft[2 * i + 1];
        const int32_t gain[4] = {-first - second, second - first, first - second, first + second};
        for (unsigned to = 0; to < STATES; to++) { /* state to = (d, d[i-1]); it came from (d[i-1], 0 or 1) */
            unsigned d = to >> 1, from = (to & 1) << 1;
            int32_t zero = metric[from] + gain[pair_of(from, d)];
            int32_t one = metric[from + 1] + gain[pair_of(from + 1, d)];
            next[to] = zero >= one ? zero : one;
            left[i] |= (uint8_t)((zero < one) << to);
        }
        memcpy(metric, next, sizeof metric);
    }
    unsigned state = start;
    for (unsigned i = bits; i-- > 0;) {
        data[i] = (uint8_t)(state >> 1);
        state = (state & 1) << 1 | (left[i] >> state & 1);
    }
    return metric[start];
}

static unsigned wrong_count(const int16_t *soft, unsigned bits, bool tail_biting, const uint8_t *data)
{
    uint8_t coded[2 * TETRAPOL_CODE_BITS_MAX];
    unsigned wrong = 0;
    tetrapol_code_encode(data, bits, tail_biting, coded);
    for (unsigned i = 0; i < 2 * bits; i++)
        wrong += coded[i] ? soft[i] <= 0 : soft[i] >= 0;
    return wrong;
}

unsigned tetrapol_code_decode(const int16_t *soft, unsigned bits, bool tail_biting, uint8_t *data)
{
    uint8_t path[TETRAPOL_CODE_BITS_MAX];
    int32_t best = path_find(soft, bits, 0, data);
    for (unsigned start = 1; tail_biting && start < STATES; start++) {
        int32_t metric = path_find(soft, bits, start, path);
        if (metric > best) {
            best = metric;
            memcpy(data, path, bits);
        }
    }
    return wrong_count(soft, bits, tail_biting, data);
}

void tetrapol_code_encode(const uint8_t *data, unsigned bits, bool tail_biting, uint8_t *coded)
{
    unsigned state = tail_biting ? (unsigned)(data[bits - 1] << 1 | data[bits - 2]) : 0;
    for (unsigned i = 0; i < bits; i++) {
        unsigned pair = pair_of(state, data[i]);
        coded[2 * i] = (uint8_t)(pair >> 1);
        coded[2 * i + 1] = pair & 1;
        state = (unsigned)data[i] << 1 | state >> 1;
    }
}

static unsigned remainder_of(const uint8_t *data, unsigned bits, unsigned degree, unsigned polynomial)
{
    unsigned mask = (1U << degree) - 1, crc = 0;
    for (unsigned i = 0; i < bits; i++) {
        bool feedback = data[i] ^ (crc >> (degree - 1) & 1);
        crc = (crc << 1 & mask) ^ (feedback ? polynomial : 0);
    }
    return crc;
}

uint8_t tetrapol_crc5(const uint8_t *data, unsigned bits)
{
    return (uint8_t)remainder_of(data, bits, 5, 0x05);
}

uint8_t tetrapol_crc3(const uint8_t *data, unsigned bits)
{
    return (uint8_t)(remainder_of(data, bits, 3, 0x03) ^ 7);
}
