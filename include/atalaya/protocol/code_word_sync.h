/* SPDX-License-Identifier: Apache-2.0 */
/* What comes before the code words that MPT1327 (clause 3.2.2) and FleetSync share: 16 bits of preamble and a
 * word of 16, in either polarity. Where one may have ended is kept in a slot until all doubts about its bits
 * are known and what follows it has come. Pure, reentrant. */
#ifndef ATALAYA_PROTOCOL_CODE_WORD_SYNC_H
#define ATALAYA_PROTOCOL_CODE_WORD_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/soft_history.h"

#define SYNC_PREAMBLE UINT32_C(0xaaaa0000)

enum {
    SYNC_BITS = 32,      /* with 16 of the preamble */
    SYNC_ERRORS_MAX = 7, /* before the doubts about the bits are known */
    MPT1327_SYNC = 0xc4d7,
    MPT1327_SYNT = 0x3b28, /* clauses 3.2.2.1, 3.2.2.2 */
    FLEETSYNC_SYNC = 0x23eb,
    MPT1327_SYNCS = 2,
    FLEETSYNC_SYNCS = 3
};

/* What is nearer to the other's words is none of one's own. */
extern const uint16_t mpt1327_syncs[MPT1327_SYNCS];     /* of control channels, of traffic channels */
extern const uint16_t fleetsync_syncs[FLEETSYNC_SYNCS]; /* heard; what tells them apart is not known */

struct code_word_sync {
    bool open, inverted;
    bool taken;     /* a message has begun after it */
    uint64_t start; /* first bit after it */
    unsigned wrong; /* of its bits, doubts not yet known */
};

/* The nearest of the words [size: count] to `latest`, the bits before bit `end`; open. */
struct code_word_sync sync_nearest(uint32_t latest, uint64_t end, const uint16_t *words, unsigned count);
/* A place for it among slots [size: count, each of `size` octets and beginning with its struct
 * code_word_sync]: a closed one, else the one with most wrong bits, if those are more, of those that are not
 * taken. NULL: none, or it has more wrong bits than SYNC_ERRORS_MAX itself. */
void *sync_find_slot(const struct code_word_sync *found, void *slots, size_t size, unsigned count);
/* As soft_history_distance, from what came before sync->start to the nearest of the words [size: count]. */
unsigned sync_distance(const struct soft_history *history, const struct code_word_sync *sync,
                       const uint16_t *words, unsigned count);

#endif
