/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/feed.h"

#include <jansson.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "atalaya/gateway/json.h"
#include "mqtt/document.h"
#include "mqtt/feed_health.h"
#include "mqtt/line.h"

enum {
    COLUMN_SITE = 10,
    COLUMN_UNIT = 23,
    COLUMN_WHAT = 51,
    NAME_MAX_CHARACTERS = 40,
    TEXT_MAX_CHARACTERS = 200,
    INCIDENT_CHARACTERS = 8
};

static const char alarm_on[] = "\033[1;7;31m", drill_on[] = "\033[1;7;33m", colour_off[] = "\033[0m";
static const double km_h_per_m_s = 3.6;

static bool put_member(struct line *line, const json_t *object, const char *key, unsigned most)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value) || json_string_length(value) == 0)
        return false;
    line_put_foreign(line, json_string_value(value), json_string_length(value), most);
    return true;
}

/* The time of a distress is when its radio was heard last; a step after the first is somebody else's. */
static bool told_at(const json_t *object, int64_t *utc_ns)
{
    const json_t *history = json_object_get(object, "history");
    size_t steps = json_array_size(history);
    int64_t step_ns;
    bool heard = document_time(object, "time_ms", utc_ns);
    if (steps < 2 || !document_time(json_array_get(history, steps - 1), "time_ms", &step_ns))
        return heard;
    if (!heard || step_ns > *utc_ns)
        *utc_ns = step_ns;
    return true;
}

static void put_clock(struct line *line, const json_t *object)
{
    int64_t utc_ns;
    struct tm local;
    if (told_at(object, &utc_ns)) {
        time_t seconds = (time_t)(utc_ns / 1000000000);
        if (localtime_r(&seconds, &local)) {
            line_put(line, "%02d:%02d:%02d", local.tm_hour, local.tm_min, local.tm_sec);
            return;
        }
    }
    line_put(line, "--:--:--");
}

static void put_age(struct line *line, double age_s)
{
    if (age_s < 120.0)
        line_put(line, "%.0f s", age_s);
    else if (age_s < 7200.0)
        line_put(line, "%.0f min", age_s / 60.0);
    else if (age_s < 1e9)
        line_put(line, "%.1f h", age_s / 3600.0);
    else
        line_put(line, "very long");
}

/* "32.12345 -113.76543"; a last known position never passes for a current one. */
static bool put_place(struct line *line, const json_t *object)
{
    double lat_deg, lon_deg;
    double speed_m_s = json_get_real(object, "speed_m_s"), course_deg = json_get_real(object, "course_deg");
    double age_s = json_get_real(object, "age_s");
    if (!document_place(object, &lat_deg, &lon_deg))
        return false;
    line_put(line, "%9.5f %10.5f", lat_deg, lon_deg);
    if (speed_m_s >= 0.0 && speed_m_s < 1000.0)
        line_put(line, "  %.0f km/h", speed_m_s * km_h_per_m_s);
    if (course_deg >= 0.0 && course_deg <= 360.0 && speed_m_s > 0.0)
        line_put(line, " to %.0f", course_deg);
    if (document_says(object, "origin", "last-known"))
        line_put(line, "  LAST KNOWN");
    else if (document_says(object, "origin", "site"))
        line_put(line, "  (the tower)");
    if (age_s >= 1.0) {
        line_put(line, "  ");
        put_age(line, age_s);
        line_put(line, " old");
    }
    return true;
}

static void put_delay(struct line *line, const struct feed_options *options, const json_t *object)
{
    if (!document_flag(object, "delayed"))
        return;
    double age_s = (double)options->now_utc_ns / 1e9 - json_get_real(object, "time_ms") / 1e3;
    line_put(line, "  (delayed");
    if (age_s >= 0.0 && !document_says(object, "time_source", "none")) {
        line_put(line, " ");
        put_age(line, age_s);
    }
    line_put(line, ")");
}

static void put_unit(struct line *line, const json_t *object)
{
    if (!put_member(line, object, "unit", NAME_MAX_CHARACTERS))
        line_put(line, "-");
    if (json_is_false(json_object_get(object, "unit_known")))
        line_put(line, "?");
    if (json_string_length(json_object_get(object, "crew")) > 0) {
        line_put(line, " (");
        put_member(line, object, "crew", NAME_MAX_CHARACTERS);
        line_put(line, ")");
    }
}

static void put_position(struct line *line, const json_t *object)
{
    if (!put_place(line, object))
        line_put(line, "no position");
    if (json_string_length(json_object_get(object, "object")) > 0) {
        line_put(line, "  of ");
        put_member(line, object, "object", NAME_MAX_CHARACTERS);
    }
}

/* What a unit tells about something else: its name, whether it is gone, and where it is. */
static void put_subject(struct line *line, const json_t *object)
{
    const char *keys[] = {"object", "item"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (json_string_length(json_object_get(object, keys[i])) == 0)
            continue;
        line_put(line, " ");
        put_member(line, object, keys[i], NAME_MAX_CHARACTERS);
        if (json_is_false(json_object_get(object, "alive")))
            line_put(line, " (gone)");
        line_put(line, "  ");
        (void)put_place(line, object);
        return;
    }
}

static void put_weather(struct line *line, const json_t *weather)
{
    const struct {
        const char *key, *before, *after;
        double factor;
    } readings[] = {{"temperature_c", "  ", " C", 1.0},
                    {"wind_speed_m_s", "  wind ", " km/h", km_h_per_m_s},
                    {"wind_direction_deg", " from ", "", 1.0},
                    {"wind_gust_m_s", " gusting ", " km/h", km_h_per_m_s},
                    {"humidity_percent", "  humidity ", " %", 1.0},
                    {"rain_1h_mm", "  rain ", " mm/h", 1.0}};
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        double reading = json_get_real(weather, readings[i].key) * readings[i].factor;
        if (fabs(reading) < 1e4)
            line_put(line, "%s%.0f%s", readings[i].before, reading, readings[i].after);
    }
}

static void put_message(struct line *line, const json_t *object)
{
    if (!put_member(line, object, "kind", NAME_MAX_CHARACTERS))
        line_put(line, "message");
    if (json_string_length(json_object_get(object, "to")) > 0) {
        line_put(line, " to ");
        put_member(line, object, "to", NAME_MAX_CHARACTERS);
    }
    put_subject(line, object);
    put_weather(line, json_object_get(object, "weather"));
    const char *keys[] = {"text", "code_text", "status", "comment", "meaning"};
    const double status = json_get_real(object, "status");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (json_string_length(json_object_get(object, keys[i])) == 0)
            continue;
        line_put(line, ": ");
        put_member(line, object, keys[i], TEXT_MAX_CHARACTERS);
        break;
    }
    if (fabs(status) < 1e9)
        line_put(line, " %.0f", status);
}

/* Who took the last step, and whether anybody had to be called a second time. */
static void put_answer(struct line *line, const json_t *object)
{
    const json_t *history = json_object_get(object, "history");
    const json_t *last = json_array_get(history, json_array_size(history) - 1);
    double level = json_get_real(json_object_get(object, "escalation"), "level");
    if (json_array_size(history) > 1 && json_string_length(json_object_get(last, "by")) > 0) {
        line_put(line, " by ");
        put_member(line, last, "by", NAME_MAX_CHARACTERS);
    }
    if (level >= 1.0 && level < 1e6 && !document_is_closed(object))
        line_put(line, "  UNANSWERED, CALL %.0f", level + 1.0);
}

/* Does the crew know? That it was told is not that it has heard. Of the first two answers a radio may have no
 * word (refused); the third is the one that it waits for. */
static void put_told(struct line *line, const json_t *answer)
{
    const char *result = json_get_text(answer, "result");
    bool person = document_says(answer, "level", "acknowledged");
    if (document_flag(answer, "sent")) {
        line_put(line, "  radio told: ");
        put_member(line, answer, "level", NAME_MAX_CHARACTERS);
        if (json_get_text(answer, "radio")[0]) {
            line_put(line, " to ");
            put_member(line, answer, "radio", NAME_MAX_CHARACTERS);
        }
        line_put(line, document_flag(answer, "radio_confirmed") ? ", and has it" : ", not confirmed");
    } else if (result[0] && (person || strcmp(result, "refused") != 0)) {
        line_put(line, "  RADIO NOT TOLD: ");
        put_member(line, answer, "result", NAME_MAX_CHARACTERS);
    }
}

/* "radio_acked" would be read as if the radio had acknowledged: it is the person's acknowledgement, keyed. */
static void put_state(struct line *line, const json_t *object)
{
    if (document_says(object, "state", "radio_acked"))
        line_put(line, "acknowledged, answer keyed");
    else if (!put_member(line, object, "state", NAME_MAX_CHARACTERS))
        line_put(line, "in an unknown state");
}

static void put_distress(struct line *line, const json_t *object)
{
    line_put(line, document_flag(object, "test") ? "TEST, NOT REAL: distress " : "DISTRESS ");
    put_state(line, object);
    put_answer(line, object);
    line_put(line, "  ");
    if (!put_place(line, json_object_get(object, "position")))
        line_put(line, "POSITION UNKNOWN");
    if (json_string_length(json_object_get(object, "reason")) > 0) {
        line_put(line, "  ");
        put_member(line, object, "reason", TEXT_MAX_CHARACTERS);
    }
    if (json_string_length(json_object_get(object, "text")) > 0) {
        line_put(line, ": ");
        put_member(line, object, "text", TEXT_MAX_CHARACTERS);
    }
    put_told(line, json_object_get(object, "answer"));
    if (json_get_real(object, "heard") >= 2.0 && json_get_real(object, "heard") < 1e9)
        line_put(line, "  heard %.0f times", json_get_real(object, "heard"));
    if (json_string_length(json_object_get(object, "incident")) > 0) { /* the same at every site */
        line_put(line, "  incident ");
        put_member(line, object, "incident", INCIDENT_CHARACTERS);
    }
}

static void put_status(struct line *line, const json_t *object)
{
    line_put(line, "site ");
    if (!put_member(line, object, "state", NAME_MAX_CHARACTERS))
        line_put(line, "in an unknown state");
}

/* Who is on a channel: told when it begins and when it is over; that it goes on is no news. */
static void put_activity(struct line *line, const json_t *object)
{
    const json_t *units = json_object_get(object, "units");
    double duration_s = json_get_real(object, "duration_s"), level_dbfs = json_get_real(object, "rssi_dbfs");
    line_put(line, "channel ");
    put_member(line, object, "channel", NAME_MAX_CHARACTERS);
    line_put(line, document_says(object, "state", "ended") ? " was on the air" : " is on the air");
    if (duration_s >= 1.0 && duration_s < 1e6)
        line_put(line, " for %.0f s", duration_s);
    if (fabs(level_dbfs) < 1e3)
        line_put(line, ", %.0f dBFS", level_dbfs);
    if (document_flag(object, "suspect"))
        line_put(line, ", MAY HAVE BEEN A CALL FOR HELP (no name, no check)");
    for (size_t i = 0; i < json_array_size(units) && i < 4; i++) {
        const json_t *unit = json_array_get(units, i);
        line_put(line, i ? ", " : ": ");
        if (json_is_string(unit))
            line_put_foreign(line, json_string_value(unit), json_string_length(unit), NAME_MAX_CHARACTERS);
    }
}

struct feed_kind {
    const char *name;
    bool has_unit;
    void (*put)(struct line *line, const json_t *object);
};
static const struct feed_kind kinds[] = {
    {"position", true, put_position},  {"message", true, put_message},     {"distress", true, put_distress},
    {"activity", false, put_activity}, {"health", false, feed_health_put}, {"status", false, put_status}};

static const struct feed_kind *find_kind(const struct document_topic *parts)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (document_topic_is(parts, kinds[i].name))
            return &kinds[i];
    return NULL;
}

bool feed_format(const struct feed_options *options, const char *topic, const void *payload, size_t length,
                 char line[FEED_LINE_MAX])
{
    struct document_topic parts;
    struct line out;
    const struct feed_kind *kind =
        document_topic_read(options->prefix, topic, &parts) ? find_kind(&parts) : NULL;
    if (!kind || length == 0)
        return false; /* an empty payload takes a retained one back */
    json_t *object = document_read(payload, length);
    if (kind->put == put_activity && document_says(object, "state", "goes_on")) {
        json_decref(object);
        return false;
    }
    bool alarm = kind->put == put_distress;
    const char *on = document_flag(object, "test") ? drill_on : alarm_on;
    bool colour = options->colour && alarm && !document_is_closed(object);
    line_begin(&out, line, FEED_LINE_MAX);
    if (colour)
        line_escape(&out, on);
    put_clock(&out, object);
    line_column(&out, COLUMN_SITE);
    line_put_foreign(&out, parts.site, parts.site_length, NAME_MAX_CHARACTERS);
    line_column(&out, COLUMN_UNIT);
    if (kind->has_unit)
        put_unit(&out, object);
    line_column(&out, COLUMN_WHAT);
    if (options->closed && options->closed[0])
        line_put(&out, "%s%s, %s", alarm ? "DISTRESS: a " : "", kind->name, options->closed);
    else if (json_is_object(object))
        kind->put(&out, object);
    else
        line_put(&out, "%s%s that cannot be read (%zu bytes)", alarm ? "DISTRESS: a " : "", kind->name,
                 length);
    put_delay(&out, options, object);
    if (document_flag(object, "test") && !alarm)
        line_put(&out, "  [test]");
    if (document_flag(object, "guessed"))
        line_put(&out, "  [perhaps misread]");
    if (colour)
        line_escape(&out, colour_off);
    json_decref(object);
    return true;
}
