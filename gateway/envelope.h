/* SPDX-License-Identifier: Apache-2.0 */
/* What every document on MQTT begins with: who says it, when, how sure the clock is. Main thread. */
#ifndef ATALAYA_ENVELOPE_H
#define ATALAYA_ENVELOPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/site.h"

struct envelope_maker {
    char site_id[CONFIG_NAME_MAX];
    uint64_t boot, seq; /* (boot, seq) orders everything a site ever said */
    struct site *site;
};

struct envelope_facts {
    int64_t utc_ns; /* of the event, not of its publication */
    bool is_distress, test;
};

/* A new object with v, id, site, seq, boot, time, time_ms, time_source, time_error_ms, uptime_ms, delayed,
 * priority, test and auth. NULL when memory is out. */
json_t *envelope_create(struct envelope_maker *maker, const struct envelope_facts *facts);

#endif
