/* SPDX-License-Identifier: Apache-2.0 */
#include "command/gather.h"

#include <inttypes.h>
#include <jansson.h>
#include <mqtt_protocol.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "command/opened.h"
#include "mqtt/client.h"
#include "mqtt/document.h"
#include "mqtt/inbound_arguments.h"

enum { TURN_MS = 100, CONNECT_S = 10, QUIET_MS = 700, SHORT = 8 };

struct gathering {
    struct client_trouble trouble;
    const char *prefix, *incident;
    const struct reader_key *reader;
    int64_t last_ns; /* when something came last; 0 = not subscribed yet */
    struct gathered *found;
};

static void on_connect(struct mosquitto *client, void *context, int reason, int flags,
                       const mosquitto_property *properties)
{
    (void)flags, (void)properties;
    struct gathering *gathering = context;
    char topic[CONFIG_TEXT_MAX + 32];
    gathering->trouble.answered = true;
    gathering->trouble.connack = reason;
    snprintf(topic, sizeof topic, "%s/site/+/distress/#", gathering->prefix);
    if (reason == 0) /* a dead connection shows at once */
        (void)mosquitto_subscribe_v5(client, NULL, topic, 1, 0, NULL);
}

static void on_subscribe(struct mosquitto *client, void *context, int mid, int count, const int *granted,
                         const mosquitto_property *properties)
{
    (void)client, (void)mid, (void)count, (void)granted, (void)properties;
    ((struct gathering *)context)->last_ns = clock_mono_ns();
}

static bool is_it(const struct gathering *gathering, const json_t *object)
{
    const char *incident = json_string_value(json_object_get(object, "incident"));
    const char *state = json_string_value(json_object_get(object, "state"));
    size_t length = strlen(gathering->incident);
    return incident && state && !distress_state_is_closed(distress_state_find(state)) &&
           (length == SHORT ? strncmp(incident, gathering->incident, SHORT) == 0
                            : strcmp(incident, gathering->incident) == 0);
}

static void take(struct gathering *gathering, const json_t *object)
{
    struct gathered *found = gathering->found;
    const char *site = json_string_value(json_object_get(object, "site"));
    const char *distress = json_string_value(json_object_get(object, "distress"));
    if (!site || !distress || found->count == GATHER_MAX)
        return;
    for (unsigned i = 0; i < found->count; i++)
        if (strcmp(found->of[i].distress, distress) == 0)
            return;
    if (inbound_copy_id(found->of[found->count].site, sizeof found->of[0].site, site, strlen(site)) &&
        inbound_copy_id(found->of[found->count].distress, sizeof found->of[0].distress, distress,
                        strlen(distress)))
        found->count++;
}

static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    (void)client, (void)properties;
    struct gathering *gathering = context;
    gathering->last_ns = clock_mono_ns();
    struct opened opened;
    const char *why;
    if (message->payloadlen <= 0 ||
        !opened_look(gathering->reader, message->payload, (size_t)message->payloadlen, &opened, &why))
        return;
    json_t *object =
        opened.length <= DOCUMENT_BYTES_MAX
            ? json_loadb(opened.payload, opened.length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL)
            : NULL;
    if (is_it(gathering, object))
        take(gathering, object);
    json_decref(object);
    opened_drop(&opened);
}

static bool goes_on(const struct gathering *gathering, int64_t until_ns)
{
    int64_t now_ns = clock_mono_ns();
    bool quiet = gathering->last_ns != 0 && now_ns - gathering->last_ns > QUIET_MS * INT64_C(1000000);
    return gathering->trouble.rc == MOSQ_ERR_SUCCESS && !gathering->trouble.connack && !quiet &&
           now_ns < until_ns;
}

bool gather_incident(const char *program, const struct config_broker *broker, const struct reader_key *reader,
                     const char *incident, struct gathered *found)
{
    struct gathering gathering = {
        .prefix = broker->prefix, .reader = reader, .incident = incident, .found = found};
    char why[CLIENT_TEXT_MAX] = "", id[40];
    found->count = 0;
    snprintf(id, sizeof id, "atalaya-gather-%08" PRIx32, randombytes_random());
    struct mosquitto *client = client_create(broker, id, MQTT_PROTOCOL_V5, true, &gathering, why, sizeof why);
    if (!client) {
        fprintf(stderr, "atalaya %s: %s\n", program, why);
        return false;
    }
    mosquitto_connect_v5_callback_set(client, on_connect);
    mosquitto_subscribe_v5_callback_set(client, on_subscribe);
    mosquitto_message_v5_callback_set(client, on_message);
    int64_t until_ns = clock_mono_ns() + CONNECT_S * INT64_C(1000000000);
    (void)client_connect(client, broker, 0, false, &gathering.trouble); /* trouble says how it went */
    while (goes_on(&gathering, until_ns))
        (void)client_pump(client, -1, TURN_MS, &gathering.trouble);
    bool asked = gathering.last_ns != 0;
    if (asked)
        client_leave(client);
    else
        client_explain(broker, id, &gathering.trouble, why, sizeof why);
    mosquitto_destroy(client);
    if (!asked)
        fprintf(stderr, "atalaya %s: %s\n", program, why[0] ? why : "the broker does not answer");
    return asked;
}
