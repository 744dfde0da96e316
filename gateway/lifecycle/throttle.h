/* SPDX-License-Identifier: Apache-2.0 */
/* How much of what brokers bring is obeyed, and how much of what is refused is answered: buckets that fill
 * evenly. A centre gone wild, or whoever has its key, cannot wear the disk out, fill what is remembered
 * against replay or the link; steps of an incident have a bucket of their own, so that a flood of the rest
 * holds none of them up. Pure; the clock comes in, monotonic. */
#ifndef ATALAYA_LIFECYCLE_THROTTLE_H
#define ATALAYA_LIFECYCLE_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

struct throttle {
    double burst, per_s; /* places, and how many come back in a second */
    double spent;        /* 0: full, as a zeroed one is */
    int64_t since_ns;
};

/* A centre that comes back says `received` to every open incident at once (DISTRESS_OPEN_MAX). */
#define THROTTLE_STEPS                                                                                       \
    {                                                                                                        \
        .burst = 256, .per_s = 1                                                                             \
    }
/* Of the rest less than REPLAY_MAX in the life of a command, a day. */
#define THROTTLE_REST                                                                                        \
    {                                                                                                        \
        .burst = 30, .per_s = 0.05                                                                           \
    }
/* Refusals that are answered: of a centre, and of those at a broker whom nobody knows. */
#define THROTTLE_REFUSALS                                                                                    \
    {                                                                                                        \
        .burst = 64, .per_s = 1                                                                              \
    }
/* Of a broker: commands that have no right form, looked at. */
#define THROTTLE_RUBBISH                                                                                     \
    {                                                                                                        \
        .burst = 64, .per_s = 2                                                                              \
    }

/* One more? Counts it when true. */
bool throttle_take(struct throttle *throttle, int64_t now_ns);

#endif
