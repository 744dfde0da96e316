/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/airtime.h"

#include <string.h>

static const int64_t minute_ns = INT64_C(60000000000);

/* Empties the slots of minutes that nobody counted. */
static void advance(struct airtime *airtime, int64_t now_ns)
{
    int64_t minute = now_ns / minute_ns;
    if (minute - airtime->minute >= AIRTIME_SLOTS || minute < airtime->minute)
        memset(airtime->slot_ns, 0, sizeof airtime->slot_ns);
    else
        for (int64_t m = airtime->minute + 1; m <= minute; m++)
            airtime->slot_ns[m % AIRTIME_SLOTS] = 0;
    airtime->minute = minute;
}

void airtime_add(struct airtime *airtime, int64_t now_ns, int64_t keyed_ns)
{
    advance(airtime, now_ns);
    airtime->slot_ns[airtime->minute % AIRTIME_SLOTS] += keyed_ns;
}

int64_t airtime_used_ns(struct airtime *airtime, int64_t now_ns)
{
    int64_t sum_ns = 0;
    advance(airtime, now_ns);
    for (unsigned i = 0; i < AIRTIME_SLOTS; i++)
        sum_ns += airtime->slot_ns[i];
    return sum_ns;
}

bool airtime_allows(struct airtime *airtime, int64_t now_ns, int64_t more_ns, int64_t cap_ns, bool distress)
{
    int64_t allowed_ns = distress ? cap_ns : cap_ns - cap_ns / 4;
    return airtime_used_ns(airtime, now_ns) + more_ns <= allowed_ns;
}
