/* SPDX-License-Identifier: Apache-2.0 */
/* The tower's inside, shared by its four files: tower.c makes and unmakes it, tower_events.c says what
 * happens when something arrives, tower_radio.c what it says by radio, tower_reload.c what SIGHUP changes.
 * Main thread. */
#ifndef ATALAYA_TOWER_PRIVATE_H
#define ATALAYA_TOWER_PRIVATE_H

#include <systemd/sd-event.h>

#include "atalaya/gateway/handover.h"
#include "atalaya/gateway/inbound.h"
#include "guard/guard.h"
#include "lifecycle/alarm.h"
#include "lifecycle/orders.h"
#include "lifecycle/throttle.h"
#include "naming.h"
#include "postbox.h"
#include "publisher.h"
#include "report.h"
#include "tower.h"
#include "transmit/answers.h"
#include "transmit/carriers.h"
#include "transmit/dialogue.h"

enum {
    HANDOVER_PLACES = 256,
    TAKE_MOST = 64, /* receptions in one turn of the loop, so that nothing else starves */
    ACKS_TAKE_MOST = 256,
    NEIGHBOURS_TAKE_MOST = 16,
    /* A broker can take more than 4096 items from disk and 1088 from memory before the main thread comes to
     * it; one whose acknowledgement is forgotten is neither sent again nor done with until the next start. */
    ACKS_PLACES = CONFIG_BROKERS_MAX * 6144,
    ORDERS_PLACES = 64,
    ACTIVITIES_PLACES = 256,
    /* A link without a sign of life for so long is hung. It waits for name servers, which may take their
     * time: resolv.conf's usual two attempts at three servers are 30 s. (Sources: RECEIVE_HUNG.) */
    TRANSMIT_PATIENCE_S = 20,
    LINK_PATIENCE_S = 90
};

/* What link threads send the main thread: a broker took an item, or is connected anew; a broker brought a
 * command. */
struct ack {
    int64_t id;
    unsigned broker;
    bool unheard;               /* it had nobody to give it to */
    bool connected, remembered; /* there is no item: see link_hooks */
};
struct order {
    struct inbound_command command;
    unsigned broker;
};

/* Which TNC a frame came from. */
struct tnc_place {
    struct tower *tower;
    unsigned source;
};

struct tower {
    struct config *config;
    sd_event *event;
    sd_event_source *acks_event, /* behind whatever else there is to do */
        *commit_timer, *tick_timer;
    struct spool *spool;
    struct site *site;
    struct handover *handover;
    struct postbox *acks, *orders, *activities; /* of struct ack, struct order, struct activity */
    struct orders *commands;
    struct audit *audit;
    struct alarm *alarm;
    struct guard *guard;
    struct carrier_board carriers;
    struct transmitter *transmitters[CONFIG_TRANSMITTERS_MAX];
    struct postbox *reports; /* of struct transmit_report */
    struct routes *routes;
    struct errands *errands;
    struct answers *answers;
    struct postbox *neighbours; /* of struct neighbour_news */
    struct dialogue dialogue;
    struct rates centre_rates, unit_rates;
    struct envelope_maker maker;
    struct publisher publisher;
    struct naming naming;
    struct receive_thread *threads[CONFIG_SOURCES_MAX];
    struct tnc *tncs[CONFIG_SOURCES_MAX];
    struct tnc_place tnc_places[CONFIG_SOURCES_MAX];
    struct link *links[CONFIG_BROKERS_MAX];
    struct throttle rubbish[CONFIG_BROKERS_MAX]; /* each its link's thread's */
    int64_t started_ns, health_due_ns, stats_due_ns;
    bool config_refused;      /* the file is not usable: the next start fails on it */
    struct config_file_mark { /* which file that is, as far as its folder tells */
        int64_t changed_ns;
        uint64_t size, inode;
    } config_judged, config_seen;     /* seen: at the last look */
    struct publisher_counts reported; /* by the last stats document */
    struct reception heard;           /* one at a time */
};

struct report_view tower_view(struct tower *tower);
/* Hands a document (freed here) to every link. */
void tower_document(struct tower *tower, enum link_document which, char *text);

int tower_on_commit_due(sd_event_source *source, uint64_t usec, void *tower);
int tower_on_reception(sd_event_source *source, int fd, uint32_t events, void *tower);
int tower_on_acks(sd_event_source *source, int fd, uint32_t events, void *tower);
int tower_on_activity(sd_event_source *source, int fd, uint32_t events, void *tower);
int tower_on_command(sd_event_source *source, int fd, uint32_t events, void *tower);
int tower_on_tick(sd_event_source *source, uint64_t usec, void *tower);
enum atalaya_result tower_on_tnc_frame(void *place, unsigned port, const uint8_t *frame, size_t length,
                                       int64_t mono_ns);
void tower_wake_links(struct tower *tower);
bool tower_reload(void *tower);
/* For a start on which the file is not usable. */
void tower_keep_config(struct tower *t);
/* Somebody may have changed the file and not have it reloaded: would the next start fail on it? */
void tower_look_at_config(struct tower *t);

/* tower_radio.c */
enum atalaya_result tower_make_radio(struct tower *tower);
void tower_silence_radio(struct tower *tower); /* every key up */
void tower_unmake_radio(struct tower *tower);
/* A document of another site, on a link's thread. */
void tower_on_neighbour(void *tower, unsigned broker, const char *topic, const void *payload, size_t length);
enum answer_reach tower_reach(void *tower, const struct distress *distress);
void tower_answer(struct tower *tower); /* something may have changed */
void tower_say(void *tower, const char *centre, unsigned broker, struct inbound_command *command);
int tower_on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *tower);

#endif
