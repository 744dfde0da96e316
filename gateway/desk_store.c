/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "desk_private.h"

static const char group[] = "distress";

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

void desk_write_audit(struct desk *desk, struct distress *distress, const struct distress_step *step,
                      const char *event, const char *detail)
{
    struct site_facts facts;
    struct audit_mark mark;
    if (!desk->setting.audit)
        return;
    site_facts(desk->setting.maker->site, &facts);
    const struct audit_entry entry = {.distress = distress->id,
                                      .unit = distress->unit,
                                      .event = event,
                                      .by = step->by,
                                      .through = step->through,
                                      .detail = detail,
                                      .test = distress->test,
                                      .utc_ns = step->utc_ns,
                                      .clock = facts.clock};
    (void)audit_append(desk->setting.audit, &entry, &mark); /* says itself when it fails */
    distress->audit_line = mark.line;
    snprintf(distress->audit_hash, sizeof distress->audit_hash, "%s", mark.hash);
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

void desk_store(struct desk *desk, struct incident *incident)
{
    struct distress *distress = &incident->distress;
    if (desk->setting.can_answer)
        distress->can_answer = desk->setting.can_answer(desk->setting.context, distress);
    const struct envelope_facts facts = {distress->last_heard_utc_ns, true, distress->test};
    uint32_t brokers = escalation_brokers(&incident->escalation, desk->setting.config, distress);
    bool closed = distress_state_is_closed(distress->state);
    char topic[SPOOL_TOPIC_MAX];
    json_t *state = distress_to_json(distress, clock_utc_ns());
    json_t *document = envelope_create(desk->setting.maker, &facts);

    json_object_update(document, state);
    snprintf(topic, sizeof topic, "site/%s/distress/%s", desk->setting.maker->site_id, distress->id);
    char *state_text = json_dumps(state, JSON_LINE_FLAGS), *text = json_dumps(document, JSON_LINE_FLAGS);
    if (state_text && text) {
        struct spool_item items[2] = {
            {.class = SPOOL_DISTRESS,
             .topic = topic,
             .payload = text,
             .length = strlen(text),
             .retain = !closed,
             .brokers = brokers},
            {.class = SPOOL_DISTRESS, .topic = topic, .payload = "", .retain = true, .brokers = brokers},
        };
        size_t count = closed ? 2 : 1;
        if (is_private(desk, distress, brokers))
            count = 0;
        enum atalaya_result result = spool_step(desk->setting.spool, group, distress->id, state_text,
                                                strlen(state_text), items, count);
        if (result != ATALAYA_OK)
            log_error("distress %s of %s could not be stored: %s; it is still being sent", distress->id,
                      distress->unit, atalaya_result_text(result));
        incident->item_id = items[0].id;
        incident->stored_ns = clock_mono_ns();
        incident->unheard = false;
    } else
        log_error("distress %s of %s: out of memory", distress->id, distress->unit);
    free(text);
    free(state_text);
    json_decref(document);
    json_decref(state);
}

void desk_keep(struct desk *desk, const struct distress *distress)
{
    json_t *state = distress_to_json(distress, clock_utc_ns());
    char *text = json_dumps(state, JSON_LINE_FLAGS);
    if (text)
        (void)spool_put(desk->setting.spool, SPOOL_DISTRESS, group, distress->id, text,
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
    json_t *object = json_loadb(value, length, 0, NULL);
    if (desk->count < DISTRESS_OPEN_MAX &&
        distress_from_json(object, &desk->incident[desk->count].distress) == ATALAYA_OK)
        desk->count++;
    else
        log_error("distress %s in the spool cannot be read and is not followed any more", key);
    json_decref(object);
}

enum atalaya_result desk_create(const struct desk_setting *setting, struct desk **desk)
{
    struct desk *d = calloc(1, sizeof *d);
    if (!d)
        return ATALAYA_E_MEMORY;
    d->setting = *setting;
    enum atalaya_result result = spool_list(setting->spool, group, load, d);
    if (result != ATALAYA_OK) {
        free(d);
        return result;
    }
    desk_configured(d);
    /* What no broker has taken yet is said again under its own id: only so does `delivered` find its way
     * back. */
    for (unsigned i = 0; i < d->count; i++)
        if (d->incident[i].distress.state == DISTRESS_STATE_RAISED)
            desk_store(d, &d->incident[i]);
    *desk = d;
    return ATALAYA_OK;
}

void desk_set_windows(struct desk *desk, const struct distress_windows *windows)
{
    desk->setting.windows = *windows;
}

void desk_destroy(struct desk *desk)
{
    free(desk);
}
