/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/document.h"

#include <math.h>
#include <string.h>

#include "atalaya/gateway/json.h"

static const double latest_ms = 9.0e12; /* 2255: nanoseconds fit in 64 bits */

json_t *document_read(const void *payload, size_t length)
{
    return length <= DOCUMENT_BYTES_MAX ? json_loadb(payload, length, JSON_ALLOW_NUL, NULL) : NULL;
}

bool document_flag(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

bool document_says(const json_t *object, const char *key, const char *text)
{
    return strcmp(json_get_text(object, key), text) == 0;
}

bool document_time(const json_t *object, const char *key, int64_t *utc_ns)
{
    double ms = json_get_real(object, key);
    if (!(ms > 0.0 && ms < latest_ms) || document_says(object, "time_source", "none"))
        return false;
    *utc_ns = (int64_t)ms * 1000000;
    return true;
}

bool document_place(const json_t *object, double *lat_deg, double *lon_deg)
{
    *lat_deg = json_get_real(object, "lat_deg");
    *lon_deg = json_get_real(object, "lon_deg");
    return fabs(*lat_deg) <= 90.0 && fabs(*lon_deg) <= 180.0;
}

bool document_is_closed(const json_t *distress)
{
    static const char *const closed[] = {"cleared", "cancelled", "false_alarm", "exercise"};
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        if (document_says(distress, "state", closed[i]))
            return true;
    return false;
}

bool document_topic_read(const char *prefix, const char *topic, struct document_topic *parts)
{
    static const char between[] = "/site/";
    size_t n = strlen(prefix);
    if (strncmp(topic, prefix, n) != 0 || strncmp(topic + n, between, sizeof between - 1) != 0)
        return false;
    parts->site = topic + n + sizeof between - 1;
    parts->site_length = strcspn(parts->site, "/");
    parts->kind = parts->site + parts->site_length;
    parts->kind += *parts->kind == '/';
    parts->kind_length = strcspn(parts->kind, "/");
    parts->rest = parts->kind[parts->kind_length] == '/' ? parts->kind + parts->kind_length + 1 : NULL;
    return true;
}

bool document_topic_is(const struct document_topic *parts, const char *kind)
{
    return strlen(kind) == parts->kind_length && strncmp(parts->kind, kind, parts->kind_length) == 0;
}
