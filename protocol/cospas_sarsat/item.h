/* SPDX-License-Identifier: Apache-2.0 */
/* A field of a beacon's message as data: the same row reads it and writes it. Pure. */
#ifndef ATALAYA_COSPAS_SARSAT_ITEM_H
#define ATALAYA_COSPAS_SARSAT_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/message.h"
#include "bit_frame.h"

enum item_form {
    ITEM_COUNTRY,     /* a MID: integer, and the country's name in field "country_name" */
    ITEM_NUMBER,      /* integer: the bits' value times scale, plus bias */
    ITEM_HEX,         /* text of hexadecimal digits, right-justified */
    ITEM_WORD,        /* text: words[value]; NULL = spare, says nothing */
    ITEM_FLAG,        /* boolean */
    ITEM_FIXED,       /* must be `low`; says nothing */
    ITEM_PRESENT,     /* says nothing: 1 when the field of that name is given */
    ITEM_BAUDOT,      /* text, 6 bits a character, spaces at either end left out; right-justified */
    ITEM_BAUDOT_LEFT, /* the same, left-justified */
    ITEM_BAUDOT_5,    /* letters only, 5 bits each */
    ITEM_SHIP,      /* T.001 A2.2: six characters; six digits are the end of field "mmsi", else "call_sign" */
    ITEM_CALL_SIGN, /* T.001 A2.3: four characters and three decimal digits */
    ITEM_MMSI       /* last six digits in binary, the country before them; all else is no MMSI */
};

struct item {
    const char *name;
    uint8_t form, first, bits;
    uint8_t if_bit, if_value; /* only when bit if_bit has that value; 0 = always */
    uint32_t low, high;       /* range of the bits' value that means something; high 0 = any */
    bool has_none;            /* there is a value that says "not known", without fault */
    uint32_t none;            /* it; of texts: that of each character */
    int32_t scale, bias;      /* scale 0 = 1 */
    const char *const *words; /* [size: 1 << bits] */
};

/* All fields of `items` to message, in order. A value out of its range is left out and makes the message not
 * well-formed: field "fault". country_first = first of the country's 10 bits, for MMSIs. */
void items_read(struct message *message, const struct bit_frame *frame, const struct item *items,
                size_t count, unsigned country_first);
/* The other way. ATALAYA_E_RANGE, ATALAYA_E_FORMAT: the message has a value that does not fit, or not one
 * that must be there. */
enum atalaya_result items_write(const struct message *message, struct bit_frame *frame,
                                const struct item *items, size_t count, unsigned country_first);

/* Marks the message as not well-formed; the first fault is told in field "fault". */
void item_fault(struct message *message, const char *what);

#endif
