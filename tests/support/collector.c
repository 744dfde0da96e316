/* SPDX-License-Identifier: Apache-2.0 */
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker.h"

enum { HEARD_MAX = 20000 };

struct collector {
    struct mosquitto *client;
    char filter[128];
    pthread_mutex_t lock;
    size_t count;
    struct heard *heard;
    atomic_bool subscribed;
};

static void read_properties(struct heard *heard, const mosquitto_property *properties)
{
    uint32_t expiry_s = 0;
    char *type = NULL;
    if (mosquitto_property_read_int32(properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL, &expiry_s, false))
        heard->expiry_s = expiry_s;
    if (mosquitto_property_read_string(properties, MQTT_PROP_CONTENT_TYPE, &type, false))
        snprintf(heard->content_type, sizeof heard->content_type, "%s", type);
    free(type);
}

static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    (void)client;
    struct collector *collector = context;
    pthread_mutex_lock(&collector->lock);
    if (collector->count < HEARD_MAX) {
        struct heard *heard = &collector->heard[collector->count++];
        snprintf(heard->topic, sizeof heard->topic, "%s", message->topic);
        snprintf(heard->payload, sizeof heard->payload, "%.*s", message->payloadlen,
                 message->payload ? (const char *)message->payload : "");
        heard->retained = message->retain;
        read_properties(heard, properties);
    }
    pthread_mutex_unlock(&collector->lock);
}

static void on_subscribe(struct mosquitto *client, void *context, int mid, int count, const int *granted)
{
    (void)client, (void)mid, (void)count, (void)granted;
    struct collector *collector = context;
    atomic_store(&collector->subscribed, true);
}

/* QoS 0: the broker writes to this socket before it acknowledges to the publisher, and queues nothing that a
 * kill could take along. */
void collector_attach(struct collector *collector, unsigned port)
{
    atomic_store(&collector->subscribed, false);
    collector->client = mosquitto_new(NULL, true, collector);
    if (!collector->client)
        abort();
    mosquitto_int_option(collector->client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_message_v5_callback_set(collector->client, on_message);
    mosquitto_subscribe_callback_set(collector->client, on_subscribe);
    if (mosquitto_connect(collector->client, "127.0.0.1", (int)port, 60) != MOSQ_ERR_SUCCESS ||
        mosquitto_loop_start(collector->client) != MOSQ_ERR_SUCCESS ||
        mosquitto_subscribe(collector->client, NULL, collector->filter, 0) != MOSQ_ERR_SUCCESS)
        abort();
    for (int i = 0; i < 500 && !atomic_load(&collector->subscribed); i++)
        test_sleep_ms(10);
    if (!atomic_load(&collector->subscribed))
        abort();
}

void collector_detach(struct collector *collector)
{
    if (!collector->client)
        return;
    mosquitto_disconnect(collector->client);
    mosquitto_loop_stop(collector->client, false);
    mosquitto_destroy(collector->client);
    collector->client = NULL;
}

struct collector *collector_open(unsigned port, const char *filter)
{
    struct collector *collector = calloc(1, sizeof *collector);
    if (!collector || !(collector->heard = calloc(HEARD_MAX, sizeof *collector->heard)))
        abort();
    mosquitto_lib_init();
    pthread_mutex_init(&collector->lock, NULL);
    snprintf(collector->filter, sizeof collector->filter, "%s", filter);
    collector_attach(collector, port);
    return collector;
}

size_t collector_count(struct collector *collector)
{
    pthread_mutex_lock(&collector->lock);
    size_t count = collector->count;
    pthread_mutex_unlock(&collector->lock);
    return count;
}

struct heard collector_get(struct collector *collector, size_t i)
{
    pthread_mutex_lock(&collector->lock);
    struct heard heard = collector->heard[i];
    pthread_mutex_unlock(&collector->lock);
    return heard;
}

bool collector_wait(struct collector *collector, size_t count, double seconds)
{
    double until_s = test_now_s() + seconds;
    while (collector_count(collector) < count && test_now_s() < until_s)
        test_sleep_ms(5);
    return collector_count(collector) >= count;
}

void collector_publish(struct collector *collector, const char *topic, const char *payload, bool retain)
{
    if (mosquitto_publish(collector->client, NULL, topic, (int)strlen(payload), payload, 1, retain) !=
        MOSQ_ERR_SUCCESS)
        abort();
}

void collector_close(struct collector *collector)
{
    collector_detach(collector);
    pthread_mutex_destroy(&collector->lock);
    free(collector->heard);
    free(collector);
}
