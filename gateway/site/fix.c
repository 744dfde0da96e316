/* SPDX-License-Identifier: Apache-2.0 */
#include "fix.h"

#include <gps.h>
#include <math.h>

#include "atalaya/gateway/library_time.h"

static const int64_t TIME_LIMIT_S = 7258118400; /* year 2200: later is noise, and nanoseconds still fit */
static const double ACCURACY_LIMIT_M = 1e6, ALTITUDE_LIMIT_M = 1e5;
static const double EARTH_RADIUS_M = 6371008.8; /* mean radius R1 of WGS 84 */
static const double DEGREE = 0.017453292519943295;

static bool is_within(double value, double limit)
{
    return isfinite(value) && fabs(value) <= limit;
}

static double read_altitude_m(const struct gps_fix_t *report)
{
    double alt_m = report->altMSL;
    if (!isfinite(alt_m)) /* gps.h: mean sea level = height over the ellipsoid - geoid separation */
        alt_m = report->altHAE - report->geoid_sep;
    return is_within(alt_m, ALTITUDE_LIMIT_M) ? alt_m : (double)NAN;
}

static double read_accuracy_m(const struct gps_fix_t *report)
{
    double accuracy_m = isfinite(report->eph) ? report->eph : hypot(report->epx, report->epy);
    return accuracy_m >= 0.0 && accuracy_m <= ACCURACY_LIMIT_M ? accuracy_m : (double)NAN;
}

static void read_time(const struct gps_fix_t *report, struct fix *fix)
{
    int64_t second = report->time.tv_sec, nanosecond = report->time.tv_nsec;
    if (second <= 0 || second >= TIME_LIMIT_S || nanosecond < 0 || nanosecond > 999999999)
        return;
    fix->time_ns = second * 1000000000 + nanosecond;
    if (report->ept > 0.0 && report->ept < 3600.0)
        fix->time_error_ns = (int64_t)(report->ept * 1e9);
}

void fix_read(const struct gps_fix_t *report, struct fix *fix)
{
    *fix = (struct fix){.mode = SITE_FIX_NONE,
                        .lat_deg = (double)NAN,
                        .lon_deg = (double)NAN,
                        .alt_m = (double)NAN,
                        .accuracy_m = (double)NAN,
                        .time_ns = -1};
    if (report->mode != MODE_2D && report->mode != MODE_3D)
        return; /* without a fix even the time may be the receiver's own quartz */
    if (!is_within(report->latitude, 90.0) || !is_within(report->longitude, 180.0))
        return;
    fix->mode = report->mode == MODE_3D ? SITE_FIX_3D : SITE_FIX_2D;
    fix->lat_deg = report->latitude;
    fix->lon_deg = report->longitude;
    fix->accuracy_m = read_accuracy_m(report);
    if (fix->mode == SITE_FIX_3D)
        fix->alt_m = read_altitude_m(report);
    read_time(report, fix);
}

/* Haversine formula. */
double fix_distance_m(const struct fix *a, const struct fix *b)
{
    double half_lat = sin((b->lat_deg - a->lat_deg) * DEGREE / 2.0);
    double half_lon = sin((b->lon_deg - a->lon_deg) * DEGREE / 2.0);
    double h =
        half_lat * half_lat + cos(a->lat_deg * DEGREE) * cos(b->lat_deg * DEGREE) * half_lon * half_lon;
    return 2.0 * EARTH_RADIUS_M * asin(sqrt(fmin(h, 1.0)));
}
