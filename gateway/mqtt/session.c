/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to the broker: attempt, birth, work, end. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "mqtt/link_private.h"

enum { NS_PER_S = 1000000000, IDLE_MS = 250, BACKOFF_STEPS = 20 };

double link_backoff_s(const struct link *link, unsigned failures)
{
    double least_s = link->broker.retry_min_s, most_s = link->broker.retry_max_s;
    double ceiling_s =
        fmin(most_s, ldexp(least_s, (int)(failures < BACKOFF_STEPS ? failures : BACKOFF_STEPS)));
    uint32_t random = UINT32_MAX / 2;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != sizeof random)
        random = UINT32_MAX / 2;
    return least_s + fmax(0.0, ceiling_s - least_s) * ((double)random / (double)UINT32_MAX);
}

/* The will: the status document as the broker is to publish it when this link dies. */
static int set_will(struct link *link, struct mosquitto *client)
{
    char topic[CONFIG_TEXT_MAX + SPOOL_TOPIC_MAX];
    mosquitto_property *properties = NULL;
    int rc = MOSQ_ERR_SUCCESS;
    snprintf(topic, sizeof topic, "%s/site/%s/status", link->broker.prefix, link->site);
    if (link->version == MQTT_PROTOCOL_V5) {
        rc = mosquitto_property_add_int32(&properties, MQTT_PROP_WILL_DELAY_INTERVAL, LINK_WILL_DELAY_S);
        if (rc == MOSQ_ERR_SUCCESS)
            rc = mosquitto_property_add_string(&properties, MQTT_PROP_CONTENT_TYPE, "application/json");
    }
    if (rc == MOSQ_ERR_SUCCESS)
        rc = mosquitto_will_set_v5(client, topic, (int)strlen(link->will), link->will, 1, link->retains,
                                   properties);
    if (rc != MOSQ_ERR_SUCCESS)
        mosquitto_property_free_all(&properties); /* else the client owns them */
    return rc;
}

/* mosquitto 2.0.11 with max_queued_messages 0, and others, refuse something and hang up: what was refused
 * must not be the first thing said again, or nothing else would ever be said. Any other end gives all of it a
 * new chance. */
static void begin_anew(struct link *link, int64_t now_ns)
{
    const struct session *before = &link->session;
    bool hung_up = before->refused && before->trouble.rc != MOSQ_ERR_SUCCESS && !before->reason[0];
    flight_ground(&link->flight);
    if (link->too_long_ns + LINK_TOO_LONG_S * (int64_t)NS_PER_S < now_ns)
        link->too_long = 0;
    if (hung_up)
        link->hang_ups++;
    else if (link->briefs == 0)
        link->hang_ups = 0;
    if (hung_up && link->hang_ups >= LINK_HANG_UPS && link->unpark_ns && !link->condemned) {
        link->condemned = true;
        link->unpark_ns = now_ns + LINK_CONDEMNED_DISTRESS_S * (int64_t)NS_PER_S;
    }
    if (link->condemned)
        return; /* what is too long is known by its length */
    flight_unpark(&link->flight);
    link->unpark_ns = 0;
    link->barred = link->refusals = 0;
}

static bool session_begin(struct link *link)
{
    struct session *session = &link->session;
    const int64_t now_ns = clock_mono_ns();
    begin_anew(link, now_ns);
    memset(session, 0, sizeof *session);
    session->began_ns = now_ns;
    /* A broker that hangs up while more is on its way resets the connection, and its refusal is lost with it.
     */
    session->careful = link->cuts >= LINK_CAREFUL_CUTS || link->hang_ups > 0;
    session->in_flight_limit = link->broker.in_flight > 0 ? link->broker.in_flight : 1;
    echo_begin(&link->echo, session->began_ns);
    if (link->barred & LINK_ECHO_BARRED)
        echo_refused(&link->echo);
    link->progressed = false;
    session->client = client_create(&link->broker, link->client_id, link->version, link->starved > 0, link,
                                    session->reason, sizeof session->reason);
    if (!session->client)
        return false;
    callbacks_set(session->client);
    session->will_retained = link->retains;
    if (set_will(link, session->client) != MOSQ_ERR_SUCCESS) {
        snprintf(session->reason, sizeof session->reason, "the will could not be set: check prefix '%.60s'",
                 link->broker.prefix);
        return false;
    }
    uint32_t expiry_s = link->version == MQTT_PROTOCOL_V5 ? LINK_SESSION_EXPIRY_S : 0;
    return client_connect(session->client, &link->broker, expiry_s, link->ipv4_only, &session->trouble) ==
           MOSQ_ERR_SUCCESS;
}

/* Ends the connection on the link's own account. */
static bool give_up(struct session *session, int rc)
{
    session->trouble.rc = rc;
    return false;
}

/* When the longest wait for a PUBACK began; INT64_MAX = none waits. Documents about the site count: on a
 * quiet day nothing else is sent, and the next thing may be a distress. */
static int64_t oldest_wait_ns(const struct link *link)
{
    int64_t oldest_ns = flight_oldest_ns(&link->flight);
    int64_t word_ns = echo_unconfirmed_ns(&link->echo);
    if (word_ns < oldest_ns)
        oldest_ns = word_ns;
    bool earlier = link->session.document_mid && link->session.document_ns < oldest_ns;
    return earlier ? link->session.document_ns : oldest_ns;
}

/* Does the broker still do its part? */
static bool is_answering(struct link *link, int64_t now_ns)
{
    struct session *session = &link->session;
    if (!session->accepted) {
        if (now_ns - session->began_ns < LINK_CONNACK_S * (int64_t)NS_PER_S)
            return true;
        link->ipv4_only = !session->trouble.reached && !link->ipv4_only;
        return give_up(session, MOSQ_ERR_TIMEOUT);
    }
    int64_t patience_ns = (int64_t)(1.5 * (double)link->broker.keepalive_s * NS_PER_S);
    int64_t oldest_ns = oldest_wait_ns(link);
    /* A slow one, or a narrow way to it, is not stuck: hanging up would begin all over again, for ever. */
    int64_t silent_since_ns = oldest_ns > session->progress_ns ? oldest_ns : session->progress_ns;
    if (oldest_ns == INT64_MAX ||
        (now_ns - silent_since_ns < patience_ns && now_ns - oldest_ns < LINK_SLOW_FACTOR * patience_ns))
        return true;
    link->doubted = true;
    snprintf(session->reason, sizeof session->reason,
             "%.60s:%u takes publications and acknowledges none for %.0f s: is the broker stuck?",
             link->broker.host, link->broker.port, 1.5 * (double)link->broker.keepalive_s);
    return give_up(session, MOSQ_ERR_TIMEOUT);
}

/* Does it still hand on what is said to this site? */
static bool is_handing_on(struct link *link, int64_t now_ns)
{
    struct session *session = &link->session;
    enum echo_state state = echo_judge(&link->echo, now_ns);
    if (state == ECHO_UNPROVEN)
        callbacks_tell_unproven(link);
    if (state != ECHO_STUCK)
        return true;
    snprintf(session->reason, sizeof session->reason,
             "%.60s:%u takes what this site says and hands nothing back for %d s: a new connection",
             link->broker.host, link->broker.port, ECHO_PATIENCE_S);
    return give_up(session, MOSQ_ERR_TIMEOUT);
}

static void be_born(struct link *link)
{
    link->session.born = true;
    pthread_mutex_lock(&link->figures_lock);
    link->figures.connects++;
    link->figures.protocol = link->version == MQTT_PROTOCOL_V5 ? 5 : 4;
    link->figures.retains = link->retains;
    pthread_mutex_unlock(&link->figures_lock);
    link->v5_closes = 0;
    link_say(link, LINK_UP,
             link->doubted || link->unpark_ns || link->starved ? link->said
                                                               : ""); /* nor well by being reached */
    publish_birth(link);
}

/* Who subscribes late finds nothing at a broker that retains nothing: open incidents and the documents about
 * the site are said there again and again. */
static void tell_again(struct link *link, int64_t now_ns)
{
    struct session *session = &link->session;
    if (link->retains)
        return;
    if (session->told_ns == 0)
        session->told_ns = now_ns;
    if (now_ns - session->told_ns < link->tell_again_s * (int64_t)NS_PER_S)
        return;
    session->told_ns = now_ns;
    publish_documents_again(link);
    if (link->hooks.connected)
        link->hooks.connected(link->hooks.context, link->index, false);
}

static void work(struct link *link, int64_t now_ns)
{
    if (!link->session.born)
        be_born(link);
    tell_again(link, now_ns);
    if (now_ns - link->session.began_ns > LINK_BRIEF_S * (int64_t)NS_PER_S)
        link->session.careful = false;
    if (link->starved >= LINK_STARVED &&
        now_ns - link->session.began_ns > LINK_CONDEMNED_S * (int64_t)NS_PER_S) {
        snprintf(link->session.reason, sizeof link->session.reason, "commands are asked for again");
        (void)give_up(&link->session, MOSQ_ERR_TIMEOUT);
    }
    if (link->unpark_ns && now_ns >= link->unpark_ns) {
        link->unpark_ns = 0;
        link->condemned = false;
        flight_unpark(&link->flight);
        link_say(link, LINK_UP, "");
        if (link->barred) {
            link->barred = 0;
            publish_documents_again(link);
        }
    }
    publish_items(link); /* distress goes before the rest of the news */
    publish_news(link);
    publish_echo(link, now_ns);
}

/* The last status, once; true when the broker has it or the time for it is over. */
static bool farewell(struct link *link, int64_t now_ns, int64_t *deadline_ns)
{
    struct session *session = &link->session;
    if (*deadline_ns == 0) {
        *deadline_ns = now_ns + LINK_STOP_S * (int64_t)NS_PER_S;
        char *status = mailbox_last_status(link->mailbox);
        int rc = status ? publish_document(link, LINK_STATUS, status, &session->stop_mid) : MOSQ_ERR_INVAL;
        free(status);
        if (rc != MOSQ_ERR_SUCCESS)
            return true;
    }
    return session->stop_done || now_ns >= *deadline_ns;
}

static int wait_ms(const struct link *link)
{
    return link->unpark_ns ? IDLE_MS : LINK_TURN_MS;
}

static void session_loop(struct link *link)
{
    struct session *session = &link->session;
    int64_t farewell_ns = 0;
    while (session->trouble.rc == MOSQ_ERR_SUCCESS && !session->trouble.connack) {
        (void)client_pump(session->client, mailbox_fd(link->mailbox), wait_ms(link), &session->trouble);
        mailbox_calm(link->mailbox);
        callbacks_flush(link);
        link_sign_of_life(link);
        int64_t now_ns = clock_mono_ns();
        if (session->trouble.rc != MOSQ_ERR_SUCCESS || !is_answering(link, now_ns) ||
            !is_handing_on(link, now_ns))
            return;
        if (mailbox_stopping(link->mailbox)) {
            if (!session->accepted || farewell(link, now_ns, &farewell_ns))
                return;
            continue;
        }
        if (session->accepted)
            work(link, now_ns);
    }
}

/* Some brokers hang up instead of refusing. Of a distress, and of health, less may do. */
static void condemn(struct link *link, const struct flight_item *item)
{
    char text[CLIENT_TEXT_MAX];
    bool distress = item && item->class == SPOOL_DISTRESS;
    snprintf(text, sizeof text,
             "%.60s:%u hangs up as soon as it is sent one certain thing: is it too long, or not allowed?",
             link->broker.host, link->broker.port);
    if ((distress && item->length >= LINK_SHORT_BYTES) || link->suspect.bits == 1u << LINK_HEALTH) {
        callbacks_too_long(link, distress ? item->length : link->session.document_lengths[LINK_HEALTH]);
        log_warning("broker %s: %s", link->broker.name, text);
        return;
    }
    link->session.refused = link->condemned = true;
    link->barred |= link->suspect.bits;
    if (link->unpark_ns == 0)
        link->unpark_ns =
            clock_mono_ns() + (distress ? LINK_CONDEMNED_DISTRESS_S : LINK_CONDEMNED_S) * (int64_t)NS_PER_S;
    callbacks_refused(link, item ? item->id : 0, text);
}

/* What was under way when the connection was cut off; of kinds of which the broker took one before, nothing.
 */
static struct suspect find_suspect(const struct link *link)
{
    const struct session *session = &link->session;
    const struct flight_item *item = flight_oldest(&link->flight);
    struct suspect suspect = {.id = item ? item->id : 0};
    for (unsigned which = 0; which < LINK_DOCUMENT_COUNT; which++)
        suspect.bits |= session->document_mids[which] ? 1u << which : 0;
    if (echo_unconfirmed_ns(&link->echo) != INT64_MAX)
        suspect.bits |= LINK_ECHO_BARRED;
    suspect.bits &= ~session->taken_bits;
    return suspect;
}

/* A bad way to the broker cuts off now this and now that, and between two cuts things arrive. Where the same
 * thing is cut off again and again it may be the cause: from then on one is sent at a time, so that it is
 * found; and what is cut off then too, alone, by a broker that has just taken something else, is. */
static void look_back(struct link *link)
{
    const struct session *session = &link->session;
    const struct suspect suspect = find_suspect(link), *before = &link->suspect;
    bool brief = clock_mono_ns() - session->began_ns < LINK_BRIEF_S * (int64_t)NS_PER_S;
    bool cut = session->born && brief && session->trouble.rc == MOSQ_ERR_CONN_LOST;
    bool again = (suspect.id && suspect.id == before->id) || (suspect.bits & before->bits);
    /* Looked at one by one it may turn out to be another than it seemed; where it then changes once more,
     * things get through. */
    bool narrowed = !again && session->careful && session->taken && !link->narrowed;
    if (!cut || (suspect.id == 0 && suspect.bits == 0))
        link->cuts = 0;
    else
        link->cuts = again ? link->cuts + 1 : narrowed ? LINK_CAREFUL_CUTS : 1;
    link->narrowed = link->cuts > 1 && (narrowed || link->narrowed);
    link->suspect = suspect;
    if (session->careful && session->taken && link->cuts >= LINK_CONDEMN_CUTS)
        condemn(link, flight_oldest(&link->flight));
}

void session_run(struct link *link)
{
    struct session *session = &link->session;
    if (session_begin(link)) {
        session_loop(link);
        if (session->trouble.rc == MOSQ_ERR_CONN_LOST)
            client_hear_out(session->client); /* the last PUBACKs, and why it did */
        /* Whoever says good-bye takes his will along. It is needed when the last status has not arrived. */
        bool unsaid = session->stop_mid && !session->stop_done;
        if (session->accepted && session->trouble.rc == MOSQ_ERR_SUCCESS && !unsaid)
            client_leave(session->client);
        callbacks_flush(link);
    }
    look_back(link);
    link->starved = session->trouble.rc == MOSQ_ERR_NOMEM ? link->starved + 1 : 0;
    if (session->client)
        mosquitto_destroy(session->client);
    session->client = NULL;
    flight_ground(&link->flight);
}
