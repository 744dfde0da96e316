/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/cot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "mqtt/document.h"
#include "mqtt/line.h"

enum { NAME_CHARACTERS = COT_NAME_MAX - 1, TEXT_CHARACTERS = 160 };
#define NS_PER_S        INT64_C(1000000000)
#define POSITION_LASTS  (900 * NS_PER_S)
#define CALL_LASTS      (86400 * NS_PER_S) /* a map must not lose it because this program ended */
#define UNKNOWN         9999999.0          /* as CoT writes an error or a height that nobody knows */
#define KNOWN_UNIT      "a-f-G-U-C"        /* friend, on the ground, unit */
#define UNKNOWN_UNIT    "a-u-G"
#define SPOT            "b-m-p-s-m"
#define ALERT           "b-a-o-tbl"
#define ALERT_CANCELLED "b-a-o-can"

struct event {
    const char *type, *uid_before, *uid, *uid_after;
    int64_t time_ns, since_ns, lasts_ns;
    const json_t *place; /* NULL: not known */
};

static void put_name(struct line *line, const char *name)
{
    line_put_xml(line, name, strlen(name), NAME_CHARACTERS);
}

static void put_point(struct line *line, const json_t *place)
{
    double lat_deg = 0.0, lon_deg = 0.0, error_m = json_get_real(place, "accuracy_m");
    bool known = document_place(place, &lat_deg, &lon_deg) && !document_says(place, "origin", "site");
    /* Heights of the contract are above the sea, CoT's above the ellipsoid: not known. */
    line_put(line, "<point lat=\"%.6f\" lon=\"%.6f\" hae=\"%.1f\" ce=\"%.1f\" le=\"%.1f\"/>",
             known ? lat_deg : 0.0, known ? lon_deg : 0.0, UNKNOWN,
             known && error_m >= 0.0 && error_m < UNKNOWN ? error_m : UNKNOWN, UNKNOWN);
}

static bool is_placed(const json_t *place)
{
    double lat_deg, lon_deg;
    return document_place(place, &lat_deg, &lon_deg) && !document_says(place, "origin", "site");
}

static void begin_event(struct line *line, const struct event *event)
{
    char time[CLOCK_TEXT_MAX], start[CLOCK_TEXT_MAX], stale[CLOCK_TEXT_MAX];
    clock_format(event->time_ns, time);
    clock_format(event->since_ns, start);
    clock_format(event->time_ns + event->lasts_ns, stale);
    line_put(line, "<event version=\"2.0\" uid=\"atalaya.%s", event->uid_before);
    put_name(line, event->uid);
    line_put(line, "%s\" type=\"%s\" time=\"%s\" start=\"%s\" stale=\"%s\" how=\"%s\">", event->uid_after,
             event->type, time, start, stale, is_placed(event->place) ? "m-g" : "h-e");
    put_point(line, event->place);
    line_put(line, "<detail>");
}

static void put_contact(struct line *line, const char *before, const char *name)
{
    line_put(line, "<contact callsign=\"%s", before);
    put_name(line, name);
    line_put(line, "\"/>");
}

static void put_track(struct line *line, const json_t *place)
{
    double speed_m_s = json_get_real(place, "speed_m_s"), course_deg = json_get_real(place, "course_deg");
    if (speed_m_s >= 0.0 && speed_m_s < 1000.0 && course_deg >= 0.0 && course_deg <= 360.0)
        line_put(line, "<track speed=\"%.1f\" course=\"%.0f\"/>", speed_m_s, course_deg);
}

static void put_text(struct line *line, const char *before, const json_t *object, const char *key)
{
    const json_t *text = json_object_get(object, key);
    if (json_string_length(text) == 0)
        return;
    line_put(line, "%s", before);
    line_put_xml(line, json_string_value(text), json_string_length(text), TEXT_CHARACTERS);
}

static void put_age(struct line *line, const json_t *place)
{
    double age_s = json_get_real(place, "age_s");
    if (document_says(place, "origin", "last-known"))
        line_put(line, "LAST KNOWN, ");
    if (age_s >= 1.0 && age_s < 1e9)
        line_put(line, "%.0f s old, ", age_s);
}

static void put_position(struct line *line, const json_t *object, int64_t now_ns)
{
    const char *unit = json_get_text(object, "unit"), *subject = json_get_text(object, "object");
    struct event event = {.type = document_flag(object, "unit_known") ? KNOWN_UNIT : UNKNOWN_UNIT,
                          .uid_before = "unit.",
                          .uid = unit,
                          .uid_after = "",
                          .time_ns = now_ns,
                          .lasts_ns = POSITION_LASTS,
                          .place = object};
    (void)document_time(object, "time_ms", &event.time_ns);
    double age_s = json_get_real(object, "age_s");
    event.since_ns = event.time_ns - (age_s > 0.0 && age_s < 1e9 ? (int64_t)(age_s * 1e9) : 0);
    if (subject[0]) { /* what a unit tells about something else */
        event.type = SPOT;
        event.uid_before = "object.";
        event.uid = subject;
        event.lasts_ns = json_is_false(json_object_get(object, "alive")) ? 0 : POSITION_LASTS;
    }
    begin_event(line, &event);
    put_contact(line, document_flag(object, "test") ? "TEST " : "", event.uid);
    put_track(line, object);
    line_put(line, "<remarks>");
    put_age(line, object);
    put_text(line, "", object, "crew");
    put_text(line, ": ", object, "comment");
    put_text(line, ", heard at ", object, "site");
    line_put(line, "</remarks></detail></event>\n");
}

static void put_cancel(struct line *line, const char *incident, const json_t *object, int64_t now_ns)
{
    const struct event event = {.type = ALERT_CANCELLED,
                                .uid_before = "call.",
                                .uid = incident,
                                .uid_after = "-9-1-1",
                                .time_ns = now_ns,
                                .since_ns = now_ns,
                                .lasts_ns = POSITION_LASTS,
                                .place = json_object_get(object, "position")};
    begin_event(line, &event);
    line_put(line, "<emergency cancel=\"true\">");
    put_name(line, json_get_text(object, "unit"));
    line_put(line, "</emergency><remarks>");
    put_text(line, "", object, "state");
    line_put(line, "</remarks></detail></event>\n");
}

static void put_call(struct line *line, const char *incident, const json_t *object, const char *closed,
                     int64_t now_ns)
{
    bool test = document_flag(object, "test");
    const char *unit = json_get_text(object, "unit");
    const json_t *place = json_object_get(object, "position");
    struct event event = {.type = test ? SPOT : ALERT,
                          .uid_before = test ? "test." : "call.",
                          .uid = incident,
                          .uid_after = test ? "" : "-9-1-1",
                          .time_ns = now_ns,
                          .since_ns = now_ns,
                          .lasts_ns = test ? POSITION_LASTS : CALL_LASTS,
                          .place = place};
    (void)document_time(object, "raised_time_ms", &event.since_ns);
    begin_event(line, &event);
    if (!test && unit[0]) {
        line_put(line, "<link uid=\"atalaya.unit.");
        put_name(line, unit);
        line_put(line, "\" type=\"" KNOWN_UNIT "\" relation=\"p-p\"/>");
    }
    put_contact(line, test ? "TEST, NOT REAL " : "", unit[0] ? unit : "somebody");
    if (!test) {
        line_put(line, "<emergency type=\"911 Alert\">");
        put_name(line, unit[0] ? unit : "somebody");
        line_put(line, "</emergency>");
    }
    line_put(line, "<remarks>%s", test ? "TEST, NOT REAL. " : "");
    if (!is_placed(place))
        line_put(line, "POSITION UNKNOWN. ");
    put_age(line, place);
    if (document_says(object, "state", "radio_acked")) { /* by a person, that is, and not by the radio */
        line_put(line, "acknowledged, answer keyed");
        if (document_flag(json_object_get(object, "answer"), "sent"))
            put_text(line, " to ", json_object_get(object, "answer"), "radio");
    } else
        put_text(line, "", object, "state");
    put_text(line, ". ", object, "reason");
    put_text(line, ": ", object, "text");
    put_text(line, ". ", object, "crew");
    put_text(line, ", heard at ", object, "site");
    line_put(line, "%s</remarks></detail></event>\n", closed);
}

static struct cot_call *find_call(struct cot_book *book, const char *distress)
{
    for (unsigned i = 0; i < COT_OPEN_MAX; i++)
        if (strcmp(book->open[i].distress, distress) == 0)
            return &book->open[i];
    return NULL;
}

static bool is_open(const struct cot_book *book, const char *incident)
{
    for (unsigned i = 0; i < COT_OPEN_MAX; i++)
        if (book->open[i].distress[0] && strcmp(book->open[i].incident, incident) == 0)
            return true;
    return false;
}

/* The same call may be open at another site, which follows it on; and it may get another name when a site
 * learns who heard it first. */
static void follow_call(struct cot_book *book, struct line *line, const char *distress, const char *incident,
                        const json_t *object, int64_t now_ns)
{
    struct cot_call *call = find_call(book, distress), before = {.incident = ""};
    bool closed = document_is_closed(object);
    if (call) {
        before = *call;
        *call = (struct cot_call){.distress = ""};
    }
    if (!closed) {
        call = call ? call : &book->open[book->next++ % COT_OPEN_MAX];
        snprintf(call->distress, sizeof call->distress, "%s", distress);
        snprintf(call->incident, sizeof call->incident, "%s", incident);
    }
    if (before.incident[0] && strcmp(before.incident, incident) != 0 && !is_open(book, before.incident))
        put_cancel(line, before.incident, object, now_ns);
    if (closed && !is_open(book, incident))
        put_cancel(line, incident, object, now_ns);
}

static void put_distress(struct cot_book *book, struct line *line, const char *distress, const json_t *object,
                         const char *closed, int64_t now_ns)
{
    char name[COT_NAME_MAX], incident[COT_NAME_MAX];
    const char *told = json_get_text(object, "incident");
    snprintf(name, sizeof name, "%s", distress);
    snprintf(incident, sizeof incident, "%s", told[0] ? told : distress);
    if (!document_flag(object, "test"))
        follow_call(book, line, name, incident, object, now_ns);
    if (!document_is_closed(object))
        put_call(line, incident, object, closed, now_ns);
}

bool cot_format(struct cot_book *book, const struct feed_options *options, const char *topic,
                const void *payload, size_t length, char text[COT_TEXT_MAX])
{
    struct document_topic parts;
    struct line line;
    if (length == 0 || !document_topic_read(options->prefix, topic, &parts) || !parts.rest || !parts.rest[0])
        return false; /* an empty payload takes back a retained one that was closed before */
    json_t *object = document_read(payload, length);
    line_begin(&line, text, COT_TEXT_MAX);
    if (document_topic_is(&parts, "distress")) {
        const char *closed = options->closed ? options->closed : "";
        put_distress(book, &line, parts.rest, object, json_is_object(object) ? closed : " It cannot be read.",
                     options->now_utc_ns);
    } else if (document_topic_is(&parts, "position") && json_get_text(object, "unit")[0] &&
               is_placed(object)) {
        put_position(&line, object, options->now_utc_ns);
    }
    json_decref(object);
    return line.used > 0;
}
