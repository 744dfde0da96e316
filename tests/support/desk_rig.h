/* SPDX-License-Identifier: Apache-2.0 */
/* A desk on a spool of its own, hearings at times of the test's choosing, and what the first broker would be
 * sent. */
#ifndef ATALAYA_TEST_DESK_RIG_H
#define ATALAYA_TEST_DESK_RIG_H

#include "../../gateway/desk.h"
#include "spool_fixture.h"

enum { DOCUMENTS_MAX = 2048 };
#define SECOND_NS INT64_C(1000000000)

extern struct desk_rig {
    struct spool_fixture *fixture;
    struct envelope_maker maker;
    struct desk *desk;
    bool audited; /* from the next rig_open on: with an audit log */
    struct audit *audit;
    int64_t utc_ns, mono_ns; /* of the next hearing */
    unsigned alarms;
    bool alarm_busy;                  /* with another */
    size_t count;                     /* by rig_read_documents */
    json_t *documents[DOCUMENTS_MAX]; /* NULL: an empty payload */
    char topics[DOCUMENTS_MAX][SPOOL_TOPIC_MAX];
    int64_t ids[DOCUMENTS_MAX];
} desk_rig;

int rig_set_up(void **state);
int rig_set_up_two_brokers(void **state);
int rig_tear_down(void **state);
void rig_open(void); /* spool and desk, as a start of the program does */
void rig_close(void);
void rig_pass(int64_t seconds);
void rig_hear(const char *unit, enum distress_kind kind, bool test, const struct whereabout *where,
              const struct whereabout *last_known);
void rig_call(const char *unit);
/* Everything that waits for the broker b0, in order. */
void rig_read_documents(void);
unsigned rig_incidents(void); /* different ones in what waits */
const char *rig_text(size_t document, const char *key);
/* A centre's step to the incident that was published last. */
enum distress_outcome rig_step(enum distress_state state, const char *by);

#endif
