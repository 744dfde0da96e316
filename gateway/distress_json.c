/* SPDX-License-Identifier: Apache-2.0 */
/* The distress object as JSON: what dispatch centres read, and what a restart reads back. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/distress.h"
#include "atalaya/gateway/json.h"
#include "utf8.h"

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text[0])
        json_object_set_new(object, key, json_text(text, strlen(text)));
}

static void set_time(json_t *object, const char *key, int64_t utc_ns)
{
    char text[CLOCK_TEXT_MAX], key_ms[64];
    snprintf(key_ms, sizeof key_ms, "%s_ms", key);
    json_object_set_new(object, key, json_string(clock_format(utc_ns, text)));
    json_object_set_new(object, key_ms, json_integer(utc_ns / 1000000));
}

static void get_text(const json_t *object, const char *key, char *text, size_t size)
{
    utf8_copy(text, size, json_get_text(object, key));
}

static int64_t get_ms(const json_t *object, const char *key)
{
    json_int_t ms = json_integer_value(json_object_get(object, key));
    return ms > INT64_MAX / 1000000 || ms < 0 ? 0 : (int64_t)ms * 1000000;
}

json_t *whereabout_to_json(const struct whereabout *where, bool last_known, int64_t now_utc_ns)
{
    json_t *object = json_object();
    json_set_real(object, "lat_deg", where->lat_deg, 6);
    json_set_real(object, "lon_deg", where->lon_deg, 6);
    json_set_real(object, "alt_m", (double)where->alt_m, 1);
    json_set_real(object, "accuracy_m", (double)where->accuracy_m, 1);
    json_set_real(object, "speed_m_s", (double)where->speed_m_s, 2);
    json_set_real(object, "course_deg", (double)where->course_deg, 1);
    set_time(object, "fix_time", where->utc_ns);
    /* A clock that stepped back must not make a position younger than new. */
    json_set_real(object, "age_s", fmax(0, (double)(now_utc_ns - where->utc_ns) * 1e-9), 1);
    json_object_set_new(object, "age_basis", json_string(where->time_from_fix ? "fix" : "reception"));
    json_object_set_new(object, "origin", json_string(last_known ? "last-known" : "radio"));
    return object;
}

bool whereabout_from_json(const json_t *object, struct whereabout *where)
{
    const char *basis = json_string_value(json_object_get(object, "age_basis"));
    *where = (struct whereabout){
        .lat_deg = json_get_real(object, "lat_deg"),
        .lon_deg = json_get_real(object, "lon_deg"),
        .alt_m = (float)json_get_real(object, "alt_m"),
        .accuracy_m = (float)json_get_real(object, "accuracy_m"),
        .speed_m_s = (float)json_get_real(object, "speed_m_s"),
        .course_deg = (float)json_get_real(object, "course_deg"),
        .utc_ns = get_ms(object, "fix_time_ms"),
        .time_from_fix = basis && strcmp(basis, "fix") == 0,
    };
    return isfinite(where->lat_deg) && isfinite(where->lon_deg);
}

static json_t *history_to_json(const struct distress *distress)
{
    json_t *history = json_array();
    for (unsigned i = 0; i < distress->history_count; i++) {
        const struct distress_step *step = &distress->history[i];
        json_t *object = json_object();
        json_object_set_new(object, "state", json_string(distress_state_text(step->state)));
        set_time(object, "time", step->utc_ns);
        json_object_set_new(object, "time_source", json_string(time_source_text(step->time_source)));
        set_text(object, "by", step->by);
        set_text(object, "through", step->through);
        json_array_append_new(history, object);
    }
    return history;
}

static const char cancel_heard[] = "cancel-heard";

/* What a dispatcher should weigh: said, never a reason to drop the call. */
static json_t *flags_to_json(const struct distress *distress)
{
    json_t *flags = json_array();
    json_array_append_new(flags, json_string("unauthenticated")); /* no protocol so far proves who sent it */
    if (!distress->unit_known)
        json_array_append_new(flags, json_string("unit-unknown"));
    if (!distress->has_position)
        json_array_append_new(flags, json_string("position-unknown"));
    else if (distress->position_is_last_known)
        json_array_append_new(flags, json_string("position-last-known"));
    if (distress->cancel_heard)
        json_array_append_new(flags, json_string(cancel_heard));
    return flags;
}

static json_t *escalation_to_json(const struct distress *distress)
{
    json_t *told = json_array();
    for (unsigned i = 0; i < distress->told_count; i++)
        json_array_append_new(told, json_string(distress->told[i]));
    return json_pack("{s:i, s:o}", "level", (int)distress->level, "told", told);
}

static void escalation_from_json(const json_t *object, struct distress *distress)
{
    size_t i;
    const json_t *entry;
    json_int_t level = json_integer_value(json_object_get(object, "level"));
    distress->level = level > 0 && level < DISTRESS_LEVEL_MAX ? (unsigned)level : 0;
    json_array_foreach (json_object_get(object, "told"), i, entry) {
        if (json_is_string(entry) && distress->told_count < CONFIG_CENTRES_MAX)
            utf8_copy(distress->told[distress->told_count++], CONFIG_NAME_MAX, json_string_value(entry));
    }
}

/* What tells a centre that two sites heard the same call, and which of them heard it better. */
static void hearing_to_json(json_t *object, const struct distress *distress)
{
    char text[24];
    set_text(object, "channel", distress->channel);
    set_text(object, "source", distress->source);
    json_set_real(object, "frequency_hz", distress->frequency_hz, 0);
    json_set_real(object, "rssi_dbfs", distress->rssi_dbfs, 1);
    json_set_real(object, "snr_db", distress->snr_db, 1);
    snprintf(text, sizeof text, "%016" PRIx64, distress->dedupe);
    if (distress->dedupe != 0)
        json_object_set_new(object, "dedupe", json_string(text));
}

static json_t *answer_to_json(const struct distress *distress)
{
    const struct distress_answer *answer = &distress->answer;
    json_t *object = json_pack("{s:b}", "able", distress->reach == ANSWER_REACH_RADIO);
    set_text(object, "reach", answer_reach_text(distress->reach));
    if (answer->level == ANSWER_NONE)
        return object;
    json_object_set_new(object, "level", json_string(answer_level_text(answer->level)));
    json_object_set_new(object, "queued", json_boolean(answer->queued));
    json_object_set_new(object, "sent", json_boolean(answer->sent));
    json_object_set_new(object, "radio_confirmed", json_boolean(answer->confirmed));
    set_text(object, "result", answer->result);
    set_text(object, "site", answer->site);
    set_text(object, "radio", answer->radio);
    if (answer->sent_utc_ns > 0)
        set_time(object, "sent_time", answer->sent_utc_ns);
    if (answer->confirmed_utc_ns > 0)
        set_time(object, "confirmed_time", answer->confirmed_utc_ns);
    return object;
}

static void answer_from_json(const json_t *object, struct distress *distress)
{
    struct distress_answer *answer = &distress->answer;
    const char *level = json_string_value(json_object_get(object, "level"));
    answer->level = level ? answer_level_find(level) : ANSWER_NONE;
    answer->queued = json_is_true(json_object_get(object, "queued"));
    answer->sent = json_is_true(json_object_get(object, "sent"));
    answer->confirmed = json_is_true(json_object_get(object, "radio_confirmed"));
    get_text(object, "result", answer->result, sizeof answer->result);
    get_text(object, "site", answer->site, sizeof answer->site);
    get_text(object, "radio", answer->radio, sizeof answer->radio);
    answer->sent_utc_ns = get_ms(object, "sent_time_ms");
    answer->confirmed_utc_ns = get_ms(object, "confirmed_time_ms");
}

static json_t *track_to_json(const struct distress *distress)
{
    json_t *track = json_array();
    for (unsigned i = 0; i < distress->track_count; i++) {
        const struct distress_fix *fix = &distress->track[i];
        json_t *object = json_object();
        json_set_real(object, "lat_deg", fix->lat_deg, 6);
        json_set_real(object, "lon_deg", fix->lon_deg, 6);
        json_set_real(object, "accuracy_m", (double)fix->accuracy_m, 1);
        set_time(object, "time", fix->utc_ns);
        json_array_append_new(track, object);
    }
    return track;
}

static void track_from_json(const json_t *track, struct distress *distress)
{
    size_t i;
    const json_t *entry;
    json_array_foreach (track, i, entry) {
        const struct distress_fix fix = {.lat_deg = json_get_real(entry, "lat_deg"),
                                         .lon_deg = json_get_real(entry, "lon_deg"),
                                         .accuracy_m = (float)json_get_real(entry, "accuracy_m"),
                                         .utc_ns = get_ms(entry, "time_ms")};
        if (distress->track_count < DISTRESS_TRACK_MAX && isfinite(fix.lat_deg) && isfinite(fix.lon_deg))
            distress->track[distress->track_count++] = fix;
    }
    if (distress->track_count == 0 && distress->has_position && !distress->position_is_last_known) {
        const struct whereabout *where = &distress->position; /* a track of one place is not written */
        distress->track[distress->track_count++] =
            (struct distress_fix){where->lat_deg, where->lon_deg, where->accuracy_m, where->utc_ns};
    }
}

static void details_to_json(json_t *object, const struct distress *distress)
{
    json_t *details = distress->details[0] ? json_loads(distress->details, 0, NULL) : NULL;
    if (details)
        json_object_set_new(object, "details", details);
    set_text(object, "alert_text", distress->alert_text);
}

static void details_from_json(const json_t *object, struct distress *distress)
{
    const json_t *details = json_object_get(object, "details");
    char *text = details ? json_dumps(details, JSON_LINE_FLAGS) : NULL;
    if (text && strlen(text) < sizeof distress->details)
        memcpy(distress->details, text, strlen(text) + 1);
    free(text);
    get_text(object, "alert_text", distress->alert_text, sizeof distress->alert_text);
}

json_t *distress_to_json(const struct distress *distress, int64_t now_utc_ns)
{
    json_t *object = json_object();
    json_object_set_new(object, "distress", json_string(distress->id));
    set_text(object, "incident", distress->incident);
    set_text(object, "unit", distress->unit);
    json_object_set_new(object, "unit_known", json_boolean(distress->unit_known));
    set_text(object, "crew", distress->crew);
    set_text(object, "radio", distress->radio);
    set_text(object, "protocol", distress->protocol);
    json_object_set_new(object, "state", json_string(distress_state_text(distress->state)));
    json_object_set_new(object, "test", json_boolean(distress->test));
    set_text(object, "reason", distress->reason);
    set_text(object, "text", distress->text);
    set_text(object, "other_radio", distress->other_radio);
    set_time(object, "raised_time", distress->raised_utc_ns);
    set_time(object, "last_heard_time", distress->last_heard_utc_ns);
    json_object_set_new(object, "heard", json_integer(distress->heard));
    hearing_to_json(object, distress);
    if (distress->has_position)
        json_object_set_new(
            object, "position",
            whereabout_to_json(&distress->position, distress->position_is_last_known, now_utc_ns));
    if (distress->track_count > 1)
        json_object_set_new(object, "track", track_to_json(distress));
    details_to_json(object, distress);
    if (distress->told_count > 0 || distress->level > 0)
        json_object_set_new(object, "escalation", escalation_to_json(distress));
    if (distress->reach != ANSWER_REACH_NONE || distress->answer.level != ANSWER_NONE)
        json_object_set_new(object, "answer", answer_to_json(distress));
    if (distress->audit_line > 0)
        json_object_set_new(
            object, "audit",
            json_pack("{s:I, s:s}", "n", (json_int_t)distress->audit_line, "hash", distress->audit_hash));
    json_object_set_new(object, "flags", flags_to_json(distress));
    json_object_set_new(object, "history", history_to_json(distress));
    return object;
}

json_t *distress_call_to_json(const struct distress *distress)
{
    json_t *object = json_object();
    json_object_set_new(object, "distress", json_string(distress->id));
    set_text(object, "incident", distress->incident);
    set_text(object, "radio", distress->radio);
    json_object_set_new(object, "state", json_string(distress_state_text(distress->state)));
    json_object_set_new(object, "test", json_boolean(distress->test));
    set_time(object, "raised_time", distress->raised_utc_ns);
    set_time(object, "last_heard_time", distress->last_heard_utc_ns);
    json_set_real(object, "snr_db", distress->snr_db, 1);
    json_t *answer = answer_to_json(distress);
    (void)json_object_del(answer, "radio"); /* who reads calls need not know whose beacon it is */
    json_object_set_new(object, "answer", answer);
    return object;
}

static bool has_flag(const json_t *object, const char *flag)
{
    size_t i;
    const json_t *entry;
    json_array_foreach (json_object_get(object, "flags"), i, entry) {
        if (json_is_string(entry) && strcmp(json_string_value(entry), flag) == 0)
            return true;
    }
    return false;
}

static enum time_source time_source_of(const json_t *object)
{
    const char *text = json_string_value(json_object_get(object, "time_source"));
    for (enum time_source source = TIME_NONE; text && source <= TIME_GPS; source++)
        if (strcmp(time_source_text(source), text) == 0)
            return source;
    return TIME_NONE;
}

static void hearing_from_json(const json_t *object, struct distress *distress)
{
    const char *dedupe = json_string_value(json_object_get(object, "dedupe"));
    get_text(object, "channel", distress->channel, sizeof distress->channel);
    get_text(object, "source", distress->source, sizeof distress->source);
    distress->frequency_hz = json_get_real(object, "frequency_hz");
    distress->rssi_dbfs = json_get_real(object, "rssi_dbfs");
    distress->snr_db = json_get_real(object, "snr_db");
    distress->dedupe = dedupe ? strtoull(dedupe, NULL, 16) : 0;
}

/* A step whose state nobody knows is left out: it says nothing. */
static void history_from_json(const json_t *history, struct distress *distress)
{
    size_t i;
    const json_t *entry;
    json_array_foreach (history, i, entry) {
        const char *text = json_string_value(json_object_get(entry, "state"));
        enum distress_state state = text ? distress_state_find(text) : DISTRESS_STATE_COUNT;
        if (distress->history_count == DISTRESS_HISTORY_MAX || state == DISTRESS_STATE_COUNT)
            continue;
        struct distress_step *step = &distress->history[distress->history_count++];
        step->state = state;
        step->utc_ns = get_ms(entry, "time_ms");
        step->time_source = time_source_of(entry);
        get_text(entry, "by", step->by, sizeof step->by);
        get_text(entry, "through", step->through, sizeof step->through);
    }
}

enum atalaya_result distress_from_json(const json_t *object, struct distress *distress)
{
    const char *state = json_string_value(json_object_get(object, "state"));
    memset(distress, 0, sizeof *distress);
    get_text(object, "distress", distress->id, sizeof distress->id);
    get_text(object, "unit", distress->unit, sizeof distress->unit);
    get_text(object, "crew", distress->crew, sizeof distress->crew);
    get_text(object, "radio", distress->radio, sizeof distress->radio);
    get_text(object, "protocol", distress->protocol, sizeof distress->protocol);
    get_text(object, "reason", distress->reason, sizeof distress->reason);
    get_text(object, "text", distress->text, sizeof distress->text);
    distress->unit_known = json_is_true(json_object_get(object, "unit_known"));
    distress->test = json_is_true(json_object_get(object, "test"));
    hearing_from_json(object, distress);
    escalation_from_json(json_object_get(object, "escalation"), distress);
    answer_from_json(json_object_get(object, "answer"), distress);
    get_text(object, "other_radio", distress->other_radio, sizeof distress->other_radio);
    distress->other_called_last = /* not told: the one that was answered last */
        distress->other_radio[0] && strcmp(distress->answer.radio, distress->other_radio) == 0;
    const json_t *audit = json_object_get(object, "audit");
    distress->audit_line = (uint64_t)json_integer_value(json_object_get(audit, "n"));
    get_text(audit, "hash", distress->audit_hash, sizeof distress->audit_hash);
    distress->cancel_heard = has_flag(object, cancel_heard);
    distress->state = state ? distress_state_find(state) : DISTRESS_STATE_COUNT;
    distress->raised_utc_ns = get_ms(object, "raised_time_ms");
    distress->last_heard_utc_ns = get_ms(object, "last_heard_time_ms");
    distress->heard = (unsigned)json_integer_value(json_object_get(object, "heard"));

    get_text(object, "incident", distress->incident, sizeof distress->incident);
    if (!distress->incident[0])
        distress_name_incident(distress);

    const json_t *position = json_object_get(object, "position");
    const char *origin = json_string_value(json_object_get(position, "origin"));
    distress->has_position = whereabout_from_json(position, &distress->position);
    distress->position_is_last_known = origin && strcmp(origin, "last-known") == 0;
    track_from_json(json_object_get(object, "track"), distress);
    details_from_json(object, distress);

    history_from_json(json_object_get(object, "history"), distress);
    if (distress->history_count == 0) { /* lost: but it was raised, or it would not be here */
        struct distress_step *raised = &distress->history[distress->history_count++];
        raised->utc_ns = distress->raised_utc_ns;
        memcpy(raised->by, distress->unit, sizeof raised->by);
    }
    bool usable = distress->id[0] && distress->unit[0] && distress->state < DISTRESS_STATE_COUNT;
    return usable ? ATALAYA_OK : ATALAYA_E_FORMAT;
}
