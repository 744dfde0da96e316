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

static void write_topics(const struct desk *desk, const char *id, struct step_documents *documents)
{
    const char *site = desk->setting.maker->site_id;
    snprintf(documents->topic, sizeof documents->topic, "site/%s/distress/%s", site, id);
    snprintf(documents->call_topic, sizeof documents->call_topic, "site/%s/call/%s", site, id);
}

/* Sites have a topic of their own, so that a broker can still tell when nobody but sites listens to a
 * distress (PUBACK 0x10), and so that nobody's position goes where it is not needed. */
static void add_call(const struct desk *desk, const struct distress *distress, uint32_t brokers,
                     struct step_documents *documents)
{
    const struct envelope_facts facts = {distress->last_heard_utc_ns, true, distress->test};
    bool closed = distress_state_is_closed(distress->state);
    if (!desk->setting.tell_sites)
        return;
    if (!closed) { /* else there is no document, and no number is taken for it */
        json_t *object = envelope_create(desk->setting.maker, &facts),
               *call = distress_call_to_json(distress);
        json_object_update(object, call);
        documents->call = json_dumps(object, JSON_LINE_FLAGS);
        json_decref(call);
        json_decref(object);
        if (!documents->call)
            return;
    }
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
    write_topics(desk, distress->id, documents);
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
    if (desk->setting.reach)
        distress->reach = desk->setting.reach(desk->setting.context, distress);
    uint32_t brokers = brokers_of(desk, incident);
    incident->shown = brokers;
    incident->unsent = false;
    struct step_documents documents = {.count = 0};
    json_t *state = distress_to_json(distress, clock_utc_ns());
    char *state_text = desk_make_state(desk, incident, state);
    make_documents(desk, distress, brokers, state, &documents);
    if (state_text && documents.text) {
        enum atalaya_result result = spool_step(desk->setting.spool, group, distress->id, state_text,
                                                strlen(state_text), documents.item, documents.count);
        incident->item_id = documents.item[0].id;
        incident->unheard = false;
        incident->taken = 0;
        take_stored(desk, incident, result);
    } else
        take_stored(desk, incident, ATALAYA_E_MEMORY);
    incident->stored_ns = clock_mono_ns();
    free(documents.call);
    free(documents.text);
    free(state_text);
    json_decref(state);
}

/* Nothing retained; a document of its own would only say its end again. */
static void make_clearings(const struct desk *desk, const char *id, uint32_t brokers, bool tell_sites,
                           struct step_documents *documents)
{
    const struct spool_item nothing = {
        .class = SPOOL_DISTRESS, .payload = "", .retain = true, .brokers = brokers};
    write_topics(desk, id, documents);
    documents->item[documents->count] = nothing;
    documents->item[documents->count++].topic = documents->topic;
    documents->item[documents->count] = nothing;
    documents->item[documents->count].topic = documents->call_topic;
    documents->count += tell_sites;
}

void desk_say_again(struct desk *desk, struct incident *incident)
{
    struct distress *distress = &incident->distress;
    struct step_documents documents = {.count = 0};
    if (!distress_state_is_closed(distress->state)) {
        desk_store(desk, incident);
        return;
    }
    json_t *state = distress_to_json(distress, clock_utc_ns());
    char *state_text = desk_make_state(desk, incident, state);
    make_clearings(desk, distress->id, incident->shown, desk->setting.tell_sites, &documents);
    if (state_text) {
        take_stored(desk, incident,
                    spool_step(desk->setting.spool, group, distress->id, state_text, strlen(state_text),
                               documents.item, documents.count));
        incident->item_id = documents.item[0].id;
        incident->taken = 0;
    }
    free(state_text);
    json_decref(state);
}

bool desk_sweep(struct desk *desk, const char *id)
{
    struct step_documents documents = {.count = 0};
    const char *site = desk->setting.maker->site_id;
    size_t length = strlen(site);
    if (desk->unread || desk_find(desk, id) || strncmp(id, site, length) != 0 || id[length] != '-')
        return false;
    make_clearings(desk, id, 0, true, &documents);
    for (size_t i = 0; i < documents.count; i++)
        (void)spool_append(desk->setting.spool, &documents.item[i]); /* or whoever asked asks again */
    log_notice("distress %s is not followed here: what is retained of it is taken away", id);
    return true;
}

void desk_keep(struct desk *desk, const struct incident *incident)
{
    json_t *state = distress_to_json(&incident->distress, clock_utc_ns());
    char *text = desk_make_state(desk, incident, state);
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

static void load(void *context, const char *key, const void *value, size_t length)
{
    struct desk *desk = context;
    if (desk_find(desk, key))
        return; /* this run's own */
    json_t *object = json_loadb(value, length, 0, NULL);
    struct incident *incident = &desk->incident[desk->count];
    if (desk->count < DISTRESS_OPEN_MAX && distress_from_json(object, &incident->distress) == ATALAYA_OK) {
        desk_load_rest(desk, object, incident);
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
