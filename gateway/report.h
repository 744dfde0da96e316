/* SPDX-License-Identifier: Apache-2.0 */
/* What the site says about itself: status, info, health and stats. Main thread. */
#ifndef ATALAYA_REPORT_H
#define ATALAYA_REPORT_H

#include <jansson.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/link.h"
#include "atalaya/gateway/spool.h"
#include "atalaya/gateway/tnc.h"
#include "atalaya/gateway/transmitter.h"
#include "desk.h"
#include "envelope.h"
#include "guard/guard.h"
#include "publisher.h"
#include "receive_thread.h"

/* Everything a report looks at. Threads and TNCs are by source index, NULL where there is none. */
struct report_view {
    const struct config *config;
    struct envelope_maker *maker;
    struct spool *spool;
    struct desk *desk;
    struct audit *audit; /* NULL: there is none */
    struct handover *handover;
    const struct publisher *publisher;
    struct receive_thread *const *threads;
    struct tnc *const *tncs;
    struct link *const *links;
    struct transmitter *const *transmitters; /* NULL where there is none */
    const struct guard *guard;
    int64_t started_mono_ns;
    bool config_refused; /* the last reload found a configuration with which the program would not start */
};

/* Documents as text for free(); NULL when memory is out. */
char *report_status(struct envelope_maker *maker, const char *state, const char *reason);
char *report_info(const struct report_view *view);
char *report_health(const struct report_view *view);
/* Of health `faults` and `machine`: what makes the site unwell and stands in no row of its own, so that
 * nobody has to guess. */
void report_faults(const struct report_view *view, json_t *health, bool *well);
/* Health for one broker, which is not told the names of units of which it is told nothing else. */
char *report_health_for(const char *health, const struct config *config, unsigned broker);
/* What was heard since the counts stood at `before`. */
char *report_stats(const struct report_view *view, const struct publisher_counts *before, double interval_s);

#endif
