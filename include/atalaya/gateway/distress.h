/* SPDX-License-Identifier: Apache-2.0 */
/* Distress is an object that lives on disk: one per incident, however often the radio repeats itself. This
 * module holds the states and the rules by which hearings become incidents; storing and publishing them is
 * the desk's work. Pure but for JSON; main thread. */
#ifndef ATALAYA_GATEWAY_DISTRESS_H
#define ATALAYA_GATEWAY_DISTRESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/config.h"
#include "atalaya/result.h"

/* The life of a call for help, in order (DESIGN "Distress is an object"). */
enum distress_state {
    DISTRESS_STATE_RAISED,
    DISTRESS_STATE_DELIVERED,    /* a broker took it */
    DISTRESS_STATE_RECEIVED,     /* a centre's system has it */
    DISTRESS_STATE_ACKNOWLEDGED, /* a named person has it */
    DISTRESS_STATE_RADIO_ACKED,  /* the answer was keyed */
    DISTRESS_STATE_CLEARED,      /* from here on: closed */
    DISTRESS_STATE_CANCELLED,
    DISTRESS_STATE_FALSE_ALARM,
    DISTRESS_STATE_EXERCISE,
    DISTRESS_STATE_COUNT
};

const char *distress_state_text(enum distress_state state);
enum distress_state distress_state_find(const char *text); /* DISTRESS_STATE_COUNT: no such state */
bool distress_state_is_closed(enum distress_state state);

enum {
    DISTRESS_ID_MAX = 80,
    DISTRESS_HISTORY_MAX = 32,
    DISTRESS_TEXT_MAX = 256,
    DISTRESS_OPEN_MAX = 256,
    DISTRESS_DETAILS_MAX = 1024,
    DISTRESS_ALERT_MAX = 2048,
    DISTRESS_TRACK_MAX = 16,
    DISTRESS_LEVEL_MAX = 1000,
    DISTRESS_INCIDENT_MAX = 17, /* 16 hexadecimal digits */
    DISTRESS_INCIDENT_S = 1800
};

/* What became of a step. */
enum distress_outcome {
    DISTRESS_STEP_REFUSED, /* not possible in this state; nothing changed */
    DISTRESS_STEP_KNOWN,   /* said before; nothing changed */
    DISTRESS_STEP_NOTED,   /* in the history, the state stays: a second centre, a cancel that a person must
                              weigh */
    DISTRESS_STEP_MOVED    /* in the history, and the state is the step's */
};

/* A step: who did what, when, through what. */
struct distress_step {
    enum distress_state state;
    int64_t utc_ns;
    enum time_source time_source;
    char by[CONFIG_TEXT_MAX];      /* unit, broker, person */
    char through[CONFIG_TEXT_MAX]; /* channel, broker */
};

/* Where a unit is or was. A last known position is never shown as current: origin and age go with it. */
struct whereabout {
    double lat_deg, lon_deg;
    float alt_m, accuracy_m, speed_m_s, course_deg;
    int64_t utc_ns;     /* of the fix where the radio tells it, else of the hearing */
    bool time_from_fix; /* which of the two */
};

/* The three things that a radio can be told, and that are never mixed up. */
enum answer_level {
    ANSWER_NONE,
    ANSWER_HEARD,       /* the tower heard the call */
    ANSWER_RECEIVED,    /* a centre's system has it */
    ANSWER_ACKNOWLEDGED /* a named person has it */
};
const char *answer_level_text(enum answer_level level); /* "", "heard", "received", "acknowledged" */
enum answer_level answer_level_find(const char *text);  /* ANSWER_NONE: no such level */

/* Whom this site can tell something: a 406 MHz beacon hears nothing, its owner's handheld does. */
enum answer_reach {
    ANSWER_REACH_NONE,
    ANSWER_REACH_UNHEARD, /* another radio of the unit than those that called, not heard here since the start
                           */
    ANSWER_REACH_UNIT,    /* another radio of the unit */
    ANSWER_REACH_RADIO    /* one that has called: `radio` or `other_radio` */
};
const char *answer_reach_text(enum answer_reach reach); /* "", "unheard", "unit", "radio" */

/* How the highest answer stands that this site has tried, or leaves to another. */
struct distress_answer {
    enum answer_level level;
    bool queued, sent, confirmed; /* by this site; confirmed: the radio acknowledged it */
    char result[CONFIG_NAME_MAX]; /* how the transmission ended, "" = not yet */
    char site[CONFIG_NAME_MAX];   /* who keys it: this site, or the other that has done so; "" = nobody yet */
    char radio[CONFIG_TEXT_MAX];  /* who is told; "" = the radio that raised it */
    int64_t sent_utc_ns, confirmed_utc_ns; /* 0 = not */
};

/* A place of the unit's track. */
struct distress_fix {
    double lat_deg, lon_deg;
    float accuracy_m;
    int64_t utc_ns;
};

struct distress {
    char id[DISTRESS_ID_MAX];
    char incident[DISTRESS_INCIDENT_MAX]; /* equal at every site that hears the same call */
    char unit[CONFIG_TEXT_MAX], crew[CONFIG_TEXT_MAX], radio[CONFIG_TEXT_MAX];
    char other_radio[CONFIG_TEXT_MAX]; /* of the same unit, that has called too; "" = none */
    bool other_called_last;
    bool unit_known;
    char protocol[CONFIG_NAME_MAX];
    char reason[CONFIG_TEXT_MAX]; /* "mic-e emergency", "text: SOS" */
    char text[DISTRESS_TEXT_MAX]; /* what the radio said beside it */
    enum distress_state state;
    bool test;
    bool cancel_heard; /* the radio took it back after a person had taken it on, and has not called since */
    int64_t raised_utc_ns, last_heard_utc_ns;
    unsigned heard;
    /* of the last hearing; unknown is NaN, 0 or "" */
    char channel[CONFIG_NAME_MAX], source[CONFIG_NAME_MAX];
    double frequency_hz, rssi_dbfs, snr_db;
    uint64_t dedupe; /* equal at every site that heard it */
    bool has_position;
    bool position_is_last_known; /* not sent with the distress */
    struct whereabout position;
    unsigned track_count; /* different places it told, oldest first; the very first one stays */
    struct distress_fix track[DISTRESS_TRACK_MAX];
    char details[DISTRESS_DETAILS_MAX];  /* a JSON object of what its protocol lets stay with it, or "" */
    char alert_text[DISTRESS_ALERT_MAX]; /* the same in the form that coordination centres know, or "" */
    unsigned level;                      /* how often nobody answered in time: 0 = not yet */
    unsigned told_count;
    char told[CONFIG_CENTRES_MAX][CONFIG_NAME_MAX]; /* centres */
    enum answer_reach reach;                        /* by a radio of this site */
    struct distress_answer answer;
    uint64_t audit_line; /* the last line about it in the audit log, and its hash; 0 = none */
    char audit_hash[65];
    unsigned history_count; /* the first step to each state is kept, the oldest of the others give way */
    struct distress_step history[DISTRESS_HISTORY_MAX];
};

/* Sites know nothing of each other when a call comes in, and yet a centre wants one incident: the incident's
 * name follows from what all of them heard. FNV-1a, 64 bits, over radio, test, dedupe of the first burst and
 * the half hour (UTC) in which it came. Whoever missed the first burst, or stands on the other side of the
 * half hour, takes over the name when it sees the other's object (transmit/neighbours.h). */
void distress_name_incident(struct distress *distress);

/* The machine: what a step to `asked` means to an incident in `now`. */
enum distress_outcome distress_judge(enum distress_state now, enum distress_state asked);
/* What closing it that way means: a test that a centre closes was an exercise, whatever the centre calls it.
 */
enum distress_state distress_closing(bool test, enum distress_state asked);

/* Judges a step, and adds it to the history when it is noted or moves the state. The very first one must be
 * `raised`. */
enum distress_outcome distress_advance(struct distress *distress, const struct distress_step *step);

/* Does a hearing at utc_ns belong to this incident? Same unit, same test flag, heard within its window; a
 * clock that went backwards joins. A closed incident still swallows repeats within its window: it must not
 * reopen. */
bool distress_joins(const struct distress *distress, const char *unit, bool test, int64_t utc_ns,
                    const struct distress_windows *windows);
/* Is its window still running at utc_ns? */
bool distress_is_recent(const struct distress *distress, int64_t utc_ns,
                        const struct distress_windows *windows);
/* Counts a hearing, which moves the window on; not that of a cancelled one. */
void distress_hear(struct distress *distress, int64_t utc_ns);

/* A place of the unit. One that was told with the incident joins the track. It is shown unless the one shown
 * says the same and says it finer: beacons tell the same place now coarsely, now to seconds of arc. */
void distress_place(struct distress *distress, const struct whereabout *where, bool last_known);

/* The members that the distress topic shows, without envelope; and back, for a restart. */
json_t *distress_to_json(const struct distress *distress, int64_t now_utc_ns);
/* What other sites need of it, and no more: the members of the call topic. */
json_t *distress_call_to_json(const struct distress *distress);
enum atalaya_result distress_from_json(const json_t *object, struct distress *distress);

/* {lat_deg, lon_deg, ..., time, time_ms, age_s, age_basis, origin}, shared with the unit topic. */
json_t *whereabout_to_json(const struct whereabout *where, bool last_known, int64_t now_utc_ns);
bool whereabout_from_json(const json_t *object, struct whereabout *where);

#endif
