/* SPDX-License-Identifier: Apache-2.0 */
/* What the broker says, as libmosquitto hands it over during client_pump: link's thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "mqtt/link_private.h"

enum { NS_PER_S = 1000000000, SESSION_PRESENT = 1 /* of CONNACK, clause 3.2.2.1.1 */ };

/* MQTT 5 lets a broker say so. */
static void learn_retaining(struct link *link)
{
    struct session *session = &link->session;
    if (link->version == MQTT_PROTOCOL_V5)
        link->retains = link->broker.retain && !session->trouble.retains_nothing;
    if (session->will_retained && !link->retains)
        log_warning(
            "broker %s: it retains nothing: open incidents, and how the site is, are said there again "
            "every %u s",
            link->broker.name, link->tell_again_s);
    if (session->accepted && session->will_retained != link->retains) {
        session->accepted = false;
        session->trouble.rc = MOSQ_ERR_CONN_REFUSED; /* by us: it gets the will that it can take */
    }
}

static void on_connect(struct mosquitto *client, void *context, int reason, int flags,
                       const mosquitto_property *properties)
{
    (void)client;
    struct link *link = context;
    struct session *session = &link->session;
    session->accepted = client_note_answer(&session->trouble, reason, properties);
    learn_retaining(link);
    uint16_t most = 0;
    if (mosquitto_property_read_int16(properties, MQTT_PROP_RECEIVE_MAXIMUM, &most, false) && most > 0 &&
        most < session->in_flight_limit)
        session->in_flight_limit = most;
    if (session->accepted && link->hooks.connected)
        link->hooks.connected(link->hooks.context, link->index, flags & SESSION_PRESENT);
}

static void on_disconnect(struct mosquitto *client, void *context, int reason,
                          const mosquitto_property *properties)
{
    (void)client, (void)properties;
    struct link *link = context;
    if (reason >= MQTT_RC_UNSPECIFIED && link->session.trouble.answered && !link->session.trouble.connack)
        link->session.trouble.disconnect = reason;
}

void callbacks_flush(struct link *link)
{
    if (link->acknowledged_count == 0)
        return;
    if (link->hooks.acknowledged)
        link->hooks.acknowledged(link->hooks.context, link->index, link->acknowledged,
                                 link->acknowledged_count);
    link->acknowledged_count = 0;
}

/* It did not say so before; what was too long is said again at once, shorter or not at all. */
void callbacks_too_long(struct link *link, size_t length)
{
    if (link->too_long == 0 || length < link->too_long)
        link->too_long = length;
    link->too_long_ns = clock_mono_ns();
}

void callbacks_refused(struct link *link, int64_t id, const char *text)
{
    if (id)
        flight_park(&link->flight, id);
    if (link->unpark_ns == 0) {
        double pause_s = link_backoff_s(link, link->refusals++);
        link->unpark_ns = clock_mono_ns() + (int64_t)(pause_s * NS_PER_S);
    }
    if (strcmp(link->said, text) != 0)
        log_warning("broker %s: %s", link->broker.name, text);
    snprintf(link->said, sizeof link->said, "%s", text);
}

static void take_refusal(struct link *link, int64_t id, int reason)
{
    char text[CLIENT_TEXT_MAX];
    snprintf(text, sizeof text, "broker refuses what is published: %s (check its access list and quotas)",
             mosquitto_reason_string(reason));
    callbacks_refused(link, id, text);
    link_say(link, LINK_UP, text);
}

void callbacks_settle(struct link *link, int64_t id)
{
    spool_reader_taken(link->reader, &id, 1);
    link->acknowledged[link->acknowledged_count++] = id;
    if (link->acknowledged_count == LINK_ACK_BATCH)
        callbacks_flush(link);
}

static void take_acknowledgement(struct link *link, const struct flight_item *item, int reason)
{
    bool unheard = reason == MQTT_RC_NO_MATCHING_SUBSCRIBERS;
    if (unheard && link->hooks.unheard) {
        spool_reader_taken(link->reader, &item->id, 1);
        link->hooks.unheard(link->hooks.context, link->index, item->id);
    } else
        callbacks_settle(link, item->id);
    pthread_mutex_lock(&link->figures_lock);
    link->figures.acknowledged++;
    link->figures.nobody_subscribed += unheard;
    pthread_mutex_unlock(&link->figures_lock);
}

static void note_progress(struct link *link)
{
    link->progressed = true;
    link->session.progress_ns = clock_mono_ns();
    if (link->doubted)
        link_say(link, LINK_UP, "");
    link->doubted = false;
}

void callbacks_tell_unproven(struct link *link)
{
    if (!link->echo_told)
        log_notice(
            "broker %s: what this site says to itself (site/%s/echo) does not come back: check the access "
            "list; until then nobody notices here when commands do not arrive",
            link->broker.name, link->site);
    link->echo_told = true;
}

static void take_echo_acknowledgement(struct link *link, int reason)
{
    if (reason >= MQTT_RC_UNSPECIFIED) {
        link->session.refused = true;
        link->barred |= LINK_ECHO_BARRED;
        callbacks_tell_unproven(link);
        return;
    }
    link->session.taken = true;
    link->session.taken_bits |= LINK_ECHO_BARRED;
    note_progress(link);
}

/* The document that has this packet id; LINK_DOCUMENT_COUNT = it is none. */
static unsigned find_document(const struct link *link, int mid)
{
    unsigned which = 0;
    while (which < LINK_DOCUMENT_COUNT && link->session.document_mids[which] != mid)
        which++;
    return which;
}

static void on_publish(struct mosquitto *client, void *context, int mid, int reason,
                       const mosquitto_property *properties)
{
    (void)client, (void)properties;
    struct link *link = context;
    struct flight_item item;
    if (echo_confirmed(&link->echo, mid, reason < MQTT_RC_UNSPECIFIED, clock_mono_ns())) {
        take_echo_acknowledgement(link, reason);
        return;
    }
    bool ours = flight_take(&link->flight, mid, &item), document = mid == link->session.document_mid;
    unsigned which = find_document(link, mid);
    if (document)
        link->session.document_mid = 0;
    if (which < LINK_DOCUMENT_COUNT)
        link->session.document_mids[which] = 0;
    if (mid == link->session.stop_mid)
        link->session.stop_done = true;
    if (reason >= MQTT_RC_UNSPECIFIED) {
        link->session.refused = true;
        size_t length = ours                          ? item.length
                        : which < LINK_DOCUMENT_COUNT ? link->session.document_lengths[which]
                                                      : 0;
        if (reason == MQTT_RC_PACKET_TOO_LARGE && length > 0) {
            callbacks_too_long(link, length);
            return;
        }
        link->barred |= which < LINK_DOCUMENT_COUNT ? 1u << which : 0;
        take_refusal(link, ours ? item.id : 0, reason);
        return;
    }
    /* The library calls this for QoS 0 too, as soon as it is written: that says nothing of the broker. */
    if (ours || document)
        note_progress(link);
    link->session.taken |= ours || which < LINK_DOCUMENT_COUNT;
    link->session.taken_bits |= which < LINK_DOCUMENT_COUNT ? 1u << which : 0;
    if (ours)
        take_acknowledgement(link, &item, reason);
}

/* site/<another>/...: below is the rest. */
static bool is_of_another(const struct link *link, const char *below)
{
    size_t length = strlen(link->site);
    return strncmp(below, "site/", 5) == 0 &&
           (strncmp(below + 5, link->site, length) != 0 || below[5 + length] != '/');
}

/* site/<this one>/echo */
static bool is_echo(const struct link *link, const char *below)
{
    size_t length = strlen(link->site);
    return strncmp(below, "site/", 5) == 0 && strncmp(below + 5, link->site, length) == 0 &&
           strcmp(below + 5 + length, "/echo") == 0;
}

static void take_echo(struct link *link, const void *payload, size_t length)
{
    echo_take(&link->echo, payload, length, clock_mono_ns());
    pthread_mutex_lock(&link->figures_lock);
    link->figures.echo_ns = link->echo.round_trip_ns;
    pthread_mutex_unlock(&link->figures_lock);
}

/* What another site says, opened where it is sealed to this one. */
static void hear_neighbour(struct link *link, const char *below, const void *payload, size_t length)
{
    size_t opened_length = 0;
    char *opened = outlet_open(link->outlet, payload, length, &opened_length);
    link->hooks.neighbour(link->hooks.context, link->index, below, opened ? opened : payload,
                          opened ? opened_length : length);
    free(opened);
}

static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    (void)client, (void)properties;
    struct link *link = context;
    size_t prefix = strlen(link->broker.prefix);
    if (!message->topic || message->payloadlen < 0 ||
        strncmp(message->topic, link->broker.prefix, prefix) != 0 || message->topic[prefix] != '/')
        return;
    const char *below = message->topic + prefix + 1;
    const void *payload = message->payload ? message->payload : "";
    size_t length = (size_t)message->payloadlen;
    echo_heard(&link->echo, clock_mono_ns());
    if (is_echo(link, below))
        take_echo(link, payload, length);
    else if (link->hooks.neighbour && is_of_another(link, below))
        hear_neighbour(link, below, payload, length);
    else if (link->hooks.command && (!link->hooks.neighbour || strstr(below, "/command/")))
        link->hooks.command(link->hooks.context, link->index, below, payload, length, message->retain);
}

static void on_subscribe(struct mosquitto *client, void *context, int mid, int count, const int *granted,
                         const mosquitto_property *properties)
{
    (void)client, (void)properties;
    struct link *link = context;
    for (int i = 0; i < count; i++)
        if (granted[i] >= MQTT_RC_UNSPECIFIED && mid == link->session.command_mid)
            log_warning(
                "broker %s: may not subscribe to commands: check its access list for site/%s/command/#",
                link->broker.name, link->site);
        else if (granted[i] >= MQTT_RC_UNSPECIFIED && mid == link->session.echo_mid) {
            echo_refused(&link->echo);
            callbacks_tell_unproven(link);
        } else if (granted[i] >= MQTT_RC_UNSPECIFIED)
            log_notice(
                "broker %s: may not hear the other sites (site/+/call/#, site/+/status): two sites may "
                "answer one call",
                link->broker.name);
}

static void on_log(struct mosquitto *client, void *context, int level, const char *text)
{
    (void)client;
    struct link *link = context;
    client_note_log(&link->session.trouble, level, text);
}

void callbacks_set(struct mosquitto *client)
{
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_disconnect_v5_callback_set(client, on_disconnect);
    mosquitto_publish_v5_callback_set(client, on_publish);
    mosquitto_message_v5_callback_set(client, on_message);
    mosquitto_subscribe_v5_callback_set(client, on_subscribe);
    mosquitto_log_callback_set(client, on_log);
}
