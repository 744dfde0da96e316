/* SPDX-License-Identifier: Apache-2.0 */
/* The distress desk: turns hearings into incidents, stores each step before anything else happens with it,
 * and queues the object for every broker ahead of all else. Main thread. */
#ifndef ATALAYA_DESK_H
#define ATALAYA_DESK_H

#include "atalaya/gateway/distress.h"
#include "atalaya/gateway/reception.h"
#include "atalaya/gateway/spool.h"
#include "atalaya/gateway/units.h"
#include "envelope.h"
#include "lifecycle/audit.h"
#include "words.h"

struct desk;

/* A hearing that concerns distress. */
struct desk_call {
    const struct reception *reception;
    const struct unit_identity *who;
    const struct words_verdict *verdict;
    int64_t utc_ns;
    const struct whereabout *where;      /* sent with this very message, or NULL */
    const struct whereabout *last_known; /* or NULL */
};

struct desk_setting {
    struct spool *spool;
    struct envelope_maker *maker;
    const struct config *config; /* as it stands at each call: brokers, centres */
    struct distress_windows windows;
    struct audit *audit; /* every step is a line there before it is published; NULL = none */
    /* The local output, when nobody acknowledges a real distress in time; NULL = none. false: it is busy with
     * another; it is asked again. */
    bool (*alarm)(void *context, const struct distress *distress);
    const struct units *units; /* whom radios belong to, until desk_configured; NULL = nobody is known */
    bool tell_sites;           /* publish site/S/call/D for the other sites */
    /* Whom can this site tell something? NULL = nobody. */
    enum answer_reach (*reach)(void *context, const struct distress *distress);
    void *context;
};

/* Loads the incidents that were alive when the program last ended. */
enum atalaya_result desk_create(const struct desk_setting *setting, struct desk **desk);
void desk_set_windows(struct desk *desk, const struct distress_windows *windows);
/* The configuration behind the setting has changed: who is told, and whose radio it is, is reckoned anew. */
void desk_configured(struct desk *desk, const struct units *units);
/* Raises, repeats or cancels. Returns when it is on disk (or when the spool has said that the disk fails).
 * false: it takes back what is not open here, so it concerns no distress. */
bool desk_hear(struct desk *desk, const struct desk_call *call);
/* A unit said where it is, through that radio ("<address space>.<id>"): their open incidents learn it. */
void desk_position(struct desk *desk, const char *unit, const char *radio, const struct whereabout *where);
/* A broker (index in the configuration) took the spool items with these ids. */
void desk_delivered(struct desk *desk, unsigned broker, const int64_t *ids, size_t count);
/* It took them, and said that nobody listens: delivered to nobody. */
void desk_unheard(struct desk *desk, unsigned broker, const int64_t *ids, size_t count);
/* There is a new connection to it: what it retains of incidents is put right, for it may
 * have forgotten an open one, or have one back that is over. */
void desk_connected(struct desk *desk, unsigned broker, bool remembered);
/* Tells who must be told next; once a second. true: there is something new to send. */
bool desk_tick(struct desk *desk, int64_t now_mono_ns);
/* Somebody other than the radio takes an incident a step further: received, acknowledged, radio_acked or one
 * of the ways to close it. */
struct desk_order {
    const char *distress; /* its id */
    enum distress_state state;
    const char *by, *through; /* "yuma", "Ana Ruiz (yuma)"; which broker */
    const char *detail;       /* for the audit log: which command; NULL = nothing */
};
/* On disk when it returns. *distress is what became of it, until the next call; NULL and
 * DISTRESS_STEP_REFUSED: there is no such incident. */
enum distress_outcome desk_step(struct desk *desk, const struct desk_order *order,
                                const struct distress **distress);
const struct distress *desk_find(const struct desk *desk,
                                 const char *id); /* NULL: none; until the next call */
/* Every incident, closed ones too. `each` may take steps, but not tidy. */
void desk_visit(struct desk *desk, void (*each)(void *context, const struct distress *distress),
                void *context);
/* Not followed here any more, or never: takes away what brokers retain of it. false: it is followed, or may
 * be, or is not of this site. */
bool desk_sweep(struct desk *desk, const char *id);
/* What becomes of the answer to the radio: a line in the audit log (event, detail; NULL = none), and
 * published. */
void desk_answer(struct desk *desk, const char *id, const struct distress_answer *answer, const char *event,
                 const char *detail);
/* Another site heard the same call first: its name for the incident is taken over. */
void desk_join(struct desk *desk, const char *id, const char *incident, const char *site);
/* Forgets closed incidents whose window is over. Call now and then. */
void desk_tidy(struct desk *desk);
/* Is there something open of which nothing is known yet, for the disk fails? */
bool desk_is_unread(const struct desk *desk);
unsigned desk_open_count(const struct desk *desk);
void desk_destroy(struct desk *desk);

#endif
