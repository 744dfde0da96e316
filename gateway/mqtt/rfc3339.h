/* SPDX-License-Identifier: Apache-2.0 */
/* Times as the MQTT contract writes them: RFC 3339, UTC, "Z", at most nine decimals of the second. */
#ifndef ATALAYA_MQTT_RFC3339_H
#define ATALAYA_MQTT_RFC3339_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Years 1970 to 2199. false: not of that form, or no such time. Leap seconds are no such time. */
bool rfc3339_read(const char *text, size_t length, int64_t *utc_ns);

#endif
