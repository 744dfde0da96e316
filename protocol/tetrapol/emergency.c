/* SPDX-License-Identifier: Apache-2.0 */
#include "emergency.h"

#include <string.h>

#include "atalaya/protocol/ones.h"

enum {
    FRAME = 160,
    WORD = 64,
    /* Of 160 changes: 2^-97 of noise, and a line of 4 % wrong bits. A tone of 500 Hz after a discriminator, 8
     * changes and 8 none in turn, is 20 away. */
    WRONG_MAX = 12,
    /* Of the ten times that the pattern has each of its changes. A sound of 500 Hz may be nearly the pattern,
     * but then it differs in the same place every time. */
    SAME_PLACE_MAX = 5,
    PERIOD = TETRAPOL_EMERGENCY_PERIOD,
    PAUSE_BITS = 16000,
    GAP_BITS = 800 /* a fade; what is there behind a longer one begins anew */
};

/* Changes of the pattern, 0xf708, over and over. */
#define CHANGES UINT64_C(0xf708f708f708f708)
#define OLDEST  UINT64_C(0x00000000ffffffff)

void tetrapol_emergency_reset(struct tetrapol_emergency *emergency)
{
    memset(emergency, 0, sizeof *emergency);
}

/* Does some place of the pattern differ in most of its periods? right: 0, or all ones where it is the other
 * way round.
 */
static bool differs_in_one_place(const uint64_t changes[3], uint64_t right)
{
    const uint64_t wrong[3] = {changes[0] ^ CHANGES ^ right, changes[1] ^ CHANGES ^ right,
                               (changes[2] ^ CHANGES ^ right) & OLDEST};
    for (unsigned place = 0; place < PERIOD; place++) {
        const uint64_t mask = UINT64_C(0x0001000100010001) << place;
        if (ones_count(wrong[0] & mask) + ones_count(wrong[1] & mask) + ones_count(wrong[2] & mask) >
            SAME_PLACE_MAX)
            return true;
    }
    return false;
}

static bool is_there(const struct tetrapol_emergency *emergency)
{
    const uint64_t *changes = emergency->changes;
    unsigned wrong = ones_count(changes[0] ^ CHANGES);
    if (wrong > WRONG_MAX && wrong < WORD - WRONG_MAX) /* enough of the first 64 to know */
        return false;
    wrong += ones_count(changes[1] ^ CHANGES) + ones_count(changes[2] ^ (CHANGES & OLDEST));
    return emergency->count == FRAME && (wrong <= WRONG_MAX || wrong >= FRAME - WRONG_MAX) &&
           !differs_in_one_place(changes, wrong > WRONG_MAX ? UINT64_MAX : 0);
}

unsigned tetrapol_emergency_lasts(const struct tetrapol_emergency *emergency)
{
    return emergency->lasts * (PERIOD / 2);
}

bool tetrapol_emergency_push(struct tetrapol_emergency *emergency, bool bit)
{
    uint64_t *changes = emergency->changes;
    changes[2] = (changes[2] << 1 | changes[1] >> 63) & OLDEST;
    changes[1] = changes[1] << 1 | changes[0] >> 63;
    changes[0] = changes[0] << 1 | (bit != emergency->latest);
    emergency->latest = bit;
    emergency->count += emergency->count < FRAME;
    bool there = is_there(emergency);
    if (emergency->pause > 0) {
        emergency->pause--;
        emergency->gap = there ? 0 : emergency->gap + 1;
        emergency->lasts = emergency->gap > GAP_BITS ? 0 : emergency->lasts + there;
        return false;
    }
    if (!there)
        return false;
    emergency->pause = PAUSE_BITS;
    emergency->lasts = emergency->gap = 0;
    return true;
}
