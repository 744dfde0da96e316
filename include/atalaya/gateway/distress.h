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

enum { DISTRESS_ID_MAX = 80, DISTRESS_HISTORY_MAX = 32, DISTRESS_TEXT_MAX = 256, DISTRESS_OPEN_MAX = 256 };

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

struct distress {
    char id[DISTRESS_ID_MAX];
    char unit[CONFIG_TEXT_MAX], crew[CONFIG_TEXT_MAX], radio[CONFIG_TEXT_MAX];
    bool unit_known;
    char protocol[CONFIG_NAME_MAX];
    char reason[CONFIG_TEXT_MAX]; /* "mic-e emergency", "text: SOS" */
    char text[DISTRESS_TEXT_MAX]; /* what the radio said beside it */
    enum distress_state state;
    bool test;
    int64_t raised_utc_ns, last_heard_utc_ns;
    unsigned heard;
    bool has_position;
    bool position_is_last_known; /* not sent with the distress */
    struct whereabout position;
    unsigned history_count; /* the first step is kept, the oldest of the others give way */
    struct distress_step history[DISTRESS_HISTORY_MAX];
};

/* Adds a step and takes its state. A closed incident takes no further step: ATALAYA_E_DENIED. So does a step
 * back (delivered after received), which changes nothing. */
enum atalaya_result distress_advance(struct distress *distress, const struct distress_step *step);

/* Does a hearing at utc_ns belong to this incident? Same unit, same test flag, heard last within join_s; a
 * clock that went backwards joins. A closed incident still swallows repeats within its window: it must not
 * reopen. */
bool distress_joins(const struct distress *distress, const char *unit, bool test, int64_t utc_ns,
                    double join_s);

/* The members that the distress topic shows, without envelope; and back, for a restart. */
json_t *distress_to_json(const struct distress *distress, int64_t now_utc_ns);
enum atalaya_result distress_from_json(const json_t *object, struct distress *distress);

/* {lat_deg, lon_deg, ..., time, time_ms, age_s, age_basis, origin}, shared with the unit topic. */
json_t *whereabout_to_json(const struct whereabout *where, bool last_known, int64_t now_utc_ns);
bool whereabout_from_json(const json_t *object, struct whereabout *where);

#endif
