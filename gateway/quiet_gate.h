/* SPDX-License-Identifier: Apache-2.0 */
/* Spares the modems of a channel the work while its power says that nobody is there. A signal that they could
 * decode raises it clearly (dsp/README.md); what came just before is kept, and heard too. Receive thread. */
#ifndef ATALAYA_QUIET_GATE_H
#define ATALAYA_QUIET_GATE_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"

enum { QUIET_PIECES_MAX = 3 };

struct quiet_piece {
    const float complex *iq; /* [size: count] */
    size_t count;
};

struct quiet_gate {
    bool always; /* nothing is spared */
    size_t room, kept, next;
    float complex *memory; /* [size: room] the newest ends before `next` */
    unsigned hold, open;   /* blocks that it stays open after a sign of life; still */
    uint64_t seen;         /* samples */
    uint64_t begin;        /* of them the first that modems got after the last pause */
};

/* block_s: from one call of execute to the next; rate_hz: of the samples; hold_s: how long modems go on after
 * a signal. Errors: ATALAYA_E_MEMORY. */
enum atalaya_result quiet_gate_create(struct quiet_gate *gate, double rate_hz, double block_s, double hold_s,
                                      bool always);
void quiet_gate_destroy(struct quiet_gate *gate);
/* A block with the power of the channel and what noise alone makes of it (0: not known). Returns how many
 * pieces the modems are to hear now, oldest first; they last until the next call. *fresh: before that there
 * was a pause: modems and protocols start over. */
unsigned quiet_gate_execute(struct quiet_gate *gate, float power, float floor, const float complex *iq,
                            size_t count, struct quiet_piece pieces[QUIET_PIECES_MAX], bool *fresh);
bool quiet_gate_is_open(const struct quiet_gate *gate); /* what the last block was */
/* Samples were lost: counts begin anew. */
void quiet_gate_reset(struct quiet_gate *gate);
/* Where a sample (fractional) of the modems' count is among all. */
double quiet_gate_sample(const struct quiet_gate *gate, double sample);

#endif
