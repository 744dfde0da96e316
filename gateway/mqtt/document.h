/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of the contract as a centre's programs read them. What comes from a broker is hostile: what is
 * absent or of another type is false, never an error. */
#ifndef ATALAYA_MQTT_DOCUMENT_H
#define ATALAYA_MQTT_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DOCUMENT_BYTES_MAX = 65536 };

/* NULL: too long, or no JSON. */
json_t *document_read(const void *payload, size_t length);
bool document_flag(const json_t *object, const char *key);
bool document_says(const json_t *object, const char *key, const char *text);
/* A moment in milliseconds, of a site that knew the time. */
bool document_time(const json_t *object, const char *key, int64_t *utc_ns);
/* A place that can be one. */
bool document_place(const json_t *object, double *lat_deg, double *lon_deg);
/* A distress that nobody follows any more. */
bool document_is_closed(const json_t *distress);

/* prefix/site/<site>/<kind>[/<rest>]: where in the topic they are; rest is NULL where there is none. */
struct document_topic {
    const char *site, *kind, *rest;
    size_t site_length, kind_length;
};
bool document_topic_read(const char *prefix, const char *topic, struct document_topic *parts);
bool document_topic_is(const struct document_topic *parts, const char *kind);

#endif
