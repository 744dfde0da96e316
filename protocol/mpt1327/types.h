/* SPDX-License-Identifier: Apache-2.0 */
/* The address code words of MPT1327 (clause 5.5), as data. Bits are counted as there, from 1 to 48:
 *
 *   1 one | 2-8 prefix | 9-21 first ident | 22 one | 23-30 category, type, function | 31-48 parameters
 *
 * A radio's request and the controller's ahoy have the same number (clauses 5.5.3.2, 5.5.3.3): who sends it
 * must be known otherwise. */
#ifndef PROTOCOL_MPT1327_TYPES_H
#define PROTOCOL_MPT1327_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/protocol/code_word.h"
#include "atalaya/protocol/message.h"

enum {
    IDENT_USER_MAX = 8100, /* 1 to this are radios and groups (clause 4.2) */
    IDENT_INTERPREFIX = 8189,
    PREFIX_AT = 2,
    PREFIX_BITS = 7,
    IDENT_BITS = 13,
    IDENT1_AT = 9,
    IDENT2_AT = 31,
    IDENT2_GTC_AT = 34,
    LONG_PREFIX_AT = 29, /* in HEAD and in data code words that carry a whole address */
    LONG_IDENT_AT = 36,
    NUMBER_AT = 22, /* nine bits: the message number by which the clauses list them */
    NUMBER_BITS = 9,
    LENGTH_AT = 27, /* of HEAD: data code words, less one */
    APPENDED_AT = 48,
    EMERGENCY_AT = 47,
    SYSTEM_AT = 2, /* in a system code word */
    SYSTEM_BITS = 15
};

enum type_sender { SENDER_ANY, SENDER_RADIO, SENDER_SYSTEM };

enum type_parties {
    PARTIES_NONE,
    PARTIES_CALL,   /* the second ident calls the first */
    PARTIES_GTC,    /* the same, where GTC has it */
    PARTIES_HEAD,   /* the same, the caller with a prefix of its own */
    PARTIES_ANSWER, /* the first ident, or the controller in its name, answers the second */
    PARTIES_SELF,   /* the first ident speaks */
    PARTIES_TO      /* the controller speaks to the first ident */
};

enum type_words {
    WORDS_NONE,
    WORDS_CALLER, /* one with the caller's whole address when the second ident says "interprefix" */
    WORDS_FLAG,   /* the same, or when bit 48 says so */
    WORDS_LENGTH, /* as many as bits 27 and 28 say */
    WORDS_SOME    /* nothing in the address code word says how many */
};

enum type_distress {
    CALM,
    EMERGENCY,        /* always */
    EMERGENCY_FLAGGED /* when bit 47 says so */
};

/* A field of the message: one bit is a truth value. */
struct type_parameter {
    const char *name;
    uint8_t at, bits;
};

struct type {
    const char *mnemonic, *meaning;
    uint16_t number, mask;                  /* of the message number; mask 0: all nine bits */
    uint8_t also_at, also_bits, also_value; /* 0: nothing else tells it from others */
    uint8_t sender, parties, words, distress, kind;
    const struct type_parameter *parameters; /* up to one without a name; NULL: none */
};

/* What `octets`, an address code word, is; NULL: the standard does not say. */
const struct type *mpt_type_find(const uint8_t octets[static CODE_WORD_OCTETS], bool from_system);
/* The first of that meaning which a radio may send, or NULL. */
const struct type *mpt_type_of_meaning(const char *meaning);

unsigned mpt_get(const uint8_t octets[static CODE_WORD_OCTETS], unsigned at, unsigned bits);
void mpt_put(uint8_t octets[static CODE_WORD_OCTETS], unsigned at, unsigned bits, unsigned value);

#endif
