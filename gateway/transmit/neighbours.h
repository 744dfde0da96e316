/* SPDX-License-Identifier: Apache-2.0 */
/* What the other sites say of distress, as brokers pass it on: which calls they hear too, how well, and what
 * they have told the radio. Without a central server this is how sites agree on one name for an incident, and
 * on the one that answers. Nothing here acknowledges or ends anything: whoever could write in another site's
 * name must not be able to silence a call. Main thread, but for neighbours_read. */
#ifndef ATALAYA_TRANSMIT_NEIGHBOURS_H
#define ATALAYA_TRANSMIT_NEIGHBOURS_H

#include "atalaya/gateway/distress.h"

enum { NEIGHBOURS_MAX = 128, NEIGHBOUR_SITES_MAX = 64, NEIGHBOUR_PAYLOAD_MAX = 65536 };

/* One distress of another site. */
struct neighbour {
    char site[CONFIG_NAME_MAX];
    char distress[DISTRESS_ID_MAX];
    char incident[DISTRESS_INCIDENT_MAX];
    char radio[CONFIG_TEXT_MAX];
    bool test;
    enum answer_reach reach;
    enum distress_state state;
    enum answer_level level;
    bool queued, sent, failed; /* of that level; failed: it ended unsent */
    bool confirmed;            /* the radio has it */
    int64_t raised_utc_ns, last_heard_utc_ns;
    double snr_db; /* NaN = not known */
};

/* A document as the link's thread reads it. */
struct neighbour_news {
    enum { NEIGHBOUR_NOTHING, NEIGHBOUR_DISTRESS, NEIGHBOUR_GONE, NEIGHBOUR_STATUS } kind;
    struct neighbour said; /* of a status only site counts */
    bool online;
    unsigned broker; /* that brought it */
};

/* topic below the prefix; own: this site's id, whose documents are passed over. Pure apart from jansson's
 * allocations; any thread; payload is hostile. */
void neighbours_read(const char *own, const char *topic, const void *payload, size_t length,
                     struct neighbour_news *news);

struct neighbours {
    unsigned count, site_count;
    uint32_t links; /* brokers that this site is connected to */
    struct neighbour of[NEIGHBOURS_MAX];
    struct {
        char name[CONFIG_NAME_MAX];
        uint32_t heard, online; /* at which brokers */
    } site[NEIGHBOUR_SITES_MAX];
};

void neighbours_take(struct neighbours *neighbours, const struct neighbour_news *news);
/* Has any other site ever been heard of? */
bool neighbours_any(const struct neighbours *neighbours);
/* Offline at every broker that could tell: a site may have lost its way to one of them. */
bool neighbours_is_offline(const struct neighbours *neighbours, const char *site);
/* The same call? Same radio, both real or both drills, neither closed, heard within join_s of each other. */
bool neighbours_is_same_call(const struct neighbour *other, const struct distress *own, double join_s);
/* Whose name for the incident counts: that of whoever heard the call first, then that of the lesser site id.
 * NULL = our own. */
const struct neighbour *neighbours_elder(const struct neighbours *neighbours, const struct distress *own,
                                         const char *own_site, double join_s);

/* How things stand for an answer of that level by this site. */
struct neighbour_standing {
    const struct neighbour *done; /* has told the radio; or another of the unit, if this site does not reach
                                     who called. NULL = none */
    unsigned ahead;               /* sites that are better placed, alive, and know it too */
    unsigned ahead_unaware;       /* likewise, but they do not know yet */
    bool claimed;                 /* another one has it in its queue */
};
/* Better placed: it reaches who called, then has heard another of the unit, then a higher SNR to a tenth of a
 * decibel, then the later hearing, then the lesser site id. */
struct neighbour_standing neighbours_standing(const struct neighbours *neighbours, const struct distress *own,
                                              const char *own_site, enum answer_level level);

/* The radio was told that by another site and calls on: is it this one's turn? Not while the one that told it
 * knows that it has it, or is there and hears it too (at most lag_s behind) and reaches it as well, nor when
 * another that hears it is better placed. */
bool neighbours_leave_it(const struct neighbours *neighbours, const struct distress *own,
                         const char *own_site, enum answer_level level, double lag_s);

/* The level that a state allows to say. */
enum answer_level answer_level_of(enum distress_state state);

#endif
