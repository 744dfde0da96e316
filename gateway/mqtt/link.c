/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a link: its thread, its endless attempts, and what other threads may ask of it. */
#include "atalaya/gateway/link.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "mqtt/link_private.h"

_Static_assert((int)LINK_SECRET_BYTES == (int)OUTLET_SECRET_BYTES, "it is handed on");

enum { NS_PER_MS = 1000000, NS_PER_S = 1000000000, HEALTH_INTERVALS = 3, TELL_INTERVALS = 5 };

void link_say(struct link *link, enum link_state state, const char *error)
{
    pthread_mutex_lock(&link->figures_lock);
    if (link->figures.state != state)
        link->figures.since_mono_ns = clock_mono_ns();
    link->figures.state = state;
    snprintf(link->figures.error, sizeof link->figures.error, "%s", error);
    pthread_mutex_unlock(&link->figures_lock);
}

void link_sign_of_life(struct link *link)
{
    pthread_mutex_lock(&link->figures_lock);
    link->figures.progress_mono_ns = clock_mono_ns();
    link->figures.in_flight = (unsigned)link->flight.count;
    link->figures.set_aside = (unsigned)link->flight.parked_count;
    pthread_mutex_unlock(&link->figures_lock);
}

/* It takes no retained will, as it has said just now: the next attempt, at once. */
static bool is_to_leave_unretained(struct link *link)
{
    return link->session.trouble.answered && link->session.will_retained && !link->retains;
}

/* Which version to try next, when the configuration leaves it open. true: at once, without waiting. */
static bool choose_version(struct link *link)
{
    const struct client_trouble *trouble = &link->session.trouble;
    if (link->broker.version != MQTT_AUTO)
        return false;
    if (link->version == MQTT_PROTOCOL_V311) {
        link->version = MQTT_PROTOCOL_V5;
        link->v5_closes = 0;
        return false;
    }
    bool unsupported = trouble->connack == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION || trouble->connack == 1;
    bool closed = trouble->reached && !trouble->answered && !client_is_refused_by_tls(trouble) &&
                  (trouble->rc == MOSQ_ERR_CONN_LOST || trouble->rc == MOSQ_ERR_PROTOCOL ||
                   trouble->rc == MOSQ_ERR_MALFORMED_PACKET || trouble->system_error == ECONNRESET);
    link->v5_closes = closed ? link->v5_closes + 1 : 0;
    if (!unsupported && link->v5_closes < LINK_V5_CLOSES)
        return false;
    link->version = MQTT_PROTOCOL_V311;
    return true;
}

/* mosquitto 2.0.11 cuts the older of two clients of one id off without a word, and so they take turns. */
static void suspect_twin(struct link *link, char *text, size_t size)
{
    const struct session *session = &link->session;
    bool brief = session->born && session->trouble.rc == MOSQ_ERR_CONN_LOST &&
                 clock_mono_ns() - session->began_ns < LINK_BRIEF_S * (int64_t)NS_PER_S;
    link->briefs = brief ? link->briefs + 1 : 0;
    if (link->briefs >= LINK_BRIEFS && !session->refused)
        snprintf(text, size,
                 "%.28s cuts this site off again and again: does another have its client id '%.32s'? Or is "
                 "something refused?",
                 link->broker.host, link->client_id);
}

static void tell_up_and_down(struct link *link, bool was_up, double pause_s)
{
    char text[CLIENT_TEXT_MAX];
    if (link->session.reason[0])
        snprintf(text, sizeof text, "%s", link->session.reason);
    else
        client_explain(&link->broker, link->client_id, &link->session.trouble, text, sizeof text);
    suspect_twin(link, text, sizeof text);
    if (link->starved > 0)
        snprintf(text, sizeof text,
                 "%.40s:%u sends something for which there is no memory: what waited there for this site is "
                 "dropped",
                 link->broker.host, link->broker.port);
    if (link->session.refused && link->session.trouble.rc == MOSQ_ERR_CONN_LOST)
        snprintf(
            text, sizeof text,
            "%.40s:%u refuses something that is published (its access list, quotas, limits) and hangs up",
            link->broker.host, link->broker.port);
    if (was_up || strcmp(text, link->said) != 0)
        log_warning("broker %s: %s; next attempt in %.1f s, then on and on", link->broker.name, text,
                    pause_s);
    snprintf(link->said, sizeof link->said, "%s", text);
    link_say(link, LINK_DOWN, text);
    pthread_mutex_lock(&link->figures_lock);
    link->figures.echo_ns = 0;
    pthread_mutex_unlock(&link->figures_lock);
}

/* Sleeps; the spool's news are no reason to end it, the order to stop is. */
static void rest(struct link *link, double pause_s)
{
    int64_t until_ns = clock_mono_ns() + (int64_t)(pause_s * NS_PER_S);
    for (int64_t left_ns = 1; left_ns > 0 && !mailbox_stopping(link->mailbox);) {
        link_sign_of_life(link);
        left_ns = until_ns - clock_mono_ns();
        int64_t left_ms = left_ns / NS_PER_MS + 1;
        /* A wake-up for each burst must not become a turn for each burst: at most ten a second. */
        struct pollfd wake = {.fd = mailbox_fd(link->mailbox), .events = POLLIN};
        if (left_ns > 0 && poll(&wake, 1, (int)(left_ms < LINK_TURN_MS ? left_ms : LINK_TURN_MS)) > 0) {
            mailbox_calm(link->mailbox);
            if (!mailbox_stopping(link->mailbox))
                (void)poll(NULL, 0, (int)(left_ms < 100 ? left_ms : 100));
        }
    }
}

static void *link_thread(void *context)
{
    struct link *link = context;
    /* Signals are the main thread's; and TLS writes to a socket without MSG_NOSIGNAL. */
    sigset_t all;
    if (sigfillset(&all) != 0 || pthread_sigmask(SIG_BLOCK, &all, NULL) != 0)
        log_error("broker %s: signals could not be blocked in its thread", link->broker.name);
    while (!mailbox_stopping(link->mailbox)) {
        link_sign_of_life(link);
        link_say(link, LINK_CONNECTING, link->said);
        session_run(link);
        bool was_up = link->session.born;
        uint64_t lost = mailbox_empty(link->mailbox);
        pthread_mutex_lock(&link->figures_lock);
        link->figures.rx_dropped += lost;
        pthread_mutex_unlock(&link->figures_lock);
        if (mailbox_stopping(link->mailbox))
            break;
        if (is_to_leave_unretained(link) || choose_version(link))
            continue;
        link->failures = link->progressed ? 0 : link->failures;
        double pause_s = link_backoff_s(link, ++link->failures);
        tell_up_and_down(link, was_up, pause_s);
        rest(link, pause_s);
    }
    link_say(link, LINK_DOWN, "");
    return NULL;
}

static void describe(struct link *link, const struct config *config, unsigned index)
{
    link->broker = config->broker[index];
    link->index = index;
    link->health_expiry_s = (unsigned)(HEALTH_INTERVALS * config->report.health_s);
    double tell_again_s = TELL_INTERVALS * config->report.health_s;
    link->tell_again_s = tell_again_s < LINK_TELL_AGAIN_S ? (unsigned)tell_again_s : LINK_TELL_AGAIN_S;
    snprintf(link->site, sizeof link->site, "%s", config->site.id);
    snprintf(link->spool_path, sizeof link->spool_path, "%s", config->spool.path);
    if (link->broker.client_id[0])
        snprintf(link->client_id, sizeof link->client_id, "%s", link->broker.client_id);
    else
        snprintf(link->client_id, sizeof link->client_id, "atalaya-%s", config->site.id);
    link->version = link->broker.version == MQTT_311 ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5;
    link->retains = link->broker.retain;
}

enum atalaya_result link_create(const struct config *config, unsigned index, const struct link_hooks *hooks,
                                const char *will, struct link **link)
{
    if (index >= config->broker_count || !will)
        return ATALAYA_E_ARGUMENT;
    struct link *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    describe(made, config, index);
    made->hooks = *hooks;
    made->will = strdup(will);
    enum atalaya_result result = made->will ? mailbox_create(&made->mailbox) : ATALAYA_E_MEMORY;
    if (result == ATALAYA_OK)
        result = outlet_create(config, index, &made->outlet);
    if (result == ATALAYA_OK && pthread_mutex_init(&made->figures_lock, NULL) != 0)
        result = ATALAYA_E_MEMORY;
    if (result != ATALAYA_OK) {
        outlet_destroy(made->outlet);
        mailbox_destroy(made->mailbox);
        free(made->will);
        free(made);
        return result;
    }
    client_library_init();
    made->figures.since_mono_ns = made->figures.progress_mono_ns = clock_mono_ns();
    *link = made;
    return ATALAYA_OK;
}

void link_set_secret(struct link *link, const unsigned char secret[LINK_SECRET_BYTES])
{
    outlet_set_secret(link->outlet, secret);
}

enum atalaya_result link_start(struct link *link)
{
    if (link->started)
        return ATALAYA_E_ARGUMENT;
    enum atalaya_result result = spool_reader_open(link->spool_path, link->broker.name, &link->reader);
    if (result != ATALAYA_OK)
        return result;
    if (pthread_create(&link->thread, NULL, link_thread, link) != 0) {
        spool_reader_close(link->reader);
        link->reader = NULL;
        return ATALAYA_E_MEMORY;
    }
    link->started = true;
    return ATALAYA_OK;
}

void link_wake(struct link *link)
{
    mailbox_wake(link->mailbox);
}

enum atalaya_result link_document(struct link *link, enum link_document which, const char *text)
{
    return mailbox_set_document(link->mailbox, which, text);
}

/* Puts mail in where the link is up; counts a reception that found no place. */
static void put_mail(struct link *link, enum mailbox_kind kind, const char *topic, const char *text)
{
    pthread_mutex_lock(&link->figures_lock);
    bool up = link->figures.state == LINK_UP;
    pthread_mutex_unlock(&link->figures_lock);
    if ((up && mailbox_put(link->mailbox, kind, topic, text)) || kind != MAILBOX_RX)
        return;
    pthread_mutex_lock(&link->figures_lock);
    link->figures.rx_dropped++;
    pthread_mutex_unlock(&link->figures_lock);
}

void link_rx(struct link *link, const char *text)
{
    put_mail(link, MAILBOX_RX, NULL, text);
}

void link_event(struct link *link, const char *topic, const char *text)
{
    put_mail(link, MAILBOX_RX, topic, text);
}

void link_respond(struct link *link, const char *topic, const char *text, bool refused)
{
    pthread_mutex_lock(&link->figures_lock);
    link->figures.refused_commands += refused;
    pthread_mutex_unlock(&link->figures_lock);
    put_mail(link, MAILBOX_RESPONSE, topic, text);
}

void link_figures(struct link *link, struct link_figures *figures)
{
    pthread_mutex_lock(&link->figures_lock);
    *figures = link->figures;
    pthread_mutex_unlock(&link->figures_lock);
}

void link_stop(struct link *link, const char *status)
{
    if (!link->started)
        return;
    mailbox_stop(link->mailbox, status);
    (void)pthread_join(link->thread, NULL);
    link->started = false;
    spool_reader_close(link->reader);
    link->reader = NULL;
}

void link_destroy(struct link *link)
{
    if (!link)
        return;
    link_stop(link, NULL);
    mailbox_destroy(link->mailbox);
    outlet_destroy(link->outlet);
    pthread_mutex_destroy(&link->figures_lock);
    free(link->will);
    free(link);
}
