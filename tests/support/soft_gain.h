/* SPDX-License-Identifier: Apache-2.0 */
/* What soft decisions are worth to a protocol on ffsk1200: the same bursts in the same noise, once with the
 * detector's doubts and once with its bare decisions. */
#ifndef SOFT_GAIN_H
#define SOFT_GAIN_H

#include "atalaya/dsp/impair.h"
#include "atalaya/protocol/message.h"

struct soft_gain {
    const char *protocol;
    void (*make)(struct impair_random *random, struct message *message); /* a burst with random contents */
    size_t quiet;                                                        /* samples before and after it */
    double from_db;
    /* found: Eb/N0 (of a bit on the line) at which nine bursts of ten come, and messages that nobody sent */
    double soft_db, hard_db;
    unsigned wrong;
};

/* Measures and prints. */
void soft_gain_measure(struct soft_gain *gain);

#endif
