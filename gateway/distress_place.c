/* SPDX-License-Identifier: Apache-2.0 */
/* Where the unit of an incident is, and where it was. */
#include <math.h>
#include <string.h>

#include "atalaya/gateway/distress.h"

#define METRES_A_DEGREE 111320.0
#define COARSE          4.0 /* times as coarse: another coding of the place, not another receiver's figure */
#define CELL            1.5 /* times its accuracy, on either side of a coarse place, it may mean */
#define FINE_S          1800.0

/* Unknown counts as exact: whoever does not say how coarse it codes gives seconds of arc. */
static double accuracy_of(const struct whereabout *where)
{
    return isfinite(where->accuracy_m) ? (double)where->accuracy_m : 0.0;
}

/* Does the coarse place say nothing that the fine one does not? */
static bool is_coarser_same(const struct whereabout *coarse, const struct whereabout *fine)
{
    double reach_m = CELL * accuracy_of(coarse);
    double north_m = (coarse->lat_deg - fine->lat_deg) * METRES_A_DEGREE;
    double east_m = (coarse->lon_deg - fine->lon_deg) * METRES_A_DEGREE * cos(fine->lat_deg * M_PI / 180.0);
    double age_s = (double)(coarse->utc_ns - fine->utc_ns) * 1e-9;
    return accuracy_of(coarse) > COARSE * accuracy_of(fine) && accuracy_of(coarse) > 0.0 &&
           fabs(north_m) <= reach_m && fabs(east_m) <= reach_m && age_s < FINE_S;
}

static void track_add(struct distress *distress, const struct whereabout *where)
{
    const unsigned count = distress->track_count;
    const struct distress_fix fix = {where->lat_deg, where->lon_deg, where->accuracy_m, where->utc_ns};
    struct distress_fix *track = distress->track;
    if (count > 0 && fabs(track[count - 1].lat_deg - fix.lat_deg) < 5e-7 &&
        fabs(track[count - 1].lon_deg - fix.lon_deg) < 5e-7)
        return; /* it lies still: the position says since when it was told last */
    if (count == DISTRESS_TRACK_MAX) {
        memmove(track + 1, track + 2, (DISTRESS_TRACK_MAX - 2) * sizeof *track);
        track[DISTRESS_TRACK_MAX - 1] = fix;
        return;
    }
    track[distress->track_count++] = fix;
}

void distress_place(struct distress *distress, const struct whereabout *where, bool last_known)
{
    bool has_live = distress->has_position && !distress->position_is_last_known;
    if (!last_known) {
        if (has_live && is_coarser_same(where, &distress->position))
            return;
        track_add(distress, where);
    }
    distress->has_position = true;
    distress->position_is_last_known = last_known;
    distress->position = *where;
}
