/* SPDX-License-Identifier: Apache-2.0 */
#include "track.h"

#include <math.h>

static const int64_t SECOND_NS = 1000000000;
static const int64_t AGREE_NS = INT64_C(1000000000); /* farther apart, receiver and system clock disagree */
/* A receiver's report of an epoch is complete up to half a second after it (a second's sentences at 9600
 * bit/s), and the report does not say how long. */
static const int64_t LATENCY_NS = INT64_C(500000000);

static double seconds(int64_t duration_ns)
{
    return (double)duration_ns / 1e9;
}

void track_reset(struct track *track, const struct config_gpsd *settings)
{
    *track = (struct track){.frozen_after_s = settings->frozen_after_s,
                            .stale_after_s = settings->stale_after_s,
                            .jump_m = settings->jump_m,
                            .latest = {.time_ns = -1},
                            .moved_m = (double)NAN,
                            .satellites_used = -1};
}

void track_lose(struct track *track)
{
    track->latest = (struct fix){.mode = SITE_FIX_NONE, .time_ns = -1};
    track->far_fix.mode = SITE_FIX_NONE;
    track->satellites_used = -1;
}

static void adopt(struct track *track, const struct fix *fix, int64_t mono_ns)
{
    track->position = *fix;
    track->position_ns = mono_ns;
    track->has_position = true;
    track->far_fix.mode = SITE_FIX_NONE;
    track->far_count = 0;
}

static void note_step(struct track *track, double step_m, int64_t mono_ns)
{
    if (!(step_m <= track->moved_m)) /* NaN at first */
        track->moved_m = step_m;
    if (track->jump_m > 0.0 && step_m > track->jump_m) {
        track->has_jumped = true;
        track->jumped_ns = mono_ns;
    }
}

/* A fix far from the adopted position: a leap of the receiver's mind, unless it insists. */
static void doubt(struct track *track, const struct fix *fix, bool new_epoch, int64_t mono_ns)
{
    bool first = track->far_fix.mode == SITE_FIX_NONE;
    double step_m = fix_distance_m(first ? &track->position : &track->far_fix, fix);
    note_step(track, step_m, mono_ns);
    if (first || step_m > track->jump_m)
        track->far_count = 1;
    else
        track->far_count += new_epoch;
    track->far_fix = *fix;
    if (track->far_count >= TRACK_ADOPT_FIXES)
        adopt(track, fix, mono_ns);
}

static void note_sameness(struct track *track, const struct fix *fix, int64_t mono_ns)
{
    /* A real receiver's last digits wander: equality is meant to the bit. The epoch may be reported without a
     * time of its own, which then begins later. */
    bool same = track->latest.mode != SITE_FIX_NONE && track->latest.lat_deg == fix->lat_deg &&
                track->latest.lon_deg == fix->lon_deg;
    if (!same)
        track->same_since_ns = mono_ns;
    if (!same || track->same_since_time_ns < 0)
        track->same_since_time_ns = fix->time_ns;
}

void track_execute(struct track *track, const struct fix *fix, int64_t mono_ns)
{
    if (fix->mode == SITE_FIX_NONE) {
        track->latest = *fix;
        return;
    }
    /* gpsd may report an epoch several times while its sentences come in. */
    bool new_epoch = fix->time_ns < 0 || fix->time_ns != track->latest.time_ns;
    note_sameness(track, fix, mono_ns);
    track->latest = *fix;
    track->latest_ns = mono_ns;
    if (!track->has_position) {
        adopt(track, fix, mono_ns);
        return;
    }
    double away_m = fix_distance_m(&track->position, fix);
    if (track->jump_m > 0.0 && away_m > track->jump_m) {
        doubt(track, fix, new_epoch, mono_ns);
        return;
    }
    note_step(track, away_m, mono_ns);
    adopt(track, fix, mono_ns);
}

static bool is_stale(const struct track *track, int64_t mono_ns)
{
    return track->stale_after_s > 0.0 && seconds(mono_ns - track->latest_ns) > track->stale_after_s;
}

static bool is_frozen(const struct track *track)
{
    if (!(track->frozen_after_s > 0.0) || track->same_since_time_ns < 0 || track->latest.time_ns < 0)
        return false;
    double heard_s = seconds(track->latest_ns - track->same_since_ns);
    double told_s = seconds(track->latest.time_ns - track->same_since_time_ns);
    /* Half: a receiver that catches up or leaps a second still counts as moving time. */
    return heard_s >= track->frozen_after_s && told_s >= track->frozen_after_s / 2.0;
}

enum site_gps track_state(const struct track *track, int64_t mono_ns)
{
    if (track->latest.mode == SITE_FIX_NONE)
        return SITE_GPS_NO_FIX;
    if (is_stale(track, mono_ns))
        return SITE_GPS_STALE;
    if (is_frozen(track))
        return SITE_GPS_FROZEN;
    if (track->has_jumped && mono_ns - track->jumped_ns < TRACK_STEADY_S * SECOND_NS)
        return SITE_GPS_JUMPED;
    return SITE_GPS_OK;
}

void track_facts(const struct track *track, bool current, int64_t mono_ns, struct site_facts *facts)
{
    facts->moved_m = track->moved_m;
    facts->satellites_used = current ? track->satellites_used : -1;
    facts->fix = SITE_FIX_NONE;
    facts->lat_deg = facts->lon_deg = facts->alt_m = facts->accuracy_m = facts->age_s = (double)NAN;
    if (current && !is_stale(track, mono_ns))
        facts->fix = track->latest.mode;
    if (!track->has_position)
        return;
    facts->lat_deg = track->position.lat_deg;
    facts->lon_deg = track->position.lon_deg;
    facts->alt_m = track->position.alt_m;
    facts->accuracy_m = track->position.accuracy_m;
    /* What a frozen receiver repeats is as old as its last change. */
    bool frozen = track->latest.mode != SITE_FIX_NONE && is_frozen(track);
    int64_t known_ns =
        frozen && track->same_since_ns < track->position_ns ? track->same_since_ns : track->position_ns;
    facts->age_s = seconds(mono_ns - known_ns);
}

struct clock_quality track_clock(const struct track *track, int64_t mono_ns, int64_t utc_ns,
                                 struct clock_quality system)
{
    if (track->latest.mode == SITE_FIX_NONE || track->latest.time_ns < 0 || is_stale(track, mono_ns))
        return system;
    /* Compared now, not when the report came: a clock stepped since then is found out at once. */
    int64_t apart_ns = utc_ns - (track->latest.time_ns + (mono_ns - track->latest_ns));
    if (apart_ns > AGREE_NS || apart_ns < -AGREE_NS)
        return system;
    int64_t error_ns = (apart_ns < 0 ? -apart_ns : apart_ns) + LATENCY_NS + track->latest.time_error_ns;
    if (system.error_ns >= 0 && system.error_ns < error_ns)
        error_ns = system.error_ns; /* both are bounds of the same clock's error */
    return (struct clock_quality){.source = TIME_GPS, .error_ns = error_ns};
}
