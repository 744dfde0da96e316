/* SPDX-License-Identifier: Apache-2.0 */
/* A distress, or the site's health, that is longer than its broker takes: less of it is better than nothing.
 * Pure. */
#ifndef ATALAYA_MQTT_SHORTEN_H
#define ATALAYA_MQTT_SHORTEN_H

#include <stddef.h>

enum { SHORTEN_LEVELS = 3, SHORTEN_HEALTH_LEVELS = 2 };

/* The document at that level, 1 to SHORTEN_LEVELS: each leaves out more, the last all but who calls, why,
 * where and how it stands. left_out names what is missing. To free; NULL: no object, or no memory. */
char *shorten_document(const void *payload, size_t length, unsigned level);
/* Health without its figures: what is wrong. Level 2 says of the links alone why. To free; NULL as above. */
char *shorten_health(const char *text, unsigned level);

#endif
