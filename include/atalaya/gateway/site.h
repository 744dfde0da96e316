/* SPDX-License-Identifier: Apache-2.0 */
/* Where the tower is and how well it knows the time: gpsd through libgps in a thread of its own (gps_open
 * blocks for as long as a dead host pleases), or the configured fixed position. Everything else goes on when
 * gpsd is away. */
#ifndef ATALAYA_GATEWAY_SITE_H
#define ATALAYA_GATEWAY_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/config.h"
#include "atalaya/result.h"

enum site_fix { SITE_FIX_NONE, SITE_FIX_2D, SITE_FIX_3D, SITE_FIX_FIXED /* from the configuration */ };
enum site_gps {
    SITE_GPS_OFF,
    SITE_GPS_AWAY,
    SITE_GPS_NO_DEVICE,
    SITE_GPS_NO_FIX,
    SITE_GPS_OK,
    SITE_GPS_STALE,
    SITE_GPS_FROZEN,
    SITE_GPS_JUMPED
};

/* "none", "2d", "3d", "fixed" and "off", "away", "no-device", ... */
const char *site_fix_text(enum site_fix fix);
const char *site_gps_text(enum site_gps gps);

/* A consistent copy of what is known now. Unknown numbers are NaN. */
struct site_facts {
    enum site_gps gps;
    enum site_fix fix;
    double lat_deg, lon_deg, alt_m, accuracy_m;
    double age_s;        /* of the position; 0 for a fixed one */
    int satellites_used; /* -1 = unknown */
    double moved_m;      /* farthest single step since start, for SITE_GPS_JUMPED */
    struct clock_quality clock;
};

struct site;

enum atalaya_result site_create(const struct config *config, struct site **site);
void site_facts(struct site *site, struct site_facts *facts); /* any thread; never waits on gpsd */
void site_destroy(struct site *site);

/* One line for `atalaya check`: does gpsd answer, with what? true = as good as configured. Waits at most 5 s.
 */
bool site_probe(const struct config_gpsd *settings, char *text, size_t size);

#endif
