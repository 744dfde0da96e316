/* SPDX-License-Identifier: Apache-2.0 */
/* First generation messages out of a stream of soft bits: bit synchronisation and frame synchronisation
 * (T.001 2.2.4), then fgb_parse_soft. Pure; one thread at a time per state.
 *
 * Both senses of the phase are taken: fifteen ones say which it is. The synchronisation is found by what its
 * 24 bits weigh, not by counting wrong ones. Whether the nine of the frame synchronisation mean normal
 * operation or self-test is decided by the eight in which these differ, and by no narrow margin: a burst that
 * does not say it is dropped, for the next one comes in 50 s and a self-test must not raise anything.
 *
 * The code is cyclic: one bit too early or too late a message is nearly another message. Where the known bits
 * fade, or their neighbours look nearly as good, it counts as guessed. */
#ifndef ATALAYA_COSPAS_SARSAT_FGB_STREAM_H
#define ATALAYA_COSPAS_SARSAT_FGB_STREAM_H

#include "atalaya/protocol/protocol.h"
#include "fgb.h"

enum {
    FGB_BIT_RATE = 400,                 /* 2.2.4 */
    FGB_STREAM_HELD = FGB_LONG_BITS + 1 /* a message and the bit before it */
};

struct fgb_stream {
    int8_t soft[2 * FGB_STREAM_HELD]; /* the last decisions, written twice: always in one piece */
    uint64_t next;                    /* index of the bit to come */
    uint64_t free_from;               /* no message begins before this bit: others have taken what is there */
    uint64_t held;                    /* decisions since the reset, or of the burst */
    struct message message;           /* the one being read */
};

void fgb_stream_reset(struct fgb_stream *stream);
void fgb_stream_execute(struct fgb_stream *stream, const struct soft_run *run,
                        struct protocol_output *output);

#endif
