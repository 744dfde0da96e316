/* SPDX-License-Identifier: Apache-2.0 */
/* A private mosquitto on a free loopback port, and a subscriber that keeps what it hears. For C tests. */
#ifndef TEST_BROKER_H
#define TEST_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct broker_options {
    const char *user, *password; /* NULL: anonymous */
    const char *certificate;     /* NULL: no TLS; file in the folder of certificates */
    const char *extra;           /* more lines of its configuration, or NULL */
};

struct broker {
    char folder[64];
    unsigned port;
    pid_t pid;
};

unsigned broker_free_port(void);
void broker_prepare(struct broker *broker); /* folder and port; nothing runs yet */
void broker_make_certificates(struct broker *broker);
void broker_start(struct broker *broker, const struct broker_options *options); /* returns when it answers */
/* A python stand-in: tests/support/fake_broker.py MODE PORT. */
void broker_start_fake(struct broker *broker, const char *mode);
void broker_kill(struct broker *broker, int signal);
void broker_remove(struct broker *broker); /* kills and deletes its folder */

/* Everything that was published below a filter, in order of arrival. */
struct heard {
    char topic[256];
    char payload[512];
    bool retained;
    unsigned expiry_s; /* MQTT 5; 0 = none */
    char content_type[32];
};
struct collector;
struct collector *collector_open(unsigned port, const char *filter); /* returns when subscribed */
size_t collector_count(struct collector *collector);
struct heard collector_get(struct collector *collector, size_t i);
/* Waits until `count` publications came or seconds are over. */
bool collector_wait(struct collector *collector, size_t count, double seconds);
void collector_publish(struct collector *collector, const char *topic, const char *payload, bool retain);
void collector_detach(struct collector *collector);                /* its broker dies */
void collector_attach(struct collector *collector, unsigned port); /* keeps what it has */
void collector_close(struct collector *collector);

void test_sleep_ms(long ms);
double test_process_cpu_s(void);
double test_now_s(void);

#endif
