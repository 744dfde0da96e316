/* SPDX-License-Identifier: Apache-2.0 */
/* What soft decisions are worth to a protocol on ffsk1200: the same bursts in the same noise, with the
 * detector's doubts; with its bare decisions, of all branches, which are as many tries; and with the bare
 * decisions of one branch, as a receiver with one demodulator has them. */
#ifndef SOFT_GAIN_H
#define SOFT_GAIN_H

#include "atalaya/dsp/impair.h"
#include "atalaya/protocol/message.h"

struct soft_gain {
    const char *protocol;
    void (*make)(struct impair_random *random, struct message *message); /* a burst with random contents */
    size_t quiet;                                                        /* samples before and after it */
    double from_db;
    double better_db; /* than bare decisions of all branches, of which each is another try */
};

/* Measures, prints and asserts: nine bursts of ten come at so much less Eb/N0 (of a bit on the line), and at
 * 2 dB less than with the bare decisions of the best branch; what nobody sent is not believed. */
void soft_gain_check(const struct soft_gain *gain);

#endif
