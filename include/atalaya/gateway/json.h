/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as JSON and back, for MQTT, `decode` and `encode` alike: one writer, so one schema. Uses jansson,
 * allocates; main thread or command line. */
#ifndef ATALAYA_GATEWAY_JSON_H
#define ATALAYA_GATEWAY_JSON_H

#include <jansson.h>

#include "atalaya/gateway/reception.h"
#include "atalaya/result.h"

/* For json_dump: one line, and numbers as they were rounded (17 digits would show binary fractions). */
#define JSON_LINE_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

/* Any bytes as a JSON string: valid UTF-8 stays, other bytes are taken as Latin-1; control characters
 * escaped. */
json_t *json_text(const void *bytes, size_t length);

/* Sets a number where it is finite, rounded to `decimals`; leaves the key out otherwise. */
void json_set_real(json_t *object, const char *key, double value, int decimals);

/* Members of an object that somebody else may have written: NaN or "" where there is none of that type. */
double json_get_real(const json_t *object, const char *key);
const char *json_get_text(const json_t *object, const char *key);

/* What was said: protocol, unit, to, kind, distress, test, raw, position members and every field. Absent =
 * unknown. */
json_t *json_from_message(const struct message *message);
/* The fields of these names alone; NULL behind the last name. */
json_t *json_from_fields(const struct message *message, const char *const *names);
/* A message of the same shape, with raw left empty unless given: protocol must name a row. Keys that are no
 * members become fields; facts of a reception are skipped. why [size: why_size] becomes what is wrong, in
 * which case message is spoilt. At most 256 different field names are taken in a program's life. */
enum atalaya_result json_to_message(const json_t *object, struct message *message, char *why,
                                    size_t why_size);

/* json_from_message plus RF figures, "input" (the source's name: protocols have a field "source"), channel,
 * time_s, duration_s, dedupe: a line of `atalaya decode`, and the part of site/S/rx that needs no site. */
json_t *json_from_reception(const struct reception *reception);

#endif
