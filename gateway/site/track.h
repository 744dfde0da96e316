/* SPDX-License-Identifier: Apache-2.0 */
/* What a row of fixes says about the receiver: fresh, stale, frozen, jumping. Pure: the caller brings the
 * time. mono_ns is the monotonic clock and never goes back. */
#ifndef ATALAYA_GATEWAY_SITE_TRACK_H
#define ATALAYA_GATEWAY_SITE_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "fix.h"

enum {
    TRACK_ADOPT_FIXES = 5, /* consecutive fixes that agree make a far place the new position */
    TRACK_STEADY_S = 60    /* a jump is reported until this long has passed without another */
};

struct track {
    double frozen_after_s, stale_after_s, jump_m; /* of the configuration; 0 or less = do not look for it */
    struct fix latest;                            /* as reported last; mode NONE = no fix now */
    int64_t latest_ns;                            /* monotonic, of the last fix with a position */
    bool has_position;                            /* `position` has been known at some time */
    struct fix position;                          /* adopted */
    int64_t position_ns;                          /* monotonic, when it was last confirmed */
    struct fix far_fix; /* a place a jump away from `position`, not adopted yet; mode NONE = none */
    unsigned far_count; /* epochs that agree on it */
    bool has_jumped;
    int64_t jumped_ns;          /* monotonic, of the last jump */
    double moved_m;             /* farthest single step, NaN before the second fix */
    int64_t same_since_ns;      /* monotonic, since when latitude and longitude have not changed a digit */
    int64_t same_since_time_ns; /* the receiver's time at that moment */
    int satellites_used;        /* -1 = unknown */
};

void track_reset(struct track *track, const struct config_gpsd *settings);
/* The link to the receiver is lost: there is no fix now, but what was known stays known. */
void track_lose(struct track *track);
void track_execute(struct track *track, const struct fix *fix, int64_t mono_ns);

/* NO_FIX, OK, STALE, FROZEN or JUMPED; whether gpsd and the receiver are there is the caller's knowledge. */
enum site_gps track_state(const struct track *track, int64_t mono_ns);
/* Fills fix, position, age, satellites and moved_m; `current` = the receiver can be heard at all. */
void track_facts(const struct track *track, bool current, int64_t mono_ns, struct site_facts *facts);
/* How good the system clock is that reads utc_ns at mono_ns: `system` says what it knows itself. */
struct clock_quality track_clock(const struct track *track, int64_t mono_ns, int64_t utc_ns,
                                 struct clock_quality system);

#endif
