/* SPDX-License-Identifier: Apache-2.0 */
#include "publisher.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "lifecycle/centres.h"

enum { POSITION_EXPIRY_S = 3600, UNIT_EXPIRY_S = 86400, MESSAGE_EXPIRY_S = 86400 };
/* How far a radio's clock may run ahead of ours before its time stamp is taken for one of yesterday. */
enum { FIX_AHEAD_S = 120 };

/* A reception in the making: facts that several documents share. */
struct item {
    const struct reception *reception;
    struct unit_identity who;
    struct words_verdict verdict;
    int64_t utc_ns;
    struct whereabout where; /* when the message has a position of the unit's own */
    bool has_where;
};

static struct whereabout whereabout_of(const struct message *message, int64_t utc_ns)
{
    const struct position *position = &message->position;
    int64_t fix_ns = clock_complete(&position->time, utc_ns, FIX_AHEAD_S);
    return (struct whereabout){
        .lat_deg = position->lat_deg,
        .lon_deg = position->lon_deg,
        .alt_m = position->alt_m,
        .accuracy_m = position->accuracy_m,
        .speed_m_s = position->speed_m_s,
        .course_deg = position->course_deg,
        .utc_ns = fix_ns == INT64_MIN ? utc_ns : fix_ns,
        .time_from_fix = fix_ns != INT64_MIN,
    };
}

static void name_unit(json_t *object, const struct item *item)
{
    const struct message *message = &item->reception->message;
    char radio[CONFIG_TEXT_MAX];
    snprintf(radio, sizeof radio, "%s.%s", message->address_space, message->unit);
    json_object_set_new(object, "unit", json_text(item->who.name, strlen(item->who.name)));
    json_object_set_new(object, "radio", json_text(radio, strlen(radio)));
    json_object_set_new(object, "unit_known", json_boolean(item->who.known));
    if (item->who.crew[0])
        json_object_set_new(object, "crew", json_text(item->who.crew, strlen(item->who.crew)));
}

/* Envelope and content in one flat object; where both have a member, the envelope's stands. */
static json_t *document(struct publisher *p, const struct item *item, bool is_distress)
{
    const struct envelope_facts facts = {item->utc_ns, is_distress, item->verdict.test};
    json_t *envelope = envelope_create(p->maker, &facts);
    json_t *content = json_from_reception(item->reception);

    json_object_update_missing(envelope, content);
    json_decref(content);
    if (item->verdict.code[0])
        json_object_set_new(envelope, "code_name", json_string(item->verdict.code));
    if (item->verdict.code_text[0])
        json_object_set_new(envelope, "code_text",
                            json_text(item->verdict.code_text, strlen(item->verdict.code_text)));
    name_unit(envelope, item);
    return envelope;
}

static void add_whereabout(json_t *object, const struct item *item)
{
    json_t *where = whereabout_to_json(&item->where, false, item->utc_ns);
    json_object_update(object, where);
    json_decref(where);
}

/* Brokers of the centres that are told of it; 0 = none of them. */
static uint32_t route(const struct publisher *p, const char *kind, const struct item *item)
{
    /* What says nothing of a place is of where its unit was last. */
    const struct whereabout *where =
        item->has_where ? &item->where : whereabouts_find(p->whereabouts, item->who.name);
    const struct centre_subject subject = {.kind = kind,
                                           .unit = item->who.name,
                                           .test = item->verdict.test,
                                           .has_place = where != NULL,
                                           .lat_deg = where ? where->lat_deg : 0.0,
                                           .lon_deg = where ? where->lon_deg : 0.0};
    return centres_route(p->config, &subject);
}

/* Queues the object for topic site/S/<kind>/<unit>. false: it could not be stored, or nobody is to have it.
 */
static bool spool(struct publisher *p, json_t *object, const char *kind, const struct item *about,
                  struct spool_item *item)
{
    bool stored = true;
    const char *unit = about->who.name;
    char topic[SPOOL_TOPIC_MAX];
    char *text = json_dumps(object, JSON_LINE_FLAGS);
    snprintf(topic, sizeof topic, "site/%s/%s/%s", p->maker->site_id, kind, unit);
    item->brokers = route(p, kind, about);
    bool wanted = item->brokers != 0 || p->config->broker_count == 0;
    if (text && wanted) {
        item->topic = topic;
        item->payload = text;
        item->length = strlen(text);
        enum atalaya_result result = spool_append(p->spool, item);
        stored = result == ATALAYA_OK || result == ATALAYA_E_IO; /* then memory has it */
        if (result != ATALAYA_OK)
            log_error("a %s of %s could not be stored: %s", kind, unit, atalaya_result_text(result));
    }
    stored = stored && text && wanted;
    free(text);
    json_decref(object);
    return stored;
}

static void publish_rx(struct publisher *p, const struct item *item)
{
    if (!p->publish_rx || p->link_count == 0)
        return;
    json_t *object = document(p, item, item->verdict.distress != DISTRESS_NONE);
    char *text = json_dumps(object, JSON_LINE_FLAGS);
    uint32_t brokers = route(p, "rx", item);
    for (unsigned i = 0; text && i < p->link_count; i++)
        if (brokers & UINT32_C(1) << i)
            link_rx(p->links[i], text);
    free(text);
    json_decref(object);
}

/* What only site/S/rx shows. */
static json_t *trimmed_document(struct publisher *p, const struct item *item)
{
    static const char *const rx_only[] = {"raw", "peak", "deviation_hz", "time_s", "duration_s", "copies"};
    json_t *object = document(p, item, item->verdict.distress != DISTRESS_NONE);
    for (size_t i = 0; i < sizeof rx_only / sizeof *rx_only; i++)
        json_object_del(object, rx_only[i]);
    return object;
}

static void publish_position(struct publisher *p, const struct item *item)
{
    json_t *object = trimmed_document(p, item);
    add_whereabout(object, item);
    (void)spool(p, object, "position", item,
                &(struct spool_item){.class = SPOOL_POSITION, .expiry_s = POSITION_EXPIRY_S});

    p->counts.positions++;
}

/* What is known last of the unit: retained, one for each, and only the latest is worth sending. */
static void publish_unit(struct publisher *p, const struct item *item)
{
    const struct reception *reception = item->reception;
    const struct envelope_facts facts = {.utc_ns = item->utc_ns};
    const struct whereabout *where = whereabouts_find(p->whereabouts, item->who.name);
    const char *status = message_text(&reception->message, "status", NULL);
    char time[CLOCK_TEXT_MAX];
    json_t *object = envelope_create(p->maker, &facts);
    name_unit(object, item);
    json_object_set_new(object, "protocol", json_string(reception->message.protocol));
    json_object_set_new(object, "last_heard_time", json_string(clock_format(item->utc_ns, time)));
    json_object_set_new(object, "last_heard_time_ms", json_integer(item->utc_ns / 1000000));
    json_object_set_new(object, "channel", json_string(reception->channel));
    json_set_real(object, "rssi_dbfs", (double)reception->rssi_dbfs, 1);
    json_set_real(object, "snr_db", (double)reception->snr_db, 1);
    if (!status || !status[0])
        status = item->verdict.code_text;
    if (status[0])
        json_object_set_new(object, "status", json_text(status, strlen(status)));
    if (where)
        json_object_set_new(object, "position", whereabout_to_json(where, !item->has_where, item->utc_ns));
    struct spool_item state = {
        .class = SPOOL_UNIT, .expiry_s = UNIT_EXPIRY_S, .retain = true, .replace = true};
    if (spool(p, object, "unit", item, &state))
        shown_note(p->shown, item->who.name, item->who.known, state.brokers);
}

static bool publish_message(struct publisher *p, const struct item *item)
{
    p->counts.messages++;
    return spool(p, trimmed_document(p, item), "message", item,
                 &(struct spool_item){.class = SPOOL_MESSAGE, .expiry_s = MESSAGE_EXPIRY_S});
}

/* Who waits for an acknowledgement gets it when the text is on its way to somebody, and on disk: not with the
 * batch, for the radio says it no more. */
static void settle(struct publisher *p, const struct item *item, bool taken)
{
    enum dialogue_fate fate = taken ? DIALOGUE_HELD : DIALOGUE_NOT_TAKEN;
    if (!p->dialogue || !dialogue_is_asked(p->dialogue, item->reception))
        return;
    if (taken && spool_commit(p->spool) == ATALAYA_OK)
        fate = DIALOGUE_ON_DISK;
    dialogue_settle(p->dialogue, item->reception, item->who.name, fate);
}

/* false: it takes back what nobody has raised here. */
static bool tell_desk(struct publisher *p, const struct item *item, const struct whereabout *last_known)
{
    const struct desk_call call = {
        .reception = item->reception,
        .who = &item->who,
        .verdict = &item->verdict,
        .utc_ns = item->utc_ns,
        .where = item->has_where ? &item->where : NULL,
        .last_known = last_known,
    };
    p->counts.distress++;
    return desk_hear(p->desk, &call);
}

/* Whoever calls for help already, and says where he is. */
static void follow(struct publisher *p, const struct item *item)
{
    const struct message *message = &item->reception->message;
    char radio[CONFIG_TEXT_MAX];
    snprintf(radio, sizeof radio, "%s.%s", message->address_space, message->unit);
    desk_position(p->desk, item->who.name, radio, &item->where);
}

/* The message with the caller and the addressee that its code names. A lone number that is the addressee's is
 * not the caller's. */
static const struct message *rename_sides(struct item *item, const struct reception *reception)
{
    static struct reception renamed; /* main thread only */
    const struct words_verdict *verdict = &item->verdict;
    renamed = *reception;
    if (verdict->unit[0] || !renamed.message.to[0])
        memcpy(renamed.message.unit, verdict->unit, sizeof verdict->unit);
    if (verdict->to[0])
        memcpy(renamed.message.to, verdict->to, sizeof verdict->to);
    item->reception = &renamed;
    return &renamed.message;
}

static void identify(struct publisher *p, const struct reception *reception, struct item *item)
{
    const struct message *message = &reception->message;
    item->reception = reception;
    words_judge(p->words, message, &item->verdict);
    if (item->verdict.unit[0] || item->verdict.to[0])
        message = rename_sides(item, reception);
    item->utc_ns = clock_utc_of_mono(reception->mono_ns);
    units_identify(p->units, message->address_space, message->unit, &item->who);
    /* The place of an object is not the place of the unit that reports it. */
    item->has_where = message->has_position && message->kind != MESSAGE_OBJECT;
    if (item->has_where)
        item->where = whereabout_of(message, item->utc_ns);
}

/* A false distress costs the next one's credibility (see confirm.h). */
static bool may_raise(struct publisher *p, const struct item *item)
{
    const struct reception *reception = item->reception;
    if (!reception->message.guessed || p->trust_repaired ||
        confirm_call(&p->confirm, item->who.name, &item->verdict, reception->mono_ns, p->join_s))
        return true;
    log_warning("a distress call of %s (%s) was heard with %u bits corrected: it waits to be heard again",
                item->who.name, item->verdict.reason, reception->message.bits_corrected);
    return false;
}

void publisher_execute(struct publisher *p, const struct reception *reception)
{
    static struct item item; /* main thread only */
    memset(&item, 0, sizeof item);
    identify(p, reception, &item);
    p->counts.receptions++;
    p->counts.duplicates += reception->copies > 1 ? reception->copies - 1 : 0;
    enum dialogue_verdict said =
        p->dialogue ? dialogue_hear(p->dialogue, reception, item.who.name) : DIALOGUE_NEW;
    /* This site never sends what calls for help: under its name somebody else does. */
    if (said == DIALOGUE_OWN && item.verdict.distress == DISTRESS_NONE)
        return;
    if (p->check_ins)
        check_ins_hear(p->check_ins, item.who.name, reception->mono_ns);

    /* Distress first, before anything that could fail, and whoever calls: an allow-list keeps identities
     * private, it does not keep help away. */
    if (item.verdict.distress != DISTRESS_NONE && !may_raise(p, &item))
        item.verdict.distress = DISTRESS_NONE;
    bool is_distress = item.verdict.distress != DISTRESS_NONE, concerns_one = false;
    if (is_distress)
        concerns_one = tell_desk(p, &item, whereabouts_find(p->whereabouts, item.who.name));
    else if (item.has_where)
        follow(p, &item);
    if (item.has_where) /* of strangers too: who calls for help later without a place had one before */
        whereabouts_update(p->whereabouts, item.who.name, item.who.known, &item.where);
    if (p->allow_list && !item.who.known && !concerns_one) {
        p->counts.withheld++;
        settle(p, &item, false);
        return;
    }
    bool rx_only = reception->message.kind == MESSAGE_OTHER && !is_distress;
    if (rx_only && !reception->message.unit[0] &&
        repeats_hold(&p->repeats, reception->dedupe, reception->mono_ns)) {
        p->counts.repeats++;
        return;
    }
    publish_rx(p, &item);
    if (rx_only)
        return; /* no meaning known: rx alone has it */
    if (item.has_where)
        publish_position(p, &item);
    if (reception->message.kind != MESSAGE_POSITION)
        settle(p, &item, said == DIALOGUE_REPEAT || publish_message(p, &item) || concerns_one);
    if (item.who.known || !p->allow_list) /* a stranger's call is told, not where he is for a day after it */
        publish_unit(p, &item);
}
