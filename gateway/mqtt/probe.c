/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya check`: would this broker take us? */
#include <mqtt_protocol.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/link.h"
#include "mqtt/certificate.h"
#include "mqtt/client.h"

enum { PROBE_S = 8, LOOK_S = 4, TURN_MS = 200, LENGTHS = 3, LONGEST = 16384 };

/* Up to about as long as a distress can become: with a track, thirty steps and the text of an alert. */
static const int lengths[LENGTHS] = {1024, 4096, LONGEST};
static const char word[] = "{\"v\":1,\"word\":\"check\"}";

/* One attempt. */
struct probe {
    struct client_trouble trouble;
    bool confirmed;                   /* the broker has answered the publication, */
    int refusal;                      /* which it does not take: reason of its PUBACK; 0 = it does */
    bool subscribed, listens;         /* SUBACK came; and lets us hear what we say */
    bool back[LENGTHS], word_is_back; /* what came back */
    int most;   /* it takes no document of this length; 0 = not known, or it takes all */
    bool loses; /* it confirmed one and threw it away */
    char warning[CERTIFICATE_TEXT_MAX]; /* of the certificates it has shown; "" = none */
};

static void on_connect(struct mosquitto *client, void *context, int reason, int flags,
                       const mosquitto_property *properties)
{
    (void)client, (void)flags;
    (void)client_note_answer(&((struct probe *)context)->trouble, reason, properties);
}

static void on_publish(struct mosquitto *client, void *context, int mid, int reason,
                       const mosquitto_property *properties)
{
    (void)client, (void)mid, (void)properties;
    struct probe *probe = context;
    probe->confirmed = true;
    probe->refusal = reason >= MQTT_RC_UNSPECIFIED ? reason : 0;
}

static void on_subscribe(struct mosquitto *client, void *context, int mid, int count, const int *granted,
                         const mosquitto_property *properties)
{
    (void)client, (void)mid, (void)properties;
    struct probe *probe = context;
    probe->subscribed = true;
    probe->listens = count == 1 && granted[0] < MQTT_RC_UNSPECIFIED;
}

/* A running gateway may say a word of its own there. */
static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    (void)client, (void)properties;
    struct probe *probe = context;
    const size_t least = sizeof word - 1;
    if (message->payloadlen < (int)least || memcmp(message->payload, word, least) != 0)
        return;
    for (int i = 0; i < LENGTHS; i++)
        probe->back[i] |= message->payloadlen == lengths[i];
    probe->word_is_back |= message->payloadlen == (int)least;
}

static void on_log(struct mosquitto *client, void *context, int level, const char *text)
{
    (void)client;
    client_note_log(&((struct probe *)context)->trouble, level, text);
}

/* Until *done, or something goes wrong. */
static bool wait_for(struct mosquitto *client, struct probe *probe, const bool *done, int64_t deadline_ns)
{
    struct client_trouble *trouble = &probe->trouble;
    while (trouble->rc == MOSQ_ERR_SUCCESS && !*done)
        if (client_pump(client, -1, TURN_MS, trouble) == MOSQ_ERR_SUCCESS && clock_mono_ns() > deadline_ns)
            trouble->rc = MOSQ_ERR_TIMEOUT;
    return *done;
}

static bool say(struct mosquitto *client, struct probe *probe, const char *topic, const char *text,
                int length, int64_t deadline_ns)
{
    probe->confirmed = false;
    probe->trouble.rc = mosquitto_publish_v5(client, NULL, topic, length, text, 1, false, NULL);
    return wait_for(client, probe, &probe->confirmed, deadline_ns) && probe->refusal == 0;
}

/* A word of that length, filled up with spaces, and a short one behind it: if that comes back first, or the
 * broker hangs up, the long one is lost, for a topic keeps its order (MQTT 3.1.1, 4.6). True: it came back.
 */
static bool try_length(struct mosquitto *client, struct probe *probe, const char *topic, int i,
                       int64_t deadline_ns)
{
    static char text[LONGEST]; /* of a command, main thread */
    memset(text, ' ', sizeof text);
    memcpy(text, word, sizeof word - 1);
    bool confirmed = say(client, probe, topic, text, lengths[i], deadline_ns);
    probe->word_is_back = false;
    if (confirmed && say(client, probe, topic, word, (int)sizeof word - 1, deadline_ns))
        (void)wait_for(client, probe, &probe->word_is_back, deadline_ns);
    if (probe->back[i] || probe->trouble.rc == MOSQ_ERR_TIMEOUT) /* a slow way says nothing */
        return probe->back[i];
    probe->most = lengths[i];
    probe->loses = confirmed;
    return false;
}

/* MQTT 3.1.1 cannot say that a document is too long: mosquitto with a message_size_limit confirms it and
 * throws it away. */
static void look_for_lengths(struct mosquitto *client, struct probe *probe, const char *topic,
                             int64_t deadline_ns)
{
    const int64_t most_ns = clock_mono_ns() + LOOK_S * INT64_C(1000000000);
    deadline_ns = most_ns < deadline_ns ? most_ns : deadline_ns;
    if (mosquitto_subscribe(client, NULL, topic, 0) != MOSQ_ERR_SUCCESS ||
        !wait_for(client, probe, &probe->subscribed, deadline_ns) || !probe->listens)
        return;
    for (int i = 0; i < LENGTHS && try_length(client, probe, topic, i, deadline_ns); i++)
        continue;
}

/* Whoever is let in may still be somebody else, with another site's key. A running gateway knows the word for
 * none of its own. What becomes of long documents is told beside it. */
static bool may_speak(struct mosquitto *client, struct probe *probe, const struct config *config,
                      const struct config_broker *broker, int64_t deadline_ns)
{
    char topic[CONFIG_TEXT_MAX + CONFIG_NAME_MAX + sizeof "/site//echo"];
    snprintf(topic, sizeof topic, "%s/site/%s/echo", broker->prefix, config->site.id);
    if (!say(client, probe, topic, word, (int)sizeof word - 1, deadline_ns))
        return false;
    look_for_lengths(client, probe, topic, deadline_ns);
    probe->refusal = 0;
    return true;
}

/* A session of its own under another id, so that the running gateway is not thrown out. */
static bool attempt(const struct config *config, const struct config_broker *broker, int version,
                    int64_t deadline_ns, struct probe *probe, char *text, size_t size)
{
    char id[CONFIG_NAME_MAX + sizeof "atalaya-check-"];
    snprintf(id, sizeof id, "atalaya-check-%s", config->site.id);
    text[0] = '\0';
    *probe = (struct probe){.confirmed = false};
    struct mosquitto *client = client_create(broker, id, version, true, probe, text, size);
    if (!client)
        return false;
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_publish_v5_callback_set(client, on_publish);
    mosquitto_subscribe_v5_callback_set(client, on_subscribe);
    mosquitto_message_v5_callback_set(client, on_message);
    mosquitto_log_callback_set(client, on_log);
    bool good = client_connect(client, broker, 0, false, &probe->trouble) == MOSQ_ERR_SUCCESS &&
                wait_for(client, probe, &probe->trouble.answered, deadline_ns) && probe->trouble.connack == 0;
    if (good) {
        if (clock_system_quality().source != TIME_NONE)
            (void)certificate_complain_shown(mosquitto_ssl_get(client), clock_utc_ns(), probe->warning);
        good = may_speak(client, probe, config, broker, deadline_ns);
        client_leave(client);
    }
    if (probe->refusal)
        snprintf(
            text, size,
            "%.60s:%u lets this site in, and refuses what it says below %.40s/site/%.32s: %s (are user or "
            "certificate another site's? check its access list)",
            broker->host, broker->port, broker->prefix, config->site.id,
            mosquitto_reason_string(probe->refusal));
    else if (!good)
        client_explain(broker, id, &probe->trouble, text, size);
    mosquitto_destroy(client);
    return good;
}

bool link_probe(const struct config *config, unsigned index, char *text, size_t size, char *warning,
                size_t warning_size)
{
    const struct config_broker *broker = &config->broker[index];
    struct probe probe;
    const struct client_trouble *trouble = &probe.trouble;
    int64_t deadline_ns = clock_mono_ns() + PROBE_S * INT64_C(1000000000);
    int version = broker->version == MQTT_311 ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5;
    bool accepted = attempt(config, broker, version, deadline_ns, &probe, text, size);
    if (!accepted && broker->version == MQTT_AUTO && trouble->reached &&
        (!trouble->answered || trouble->connack == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION ||
         trouble->connack == 1) &&
        trouble->rc != MOSQ_ERR_TLS && !client_is_refused_by_tls(trouble) && clock_mono_ns() < deadline_ns) {
        version = MQTT_PROTOCOL_V311;
        accepted = attempt(config, broker, version, deadline_ns, &probe, text, size);
    }
    if (warning)
        snprintf(warning, warning_size, "%s", probe.warning);
    if (!accepted)
        return false;
    int used = snprintf(text, size, "accepted by %.80s:%u, MQTT %s%s%s", broker->host, broker->port,
                        version == MQTT_PROTOCOL_V5 ? "5" : "3.1.1", broker->tls ? ", TLS" : "",
                        trouble->retains_nothing ? ", but it retains nothing" : "");
    if (probe.most && used > 0 && (size_t)used < size)
        snprintf(text + used, size - (size_t)used,
                 probe.loses
                     ? ", but it confirms documents of %d octets and loses them, a distress too: raise its "
                       "message_size_limit, or speak MQTT 5"
                     : ", but it takes no document of %d octets: a longer distress goes there in part",
                 probe.most);
    return !probe.loses;
}
