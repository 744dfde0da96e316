/* SPDX-License-Identifier: Apache-2.0 */
/* A desk, the answers to its calls, and the radio that says them, which is a KISS TNC on a pseudo-terminal.
 * Time is the test's own. */
#ifndef ATALAYA_TEST_ANSWER_RIG_H
#define ATALAYA_TEST_ANSWER_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../gateway/desk.h"
#include "../../gateway/transmit/answers.h"
#include "spool_fixture.h"

#define SECOND_NS INT64_C(1000000000)
#define HEARD     "TOWER HEARD YOUR CALL"
#define RECEIVED  "CENTER HAS YOUR CALL"
#define PERSON    "A PERSON HAS YOUR CALL"

extern struct answer_rig {
    struct spool_fixture *fixture;
    struct envelope_maker maker;
    struct desk *desk;
    struct routes *routes;
    struct errands *errands;
    struct answers *answers;
    sd_event *event;
    struct tnc *tnc, *tncs[1];
    struct transmitter *transmitters[1];
    int far;
    int64_t now_ns; /* of the answers */
    char said[20000];
    size_t said_length;
} answer_rig;

int answer_rig_set_up(void **state);
int answer_rig_tear_down(void **state);
/* The program ends; and begins. */
void answer_rig_close(void);
void answer_rig_open(void);
void answer_rig_plug(void); /* the TNC */
void answer_rig_unplug(void);
/* A call for help, heard now. */
void answer_rig_call(const char *unit, bool test);
const struct distress *answer_rig_newest(void);
/* A centre takes the newest one a step further. */
enum distress_outcome answer_rig_step(enum distress_state state);
/* Seconds go by, one turn each; what the TNC is handed counts as keyed at the next. */
void answer_rig_pass(int seconds);
/* How often the TNC was told so. */
unsigned answer_rig_said(const char *text);
/* The radio acknowledges the newest text. */
void answer_rig_confirm(void);

#endif
