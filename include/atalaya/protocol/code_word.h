/* SPDX-License-Identifier: Apache-2.0 */
/* The code word that MPT1327 (clause 3.2.3) and FleetSync share: 48 bits of information, their CRC-15, even
 * parity; most significant bit first. Read from line bits that may be wrong: when the check fails, the
 * likeliest error events are undone, few at a time, until it holds. Pure, reentrant. */
#ifndef ATALAYA_PROTOCOL_CODE_WORD_H
#define ATALAYA_PROTOCOL_CODE_WORD_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/protocol/crc.h"
#include "atalaya/protocol/soft_history.h"

enum { CODE_WORD_BITS = 64, CODE_WORD_OCTETS = CRC15_OCTETS };

struct code_word {
    uint8_t octets[CODE_WORD_OCTETS];
    unsigned corrected; /* bits turned round until the check held; 0 = it held at once */
    bool guessed;       /* it held after tries, or is far from what was heard: chance makes such words */
    unsigned cost;      /* reliabilities of the doubts that were undone, added */
};

/* What repair tries: of the likeliest `events` doubts (at most SOFT_HISTORY_DOUBTS_MAX) all pairs. Each try
 * passes by chance once in 65,536: of noise, 8 events let one word in 1,771 through, none one in 65,536. */
bool code_word_read(const struct soft_history *history, uint64_t first, bool inverted, unsigned events,
                    struct code_word *word);
/* The code is cyclic, and MPT1327's SYNC with the first bit of a code word, which is one, is FleetSync's 7650
 * turned round. So of either of them the other sees a word that is wrong in one or two bits of its check, one
 * bit beside and turned round: is this word, read at `first`, that of a likelier one at `other`? */
bool code_word_is_others(const struct soft_history *history, uint64_t other, bool inverted,
                         const struct code_word *word);
/* The 64 bits, the first in bit 63. */
uint64_t code_word_write(const uint8_t octets[static CODE_WORD_OCTETS]);

#endif
