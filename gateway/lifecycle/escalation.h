/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told of a distress, and who next when nobody answers. Pure: the clock comes in, monotonic, and what
 * is to be done goes out. One for each incident. */
#ifndef ATALAYA_LIFECYCLE_ESCALATION_H
#define ATALAYA_LIFECYCLE_ESCALATION_H

#include "atalaya/gateway/distress.h"

/* What is to be done. */
enum { ESCALATION_TELL = 1 /* publish it again */, ESCALATION_ALARM = 2 /* the local output */ };
enum {
    ESCALATION_WHY_MAX = 160,
    ESCALATION_TEST_LEVELS = 3 /* a drill that nobody answers falls silent */,
    ESCALATION_ACKNOWLEDGE_S = 300 /* where no centre says otherwise */
};

/* All zero is the beginning. Who was told and how loud stands in the distress, for it must survive a restart;
 * deliveries begin anew then. */
struct escalation {
    uint32_t told;      /* bit c: the c-th centre */
    uint32_t delivered; /* bit b: the b-th broker took it for somebody */
    struct {
        unsigned brokers; /* of its own, in use */
        int64_t since_ns; /* the last of them */
    } centre[CONFIG_CENTRES_MAX];
    int64_t group_ns, alarm_ns;
    bool lost_a_centre; /* one that was told is not in the configuration any more */
};

/* Chooses who is told first, or takes up again what the distress says (after a restart, or with a new
 * configuration). */
void escalation_begin(struct escalation *escalation, const struct config *config, struct distress *distress,
                      int64_t now_ns);
/* The same for one that is being followed, or was before a restart: who is told is reckoned anew, but how
 * long nobody has answered is not forgotten. Of what stood in it the times and deliveries count. */
void escalation_resume(struct escalation *escalation, const struct config *config, struct distress *distress,
                       int64_t now_ns);
/* Brokers that get its documents; 0 = none, which happens to tests only. */
uint32_t escalation_brokers(const struct escalation *escalation, const struct config *config,
                            const struct distress *distress);
void escalation_delivered(struct escalation *escalation, unsigned broker);
/* Returns what is due; then why says it, for people. */
unsigned escalation_tick(struct escalation *escalation, const struct config *config,
                         struct distress *distress, int64_t now_ns, char why[ESCALATION_WHY_MAX]);

#endif
