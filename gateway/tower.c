/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/units.h"
#include "outlet/pseudonym.h"
#include "resident.h"
#include "tower_private.h"

static int on_end(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
    struct tower *t = context;
    (void)source;
    log_notice("ending on signal %u", info->ssi_signo);
    return sd_event_exit(t->event, 0);
}

static void on_acknowledged(void *context, unsigned broker, const int64_t *ids, size_t count)
{
    struct tower *t = context;
    size_t lost = 0;
    for (size_t i = 0; i < count; i++)
        lost += !postbox_put(t->acks, &(struct ack){.id = ids[i], .broker = broker});
    if (lost)
        log_error("%zu acknowledgements of broker %u forgotten: those items are sent again after a restart",
                  lost, broker);
}

static void on_unheard(void *context, unsigned broker, int64_t id)
{
    struct tower *t = context;
    if (!postbox_put(t->acks, &(struct ack){.id = id, .broker = broker, .unheard = true}))
        log_error("an acknowledgement of broker %u forgotten: its item is sent again after a restart",
                  broker);
}

static void on_connected(void *context, unsigned broker, bool remembered)
{
    struct tower *t = context;
    const struct ack news = {.broker = broker, .connected = true, .remembered = remembered};
    if (!postbox_put(t->acks, &news))
        log_warning("broker %u is connected: what it retains could not be looked after", broker);
}

static bool on_naming(void *context, const char *radio)
{
    struct tower *t = context;
    return naming_allows(&t->naming, radio);
}

static bool on_alarm(void *context, const struct distress *distress)
{
    struct tower *t = context;
    return alarm_sound(t->alarm, t->config->distress.alarm_command, distress);
}

/* On the link's thread: judging is pure, answering is the main thread's. */
static void on_order(void *context, unsigned broker, const char *topic, const void *payload, size_t length,
                     bool retained)
{
    struct tower *t = context;
    static _Thread_local struct order order; /* a link's thread has a small stack */
    order.broker = broker;
    inbound_judge(t->maker.site_id, topic, payload, length, retained, &order.command);
    /* Rubbish must not take the places of commands. */
    if (order.command.refusal != INBOUND_ACCEPTED && !throttle_take(&t->rubbish[broker], clock_mono_ns())) {
        log_warning("broker %u brings commands without form, faster than they are looked at: %s", broker,
                    inbound_refusal_text(order.command.refusal));
        return;
    }
    /* Half of the places are for steps of incidents: no flood of the rest keeps a person's answer out. */
    enum inbound_what what = order.command.what;
    bool is_step = order.command.refusal == INBOUND_ACCEPTED &&
                   (what == INBOUND_RECEIVED || what == INBOUND_ACKNOWLEDGE || what == INBOUND_CLEAR);
    if (!postbox_put_below(t->orders, &order, is_step ? ORDERS_PLACES : ORDERS_PLACES / 2))
        log_warning("too many commands at once by broker %u: one is dropped", broker);
}

/* One link; where a broker hides names, it does so under the site's own secret. */
static enum atalaya_result make_link(struct tower *t, unsigned i, const struct link_hooks *hooks,
                                     const char *will)
{
    enum atalaya_result result = link_create(t->config, i, hooks, will, &t->links[i]);
    if (result != ATALAYA_OK || t->config->broker[i].seal_to_count == 0)
        return result;
    unsigned char secret[LINK_SECRET_BYTES];
    pseudonym_secret(t->spool, secret);
    link_set_secret(t->links[i], secret);
    explicit_bzero(secret, sizeof secret);
    return result;
}

static enum atalaya_result make_links(struct tower *t)
{
    const struct link_hooks hooks = {.acknowledged = on_acknowledged,
                                     .unheard = on_unheard,
                                     .connected = on_connected,
                                     .command = on_order,
                                     .neighbour = tower_on_neighbour,
                                     .may_name = on_naming,
                                     .context = t};
    for (unsigned i = 0; i < CONFIG_BROKERS_MAX; i++)
        t->rubbish[i] = (struct throttle)THROTTLE_RUBBISH;
    char *will = report_status(&t->maker, "offline", "connection lost");
    enum atalaya_result result = will ? ATALAYA_OK : ATALAYA_E_MEMORY;
    for (unsigned i = 0; i < t->config->broker_count && result == ATALAYA_OK; i++) {
        result = make_link(t, i, &hooks, will);
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
    p->config = t->config;
    p->allow_list = t->config->site.allow_list;
    p->trust_repaired = t->config->distress.trust_repaired;
    p->join_s = t->config->distress.windows.join_s;
    p->publish_rx = t->config->report.rx;
    p->links = t->links;
    enum atalaya_result result = units_create(t->config, &p->units);
    if (result == ATALAYA_OK)
        naming_configure(&t->naming, p->units, p->allow_list);
    if (result == ATALAYA_OK)
        result = words_create(&t->config->distress, &p->words);
    if (result == ATALAYA_OK)
        words_set_codes(p->words, t->config->code, t->config->code_count);
    if (result == ATALAYA_OK)
        result = whereabouts_create(t->spool, &p->whereabouts);
    if (result == ATALAYA_OK)
        result = shown_create(t->spool, t->config, &p->shown);
    if (result == ATALAYA_OK)
        shown_review(p->shown, p->units);
    if (result == ATALAYA_OK)
        whereabouts_configured(p->whereabouts, p->units);
    if (result == ATALAYA_OK)
        result = audit_open(t->spool, &t->config->spool, &t->audit);
    if (result == ATALAYA_OK)
        result = alarm_create(&t->alarm);
    if (result == ATALAYA_OK)
        result = guard_create(t->config, t->spool, t->threads, p->words, &t->guard);
    if (result == ATALAYA_OK)
        p->check_ins = guard_check_ins(t->guard);
    const struct desk_setting desk = {.spool = t->spool,
                                      .maker = &t->maker,
                                      .config = t->config,
                                      .windows = t->config->distress.windows,
                                      .audit = t->audit,
                                      .alarm = on_alarm,
                                      .units = p->units,
                                      .tell_sites = true,
                                      .reach = tower_reach,
                                      .context = t};
    if (result == ATALAYA_OK)
        result = desk_create(&desk, &p->desk);
    const struct orders_setting setting = {.config = t->config,
                                           .spool = t->spool,
                                           .desk = p->desk,
                                           .site = t->site,
                                           .reload = tower_reload,
                                           .say = tower_say,
                                           .context = t};
    if (result == ATALAYA_OK)
        result = orders_create(&setting, &t->commands);
    return result;
}

/* TNCs join the loop; sample sources get a thread each. */
static enum atalaya_result make_sources(struct tower *t)
{
    for (unsigned i = 0; i < t->config->source_count; i++) {
        const struct config_source *settings = &t->config->source[i];
        enum atalaya_result result;
        t->tnc_places[i] = (struct tnc_place){t, i};
        if (settings->type == SOURCE_KISS || settings->type == SOURCE_SERIAL)
            result = tnc_create(t->event, settings, tower_on_tnc_frame, &t->tnc_places[i], &t->tncs[i]);
        else
            result = receive_thread_start(t->config, i, t->handover, t->publisher.words, &t->carriers,
                                          t->config->report.activity ? t->activities : NULL,
                                          guard_usual(t->guard), &t->threads[i]);
        if (result != ATALAYA_OK)
            return result;
    }
    for (unsigned i = 0; i < t->config->source_count; i++)
        if (t->threads[i])
            (void)receive_thread_wait_ready(t->threads[i]); /* hung: said there, and in health */
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
        status = sd_event_add_signal(t->event, NULL, SIGHUP, tower_on_reload, t);
    if (status >= 0)
        status = sd_event_add_io(t->event, NULL, handover_fd(t->handover), EPOLLIN, tower_on_reception, t);
    if (status >= 0)
        status = sd_event_add_io(t->event, &t->acks_event, postbox_fd(t->acks), EPOLLIN, tower_on_acks, t);
    if (status >= 0)
        status = sd_event_source_set_priority(t->acks_event, SD_EVENT_PRIORITY_NORMAL + 1);
    if (status >= 0)
        status = sd_event_add_io(t->event, NULL, postbox_fd(t->orders), EPOLLIN, tower_on_command, t);
    if (status >= 0)
        status = sd_event_add_io(t->event, NULL, postbox_fd(t->activities), EPOLLIN, tower_on_activity, t);
    if (status >= 0)
        status =
            sd_event_add_time(t->event, &t->commit_timer, CLOCK_BOOTTIME, 0, 1000, tower_on_commit_due, t);
    if (status >= 0)
        status = sd_event_source_set_enabled(t->commit_timer, SD_EVENT_OFF);
    if (status >= 0)
        status = sd_event_add_time(t->event, &t->tick_timer, CLOCK_BOOTTIME, 0, 1000, tower_on_tick, t);
    if (status >= 0)
        status = sd_event_source_set_enabled(t->tick_timer, SD_EVENT_ON);
    return status;
}

static enum atalaya_result make_all(struct tower *t)
{
    enum atalaya_result result = handover_create(HANDOVER_PLACES, &t->handover);
    if (result == ATALAYA_OK)
        result = postbox_create(sizeof(struct ack), ACKS_PLACES, &t->acks);
    if (result == ATALAYA_OK)
        result = postbox_create(sizeof(struct order), ORDERS_PLACES, &t->orders);
    if (result == ATALAYA_OK)
        result = postbox_create(sizeof(struct activity), ACTIVITIES_PLACES, &t->activities);
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
        result = tower_make_radio(t);
    if (result == ATALAYA_OK)
        result = make_links(t);
    if (result == ATALAYA_OK)
        result = make_sources(t);
    return result;
}

/* A reload and a broker's longest commands need a fraction of the first; a receiver, which is made when its
 * source is there, takes up to half of the second with its driver (72 MiB for 96 channels of a band). */
static size_t memory_to_come(const struct config *config)
{
    size_t bytes = (size_t)192 << 20;
    for (unsigned i = 0; i < config->source_count; i++)
        if (config->source[i].type != SOURCE_KISS && config->source[i].type != SOURCE_SERIAL)
            bytes += (size_t)144 << 20;
    return bytes;
}

enum atalaya_result tower_create(struct config *config, struct tower **tower)
{
    struct tower *t = calloc(1, sizeof *t);
    if (!t) {
        config_free(config);
        return ATALAYA_E_MEMORY;
    }
    t->config = config;
    t->config_refused = config->is_kept;
    pthread_mutex_init(&t->naming.lock, NULL);
    t->started_ns = clock_mono_ns();
    enum atalaya_result result = make_all(t);
    if (result != ATALAYA_OK) {
        (void)tower_destroy(t);
        return result;
    }
    *tower = t;
    return ATALAYA_OK;
}

int tower_run(struct tower *t)
{
    const struct report_view view = tower_view(t);
    tower_document(t, LINK_STATUS, report_status(&t->maker, "online", ""));
    tower_document(t, LINK_INFO, report_info(&view));
    t->stats_due_ns = clock_mono_ns() + (int64_t)(t->config->report.stats_s * 1e9);
    for (unsigned i = 0; i < t->config->broker_count; i++)
        if (link_start(t->links[i]) != ATALAYA_OK)
            return 1;
    resident_bound(memory_to_come(t->config));
    (void)sd_notifyf(0, "READY=1\nSTATUS=site %s, %u sources, %u brokers%s", t->config->site.id,
                     t->config->source_count, t->config->broker_count,
                     t->config->is_kept ? ": THE LAST GOOD CONFIGURATION, for that in the file is not usable"
                                        : "");
    tower_keep_config(t);
    log_notice("site %s is up: %u sources, %u brokers, boot %" PRIu64, t->config->site.id,
               t->config->source_count, t->config->broker_count, t->maker.boot);
    int status = sd_event_loop(t->event);
    (void)sd_notify(0, "STOPPING=1");
    return status < 0 ? 1 : 0;
}

/* The keys first, then sources, then what they left in the hand-over, then the links, the spool last. */
bool tower_destroy(struct tower *t)
{
    bool hung = false;
    tower_silence_radio(t);
    guard_keep(t->guard);
    if (t->handover)
        handover_close(t->handover);
    for (unsigned i = 0; i < CONFIG_SOURCES_MAX; i++) {
        hung |= !receive_thread_stop(t->threads[i]);
        if (t->tncs[i])
            tnc_destroy(t->tncs[i]);
    }
    if (t->publisher.desk && t->site && t->publisher.dialogue)
        while (handover_take(t->handover, &t->heard))
            publisher_execute(&t->publisher, &t->heard);
    if (t->spool)
        (void)spool_commit(t->spool);
    char *status = t->site ? report_status(&t->maker, "offline", "stopped") : NULL;
    for (unsigned i = 0; i < CONFIG_BROKERS_MAX; i++)
        if (t->links[i])
            link_stop(t->links[i], status ? status : "{}");
    free(status);
    if (t->spool && t->acks && t->publisher.desk)
        for (unsigned i = 0; i <= ACKS_PLACES / ACKS_TAKE_MOST; i++)
            (void)tower_on_acks(NULL, 0, 0, t); /* wakes the links: they must still be there */
    for (unsigned i = 0; i < CONFIG_BROKERS_MAX; i++)
        if (t->links[i])
            link_destroy(t->links[i]);
    tower_unmake_radio(t);
    orders_destroy(t->commands);
    desk_destroy(t->publisher.desk);
    audit_close(t->audit);
    alarm_destroy(t->alarm);
    guard_destroy(t->guard);
    whereabouts_destroy(t->publisher.whereabouts);
    shown_destroy(t->publisher.shown);
    if (t->publisher.units)
        units_destroy(t->publisher.units);
    if (t->site)
        site_destroy(t->site);
    if (t->spool)
        spool_close(t->spool);
    log_flush();
    if (hung) /* its thread may wake any time, and find what it knows */
        return false;
    words_destroy(t->publisher.words);
    sd_event_source_unref(t->acks_event);
    sd_event_source_unref(t->commit_timer);
    sd_event_source_unref(t->tick_timer);
    sd_event_unref(t->event);
    postbox_destroy(t->acks);
    postbox_destroy(t->orders);
    postbox_destroy(t->activities);
    if (t->handover)
        handover_destroy(t->handover);
    config_free(t->config);
    free(t);
    return true;
}
