/* SPDX-License-Identifier: Apache-2.0 */
/* What a restart must know of an incident beside the distress itself. */
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "desk_private.h"

enum { NS_PER_MS = 1000000 };

/* By their names: another start may count the brokers differently. */
static json_t *shown_to_json(const struct desk *desk, uint32_t shown)
{
    const struct config *config = desk->setting.config;
    json_t *names = json_array();
    for (unsigned b = 0; b < config->broker_count; b++)
        if (shown & UINT32_C(1) << b)
            json_array_append_new(names, json_string(config->broker[b].name));
    return names;
}

static uint32_t shown_from_json(const struct desk *desk, const json_t *names)
{
    const struct config *config = desk->setting.config;
    uint32_t shown = 0;
    size_t i;
    const json_t *name;
    json_array_foreach (names, i, name) {
        for (unsigned b = 0; b < config->broker_count && json_is_string(name); b++)
            if (strcmp(config->broker[b].name, json_string_value(name)) == 0)
                shown |= UINT32_C(1) << b;
    }
    return shown;
}

static json_t *said_to_json(const struct incident *incident)
{
    json_t *said = json_array();
    for (unsigned i = 0; i < incident->said_count; i++)
        json_array_append_new(said, json_integer(incident->said[i]));
    return said;
}

static void said_from_json(const json_t *said, struct incident *incident)
{
    incident->said_count = 0;
    for (size_t i = 0; i < json_array_size(said) && i < DESK_SAID_MAX; i++)
        incident->said[incident->said_count++] = (uint32_t)json_integer_value(json_array_get(said, i));
}

char *desk_make_state(const struct desk *desk, const struct incident *incident, json_t *object)
{
    json_t *state = json_copy(object); /* not deep, and the object stays as it is */
    if (desk->machine_boot[0]) {
        json_object_set_new(state, "machine_boot", json_string(desk->machine_boot));
        json_object_set_new(state, "heard_uptime_ms", json_integer(incident->heard_mono_ns / NS_PER_MS));
        json_object_set_new(state, "told_uptime_ms", json_integer(incident->escalation.group_ns / NS_PER_MS));
        json_object_set_new(state, "alarm_uptime_ms",
                            json_integer(incident->escalation.alarm_ns / NS_PER_MS));
    }
    json_object_set_new(state, "said", said_to_json(incident));
    json_object_set_new(state, "shown", shown_to_json(desk, incident->shown));
    if (incident->unsent)
        json_object_set_new(state, "unsent", json_true());
    if (incident->unlogged)
        json_object_set_new(state, "logged_after", json_integer((json_int_t)incident->logged_after));
    if (incident->first_line > 0)
        json_object_set_new(state, "first_line", json_integer((json_int_t)incident->first_line));
    char *text = json_dumps(state, JSON_LINE_FLAGS);
    json_decref(state);
    return text;
}

/* A moment by the monotonic clock as an earlier run noted it, if the machine has not been started since; else
 * what is given. */
static int64_t noted_ns(const struct desk *desk, const json_t *object, const char *key, int64_t otherwise_ns)
{
    const char *machine_boot = json_string_value(json_object_get(object, "machine_boot"));
    json_int_t uptime_ms = json_integer_value(json_object_get(object, key));
    if (machine_boot && machine_boot[0] && strcmp(machine_boot, desk->machine_boot) == 0 && uptime_ms > 0 &&
        uptime_ms < INT64_MAX / 2 / NS_PER_MS)
        return uptime_ms * NS_PER_MS;
    return otherwise_ns;
}

/* When it was heard, by the monotonic clock: as noted, or as long ago as the wall clock has it now. What that
 * clock does from here on counts no more. */
static int64_t heard_mono_ns(const struct desk *desk, const struct distress *distress, const json_t *object)
{
    int64_t now_ns = clock_mono_ns(), utc_ns = clock_utc_ns(), ago_ns = utc_ns - distress->last_heard_utc_ns;
    return noted_ns(desk, object, "heard_uptime_ms", ago_ns > 0 ? now_ns - ago_ns : now_ns);
}

/* Since when nobody answers; what was noted wrong must not put the alarm off. */
static int64_t waiting_since_ns(const struct desk *desk, const json_t *object, const char *key)
{
    int64_t now_ns = clock_mono_ns(), since_ns = noted_ns(desk, object, key, now_ns);
    return since_ns < now_ns ? since_ns : now_ns;
}

void desk_load_rest(const struct desk *desk, const json_t *object, struct incident *incident)
{
    const json_t *logged_after = json_object_get(object, "logged_after");
    incident->heard_mono_ns = heard_mono_ns(desk, &incident->distress, object);
    incident->unlogged = json_is_integer(logged_after) && incident->distress.history_count > 0;
    incident->logged_after = (uint64_t)json_integer_value(logged_after);
    incident->first_line = (uint64_t)json_integer_value(json_object_get(object, "first_line"));
    said_from_json(json_object_get(object, "said"), incident);
    incident->stored_ns = clock_mono_ns();
    incident->taken = incident->shown = shown_from_json(desk, json_object_get(object, "shown"));
    incident->unsent = json_is_true(json_object_get(object, "unsent"));
    incident->unheard = incident->alarm_waits = false;
    incident->escalation = (struct escalation){.group_ns = waiting_since_ns(desk, object, "told_uptime_ms"),
                                               .alarm_ns = waiting_since_ns(desk, object, "alarm_uptime_ms")};
}
