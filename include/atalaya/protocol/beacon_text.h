/* SPDX-License-Identifier: Apache-2.0 */
/* A message of a 406 MHz beacon as text for people who know the alerts of the satellite system: the numbered
 * paragraphs of a SIT 185 message (C/S A.002), saying first and last that this is none. Pure; any thread. */
#ifndef ATALAYA_PROTOCOL_BEACON_TEXT_H
#define ATALAYA_PROTOCOL_BEACON_TEXT_H

#include <stddef.h>

#include "atalaya/protocol/message.h"

enum { BEACON_TEXT_MAX = 2000 }; /* bytes, terminator included, that hold any such text */

/* What the beacon does not say. NULL, NaN and 0: unknown, left out. */
struct beacon_text_facts {
    const char *station;      /* the tower */
    const char *heard_at;     /* the time of the last hearing, for people */
    double frequency_hz;      /* of the carrier as measured */
    unsigned heard;           /* bursts of this incident */
    const char *more_remarks; /* one line, or NULL */
};

/* Writes a terminated text of at most `size` bytes, lines ended by \n, and returns its length; 0: the message
 * is no beacon's (it has no field "generation"). message as parse gave it. */
size_t beacon_text_write(const struct message *message, const struct beacon_text_facts *facts, char *text,
                         size_t size);

#endif
