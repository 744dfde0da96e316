/* SPDX-License-Identifier: Apache-2.0 */
/* Second generation messages out of a stream of soft bits. The modem hears whole bursts: a burst is what
 * comes after bits of which nothing is known, or after a reset; 50 zeros (T.018 2.2.4) and the 250 bits of
 * the message. Where it begins is not searched for: a message that begins with zeros, shifted, passes the
 * check, too. Pure; one thread at a time per state. */
#ifndef ATALAYA_COSPAS_SARSAT_SGB_STREAM_H
#define ATALAYA_COSPAS_SARSAT_SGB_STREAM_H

#include "atalaya/protocol/protocol.h"
#include "sgb.h"

enum { SGB_BIT_RATE = 300 /* 2.2.5 */ };

/* The branches of a modem: which of the PRN sequences of table 2.2 a burst was spread with. */
enum { SGB_BRANCH_NORMAL, SGB_BRANCH_SELF_TEST };

struct sgb_stream {
    int8_t soft[SGB_PREAMBLE_BITS + SGB_BITS];
    unsigned count;         /* of them that are there */
    unsigned unknown;       /* bits of which nothing is known, in a row */
    uint64_t first_bit;     /* index of soft[0] */
    struct message message; /* the one being read */
};

void sgb_stream_reset(struct sgb_stream *stream);
void sgb_stream_execute(struct sgb_stream *stream, const struct soft_run *run,
                        struct protocol_output *output);

#endif
