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
    /* found: Eb/N0 (of a bit on the line) at which nine bursts of ten come: soft; hard, of all branches;
     * hard, of the branch that hears most of them. And messages that nobody sent, not
     * marked as guessed and so marked. */
    double soft_db, all_db, one_db;
    unsigned wrong, guessed_wrong;
};

/* Measures and prints. */
void soft_gain_measure(struct soft_gain *gain);

#endif
