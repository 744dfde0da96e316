/* SPDX-License-Identifier: Apache-2.0 */
/* Octets of a coded block as they come in, and what the modem thought of them: how doubtful each is, and
 * which error events are the likeliest. A Reed-Solomon decoder that fails on the decisions alone is then
 * tried with the doubtful octets erased and with the likeliest events undone (after G. D. Forney, Generalized
 * Minimum Distance Decoding, and D. Chase, A Class of Algorithms for Decoding Block Codes). Pure; one thread
 * at a time. */
#ifndef ATALAYA_PROTOCOL_SOFT_OCTETS_H
#define ATALAYA_PROTOCOL_SOFT_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/reed_solomon.h"
#include "atalaya/softbits.h"

enum {
    SOFT_OCTETS_MAX = 1126,    /* an IL2P transmission of 1023 octets after its sync word */
    SOFT_OCTETS_WEAK_MAX = 48, /* likeliest events remembered */
    SOFT_OCTETS_FLIPS_MAX = 6, /* of these, tried in all combinations */
    SOFT_OCTETS_SETTLE = 8     /* bits after a block whose events mostly still reach into it */
};

/* How doubt about a line bit spreads over data bits: bit k of `pattern` = the data bit k before the newest
 * would be the other one. */
struct data_doubt {
    uint64_t pattern;
    uint16_t reliability; /* small = likely */
};

struct weak_event {
    int32_t newest; /* data bit that bit 0 of the pattern means; may lie beyond the octets */
    uint64_t pattern;
    uint16_t reliability;
};

struct soft_octets {
    bool first_bit_high; /* most significant bit first (IL2P), else least (HDLC) */
    unsigned bits;       /* received */
    unsigned bits_max;   /* whatever comes after is only taken as doubt */
    uint8_t octet[SOFT_OCTETS_MAX];
    uint16_t doubt[SOFT_OCTETS_MAX]; /* reliability of the octet's likeliest error; UINT16_MAX = none known */
    unsigned weak_count;
    struct weak_event weak[SOFT_OCTETS_WEAK_MAX]; /* likeliest first */
};

/* The event of line bit i of a run, or one made of the soft value. */
struct error_event soft_octets_event(const struct soft_run *run, size_t i);

void soft_octets_reset(struct soft_octets *soft, bool first_bit_high, unsigned octets_max);
/* The next data bit, with the doubt that its line bit brought. */
void soft_octets_push(struct soft_octets *soft, bool bit, struct data_doubt doubt);

/* One attempt's answer. */
typedef bool soft_octets_accept(void *context, const uint8_t *word);

struct soft_octets_block {
    size_t first, length;       /* octets of the code word */
    size_t erasures_max;        /* at most roots; fewer leave check octets that still check */
    unsigned flips;             /* events tried, up to SOFT_OCTETS_FLIPS_MAX */
    soft_octets_accept *accept; /* does the word make sense? NULL: any code word does */
    void *context;
};

/* Bounded search for the code word that was sent: writes it to word [size: block->length] and returns the
 * number of bits in which it differs from what was received, or -1. Likeliest attempts first. */
int soft_octets_decode(const struct soft_octets *soft, const struct reed_solomon *code,
                       const struct soft_octets_block *block, uint8_t *word);

#endif
