/* SPDX-License-Identifier: Apache-2.0 */
/* Distress is an object that lives on disk: one per incident, however often the radio repeats itself. This
 * file knows the states and their rules; who publishes it is not its concern. Main thread. */
#ifndef ATALAYA_GATEWAY_DISTRESS_H
#define ATALAYA_GATEWAY_DISTRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/reception.h"
#include "atalaya/result.h"

/* The order of the life of a call for help (DESIGN "Distress is an object"). */
enum distress_state {
    DISTRESS_STATE_RAISED,
    DISTRESS_STATE_DELIVERED,    /* a broker took it */
    DISTRESS_STATE_RECEIVED,     /* a centre's system has it */
    DISTRESS_STATE_ACKNOWLEDGED, /* a named person has it */
    DISTRESS_STATE_RADIO_ACKED,  /* the answer was keyed */
    DISTRESS_STATE_CLEARED,
    DISTRESS_STATE_CANCELLED,
    DISTRESS_STATE_FALSE_ALARM,
    DISTRESS_STATE_EXERCISE,
    DISTRESS_STATE_COUNT
};
const char *distress_state_text(enum distress_state state);

#endif
