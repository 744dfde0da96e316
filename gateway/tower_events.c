/* SPDX-License-Identifier: Apache-2.0 */
/* What the main loop does when something arrives. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "frame_reception.h"
#include "tower_private.h"

#define HEALTH_AFTER_NS INT64_C(2000000000) /* a connection is up by then */

struct report_view tower_view(struct tower *t)
{
    return (struct report_view){.config = t->config,
                                .maker = &t->maker,
                                .spool = t->spool,
                                .desk = t->publisher.desk,
                                .audit = t->audit,
                                .handover = t->handover,
                                .publisher = &t->publisher,
                                .threads = t->threads,
                                .tncs = t->tncs,
                                .links = t->links,
                                .transmitters = t->transmitters,
                                .guard = t->guard,
                                .started_mono_ns = t->started_ns,
                                .config_refused = t->config_refused};
}

void tower_wake_links(struct tower *t)
{
    for (unsigned i = 0; i < t->config->broker_count; i++)
        if (t->links[i]) /* there may be none yet: a start that fails */
            link_wake(t->links[i]);
}

void tower_document(struct tower *t, enum link_document which, char *text)
{
    for (unsigned i = 0; text && i < t->config->broker_count; i++) {
        char *own = which == LINK_HEALTH ? report_health_for(text, t->config, i) : strdup(text);
        if (!own || link_document(t->links[i], which, own) != ATALAYA_OK)
            log_error("out of memory: a document about the site is not sent");
        free(own);
    }
    free(text);
}

/* Sets the commit timer for the batch in progress, if there is one. */
static void schedule_commit(struct tower *t)
{
    int64_t due_ns;
    (void)spool_commit_due(t->spool, clock_mono_ns(), &due_ns);
    if (due_ns == INT64_MAX)
        return;
    (void)sd_event_source_set_time(t->commit_timer, due_ns > 0 ? (uint64_t)due_ns / 1000 : 0);
    (void)sd_event_source_set_enabled(t->commit_timer, SD_EVENT_ONESHOT);
}

int tower_on_commit_due(sd_event_source *source, uint64_t usec, void *context)
{
    struct tower *t = context;
    (void)source;
    (void)usec;
    (void)spool_commit(t->spool); /* a failing disk is in the spool's counts, and in health */
    tower_wake_links(t);
    schedule_commit(t);
    return 0;
}

int tower_on_reception(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tower *t = context;
    (void)source;
    (void)fd;
    (void)events;
    for (unsigned i = 0; i < TAKE_MOST && handover_take(t->handover, &t->heard); i++)
        publisher_execute(&t->publisher, &t->heard);
    tower_answer(t);
    tower_wake_links(t); /* now, not with the batch: who is connected need not wait for the disk */
    schedule_commit(t);
    return 0;
}

/* A run of acknowledgements of one broker and one kind. */
static void deliver(struct tower *t, const struct ack *kind, const int64_t *ids, size_t count)
{
    if (count == 0)
        return;
    (void)spool_delivered(t->spool, kind->broker, ids, count); /* failing: sent again later, not lost */
    if (kind->unheard)
        desk_unheard(t->publisher.desk, kind->broker, ids, count);
    else
        desk_delivered(t->publisher.desk, kind->broker, ids, count);
}

/* The health that a new connection begins with was made before it, and says that there is none. */
static void renew_health(struct tower *t)
{
    const int64_t soon_ns = clock_mono_ns() + HEALTH_AFTER_NS;
    if (soon_ns < t->health_due_ns)
        t->health_due_ns = soon_ns;
}

/* A turn at a time: while a backlog drains acknowledgements come faster than they are written, and neither a
 * burst nor the watchdog may wait until it is over. */
int tower_on_acks(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tower *t = context;
    int64_t ids[ACKS_TAKE_MOST];
    size_t count = 0;
    struct ack ack, kind = {.broker = 0};
    (void)source;
    (void)fd;
    (void)events;
    for (unsigned i = 0; i < ACKS_TAKE_MOST && postbox_take(t->acks, &ack); i++) {
        if (count > 0 && (ack.broker != kind.broker || ack.unheard != kind.unheard || ack.connected)) {
            deliver(t, &kind, ids, count);
            count = 0;
        }
        if (ack.connected) {
            desk_connected(t->publisher.desk, ack.broker, ack.remembered);
            renew_health(t);
            continue;
        }
        kind = ack;
        ids[count++] = ack.id;
    }
    deliver(t, &kind, ids, count);
    tower_wake_links(t);
    schedule_commit(t);
    return 0;
}

static void answer(struct tower *t, const struct order *order)
{
    const struct inbound_command *command = &order->command;
    const struct envelope_facts facts = {.utc_ns = clock_utc_ns(), .test = command->test};
    char topic[INBOUND_TOPIC_MAX];
    json_t *object = envelope_create(&t->maker, &facts), *content = inbound_answer(command);
    json_object_update(object, content);
    char *text = json_dumps(object, JSON_LINE_FLAGS);
    if (text && orders_answers(t->commands, order->broker, command))
        link_respond(t->links[order->broker], inbound_response_topic(t->maker.site_id, command, topic), text,
                     command->refusal != INBOUND_ACCEPTED);
    log_notice("command %s (%s) by broker %s: %s: %s", command->name, command->id,
               t->config->broker[order->broker].name, inbound_refusal_text(command->refusal),
               command->detail);
    free(text);
    json_decref(content);
    json_decref(object);
}

/* Commands are obeyed, or refused with a reason. One a turn of the loop: what a radio says comes between. */
int tower_on_command(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tower *t = context;
    static struct order order; /* main thread only */
    (void)source;
    (void)fd;
    (void)events;
    if (postbox_take(t->orders, &order)) {
        orders_execute(t->commands, order.broker, &order.command);
        answer(t, &order);
    }
    tower_answer(t);
    tower_wake_links(t);
    schedule_commit(t);
    return 0;
}

int tower_on_activity(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tower *t = context;
    static struct activity activity; /* main thread only */
    (void)source;
    (void)fd;
    (void)events;
    for (unsigned i = 0; i < TAKE_MOST && postbox_take(t->activities, &activity); i++)
        publisher_activity(&t->publisher, &activity);
    return 0;
}

enum atalaya_result tower_on_tnc_frame(void *context, unsigned port, const uint8_t *frame, size_t length,
                                       int64_t mono_ns)
{
    const struct tnc_place *place = context;
    struct tower *t = place->tower;
    const struct frame_arrival arrival = {place->source, port, frame, length, mono_ns};
    enum atalaya_result result = frame_reception(t->config, &arrival, &t->heard);
    if (result != ATALAYA_OK)
        return result;
    publisher_execute(&t->publisher, &t->heard);
    tower_wake_links(t);
    schedule_commit(t);
    return ATALAYA_OK;
}

/* ---- once a second ---- */

static bool is_alive(const char *what, const char *name, int64_t progress_ns, int64_t now_ns, int patience_s)
{
    if (now_ns - progress_ns <= (int64_t)patience_s * 1000000000)
        return true;
    log_error("%s %s hangs: its thread made no progress for %d s", what, name, patience_s);
    return false;
}

static bool threads_alive(struct tower *t, int64_t now_ns)
{
    bool alive = true;
    for (unsigned i = 0; i < t->config->source_count; i++) {
        struct receive_figures figures;
        if (!t->threads[i])
            continue;
        receive_thread_figures(t->threads[i], &figures);
        if (figures.state == RECEIVE_HUNG)
            log_error("source %s hangs: its driver does not come back", t->config->source[i].name);
        alive &= figures.state != RECEIVE_HUNG;
    }
    for (unsigned i = 0; i < t->config->transmitter_count; i++) {
        struct transmitter_figures figures;
        if (!t->transmitters[i])
            continue;
        transmitter_figures(t->transmitters[i], &figures);
        alive &= is_alive("transmitter", t->config->transmitter[i].name, figures.progress_mono_ns, now_ns,
                          TRANSMIT_PATIENCE_S);
    }
    for (unsigned i = 0; i < t->config->broker_count; i++) {
        struct link_figures figures;
        link_figures(t->links[i], &figures);
        alive &=
            is_alive("link", t->config->broker[i].name, figures.progress_mono_ns, now_ns, LINK_PATIENCE_S);
    }
    return alive;
}

static void spool_stats(struct tower *t)
{
    const struct report_view view = tower_view(t);
    char topic[SPOOL_TOPIC_MAX];
    char *text = report_stats(&view, &t->reported, t->config->report.stats_s);
    t->reported = t->publisher.counts;
    snprintf(topic, sizeof topic, "site/%s/stats", t->maker.site_id);
    if (text) {
        struct spool_item item = {
            .class = SPOOL_STATS, .topic = topic, .payload = text, .length = strlen(text), .expiry_s = 3600};
        (void)spool_append(t->spool, &item); /* the least important thing there is */
        schedule_commit(t);
    }
    free(text);
}

int tower_on_tick(sd_event_source *source, uint64_t usec, void *context)
{
    struct tower *t = context;
    int64_t now_ns = clock_mono_ns();
    (void)usec;
    if (threads_alive(t, now_ns))
        (void)sd_notify(0, "WATCHDOG=1");
    if (desk_tick(t->publisher.desk, now_ns))
        tower_wake_links(t);
    alarm_tick(t->alarm);
    errands_tick(t->errands, now_ns);
    tower_answer(t);
    if (guard_tick(t->guard, now_ns))
        t->health_due_ns = now_ns;
    schedule_commit(t);
    if (now_ns >= t->health_due_ns) {
        tower_look_at_config(t);
        const struct report_view view = tower_view(t);
        t->health_due_ns = now_ns + (int64_t)(t->config->report.health_s * 1e9);
        tower_document(t, LINK_HEALTH, report_health(&view));
        desk_tidy(t->publisher.desk);
        log_flush();
    }
    if (now_ns >= t->stats_due_ns) {
        t->stats_due_ns = now_ns + (int64_t)(t->config->report.stats_s * 1e9);
        spool_stats(t);
    }
    /* From now, not from when it was due: seconds that were missed are not made up for. */
    return sd_event_source_set_time_relative(source, 1000000);
}
