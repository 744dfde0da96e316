/* SPDX-License-Identifier: Apache-2.0 */
/* A libmosquitto client made from a broker's configuration, and its errors in words that a technician can act
 * on. Shared by the link thread, `atalaya check` and `atalaya watch`. One thread uses a client at a time. */
#ifndef ATALAYA_MQTT_CLIENT_H
#define ATALAYA_MQTT_CLIENT_H

#include <mosquitto.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"

enum {
    CLIENT_TEXT_MAX = 160,
    CLIENT_PACKET_MAX = 131072, /* a broker of MQTT 5 hands a link nothing longer */
    CLIENT_KEEPALIVE_MIN_S = 5  /* libmosquitto takes no less */
};

/* What went wrong with one attempt, gathered where it happened. */
struct client_trouble {
    int rc;                        /* MOSQ_ERR_* */
    int system_error;              /* errno, or an EAI_ code when rc is MOSQ_ERR_EAI */
    int connack;                   /* refusal of the broker, 0 = none */
    int disconnect;                /* v5 reason of the broker's DISCONNECT, 0 = none */
    bool answered;                 /* a CONNACK came */
    bool reached;                  /* the TCP connection stood */
    bool retains_nothing;          /* the broker said so, in CONNACK */
    char library[CLIENT_TEXT_MAX]; /* the library's own last complaint */
};

/* Makes a client: credentials, authorities and certificates are read now, so that a corrected file is used at
 * the next attempt. version: MQTT_PROTOCOL_V5 or MQTT_PROTOCOL_V311. NULL: `why` says it [size]. */
struct mosquitto *client_create(const struct config_broker *broker, const char *id, int version, bool clean,
                                void *context, char *why, size_t size);

/* Starts to connect without waiting for the network (only the resolver blocks). ipv4_only: skip IPv6
 * addresses. session_expiry_s counts with MQTT 5 only. Returns MOSQ_ERR_*. */
int client_connect(struct mosquitto *client, const struct config_broker *broker, uint32_t session_expiry_s,
                   bool ipv4_only, struct client_trouble *trouble);

/* Waits for the network or wake_fd (-1 = none) at most timeout_ms and does what is due. Returns MOSQ_ERR_*,
 * with *trouble filled when it is not MOSQ_ERR_SUCCESS. */
int client_pump(struct mosquitto *client, int wake_fd, int timeout_ms, struct client_trouble *trouble);

/* The broker has hung up: what it said before that. Never blocks. */
void client_hear_out(struct mosquitto *client);
/* Disconnects in order and gives what is queued 300 ms to leave. */
void client_leave(struct mosquitto *client);

/* The trouble in words, with host and port [size]. id: the client id in use. */
void client_explain(const struct config_broker *broker, const char *id, const struct client_trouble *trouble,
                    char *text, size_t size);

/* What CONNACK says; to be called from the connect callback. True: the broker takes us. One that takes no QoS
 * 1 does not: nothing that is sent there could be confirmed. */
bool client_note_answer(struct client_trouble *trouble, int reason, const mosquitto_property *properties);

/* The other side's TLS does not want us, whatever version of MQTT would be spoken. */
bool client_is_refused_by_tls(const struct client_trouble *trouble);

/* Remembers the library's complaint; to be called from the log callback. */
void client_note_log(struct client_trouble *trouble, int level, const char *text);

/* Brings libmosquitto up once. */
void client_library_init(void);

#endif
