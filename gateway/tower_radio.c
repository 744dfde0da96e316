/* SPDX-License-Identifier: Apache-2.0 */
/* What this site says by radio: commands of centres on their way out, and how each stands. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "tower_private.h"

enum { REPORTS_PLACES = 256, NEIGHBOURS_PLACES = 256 };
static const double life_most_s = 900.0; /* a text that late is no longer meant */

/* On a transmitter's thread. */
static void on_done(void *context, const struct transmit_report *report)
{
    struct tower *t = context;
    if (!postbox_put(t->reports, report))
        log_warning("the report of transmitter %s is lost", t->config->transmitter[report->transmitter].name);
}

static int on_reports(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tower *t = context;
    struct transmit_report report;
    (void)source;
    (void)fd;
    (void)events;
    while (postbox_take(t->reports, &report))
        errands_report(t->errands, &report);
    tower_wake_links(t);
    return 0;
}

/* What an errand of a command says of itself: everything that its answers need. */
static uint64_t owner_of(unsigned broker, const struct inbound_command *command)
{
    return (uint64_t)command->what | (uint64_t)command->test << 8 | (uint64_t)broker << 16;
}

static void set_time(json_t *object, const char *key, int64_t utc_ns)
{
    char text[CLOCK_TEXT_MAX], key_ms[32];
    snprintf(key_ms, sizeof key_ms, "%s_ms", key);
    json_object_set_new(object, key, json_string(clock_format(utc_ns, text)));
    json_object_set_new(object, key_ms, json_integer(utc_ns / 1000000));
}

static json_t *transmission(const struct errand_news *news)
{
    json_t *facts =
        json_pack("{s:b, s:b, s:b, s:b, s:i}", "queued", news->queued, "sent", news->sent, "radio_confirmed",
                  news->confirmed, "final", news->final, "attempts", (int)news->attempts);
    if (news->sent || news->final || news->waits)
        json_object_set_new(facts, "result", json_string(transmit_result_text(news->result)));
    if (news->sent_mono_ns)
        set_time(facts, "sent_time", clock_utc_of_mono(news->sent_mono_ns));
    return facts;
}

/* Something came of a command: a further answer to it. */
static void respond(struct tower *t, const struct errand_news *news)
{
    unsigned broker = (unsigned)(news->order->owner >> 16);
    bool test = news->order->owner >> 8 & 1;
    const struct envelope_facts facts = {.utc_ns = clock_utc_ns(), .test = test};
    static struct inbound_command command; /* main thread only */
    char topic[INBOUND_TOPIC_MAX];
    const char *detail = news->confirmed ? "the radio has it"
                         : news->sent && news->final && news->attempts > 1
                             ? "sent, but the radio did not confirm it"
                         : news->sent  ? "sent"
                         : news->waits ? "it waits"
                                       : "not sent";
    snprintf(command.id, sizeof command.id, "%.64s", news->order->subject);
    json_t *object = envelope_create(&t->maker, &facts);
    json_t *content = json_pack("{s:s, s:s, s:b, s:s}", "command",
                                inbound_what_text((enum inbound_what)(news->order->owner & 0xff)),
                                "command_id", command.id, "accepted", true, "detail", detail);
    json_object_update(object, content);
    json_object_set_new(object, "transmission", transmission(news));
    char *text = json_dumps(object, JSON_LINE_FLAGS);
    if (text)
        link_respond(t->links[broker], inbound_response_topic(t->maker.site_id, &command, topic), text,
                     false);
    log_notice("command %s: %s (%s)", command.id, detail, transmit_result_text(news->result));
    free(text);
    json_decref(content);
    json_decref(object);
}

static void on_told(void *context, const struct errand_news *news)
{
    struct tower *t = context;
    if (news->order->owner != 0) {
        if (news->sent || news->final)
            orders_settle(t->commands, news->order->subject);
        respond(t, news);
    } else if (news->order->subject[0])
        answers_told(t->answers, news);
}

/* On a link's thread: reading is pure, what it means is the main thread's affair. */
void tower_on_neighbour(void *context, unsigned broker, const char *topic, const void *payload, size_t length)
{
    struct tower *t = context;
    static _Thread_local struct neighbour_news news; /* a link's thread has a small stack */
    neighbours_read(t->maker.site_id, topic, payload, length, &news);
    news.broker = broker;
    if (news.kind != NEIGHBOUR_NOTHING && !postbox_put(t->neighbours, &news))
        log_warning("too much of other sites at once by broker %s: a document is passed over",
                    t->config->broker[broker].name);
}

static int on_neighbours(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tower *t = context;
    static struct neighbour_news news; /* main thread only */
    (void)source;
    (void)fd;
    (void)events;
    for (unsigned i = 0; i < NEIGHBOURS_TAKE_MOST && postbox_take(t->neighbours, &news); i++)
        answers_neighbour(t->answers, &news);
    tower_answer(t);
    tower_wake_links(t);
    return 0;
}

enum answer_reach tower_reach(void *context, const struct distress *distress)
{
    struct tower *t = context;
    return answers_reach(t->answers, distress);
}

void tower_answer(struct tower *t)
{
    uint32_t links = 0;
    for (unsigned i = 0; i < t->publisher.link_count; i++) {
        struct link_figures figures;
        link_figures(t->links[i], &figures);
        links |= figures.state == LINK_UP ? UINT32_C(1) << i : 0;
    }
    answers_links(t->answers, links);
    answers_tick(t->answers, clock_mono_ns());
}

static bool find_way(const struct tower *t, const struct inbound_command *command, struct way *way)
{
    if (command->what == INBOUND_TRANSMIT)
        return routes_to_all(t->routes, command->channel, way);
    return routes_find(t->routes, command->unit, command->radio, way);
}

static enum say_what what_of(const struct inbound_command *command)
{
    if (strcmp(command->kind, "call_alert") == 0)
        return SAY_CALL_ALERT;
    if (strcmp(command->kind, "radio_check") == 0)
        return SAY_RADIO_CHECK;
    return SAY_TEXT;
}

/* Each centre and each unit has its share; a base radio's port has none but its queue. */
static bool is_too_much(struct tower *t, const char *centre, const struct inbound_command *command,
                        const struct way *way)
{
    const struct config_transmitter *transmitter = &t->config->transmitter[way->transmitter];
    const char *to = command->what == INBOUND_TRANSMIT ? command->channel : command->unit;
    int64_t now_ns = clock_mono_ns();
    if (way->kind == WAY_BASE_RADIO)
        return false;
    return !rates_take(&t->centre_rates, centre, transmitter->centre_per_hour, now_ns) ||
           !rates_take(&t->unit_rates, to, transmitter->unit_per_hour, now_ns);
}

static void refuse(struct inbound_command *command, enum inbound_refusal why, enum transmit_result result,
                   const char *detail)
{
    inbound_refuse(command, why, detail);
    command->result = transmit_result_text(result);
}

/* Another tower that hears it would take it for a call. */
static bool calls_for_help(const struct tower *t, const char *text)
{
    static struct message message; /* main thread only */
    struct words_verdict verdict;
    message_reset(&message, "", "");
    (void)message_add_string(&message, "text", text); /* it fits */
    words_judge(t->publisher.words, &message, &verdict);
    return verdict.distress != DISTRESS_NONE;
}

void tower_say(void *context, const char *centre, unsigned broker, struct inbound_command *command)
{
    struct tower *t = context;
    struct errand_order order = {.what = what_of(command),
                                 .priority = TRANSMIT_ROUTINE,
                                 .life_s = (double)(command->expires_utc_ns - clock_utc_ns()) * 1e-9,
                                 .repeats = t->config->answer.repeats,
                                 .repeat_s = t->config->answer.repeat_s,
                                 .owner = owner_of(broker, command)};
    if (order.life_s > life_most_s)
        order.life_s = life_most_s;
    if (!find_way(t, command, &order.way)) {
        inbound_refuse(command, INBOUND_UNAVAILABLE, "no radio of this site reaches that");
        return;
    }
    if (calls_for_help(t, command->text)) {
        refuse(command, INBOUND_NOT_POSSIBLE, TRANSMIT_REFUSED,
               "these words call for help: another tower would take them for a call");
        return;
    }
    if (is_too_much(t, centre, command, &order.way)) {
        refuse(command, INBOUND_NOT_POSSIBLE, TRANSMIT_REFUSED,
               "too many messages of this centre or to this unit");
        return;
    }
    snprintf(order.text, sizeof order.text, "%s%s", command->test && command->text[0] ? "TEST: " : "",
             command->text);
    snprintf(order.subject, sizeof order.subject, "%s", command->id);
    enum atalaya_result result = errands_start(t->errands, &order);
    if (result == ATALAYA_OK) {
        command->queued = true;
        snprintf(command->detail, sizeof command->detail, "it waits for the transmitter");
    } else if (result == ATALAYA_E_FULL)
        refuse(command, INBOUND_BUSY, TRANSMIT_QUEUE_FULL, "too much waits for the transmitter");
    else if (result == ATALAYA_E_GONE)
        refuse(command, INBOUND_UNAVAILABLE, TRANSMIT_DEVICE_LOST, "the radio's port is away");
    else
        refuse(command, INBOUND_NOT_POSSIBLE, TRANSMIT_REFUSED,
               "that cannot be said to this radio: see its length, and use plain letters without accents");
}

static enum atalaya_result make_transmitters(struct tower *t)
{
    for (unsigned i = 0; i < t->config->transmitter_count; i++) {
        const struct transmitter_setting setting = {
            .config = t->config, .index = i, .carriers = &t->carriers, .done = on_done, .context = t};
        bool passive = !t->config->transmitter[i].channel[0]; /* off; or a TNC, which keys by itself */
        for (unsigned c = 0; c < t->config->channel_count; c++)
            if (strcmp(t->config->channel[c].name, t->config->transmitter[i].channel) == 0)
                passive |= t->config->source[t->config->channel[c].source].type == SOURCE_KISS;
        enum atalaya_result result = passive ? ATALAYA_OK : transmitter_create(&setting, &t->transmitters[i]);
        if (result != ATALAYA_OK) {
            log_error("transmitter %s cannot be used: %s", t->config->transmitter[i].name,
                      atalaya_result_text(result));
            return result;
        }
    }
    return ATALAYA_OK;
}

enum atalaya_result tower_make_radio(struct tower *t)
{
    enum atalaya_result result = postbox_create(sizeof(struct transmit_report), REPORTS_PLACES, &t->reports);
    if (result == ATALAYA_OK &&
        sd_event_add_io(t->event, NULL, postbox_fd(t->reports), EPOLLIN, on_reports, t) < 0)
        result = ATALAYA_E_IO;
    if (result == ATALAYA_OK)
        result = postbox_create(sizeof(struct neighbour_news), NEIGHBOURS_PLACES, &t->neighbours);
    if (result == ATALAYA_OK &&
        sd_event_add_io(t->event, NULL, postbox_fd(t->neighbours), EPOLLIN, on_neighbours, t) < 0)
        result = ATALAYA_E_IO;
    if (result == ATALAYA_OK)
        result = routes_create(t->config, &t->routes);
    const struct errands_setting setting = {.transmitters = t->transmitters,
                                            .tncs = t->tncs,
                                            .number_seed = t->maker.boot % 99 * 1000,
                                            .told = on_told,
                                            .context = t};
    if (result == ATALAYA_OK)
        result = errands_create(&setting, &t->errands);
    const struct answers_setting answers = {.config = t->config,
                                            .desk = t->publisher.desk,
                                            .routes = t->routes,
                                            .errands = t->errands,
                                            .site = t->maker.site_id};
    if (result == ATALAYA_OK)
        result = answers_create(&answers, &t->answers);
    if (result == ATALAYA_OK)
        result = make_transmitters(t);
    if (result != ATALAYA_OK)
        return result;
    t->dialogue = (struct dialogue){.routes = t->routes, .errands = t->errands, .unit_per_hour = 6};
    t->publisher.dialogue = &t->dialogue;
    return ATALAYA_OK;
}

void tower_silence_radio(struct tower *t)
{
    for (unsigned i = 0; i < CONFIG_TRANSMITTERS_MAX; i++) {
        transmitter_destroy(t->transmitters[i]);
        t->transmitters[i] = NULL;
    }
    if (t->errands && t->reports)
        (void)on_reports(NULL, 0, 0, t); /* what did not go out any more is said */
}

void tower_unmake_radio(struct tower *t)
{
    t->publisher.dialogue = NULL;
    answers_destroy(t->answers);
    t->answers = NULL;
    postbox_destroy(t->neighbours);
    errands_destroy(t->errands);
    routes_destroy(t->routes);
    postbox_destroy(t->reports);
}
