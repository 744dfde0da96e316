/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of one link share: link.c (life and outside), session.c (one connection), publish.c (what is
 * sent), callbacks.c (what comes back). Everything but mailbox, figures and broker belongs to the thread. */
#ifndef ATALAYA_MQTT_LINK_PRIVATE_H
#define ATALAYA_MQTT_LINK_PRIVATE_H

#include <mqtt_protocol.h>
#include <pthread.h>

#include "atalaya/gateway/link.h"
#include "atalaya/gateway/spool.h"
#include "mqtt/client.h"
#include "mqtt/echo.h"
#include "mqtt/flight.h"
#include "mqtt/mailbox.h"
#include "outlet/outlet.h"

enum {
    LINK_ACK_BATCH = 32,
    LINK_TURN_MS = 1000,           /* the longest sleep: a sign of life for the watchdog each turn */
    LINK_CONNACK_S = 10,           /* TCP, TLS and CONNACK together */
    LINK_STOP_S = 2,               /* for the PUBACK of the last status */
    LINK_SESSION_EXPIRY_S = 86400, /* commands wait so long at the broker */
    LINK_WILL_DELAY_S = 5,         /* a short loss of the network is not a dead site */
    LINK_RX_EXPIRY_S = 300,
    LINK_RESPONSE_EXPIRY_S = 300,
    LINK_ECHO_EXPIRY_S = 60,
    LINK_DELAYED_S = 5,      /* what waited longer says so */
    LINK_TELL_AGAIN_S = 300, /* at most: how things stand, to a broker that retains nothing */
    LINK_ECHO_BARRED = 1 << LINK_DOCUMENT_COUNT,
    LINK_TOO_LONG_S = 600, /* so long a limit that the broker did not announce is remembered */
    LINK_SLOW_FACTOR = 10, /* so often its patience: a broker that acknowledges others, but not the oldest */
    LINK_V5_CLOSES = 2,    /* closed so often before CONNACK: try 3.1.1 */
    LINK_BRIEF_S = 30,     /* cut off so soon after CONNACK, */
    LINK_STARVED = 2,  /* so often what the broker sent had no room in memory: nothing more is asked of it */
    LINK_HANG_UPS = 2, /* so often after it refused something: once may be a restart */
    LINK_CAREFUL_CUTS = 3,          /* the same was under way so often when it was cut off: be careful, */
    LINK_CONDEMN_CUTS = 5,          /* so often: it is the cause */
    LINK_CONDEMNED_S = 600,         /* what a broker hangs up at is tried again after that, */
    LINK_CONDEMNED_DISTRESS_S = 60, /* a distress sooner */
    LINK_SHORT_BYTES = 600,         /* a shorter distress was not cut off for its length */
    LINK_BRIEFS = 3                 /* and so often in a row: is it another client's turn? */
};

/* One connection, from the attempt to its end. */
struct session {
    struct mosquitto *client;
    struct client_trouble trouble;
    bool accepted, born;
    unsigned in_flight_limit; /* configured, or what the broker takes if less */
    bool cut_told;            /* that calls are shortened for it */
    bool unlisted_told;       /* that something is not sent, for the list has not its unit any more */
    unsigned documents_told;  /* that they are: a bit each */
    int64_t began_ns;
    int64_t progress_ns; /* of the last PUBACK */
    bool will_retained;
    int64_t told_ns; /* how things stand, last; 0 = at the birth */
    int command_mid; /* of the subscription to commands */
    int echo_mid;    /* of that to its own echo */
    int stop_mid;    /* the last status, 0 = not sent */
    /* One publication at a time: earlier connections were cut off soon, and why is not known, or after a
     * refusal. */
    bool careful;
    unsigned documents_due;                       /* then: those that wait for their turn, a bit each */
    bool refused;                                 /* something, by a PUBACK that says so */
    bool taken;                                   /* something, by one that says so */
    unsigned taken_bits;                          /* documents, as in link.barred, and the echo */
    int document_mids[LINK_DOCUMENT_COUNT];       /* of the newest of each, 0 = none waits for its PUBACK */
    size_t document_lengths[LINK_DOCUMENT_COUNT]; /* as the broker saw them */
    int document_mid;    /* the oldest document about the site that waits for its PUBACK, 0 = none does */
    int64_t document_ns; /* when that one was sent */
    bool stop_done;
    char reason[CLIENT_TEXT_MAX]; /* why the link ended it itself */
};

struct link {
    struct config_broker broker;
    unsigned index, health_expiry_s, tell_again_s;
    char site[CONFIG_NAME_MAX], client_id[CONFIG_TEXT_MAX + CONFIG_NAME_MAX], spool_path[CONFIG_PATH_MAX];
    char *will;
    struct link_hooks hooks;
    struct mailbox *mailbox;
    struct outlet *outlet; /* what this broker may know */
    pthread_t thread;
    bool started;

    pthread_mutex_t figures_lock;
    struct link_figures figures;

    /* The thread's own. */
    struct spool_reader *reader;
    struct flight flight;
    struct echo echo;
    bool echo_told; /* that it does not come back */
    struct session session;
    int64_t skip[FLIGHT_SKIP_MAX];
    int64_t acknowledged[LINK_ACK_BATCH];
    size_t acknowledged_count;
    int version;                 /* MQTT_PROTOCOL_V5 or MQTT_PROTOCOL_V311 for the next attempt */
    bool retains;                /* the broker takes what is to be retained; else it goes there unretained */
    unsigned v5_closes;          /* connections closed before CONNACK in a row */
    bool ipv4_only;              /* the last attempt was never answered: perhaps IPv6 leads nowhere */
    bool progressed;             /* a PUBACK came in this connection */
    bool doubted;                /* the last one ended without, though there was something to acknowledge */
    uint64_t newest_boot;        /* seen in items */
    unsigned failures, refusals; /* in a row; they set the back-off */
    unsigned starved;            /* connections that ended for want of memory, in a row */
    unsigned hang_ups;           /* after a refusal, in a row */
    unsigned briefs;             /* accepted and soon cut off without a word, in a row */
    int64_t unpark_ns;           /* when what was refused is tried again, 0 = nothing was */
    unsigned barred;             /* of that, documents about the site, a bit each, and LINK_ECHO_BARRED */
    struct suspect {
        int64_t id;             /* an item, 0 = none */
        unsigned bits;          /* documents and the echo, as in barred */
    } suspect;                  /* what was under way when the last connection was cut off soon */
    unsigned cuts;              /* in a row, with the same under way */
    bool narrowed;              /* to what was under way alone */
    bool condemned;             /* it was: until unpark_ns */
    size_t too_long;            /* payloads of that length and more the broker does not take; 0 = not known */
    int64_t too_long_ns;        /* when it was seen */
    char said[CLIENT_TEXT_MAX]; /* the trouble logged last */
};

/* session.c: one connection until it ends or the link is told to stop. */
void session_run(struct link *link);
/* Full jitter between retry_min and a ceiling that doubles with each failure up to retry_max. */
double link_backoff_s(const struct link *link, unsigned failures);

/* publish.c */
void publish_birth(struct link *link);
void publish_documents_again(struct link *link);
/* Nothing waits for its PUBACK. */
bool publish_is_quiet(const struct link *link);
void publish_news(struct link *link);  /* documents, responses, receptions */
void publish_items(struct link *link); /* from the spool */
void publish_echo(struct link *link, int64_t now_ns);
int publish_document(struct link *link, enum link_document which, const char *text, int *mid);

/* callbacks.c */
void callbacks_set(struct mosquitto *client);
void callbacks_flush(struct link *link); /* hands collected PUBACKs to the main thread */
/* The broker has that item, or never gets it. */
void callbacks_settle(struct link *link, int64_t id);
/* The broker does not take that item [0 = something else]: tried again after a pause, and said in health. */
void callbacks_refused(struct link *link, int64_t id, const char *text);
/* Nor payloads of that length. */
void callbacks_too_long(struct link *link, size_t length);
/* That commands arrive is not proven; says so once. */
void callbacks_tell_unproven(struct link *link);

/* link.c */
void link_say(struct link *link, enum link_state state, const char *error);
void link_sign_of_life(struct link *link);

#endif
