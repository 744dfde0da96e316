/* SPDX-License-Identifier: Apache-2.0 */
/* NMEA 0183 sentences: $, fields between commas, *, checksum. */
#ifndef PROTOCOL_KENWOOD_SENTENCE_H
#define PROTOCOL_KENWOOD_SENTENCE_H

#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/message.h"
#include "atalaya/result.h"

enum { SENTENCE_FIELDS_MAX = 24, SENTENCE_TEXT_MAX = 256 };

struct sentence {
    unsigned count;                         /* fields, the sentence's own name among them */
    const char *field[SENTENCE_FIELDS_MAX]; /* into text; each is terminated */
    char text[SENTENCE_TEXT_MAX];
};

/* Splits bytes that begin with '$'; trailing control characters do not count. ATALAYA_E_CHECK: the checksum
 * is wrong; ATALAYA_E_FORMAT: no sentence; ATALAYA_E_LENGTH: longer than any. */
enum atalaya_result sentence_read(struct sentence *sentence, const uint8_t *bytes, size_t length);

/* Field n, "" beyond the last. */
const char *sentence_field(const struct sentence *sentence, unsigned n);
/* Number in field n, NaN where there is none or it is none. */
double sentence_number(const struct sentence *sentence, unsigned n);
/* Latitude, hemisphere, longitude, hemisphere in fields n to n + 3; half the last digit is the accuracy.
 * ATALAYA_E_FORMAT: there is no such place. */
enum atalaya_result sentence_place(const struct sentence *sentence, unsigned n, struct position *position);
/* hhmmss[.ss], UTC, and ddmmyy; what does not hold stays unknown. */
void sentence_time(const char *text, struct partial_time *time);
void sentence_date(const char *text, struct partial_time *time);

#endif
