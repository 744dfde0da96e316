/* SPDX-License-Identifier: Apache-2.0 */
/* How long a transmitter was keyed in the last hour. Pure; the clock comes in, monotonic. */
#ifndef ATALAYA_TRANSMIT_AIRTIME_H
#define ATALAYA_TRANSMIT_AIRTIME_H

#include <stdbool.h>
#include <stdint.h>

enum { AIRTIME_SLOTS = 60 };

struct airtime {
    int64_t minute;                 /* of the newest slot */
    int64_t slot_ns[AIRTIME_SLOTS]; /* keyed in each minute; all zero is a new one */
};

void airtime_add(struct airtime *airtime, int64_t now_ns, int64_t keyed_ns);
/* In the last 59 to 60 minutes. */
int64_t airtime_used_ns(struct airtime *airtime, int64_t now_ns);
/* Is there room for so much more under a cap? Only distress may use the last quarter. */
bool airtime_allows(struct airtime *airtime, int64_t now_ns, int64_t more_ns, int64_t cap_ns, bool distress);

#endif
