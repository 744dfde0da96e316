/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya check`: would this broker take us? */
#include <mqtt_protocol.h>
#include <stdio.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/link.h"
#include "mqtt/client.h"

enum { PROBE_S = 8, TURN_MS = 200 };

static void on_connect(struct mosquitto *client, void *context, int reason, int flags,
                       const mosquitto_property *properties)
{
    (void)client, (void)flags;
    (void)client_note_answer(context, reason, properties);
}

static void on_log(struct mosquitto *client, void *context, int level, const char *text)
{
    (void)client;
    client_note_log(context, level, text);
}

/* A session of its own under another id, so that the running gateway is not thrown out. */
static bool probe(const struct config_broker *broker, const char *id, int version, int64_t deadline_ns,
                  struct client_trouble *trouble, char *text, size_t size)
{
    text[0] = '\0';
    *trouble = (struct client_trouble){0};
    struct mosquitto *client = client_create(broker, id, version, true, trouble, text, size);
    if (!client)
        return false;
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_log_callback_set(client, on_log);
    if (client_connect(client, broker, 0, false, trouble) == MOSQ_ERR_SUCCESS) {
        while (trouble->rc == MOSQ_ERR_SUCCESS && !trouble->answered)
            if (client_pump(client, -1, TURN_MS, trouble) == MOSQ_ERR_SUCCESS &&
                clock_mono_ns() > deadline_ns)
                trouble->rc = MOSQ_ERR_TIMEOUT;
    }
    bool accepted = trouble->answered && trouble->connack == 0;
    if (accepted)
        client_leave(client);
    else
        client_explain(broker, id, trouble, text, size);
    mosquitto_destroy(client);
    return accepted;
}

bool link_probe(const struct config *config, unsigned index, char *text, size_t size)
{
    const struct config_broker *broker = &config->broker[index];
    char id[CONFIG_NAME_MAX + sizeof "atalaya-check-"];
    snprintf(id, sizeof id, "atalaya-check-%s", config->site.id);
    struct client_trouble trouble;
    int64_t deadline_ns = clock_mono_ns() + PROBE_S * INT64_C(1000000000);
    int version = broker->version == MQTT_311 ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5;
    bool accepted = probe(broker, id, version, deadline_ns, &trouble, text, size);
    if (!accepted && broker->version == MQTT_AUTO && trouble.reached &&
        (!trouble.answered || trouble.connack == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION ||
         trouble.connack == 1) &&
        trouble.rc != MOSQ_ERR_TLS && clock_mono_ns() < deadline_ns) {
        version = MQTT_PROTOCOL_V311;
        accepted = probe(broker, id, version, deadline_ns, &trouble, text, size);
    }
    if (accepted)
        snprintf(text, size, "accepted by %.80s:%u, MQTT %s%s%s", broker->host, broker->port,
                 version == MQTT_PROTOCOL_V5 ? "5" : "3.1.1", broker->tls ? ", TLS" : "",
                 trouble.retains_nothing ? ", but it retains nothing" : "");
    return accepted;
}
