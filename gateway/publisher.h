/* SPDX-License-Identifier: Apache-2.0 */
/* What a reception becomes: who it was, whether a centre may see it, where that unit is now, which documents
 * go into the spool, and whether the desk must hear of it. Main thread. */
#ifndef ATALAYA_PUBLISHER_H
#define ATALAYA_PUBLISHER_H

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/link.h"
#include "atalaya/gateway/reception.h"
#include "atalaya/gateway/spool.h"
#include "activity.h"
#include "confirm.h"
#include "desk.h"
#include "envelope.h"
#include "guard/check_ins.h"
#include "repeats.h"
#include "shown.h"
#include "transmit/dialogue.h"
#include "whereabouts.h"
#include "words.h"

struct publisher_counts {
    uint64_t receptions, duplicates, positions, messages, distress, withheld,
        repeats; /* withheld: not on the allow-list; repeats: see repeats.h */
    uint64_t transmissions;
    double on_air_s; /* all channels together */
};

struct publisher {
    struct spool *spool;
    struct envelope_maker *maker;
    const struct config *config; /* centres: who is told of what */
    struct words *words;
    struct whereabouts *whereabouts;
    struct shown *shown;
    struct desk *desk;
    struct units *units;
    struct check_ins *check_ins;
    struct dialogue *dialogue; /* with the radios themselves; NULL = none */
    struct confirm confirm;
    struct repeats repeats;
    bool allow_list, publish_rx;
    bool trust_repaired;
    double join_s;       /* repeats of a call are this close */
    struct link **links; /* [size: link_count] */
    unsigned link_count;
    struct publisher_counts counts;
};

void publisher_execute(struct publisher *publisher, const struct reception *reception);
void publisher_activity(struct publisher *publisher, const struct activity *activity);

#endif
