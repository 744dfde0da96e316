/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya check`: would this broker take us? */
#include <mqtt_protocol.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/link.h"
#include "mqtt/certificate.h"
#include "mqtt/client.h"

enum { PROBE_S = 8, TURN_MS = 200 };

/* One attempt. */
struct probe {
    struct client_trouble trouble;
    bool confirmed;                     /* the broker has answered the publication, */
    int refusal;                        /* which it does not take: reason of its PUBACK; 0 = it does */
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

/* Whoever is let in may still be somebody else, with another site's key. A running gateway knows the word for
 * none of its own. MQTT 3.1.1 confirms what it drops, too. */
static bool may_speak(struct mosquitto *client, struct probe *probe, const struct config *config,
                      const struct config_broker *broker, int64_t deadline_ns)
{
    static const char word[] = "{\"v\":1,\"word\":\"check\"}";
    char topic[CONFIG_TEXT_MAX + CONFIG_NAME_MAX + sizeof "/site//echo"];
    snprintf(topic, sizeof topic, "%s/site/%s/echo", broker->prefix, config->site.id);
    probe->trouble.rc = mosquitto_publish_v5(client, NULL, topic, (int)strlen(word), word, 1, false, NULL);
    return wait_for(client, probe, &probe->confirmed, deadline_ns) && probe->refusal == 0;
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
    if (accepted)
        snprintf(text, size, "accepted by %.80s:%u, MQTT %s%s%s", broker->host, broker->port,
                 version == MQTT_PROTOCOL_V5 ? "5" : "3.1.1", broker->tls ? ", TLS" : "",
                 trouble->retains_nothing ? ", but it retains nothing" : "");
    if (warning)
        snprintf(warning, warning_size, "%s", probe.warning);
    return accepted;
}
