/* SPDX-License-Identifier: Apache-2.0 */
/* Does what is said to this site arrive? A link says a word to its own topic site/S/echo and must hear it
 * back. PINGRESP and PUBACK do not prove that: mosquitto 2.0.11 loses a place of a session's send quota with
 * each publication above the client's Maximum Packet Size (MQTT 5, 3.1.2.11.4), and without places it
 * delivers nothing more to a site that all takes to be connected. A new connection brings the places back.
 * Pure bookkeeping; the link's thread. Times: monotonic, ns. */
#ifndef ATALAYA_MQTT_ECHO_H
#define ATALAYA_MQTT_ECHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ECHO_TEXT_MAX = 40,
    ECHO_SOON_S = 5,      /* after something was heard: it may have been a flood's last */
    ECHO_PATIENCE_S = 10, /* from the broker's PUBACK, and from whatever it handed on last */
    ECHO_MISSED_MAX = 2   /* none has ever come: that is said */
};

struct echo {
    bool proven;           /* one came back since the link was made, so that a missing one means something */
    bool refused;          /* the broker does not let it be said or heard in this connection */
    unsigned missed;       /* in a row, while not proven */
    int64_t round_trip_ns; /* of the last that came back, 0 = none did in this connection */
    char word[ECHO_TEXT_MAX];
    int mid; /* of the word under way, 0 = none is */
    int64_t began_ns, sent_ns, confirmed_ns /* PUBACK */, heard_ns /* anything at all */;
};

enum echo_state {
    ECHO_FINE,
    ECHO_UNPROVEN, /* told once: the last of ECHO_MISSED_MAX did not come back */
    ECHO_STUCK     /* it used to come back and does not: connect anew */
};

void echo_begin(struct echo *echo, int64_t now_ns); /* a connection */
/* interval_ns: at most so long between two words. */
bool echo_is_due(const struct echo *echo, int64_t interval_ns, int64_t now_ns);
/* random: makes the word, a JSON document, one that nobody else can know beforehand. */
const char *echo_make(struct echo *echo, uint64_t random);
void echo_sent(struct echo *echo, int mid, int64_t now_ns);
/* A PUBACK. false: not of the word. allowed: the broker takes it and has somebody to give it to. */
bool echo_confirmed(struct echo *echo, int mid, bool allowed, int64_t now_ns);
void echo_refused(struct echo *echo);               /* SUBACK says no */
void echo_heard(struct echo *echo, int64_t now_ns); /* any publication that came */
/* A publication to the topic of the echo. */
void echo_take(struct echo *echo, const void *payload, size_t length, int64_t now_ns);
enum echo_state echo_judge(struct echo *echo, int64_t now_ns);
/* Since when a word waits for its PUBACK; INT64_MAX = none does. */
int64_t echo_unconfirmed_ns(const struct echo *echo);

#endif
