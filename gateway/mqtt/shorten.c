/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/shorten.h"

#include <jansson.h>
#include <string.h>

#include "atalaya/gateway/json.h"

/* What goes first is what a dispatcher can do without longest. Members that the schemas of distress and call
 * require are none of them. */
static const struct cut {
    unsigned level;
    const char *key;
} cuts[] = {
    {1, "alert_text"}, {1, "raw"},           {1, "details"},    {1, "track"},  {1, "audit"},
    {2, "rssi_dbfs"},  {2, "escalation"},    {2, "source"},     {2, "dedupe"}, {2, "frequency_hz"},
    {3, "snr_db"},     {3, "channel"},       {3, "unit_known"}, {3, "crew"},   {3, "uptime_ms"},
    {3, "auth"},       {3, "time_error_ms"},
};
static const size_t text_most[SHORTEN_LEVELS + 1] = {0, 512, 160, 60}; /* octets */
static const size_t steps_most[SHORTEN_LEVELS + 1] = {0, 4, 2, 1};

/* Cut between characters. */
static void shorten_text(json_t *object, const char *key, size_t most, json_t *left_out)
{
    const json_t *value = json_object_get(object, key);
    const char *text = json_string_value(value);
    size_t end = most;
    if (!text || json_string_length(value) <= most)
        return;
    while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
        end--;
    json_object_set_new(object, key, json_stringn(text, end));
    json_array_append_new(left_out, json_string(key));
}

/* The first step and the latest ones. */
static void shorten_history(json_t *object, size_t most, json_t *left_out)
{
    json_t *history = json_object_get(object, "history");
    size_t first = most > 1 ? 1 : 0;
    if (json_array_size(history) > most)
        json_array_append_new(left_out, json_string("history"));
    while (json_array_size(history) > most)
        json_array_remove(history, first);
}

char *shorten_document(const void *payload, size_t length, unsigned level)
{
    json_t *object = length > 0 ? json_loadb(payload, length, JSON_ALLOW_NUL, NULL) : NULL;
    char *text = NULL;
    if (level < 1 || level > SHORTEN_LEVELS || !json_is_object(object)) {
        json_decref(object);
        return NULL;
    }
    json_t *left_out = json_object_get(object, "left_out");
    left_out = json_is_array(left_out) ? json_incref(left_out) : json_array();
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        if (cuts[i].level <= level && json_object_del(object, cuts[i].key) == 0)
            json_array_append_new(left_out, json_string(cuts[i].key));
    shorten_text(object, "text", text_most[level], left_out);
    shorten_text(object, "reason", text_most[level], left_out);
    shorten_history(object, steps_most[level], left_out);
    if (level == SHORTEN_LEVELS) { /* the list is long itself */
        json_array_clear(left_out);
        json_array_append_new(left_out, json_string("more"));
    }
    json_object_set_new(object, "left_out", left_out);
    text = json_dumps(object, JSON_LINE_FLAGS);
    json_decref(object);
    return text;
}

static bool is_sick(const char *list, const json_t *row)
{
    const char *state = json_string_value(json_object_get(row, "state"));
    if (strcmp(list, "transmitters") == 0)
        return json_is_false(json_object_get(row, "well"));
    if (strcmp(list, "sources") == 0)
        return json_object_get(row, "error") ||
               (state && (strcmp(state, "gone") == 0 || strcmp(state, "hangs") == 0));
    return true;
}

/* What a row says of how it is, without its counters. */
static json_t *bare_row(const json_t *row)
{
    static const char *const kept[] = {"name",          "state", "error",   "set_aside", "key_present",
                                       "sound_present", "well",  "failing", "damaged"};
    json_t *bare = json_object();
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
        if (json_object_get(row, kept[k]))
            json_object_set(bare, kept[k], json_object_get(row, kept[k]));
    return bare;
}

/* Of sources and transmitters those that are not well. */
static void keep_sick_rows(json_t *object, const json_t *health, const char *list)
{
    json_t *out = json_array();
    const json_t *row;
    size_t i;
    json_array_foreach (json_object_get(health, list), i, row) {
        if (is_sick(list, row))
            json_array_append_new(out, bare_row(row));
    }
    if (json_array_size(out) > 0 || strcmp(list, "links") == 0)
        json_object_set(object, list, out);
    json_decref(out);
}

static void keep_sick_spool(json_t *object, const json_t *health)
{
    const json_t *spool = json_object_get(health, "spool");
    if (json_is_true(json_object_get(spool, "failing")) || json_is_true(json_object_get(spool, "damaged")) ||
        json_object_get(spool, "error"))
        json_object_set_new(object, "spool", bare_row(spool));
}

char *shorten_health(const char *text, unsigned level)
{
    static const char *const figures[] = {
        "machine",  "sources", "channels", "transmitters",    "spool",     "heard", "counters",
        "position", "moved_m", "uptime_s", "satellites_used", "uptime_ms", "auth"};
    json_t *object = json_loads(text, JSON_ALLOW_NUL, NULL), *left_out = json_array();
    json_t *health = json_copy(object);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (json_object_del(object, figures[i]) == 0)
            json_array_append_new(left_out, json_string(figures[i]));
    keep_sick_rows(object, health, "links");
    if (level < SHORTEN_HEALTH_LEVELS) {
        keep_sick_rows(object, health, "sources");
        keep_sick_rows(object, health, "transmitters");
        keep_sick_spool(object, health);
    }
    json_object_set_new(object, "left_out", left_out);
    char *shorter = object ? json_dumps(object, JSON_LINE_FLAGS) : NULL;
    json_decref(health);
    json_decref(object);
    return shorter;
}
