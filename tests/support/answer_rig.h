/* SPDX-License-Identifier: Apache-2.0 */
/* What radios that call for help are told, from the desk to a KISS TNC on a pseudo-terminal; time is the
 * test's own. */
#ifndef ATALAYA_TEST_ANSWER_RIG_H
#define ATALAYA_TEST_ANSWER_RIG_H

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
    struct tnc *tnc, *tncs[2]; /* the second one is not there */
    struct transmitter *transmitters[1];
    int far;
    int64_t now_ns; /* of the answers */
    char said[20000];
    size_t said_length;
} answer_rig;

int answer_rig_set_up(void **state);
int answer_rig_tear_down(void **state);
void answer_rig_open(void); /* as a start of the program does */
void answer_rig_close(void);
void answer_rig_plug(void);
void answer_rig_unplug(void);
void answer_rig_call(const char *unit, bool test);
/* By a radio of another protocol, whose unit has a name. */
void answer_rig_call_by(const char *protocol, const char *radio, const char *unit, bool test);
/* It says something else. */
void answer_rig_hear(const char *protocol, const char *radio, const char *unit);
const struct distress *answer_rig_newest(void);
enum distress_outcome answer_rig_step(enum distress_state state);
/* Seconds go by, one turn each; what the TNC is handed counts as keyed at the next. */
void answer_rig_pass(int seconds);
/* How often the TNC was told so. */
unsigned answer_rig_said(const char *text);
/* The radio N0CALL-7 acknowledges what was said last. */
void answer_rig_confirm(void);

#define ANSWER_TEST(name) cmocka_unit_test_setup_teardown(name, answer_rig_set_up, answer_rig_tear_down)

#endif
