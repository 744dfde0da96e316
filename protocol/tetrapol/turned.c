/* SPDX-License-Identifier: Apache-2.0 */
#include "turned.h"

#include <string.h>

enum {
    MOMENTS = 4,        /* tried */
    REACH = 3,          /* bits on either side that tell how weak a moment is */
    EVIDENCE_BITS = 20, /* of a reading, for there are nine of them */
    BITS = TETRAPOL_BODY_BITS
};

static int weakness(const int8_t *body, int at)
{
    int sum = 0;
    for (int i = at - REACH; i <= at + REACH; i++)
        if (i >= 0 && i < BITS)
            sum += body[i] < 0 ? -body[i] : body[i];
        else
            sum += INT8_MAX;
    return sum;
}

/* The weakest moment that is not near one of those found. */
static int moment_find(const int8_t *body, const int *found, unsigned count)
{
    int best = 0, least = INT16_MAX;
    for (int at = 0; at < BITS; at++) {
        bool known = false;
        for (unsigned i = 0; i < count; i++)
            known = known || (at - found[i] <= REACH && found[i] - at <= REACH);
        int sum = weakness(body, at);
        if (known || sum >= least)
            continue;
        least = sum;
        best = at;
    }
    return best;
}

/* Turned from `at` on, or before it; at = 0: all of it. */
static void try_turn(const int8_t *body, int at, bool before, const struct tetrapol_channel *channel,
                     struct tetrapol_frame *best)
{
    int8_t turned[BITS];
    struct tetrapol_frame frame;
    for (int i = 0; i < BITS; i++)
        turned[i] = (int8_t)((i >= at) != before ? -body[i] : body[i]);
    tetrapol_frame_read(turned, channel, &frame);
    if (frame.good && frame.evidence_bits > best->evidence_bits)
        *best = frame;
}

bool tetrapol_turned_read(const int8_t *body, const struct tetrapol_channel *channel,
                          struct tetrapol_frame *frame)
{
    struct tetrapol_frame best = {.evidence_bits = EVIDENCE_BITS - 1};
    int moment[MOMENTS];
    try_turn(body, 0, false, channel, &best);
    for (unsigned n = 0; n < MOMENTS; n++) {
        moment[n] = moment_find(body, moment, n);
        try_turn(body, moment[n], false, channel, &best);
        try_turn(body, moment[n], true, channel, &best);
    }
    if (!best.good)
        return false;
    *frame = best;
    return true;
}
