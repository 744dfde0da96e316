/* SPDX-License-Identifier: Apache-2.0 */
/* One broker, one thread: takes waiting items from the spool to the broker with libmosquitto, in order per
 * class, with bounded in-flight, and tells the main thread what was acknowledged. Connects for ever with
 * jittered back-off, a new client object each time (credentials, certificates and names are read anew).
 * Publishes only when connected.
 *
 * Retained documents that describe the present (status, info, health) are handed over once and are sent again
 * on every CONNACK (rebirth). rx receptions go QoS 0 through a bounded ring and are dropped when the link is
 * down. */
#ifndef ATALAYA_GATEWAY_LINK_H
#define ATALAYA_GATEWAY_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/result.h"

enum link_document { LINK_STATUS, LINK_INFO, LINK_HEALTH, LINK_DOCUMENT_COUNT };

enum { LINK_SECRET_BYTES = 32 };

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_UP };

struct link_figures {
    enum link_state state;
    int protocol;          /* 5, 4 (= 3.1.1), 0 before the first connection */
    bool retains;          /* the broker does what it is asked to retain; of that protocol */
    char error[160];       /* why it is down, or what the broker refuses although the link is up, in words a
                              technician can act on; "" = all is well */
    int64_t since_mono_ns; /* of the present state */
    uint64_t connects, published, acknowledged, rx_dropped, nobody_subscribed /* v5 PUBACK 0x10 */,
        refused_commands;
    unsigned in_flight, set_aside; /* now; set aside: the broker refused it, or can never take it */
    uint64_t shortened, given_up;  /* distress in part, for it was too long for the broker; and what else was
                                      so  long that it never goes there */
    int64_t
        echo_ns; /* there and back through the broker, of the last echo; 0 = none came in this connection */
    int64_t progress_mono_ns; /* the thread's last sign of life: feeds the watchdog. At most a second apart,
                                 but for the resolver, which blocks: 30 s with three dead name servers */
};

/* Called on the link's thread. Must not block. */
struct link_hooks {
    void (*acknowledged)(void *context, unsigned broker, const int64_t *ids, size_t count);
    /* The same for an item that the broker took and had nobody to give to (v5 PUBACK 0x10); NULL:
     * acknowledged. */
    void (*unheard)(void *context, unsigned broker, int64_t id);
    /* The connection stands. remembered: the broker has kept the session of the one before; what it retains
     * may be old even so, for it writes it down now and then. NULL: nobody asks. */
    void (*connected)(void *context, unsigned broker, bool remembered);
    /* A publication site/S/command/NAME: topic is below the prefix, payload is hostile and lasts for the
     * call, retained as the broker flagged it. Judge it with inbound_judge on the main thread. */
    void (*command)(void *context, unsigned broker, const char *topic, const void *payload, size_t length,
                    bool retained);
    /* A publication of another site: site/S/call/D or site/S/status, as above. NULL: nobody asks. */
    void (*neighbour)(void *context, unsigned broker, const char *topic, const void *payload, size_t length);
    /* May it be told of this radio, "<address space>.<id>", what is no distress? Asked of what has waited.
     * NULL: of all. */
    bool (*may_name)(void *context, const char *radio);
    void *context;
};

struct link;

/* index: of the broker in the configuration. `will` is the status document that the broker publishes when the
 * link dies; `expiry_s` of health as configured. */
enum atalaya_result link_create(const struct config *config, unsigned index, const struct link_hooks *hooks,
                                const char *will, struct link **link);
/* Before link_start: what names in topics are hashed with where they are hidden (seal_to). The site keeps it.
 */
void link_set_secret(struct link *link, const unsigned char secret[LINK_SECRET_BYTES]);
enum atalaya_result link_start(struct link *link);
void link_wake(struct link *link); /* the spool has news; any thread, never blocks */
/* Copies text. The first is sent at the next CONNACK, later ones at once as well. Any thread. */
enum atalaya_result link_document(struct link *link, enum link_document which, const char *text);
/* Copies text for site/S/rx; dropped, counted, when the ring (256) is full or the link down. Any thread. */
void link_rx(struct link *link, const char *text);
/* The same for another topic below the prefix: what is of the moment only. */
void link_event(struct link *link, const char *topic, const char *text);
/* QoS 1, not spooled, dropped when down: answers to commands. topic: below the prefix. refused: counted as
 * one. Any thread. */
void link_respond(struct link *link, const char *topic, const char *text, bool refused);
void link_figures(struct link *link, struct link_figures *figures);
/* Sends the status document given (offline, on purpose), waits for its PUBACK at most 2 s, ends the thread.
 */
void link_stop(struct link *link, const char *status);
void link_destroy(struct link *link);

/* For `atalaya check`: connect, be accepted, disconnect; at most 8 s. true = credentials accepted; text says
 * it. What works and will not for long: in warning, else "" (NULL: not asked). */
bool link_probe(const struct config *config, unsigned index, char *text, size_t size, char *warning,
                size_t warning_size);

#endif
