/* SPDX-License-Identifier: Apache-2.0 */
/* The protocols of first generation messages as tables (T.001 Annex A). Pure. */
#ifndef ATALAYA_COSPAS_SARSAT_LAYOUT_H
#define ATALAYA_COSPAS_SARSAT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "item.h"
#include "place.h"

enum { LAYOUT_MARKS = 3, FGB_COUNTRY = 27 /* first of the country's bits */ };

struct item_list {
    const struct item *item;
    size_t count;
};
#define ITEM_LIST(array)                                                                                     \
    {                                                                                                        \
        (array), sizeof(array) / sizeof *(array)                                                             \
    }

enum layout_meaning { LAYOUT_DISTRESS, LAYOUT_TEST, LAYOUT_CALIBRATION };

struct layout {
    const char *name;   /* field "beacon_protocol" */
    const char *beacon; /* field "beacon_type", or NULL */
    enum layout_meaning meaning;
    struct {
        uint8_t first, bits; /* bits 0: end */
        uint32_t value;
    } mark[LAYOUT_MARKS]; /* what tells it from the others, beside the protocol flag */
    bool user;            /* protocol flag, bit 26 */
    bool elt_dt, return_link;
    struct item_list identity;      /* in bits 37-85 */
    struct item_list short_rest;    /* bits 107-112 of the short message; none: always long. Short location
                                       messages went out of use with Issue 3 Rev. 7, beacons last longer */
    struct item_list long_rest;     /* in bits 107-132, positions left out */
    const struct place_form *place; /* of the long message, or NULL */
};

extern const struct layout layout_user_table[], layout_location_table[];
extern const size_t layout_user_count, layout_location_count;
/* ELT(DT) messages that carry the aircraft's operator in place of an offset. */
extern const struct item_list layout_operator_rest;

extern const char *const layout_source_words[2]; /* A3.3.2.1 */

/* The protocol of a message, or NULL: a spare code. Needs bits 25-85. */
const struct layout *layout_of(const struct bit_frame *frame);
/* The one with that name, or NULL. */
const struct layout *layout_find(const char *name);
/* Sets the bits that tell this protocol from others. */
void layout_mark(const struct layout *layout, struct bit_frame *frame);

#endif
