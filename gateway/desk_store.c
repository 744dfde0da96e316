/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "desk_private.h"
#include "resident.h"

static const char group[] = "distress";
enum { NS_PER_MS = 1000000 };
#define READ_AGAIN_NS INT64_C(5000000000)

struct distress_step desk_step_now(const struct desk *desk, enum distress_state state, const char *by,
                                   const char *through)
{
    struct site_facts facts;
    struct distress_step step = {.state = state, .utc_ns = clock_utc_ns()};
    site_facts(desk->setting.maker->site, &facts);
    step.time_source = facts.clock.source;
    snprintf(step.by, sizeof step.by, "%s", by);
    snprintf(step.through, sizeof step.through, "%s", through);
    return step;
}

enum distress_outcome desk_advance(struct desk *desk, struct distress *distress,
                                   const struct distress_step *step, const char *detail)
{
    enum distress_outcome outcome = distress_advance(distress, step);
    if (outcome >= DISTRESS_STEP_NOTED)
        desk_write_audit(desk, distress, step, distress_state_text(step->state), detail);
    return outcome;
}

/* A drill that no centre wants to hear of: there are brokers, and none of them is to get it. */
static bool is_private(const struct desk *desk, const struct distress *distress, uint32_t brokers)
{
    return distress->test && brokers == 0 && desk->setting.config->broker_count > 0;
}

/* The documents of one step: the object, what takes its retained copy away, and what the other sites need. */
struct step_documents {
    char topic[SPOOL_TOPIC_MAX], call_topic[SPOOL_TOPIC_MAX];
    char *text, *call; /* to free */
    struct spool_item item[3];
    size_t count;
};

/* Sites have a topic of their own, so that a broker can still tell when nobody but sites listens to a
 * distress (PUBACK 0x10), and so that nobody's position goes where it is not needed. */
static void add_call(const struct desk *desk, const struct distress *distress, uint32_t brokers,
                     struct step_documents *documents)
{
    const struct envelope_facts facts = {distress->last_heard_utc_ns, true, distress->test};
    bool closed = distress_state_is_closed(distress->state);
    if (!desk->setting.tell_sites)
        return;
    json_t *object = envelope_create(desk->setting.maker, &facts), *call = distress_call_to_json(distress);
    json_object_update(object, call);
    documents->call = json_dumps(object, JSON_LINE_FLAGS);
    json_decref(call);
    json_decref(object);
    snprintf(documents->call_topic, sizeof documents->call_topic, "site/%s/call/%s",
             desk->setting.maker->site_id, distress->id);
    if (!documents->call)
        return;
    documents->item[documents->count++] =
        (struct spool_item){.class = SPOOL_DISTRESS,
                            .topic = documents->call_topic,
                            .payload = closed ? "" : documents->call,
                            .length = closed ? 0 : strlen(documents->call),
                            .retain = true,
                            .replace = true,
                            .brokers = brokers}; /* a centre's filters hold here too */
}

static void make_documents(const struct desk *desk, const struct distress *distress, uint32_t brokers,
                           json_t *state, struct step_documents *documents)
{
    const struct envelope_facts facts = {distress->last_heard_utc_ns, true, distress->test};
    bool closed = distress_state_is_closed(distress->state);
    json_t *document = envelope_create(desk->setting.maker, &facts);
    json_object_update(document, state);
    documents->text = json_dumps(document, JSON_LINE_FLAGS);
    json_decref(document);
    snprintf(documents->topic, sizeof documents->topic, "site/%s/distress/%s", desk->setting.maker->site_id,
             distress->id);
    if (!documents->text || is_private(desk, distress, brokers))
        return;
    documents->item[documents->count++] = (struct spool_item){.class = SPOOL_DISTRESS,
                                                              .topic = documents->topic,
                                                              .payload = documents->text,
                                                              .length = strlen(documents->text),
                                                              .retain = !closed,
                                                              .brokers = brokers};
    if (closed)
        documents->item[documents->count++] = (struct spool_item){.class = SPOOL_DISTRESS,
                                                                  .topic = documents->topic,
                                                                  .payload = "",
                                                                  .retain = true,
                                                                  .brokers = brokers};
    add_call(desk, distress, brokers, documents);
}

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
    json_array_foreach(names, i, name)
    {
        for (unsigned b = 0; b < config->broker_count && json_is_string(name); b++)
            if (strcmp(config->broker[b].name, json_string_value(name)) == 0)
                shown |= UINT32_C(1) << b;
    }
    return shown;
}

/* What the next start reads: the object, and when what happened by a clock that nobody sets. To free. */
static char *make_state(const struct desk *desk, const struct incident *incident, json_t *object)
{
    json_t *state = json_copy(object); /* not deep, and the object stays as it is */
    if (desk->machine_boot[0]) {
        json_object_set_new(state, "machine_boot", json_string(desk->machine_boot));
        json_object_set_new(state, "heard_uptime_ms", json_integer(incident->heard_mono_ns / NS_PER_MS));
        json_object_set_new(state, "told_uptime_ms", json_integer(incident->escalation.group_ns / NS_PER_MS));
        json_object_set_new(state, "alarm_uptime_ms",
                            json_integer(incident->escalation.alarm_ns / NS_PER_MS));
    }
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

/* Whoever has a copy of it gets what follows, so that none is left behind when it is over. */
static uint32_t brokers_of(const struct desk *desk, const struct incident *incident)
{
    return incident->shown |
           escalation_brokers(&incident->escalation, desk->setting.config, &incident->distress);
}

static void take_stored(struct desk *desk, struct incident *incident, enum atalaya_result result)
{
    const struct distress *distress = &incident->distress;
    incident->unsent = result != ATALAYA_OK && result != ATALAYA_E_IO;
    if (result != ATALAYA_OK)
        log_error("distress %s of %s could not be stored: %s; it is %s", distress->id, distress->unit,
                  atalaya_result_text(result),
                  incident->unsent ? "tried again until there is room" : "still being sent");
    if (incident->unsent)
        desk_keep(desk, incident); /* smaller, and a restart must know */
}

void desk_store(struct desk *desk, struct incident *incident)
{
    struct distress *distress = &incident->distress;
    if (desk->setting.can_answer)
        distress->can_answer = desk->setting.can_answer(desk->setting.context, distress);
    uint32_t brokers = brokers_of(desk, incident);
    incident->shown = brokers;
    incident->unsent = false;
    struct step_documents documents = {.count = 0};
    json_t *state = distress_to_json(distress, clock_utc_ns());
    char *state_text = make_state(desk, incident, state);
    make_documents(desk, distress, brokers, state, &documents);
    if (state_text && documents.text) {
        enum atalaya_result result = spool_step(desk->setting.spool, group, distress->id, state_text,
                                                strlen(state_text), documents.item, documents.count);
        incident->item_id = documents.item[0].id;
        incident->unheard = false;
        take_stored(desk, incident, result);
    } else
        take_stored(desk, incident, ATALAYA_E_MEMORY);
    incident->stored_ns = clock_mono_ns();
    free(documents.call);
    free(documents.text);
    free(state_text);
    json_decref(state);
}

void desk_keep(struct desk *desk, const struct incident *incident)
{
    json_t *state = distress_to_json(&incident->distress, clock_utc_ns());
    char *text = make_state(desk, incident, state);
    if (text)
        (void)spool_put(desk->setting.spool, SPOOL_DISTRESS, group, incident->distress.id, text,
                        strlen(text)); /* reports its own failures */
    free(text);
    json_decref(state);
}

void desk_forget(struct desk *desk, const struct distress *distress)
{
    /* reports its own failures */
    (void)spool_put(desk->setting.spool, SPOOL_DISTRESS, group, distress->id, NULL, 0);
}

unsigned desk_open_count(const struct desk *desk)
{
    unsigned open = 0;
    for (unsigned i = 0; i < desk->count; i++)
        open += !distress_state_is_closed(desk->incident[i].distress.state);
    return open;
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

static void load_rest(const struct desk *desk, const json_t *object, struct incident *incident)
{
    const json_t *logged_after = json_object_get(object, "logged_after");
    incident->heard_mono_ns = heard_mono_ns(desk, &incident->distress, object);
    incident->unlogged = json_is_integer(logged_after) && incident->distress.history_count > 0;
    incident->logged_after = (uint64_t)json_integer_value(logged_after);
    incident->first_line = (uint64_t)json_integer_value(json_object_get(object, "first_line"));
    incident->shown = shown_from_json(desk, json_object_get(object, "shown"));
    incident->unsent = json_is_true(json_object_get(object, "unsent"));
    incident->unheard = incident->alarm_waits = false;
    incident->escalation = (struct escalation){.group_ns = waiting_since_ns(desk, object, "told_uptime_ms"),
                                               .alarm_ns = waiting_since_ns(desk, object, "alarm_uptime_ms")};
}

static void load(void *context, const char *key, const void *value, size_t length)
{
    struct desk *desk = context;
    if (desk_find(desk, key))
        return; /* this run's own */
    json_t *object = json_loadb(value, length, 0, NULL);
    struct incident *incident = &desk->incident[desk->count];
    if (desk->count < DISTRESS_OPEN_MAX && distress_from_json(object, &incident->distress) == ATALAYA_OK) {
        load_rest(desk, object, incident);
        desk->count++;
    } else
        log_error("distress %s in the spool cannot be read and is not followed any more", key);
    json_decref(object);
}

/* What no broker has taken yet is said again under its own id: only so does `delivered` find its way back. */
static enum atalaya_result read_stored(struct desk *desk)
{
    unsigned first = desk->count;
    enum atalaya_result result = spool_list(desk->setting.spool, group, load, desk);
    for (unsigned i = first; i < desk->count; i++) /* before anything else writes a line */
        if (desk->incident[i].unlogged)
            desk_finish_raise(desk, &desk->incident[i]);
    for (unsigned i = first; i < desk->count; i++) {
        struct incident *incident = &desk->incident[i];
        if (desk_resume(desk, incident) || incident->unsent ||
            incident->distress.state == DISTRESS_STATE_RAISED)
            desk_store(desk, incident);
    }
    return result;
}

enum atalaya_result desk_create(const struct desk_setting *setting, struct desk **desk)
{
    struct desk *d = resident_calloc(sizeof *d);
    if (!d)
        return ATALAYA_E_MEMORY;
    d->setting = *setting;
    sd_id128_t machine_boot;
    if (sd_id128_get_boot(&machine_boot) >= 0)
        (void)sd_id128_to_string(machine_boot, d->machine_boot);
    enum atalaya_result result = read_stored(d);
    if (result == ATALAYA_E_IO) {
        log_error(
            "which incidents are open cannot be read: calls are heard, and those before this start followed "
            "when the disk can be read");
        d->unread = true;
    } else if (result != ATALAYA_OK) {
        free(d);
        return result;
    }
    *desk = d;
    return ATALAYA_OK;
}

bool desk_read_late(struct desk *desk, int64_t now_ns)
{
    struct spool_counts counts;
    unsigned before = desk->count;
    if (!desk->unread || now_ns < desk->read_again_ns)
        return false;
    spool_counts(desk->setting.spool, &counts);
    if (counts.failing)
        return false;
    desk->read_again_ns = now_ns + READ_AGAIN_NS;
    desk->unread = read_stored(desk) == ATALAYA_E_IO;
    if (!desk->unread)
        log_notice("%u incidents from before this start are followed again", desk->count - before);
    return desk->count > before;
}

void desk_set_windows(struct desk *desk, const struct distress_windows *windows)
{
    desk->setting.windows = *windows;
}

void desk_destroy(struct desk *desk)
{
    free(desk);
}
