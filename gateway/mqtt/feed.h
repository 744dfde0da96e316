/* SPDX-License-Identifier: Apache-2.0 */
/* A publication as one line for a dispatcher. What comes from a broker is hostile: any bytes, any JSON; no
 * control character reaches the terminal but our own colours. */
#ifndef ATALAYA_MQTT_FEED_H
#define ATALAYA_MQTT_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FEED_LINE_MAX = 1024 };

struct feed_options {
    const char *prefix;
    bool colour;
    int64_t now_utc_ns; /* for the age of what was delayed */
    const char *closed; /* why the payload cannot be read: it is sealed; NULL or "": it can */
};

/* Writes a line without its end [size: FEED_LINE_MAX]. false: nothing a dispatcher needs to see. */
bool feed_format(const struct feed_options *options, const char *topic, const void *payload, size_t length,
                 char line[FEED_LINE_MAX]);

#endif
