/* SPDX-License-Identifier: Apache-2.0 */
/* Of the health that sites tell every minute a dispatcher sees what changed: that a tower hears no more, or
 * that it is well again. */
#ifndef ATALAYA_MQTT_FEED_HEALTH_H
#define ATALAYA_MQTT_FEED_HEALTH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line;

enum { FEED_HEALTH_SITES = 256 }; /* of more, some is told again */

/* What each site said last. Begins as zeros. */
struct feed_health_book {
    unsigned count, next;
    struct {
        uint64_t site, state;
    } of[FEED_HEALTH_SITES];
};

/* "SITE NOT WELL  channel aprs: ...", or "site well". */
void feed_health_put(struct line *line, const json_t *health);
/* Is there more to it than new figures? Of a site that is heard of first, when it is not well. Whatever is no
 * health is news. */
bool feed_health_is_news(struct feed_health_book *book, const char *topic, const void *payload,
                         size_t length);

#endif
