/* SPDX-License-Identifier: Apache-2.0 */
/* What one report of gpsd says, reduced to what can be believed. Pure. */
#ifndef ATALAYA_GATEWAY_SITE_FIX_H
#define ATALAYA_GATEWAY_SITE_FIX_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/site.h"

struct gps_fix_t;

struct fix {
    enum site_fix mode;       /* NONE, 2D or 3D; 2D and 3D have a position */
    double lat_deg, lon_deg;  /* NaN without a position */
    double alt_m, accuracy_m; /* NaN = unknown; above mean sea level; horizontal */
    int64_t time_ns;          /* the receiver's time, since 1970; -1 = none that can be believed */
    int64_t time_error_ns;    /* gpsd's estimate for it, 0 where it gives none */
};

/* Judges a TPV report as libgps stored it. Any bits are allowed in it. */
void fix_read(const struct gps_fix_t *report, struct fix *fix);

/* Metres between two positions on the sphere. */
double fix_distance_m(const struct fix *a, const struct fix *b);

#endif
