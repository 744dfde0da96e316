/* SPDX-License-Identifier: Apache-2.0 */
#include "tower.h"

#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/handover.h"
#include "atalaya/gateway/inbound.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/units.h"
#include "frame_reception.h"
#include "mailbox.h"
#include "publisher.h"
#include "report.h"

enum {
    HANDOVER_PLACES = 256,
    TAKE_MOST = 64, /* receptions in one turn of the loop, so that nothing else starves */
    ACKS_TAKE_MOST = 512,
    ACKS_PLACES = 8192,
    ORDERS_PLACES = 32,
    WATCHDOG_PATIENCE_S = 20 /* a receive or link thread without a sign of life for so long is hung */
};

/* What link threads send the main thread: a broker took an item; a broker brought a command. */
struct ack {
    int64_t id;
    unsigned broker;
};
struct order {
    struct inbound_command command;
    unsigned broker;
};

/* Which TNC a frame came from. */
struct tnc_place {
    struct tower *tower;
    unsigned source;
};

struct tower {
    struct config *config;
    sd_event *event;
    sd_event_source *commit_timer, *tick_timer;
    struct spool *spool;
    struct site *site;
    struct handover *handover;
    struct mailbox *acks, *orders; /* of struct ack, struct order */
    struct envelope_maker maker;
    struct publisher publisher;
    struct receive_thread *threads[CONFIG_SOURCES_MAX];
    struct tnc *tncs[CONFIG_SOURCES_MAX];
    struct tnc_place tnc_places[CONFIG_SOURCES_MAX];
    struct link *links[CONFIG_BROKERS_MAX];
    int64_t health_due_ns, stats_due_ns;
    struct reception heard; /* one at a time */
};

static struct report_view view_of(struct tower *t)
{
    return (struct report_view){.config = t->config,
                                .maker = &t->maker,
                                .spool = t->spool,
                                .desk = t->publisher.desk,
                                .handover = t->handover,
                                .publisher = &t->publisher,
                                .threads = t->threads,
                                .tncs = t->tncs,
                                .links = t->links};
}

static void wake_links(struct tower *t)
{
    for (unsigned i = 0; i < t->config->broker_count; i++)
        link_wake(t->links[i]);
}

static void hand_document(struct tower *t, enum link_document which, char *text)
{
    for (unsigned i = 0; text && i < t->config->broker_count; i++)
        if (link_document(t->links[i], which, text) != ATALAYA_OK)
            log_error("out of memory: a document about the site is not sent");
    free(text);
}

/* ---- what the loop waits for ---- */

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

static int on_commit_due(sd_event_source *source, uint64_t usec, void *context)
{
    struct tower *t = context;
    (void)source;
    (void)usec;
    (void)spool_commit(t->spool); /* a failing disk is in the spool's counts, and in health */
    wake_links(t);
    schedule_commit(t);
    return 0;
}

static int on_reception(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tower *t = context;
    (void)source;
    (void)fd;
    (void)events;
    uint64_t distress_before = t->publisher.counts.distress;
    for (unsigned i = 0; i < TAKE_MOST && handover_take(t->handover, &t->heard); i++)
        publisher_execute(&t->publisher, &t->heard);
    if (t->publisher.counts.distress != distress_before)
        wake_links(t); /* it is on disk already; the rest waits for its batch */
    schedule_commit(t);
    return 0;
}

static void deliver(struct tower *t, unsigned broker, const int64_t *ids, size_t count)
{
    if (count == 0)
        return;
    (void)spool_delivered(t->spool, broker, ids, count); /* failing: sent again later, not lost */
    desk_delivered(t->publisher.desk, t->config->broker[broker].name, ids, count);
}

static int on_acks(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tower *t = context;
    int64_t ids[ACKS_TAKE_MOST];
    size_t count = 0;
    unsigned broker = 0;
    struct ack ack;
    (void)source;
    (void)fd;
    (void)events;
    while (mailbox_take(t->acks, &ack)) {
        if (count == ACKS_TAKE_MOST || ack.broker != broker) {
            deliver(t, broker, ids, count);
            count = 0;
        }
        broker = ack.broker;
        ids[count++] = ack.id;
    }
    deliver(t, broker, ids, count);
    wake_links(t);
    schedule_commit(t);
    return 0;
}

/* Answers a command; so far every one is refused, with its reason. */
static int on_command(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tower *t = context;
    struct order order;
    (void)source;
    (void)fd;
    (void)events;
    while (mailbox_take(t->orders, &order)) {
        const struct envelope_facts facts = {.utc_ns = clock_utc_ns()};
        char topic[INBOUND_TOPIC_MAX];
        json_t *object = envelope_create(&t->maker, &facts), *answer = inbound_answer(&order.command);
        json_object_update(object, answer);
        char *text = json_dumps(object, JSON_COMPACT);
        if (text)
            link_respond(t->links[order.broker],
                         inbound_response_topic(t->maker.site_id, &order.command, topic), text);
        log_notice("command %s (%s) by broker %s refused: %s", order.command.name, order.command.id,
                   t->config->broker[order.broker].name, inbound_refusal_text(order.command.refusal));
        free(text);
        json_decref(answer);
        json_decref(object);
    }
    return 0;
}

static void on_tnc_frame(void *context, unsigned port, const uint8_t *frame, size_t length, int64_t mono_ns)
{
    const struct tnc_place *place = context;
    struct tower *t = place->tower;
    const struct frame_arrival arrival = {place->source, port, frame, length, mono_ns};
    if (frame_reception(t->config, &arrival, &t->heard) != ATALAYA_OK)
        return; /* not of any protocol of that port's channel */
    publisher_execute(&t->publisher, &t->heard);
    wake_links(t);
    schedule_commit(t);
}

/* ---- once a second ---- */

static bool threads_alive(struct tower *t, int64_t now_ns)
{
    int64_t oldest_ns = now_ns - (int64_t)WATCHDOG_PATIENCE_S * 1000000000;
    for (unsigned i = 0; i < t->config->source_count; i++) {
        struct receive_figures figures;
        if (!t->threads[i])
            continue;
        receive_thread_figures(t->threads[i], &figures);
        if (figures.progress_mono_ns < oldest_ns) {
            log_error("source %s hangs: its thread made no progress for %d s", t->config->source[i].name,
                      WATCHDOG_PATIENCE_S);
            return false;
        }
    }
    for (unsigned i = 0; i < t->config->broker_count; i++) {
        struct link_figures figures;
        link_figures(t->links[i], &figures);
        if (figures.progress_mono_ns < oldest_ns) {
            log_error("link %s hangs: its thread made no progress for %d s", t->config->broker[i].name,
                      WATCHDOG_PATIENCE_S);
            return false;
        }
    }
    return true;
}

static void spool_stats(struct tower *t)
{
    const struct report_view view = view_of(t);
    char topic[SPOOL_TOPIC_MAX];
    char *text = report_stats(&view, t->config->report.stats_s);
    snprintf(topic, sizeof topic, "site/%s/stats", t->maker.site_id);
    if (text) {
        struct spool_item item = {
            .class = SPOOL_STATS, .topic = topic, .payload = text, .length = strlen(text), .expiry_s = 3600};
        (void)spool_append(t->spool, &item); /* the least important thing there is */
        schedule_commit(t);
    }
    free(text);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *context)
{
    struct tower *t = context;
    int64_t now_ns = clock_mono_ns();
    if (threads_alive(t, now_ns))
        (void)sd_notify(0, "WATCHDOG=1");
    if (now_ns >= t->health_due_ns) {
        const struct report_view view = view_of(t);
        t->health_due_ns = now_ns + (int64_t)(t->config->report.health_s * 1e9);
        hand_document(t, LINK_HEALTH, report_health(&view));
        desk_tidy(t->publisher.desk);
        log_flush();
    }
    if (now_ns >= t->stats_due_ns) {
        t->stats_due_ns = now_ns + (int64_t)(t->config->report.stats_s * 1e9);
        spool_stats(t);
    }
    (void)sd_event_source_set_time(source, usec + 1000000);
    return 0;
}

/* ---- signals ---- */

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
    struct tower *t = context;
    (void)source;
    log_notice("ending on signal %u", info->ssi_signo);
    return sd_event_exit(t->event, 0);
}

static void log_complaint(void *context, const char *file, unsigned line, const char *text)
{
    (void)context;
    log_error("%s:%u: %s", file, line, text);
}

/* What threads hold on to: sources, brokers, spool and gpsd keep their settings until the program starts
 * again. */
static bool needs_restart(const struct config *now, const struct config *next)
{
    return now->source_count != next->source_count || now->channel_count != next->channel_count ||
           now->broker_count != next->broker_count ||
           memcmp(now->source, next->source, sizeof now->source) != 0 ||
           memcmp(now->channel, next->channel, sizeof now->channel) != 0 ||
           memcmp(now->broker, next->broker, sizeof now->broker) != 0 ||
           memcmp(&now->spool, &next->spool, sizeof now->spool) != 0 ||
           memcmp(&now->gpsd, &next->gpsd, sizeof now->gpsd) != 0 || strcmp(now->site.id, next->site.id) != 0;
}

/* Units, allow-list, distress words and report intervals change without a receive thread noticing: no burst
 * is lost. The new values are copied into the configuration that the threads hold on to. */
static void adopt(struct tower *t, const struct config *next, struct units *units)
{
    struct config *config = t->config;
    units_destroy(t->publisher.units);
    t->publisher.units = units;
    t->publisher.allow_list = next->site.allow_list;
    t->publisher.publish_rx = next->report.rx;
    config->site.allow_list = next->site.allow_list;
    memcpy(config->site.title, next->site.title, sizeof config->site.title);
    config->distress = next->distress;
    config->report = next->report;
    config->unit_count = next->unit_count;
    memcpy(config->unit, next->unit, sizeof config->unit);
    words_replace(t->publisher.words, &next->distress);
    desk_set_join(t->publisher.desk, next->distress.join_s);
    t->health_due_ns = t->stats_due_ns = 0;
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
    struct tower *t = context;
    struct config *next;
    struct units *units;
    (void)source;
    (void)info;
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono_ns() / 1000);
    if (config_load(t->config->file, &next, log_complaint, NULL) != ATALAYA_OK) {
        log_error("%s: not reloaded; the configuration in use stays", t->config->file);
    } else if (units_create(next, &units) != ATALAYA_OK) {
        log_error("%s: not reloaded: out of memory", t->config->file);
        config_free(next);
    } else {
        if (needs_restart(t->config, next))
            log_warning("%s: changes to site id, gpsd, sources, brokers or spool wait for a restart",
                        t->config->file);
        adopt(t, next, units);
        config_free(next);
        const struct report_view view = view_of(t);
        hand_document(t, LINK_INFO, report_info(&view));
        log_notice("%s reloaded: %u units", t->config->file, t->config->unit_count);
    }
    (void)sd_notify(0, "READY=1");
    return 0;
}

/* ---- life ---- */

static void on_acknowledged(void *context, unsigned broker, const int64_t *ids, size_t count)
{
    struct tower *t = context;
    size_t lost = 0;
    for (size_t i = 0; i < count; i++)
        lost += !mailbox_put(t->acks, &(struct ack){ids[i], broker});
    if (lost)
        log_warning("%zu acknowledgements of broker %u forgotten: those items will be sent again", lost,
                    broker);
}

/* On the link's thread: judging is pure, answering is the main thread's. */
static void on_order(void *context, unsigned broker, const char *topic, const void *payload, size_t length,
                     bool retained)
{
    struct tower *t = context;
    struct order order = {.broker = broker};
    inbound_judge(t->maker.site_id, topic, payload, length, retained, clock_utc_ns(), &order.command);
    if (!mailbox_put(t->orders, &order))
        log_warning("too many commands at once by broker %u: one is dropped", broker);
}

static enum atalaya_result make_links(struct tower *t)
{
    const struct link_hooks hooks = {.acknowledged = on_acknowledged, .command = on_order, .context = t};
    char *will = report_status(&t->maker, "offline", "connection lost");
    enum atalaya_result result = will ? ATALAYA_OK : ATALAYA_E_MEMORY;
    for (unsigned i = 0; i < t->config->broker_count && result == ATALAYA_OK; i++) {
        result = link_create(t->config, i, &hooks, will, &t->links[i]);
        if (result == ATALAYA_OK)
            t->publisher.link_count = i + 1;
    }
    free(will);
    return result;
}

static enum atalaya_result make_desk(struct tower *t)
{
    struct publisher *p = &t->publisher;
    p->spool = t->spool;
    p->maker = &t->maker;
    p->allow_list = t->config->site.allow_list;
    p->publish_rx = t->config->report.rx;
    p->links = t->links;
    enum atalaya_result result = units_create(t->config, &p->units);
    if (result == ATALAYA_OK)
        result = words_create(&t->config->distress, &p->words);
    if (result == ATALAYA_OK)
        result = whereabouts_create(t->spool, &p->whereabouts);
    if (result == ATALAYA_OK)
        result = desk_create(t->spool, &t->maker, t->config->distress.join_s, &p->desk);
    return result;
}

/* TNCs join the loop; sample sources get a thread each. */
static enum atalaya_result make_sources(struct tower *t)
{
    for (unsigned i = 0; i < t->config->source_count; i++) {
        const struct config_source *settings = &t->config->source[i];
        enum atalaya_result result;
        t->tnc_places[i] = (struct tnc_place){t, i};
        if (settings->type == SOURCE_KISS)
            result = tnc_create(t->event, settings, on_tnc_frame, &t->tnc_places[i], &t->tncs[i]);
        else
            result = receive_thread_start(t->config, i, t->handover, t->publisher.words, &t->threads[i]);
        if (result != ATALAYA_OK)
            return result;
    }
    for (unsigned i = 0; i < t->config->source_count; i++)
        if (t->threads[i])
            receive_thread_wait_ready(t->threads[i]);
    return ATALAYA_OK;
}

/* Signals are blocked before the first thread exists, so that only the loop sees them. */
static int make_loop(struct tower *t)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    int status = sigprocmask(SIG_BLOCK, &signals, NULL);
    if (status == 0)
        status = sd_event_new(&t->event);
    if (status >= 0)
        status = sd_event_add_signal(t->event, NULL, SIGTERM, on_end, t);
    if (status >= 0)
        status = sd_event_add_signal(t->event, NULL, SIGINT, on_end, t);
    if (status >= 0)
        status = sd_event_add_signal(t->event, NULL, SIGHUP, on_reload, t);
    if (status >= 0)
        status = sd_event_add_io(t->event, NULL, handover_fd(t->handover), EPOLLIN, on_reception, t);
    if (status >= 0)
        status = sd_event_add_io(t->event, NULL, mailbox_fd(t->acks), EPOLLIN, on_acks, t);
    if (status >= 0)
        status = sd_event_add_io(t->event, NULL, mailbox_fd(t->orders), EPOLLIN, on_command, t);
    if (status >= 0)
        status = sd_event_add_time(t->event, &t->commit_timer, CLOCK_BOOTTIME, 0, 1000, on_commit_due, t);
    if (status >= 0)
        status = sd_event_source_set_enabled(t->commit_timer, SD_EVENT_OFF);
    if (status >= 0)
        status = sd_event_add_time(t->event, &t->tick_timer, CLOCK_BOOTTIME, 0, 1000, on_tick, t);
    if (status >= 0)
        status = sd_event_source_set_enabled(t->tick_timer, SD_EVENT_ON);
    return status;
}

static enum atalaya_result make_all(struct tower *t)
{
    enum atalaya_result result = handover_create(HANDOVER_PLACES, &t->handover);
    if (result == ATALAYA_OK)
        result = mailbox_create(sizeof(struct ack), ACKS_PLACES, &t->acks);
    if (result == ATALAYA_OK)
        result = mailbox_create(sizeof(struct order), ORDERS_PLACES, &t->orders);
    if (result == ATALAYA_OK && make_loop(t) < 0)
        result = ATALAYA_E_IO;
    if (result == ATALAYA_OK)
        result = spool_open(t->config, &t->spool);
    if (result == ATALAYA_OK)
        result = site_create(t->config, &t->site);
    if (result != ATALAYA_OK)
        return result;
    memcpy(t->maker.site_id, t->config->site.id, sizeof t->maker.site_id);
    t->maker.boot = spool_boot(t->spool);
    t->maker.site = t->site;
    result = make_desk(t);
    if (result == ATALAYA_OK)
        result = make_links(t);
    if (result == ATALAYA_OK)
        result = make_sources(t);
    return result;
}

enum atalaya_result tower_create(struct config *config, struct tower **tower)
{
    struct tower *t = calloc(1, sizeof *t);
    if (!t) {
        config_free(config);
        return ATALAYA_E_MEMORY;
    }
    t->config = config;
    enum atalaya_result result = make_all(t);
    if (result != ATALAYA_OK) {
        tower_destroy(t);
        return result;
    }
    *tower = t;
    return ATALAYA_OK;
}

int tower_run(struct tower *t)
{
    const struct report_view view = view_of(t);
    hand_document(t, LINK_STATUS, report_status(&t->maker, "online", ""));
    hand_document(t, LINK_INFO, report_info(&view));
    t->stats_due_ns = clock_mono_ns() + (int64_t)(t->config->report.stats_s * 1e9);
    for (unsigned i = 0; i < t->config->broker_count; i++)
        if (link_start(t->links[i]) != ATALAYA_OK)
            return 1;
    (void)sd_notifyf(0, "READY=1\nSTATUS=site %s, %u sources, %u brokers", t->config->site.id,
                     t->config->source_count, t->config->broker_count);
    log_notice("site %s is up: %u sources, %u brokers, boot %" PRIu64, t->config->site.id,
               t->config->source_count, t->config->broker_count, t->maker.boot);
    int status = sd_event_loop(t->event);
    (void)sd_notify(0, "STOPPING=1");
    return status < 0 ? 1 : 0;
}

/* Sources first, then what they left in the hand-over, then the links, the spool last. */
void tower_destroy(struct tower *t)
{
    if (t->handover)
        handover_close(t->handover);
    for (unsigned i = 0; i < CONFIG_SOURCES_MAX; i++) {
        receive_thread_stop(t->threads[i]);
        if (t->tncs[i])
            tnc_destroy(t->tncs[i]);
    }
    if (t->publisher.desk && t->site)
        while (handover_take(t->handover, &t->heard))
            publisher_execute(&t->publisher, &t->heard);
    if (t->spool)
        (void)spool_commit(t->spool);
    char *status = t->site ? report_status(&t->maker, "offline", "stopped") : NULL;
    for (unsigned i = 0; i < CONFIG_BROKERS_MAX; i++)
        if (t->links[i]) {
            link_stop(t->links[i], status ? status : "{}");
            link_destroy(t->links[i]);
        }
    free(status);
    if (t->spool && t->acks && t->publisher.desk)
        (void)on_acks(NULL, 0, 0, t);
    desk_destroy(t->publisher.desk);
    whereabouts_destroy(t->publisher.whereabouts);
    words_destroy(t->publisher.words);
    if (t->publisher.units)
        units_destroy(t->publisher.units);
    if (t->site)
        site_destroy(t->site);
    if (t->spool)
        spool_close(t->spool);
    sd_event_source_unref(t->commit_timer);
    sd_event_source_unref(t->tick_timer);
    sd_event_unref(t->event);
    mailbox_destroy(t->acks);
    mailbox_destroy(t->orders);
    if (t->handover)
        handover_destroy(t->handover);
    config_free(t->config);
    log_flush();
    free(t);
}
