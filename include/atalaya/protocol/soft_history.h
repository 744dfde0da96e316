/* SPDX-License-Identifier: Apache-2.0 */
/* The latest line bits of a stream with all that the modem doubts about them, for protocols that look back to
 * a word when its end has come. Pure; all zero = fresh; one thread at a time. */
#ifndef ATALAYA_PROTOCOL_SOFT_HISTORY_H
#define ATALAYA_PROTOCOL_SOFT_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/softbits.h"

enum {
    SOFT_HISTORY_BITS = 512,     /* remembered; asking for older ones gives others' */
    SOFT_HISTORY_SETTLE = 32,    /* bits after which nothing more is learnt of a bit: the reach of an event */
    SOFT_HISTORY_SURE = 127,     /* weight of a bit that nobody doubts */
    SOFT_HISTORY_DOUBTS_MAX = 8, /* events that soft_history_doubts finds */
    /* Mean weight of the bits of a word that somebody sent. Of words in signals at 3 dB, where half of the
     * messages are lost, 99 in 100 have more; of what seems to be a synchronisation in a voice, 10 in 100. */
    SOFT_HISTORY_SENT = 16
};

struct soft_history {
    bool bit[SOFT_HISTORY_BITS];
    uint8_t weight[SOFT_HISTORY_BITS]; /* 0 .. SOFT_HISTORY_SURE */
    struct error_event event[SOFT_HISTORY_BITS];
    /* Detectors of phases lose their way for a stretch: the bit before it and the bit after it are wrong, and
     * nothing between. Weight of having lost it from after this bit until after the next. */
    uint8_t stretch[SOFT_HISTORY_BITS];
    bool in_stretches; /* the newest events are such; else bits are wrong one by one */
};

/* What could be wrong about a word of at most 64 bits. */
struct soft_doubt {
    uint64_t flips;       /* its last bit in bit 0 */
    unsigned reliability; /* small = likely */
};

void soft_history_push(struct soft_history *history, const struct soft_run *run, size_t i);
/* The bit with that index in the stream: -127 surely 0 .. 127 surely 1. */
int8_t soft_history_soft(const struct soft_history *history, uint64_t index, bool inverted);
/* `count` bits from index `first` on (at most 64), the last in bit 0. */
uint64_t soft_history_word(const struct soft_history *history, uint64_t first, unsigned count, bool inverted);
/* The likeliest ways in which that word could be wrong, likeliest first; at most `max` of them. */
unsigned soft_history_doubts(const struct soft_history *history, uint64_t first, unsigned count,
                             struct soft_doubt *doubts, unsigned max);
/* The mean weight of those bits. */
unsigned soft_history_weight(const struct soft_history *history, uint64_t first, unsigned count);
/* What the bits of that word that differ from `word` weigh, in hundredths of what all its bits weigh; 100
 * when none weighs anything. */
unsigned soft_history_distance(const struct soft_history *history, uint64_t first, unsigned count,
                               uint64_t word);

#endif
