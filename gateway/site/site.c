/* SPDX-License-Identifier: Apache-2.0 */
/* Where the tower is: the configured position where there is one, else what gpsd says. */
#include "atalaya/gateway/site.h"

#include <math.h>
#include <stdlib.h>

#include "session.h"

struct site {
    struct config_site place;
    struct session *session; /* NULL: gpsd is not used */
};

const char *site_fix_text(enum site_fix fix)
{
    switch (fix) {
    case SITE_FIX_2D:
        return "2d";
    case SITE_FIX_3D:
        return "3d";
    case SITE_FIX_FIXED:
        return "fixed";
    case SITE_FIX_NONE:
        break;
    }
    return "none";
}

const char *site_gps_text(enum site_gps gps)
{
    switch (gps) {
    case SITE_GPS_AWAY:
        return "away";
    case SITE_GPS_NO_DEVICE:
        return "no-device";
    case SITE_GPS_NO_FIX:
        return "no-fix";
    case SITE_GPS_OK:
        return "ok";
    case SITE_GPS_STALE:
        return "stale";
    case SITE_GPS_FROZEN:
        return "frozen";
    case SITE_GPS_JUMPED:
        return "jumped";
    case SITE_GPS_OFF:
        break;
    }
    return "off";
}

enum atalaya_result site_create(const struct config *config, struct site **site)
{
    struct site *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->place = config->site;
    if (config->gpsd.enabled) {
        enum atalaya_result result = session_create(&config->gpsd, false, &made->session);
        if (result != ATALAYA_OK) {
            free(made);
            return result;
        }
    }
    *site = made;
    return ATALAYA_OK;
}

void site_facts(struct site *site, struct site_facts *facts)
{
    *facts = (struct site_facts){.gps = SITE_GPS_OFF,
                                 .lat_deg = (double)NAN,
                                 .lon_deg = (double)NAN,
                                 .alt_m = (double)NAN,
                                 .accuracy_m = (double)NAN,
                                 .age_s = (double)NAN,
                                 .satellites_used = -1,
                                 .moved_m = (double)NAN};
    if (site->session)
        session_facts(site->session, facts);
    else
        facts->clock = clock_system_quality();
    if (!site->place.has_position)
        return;
    facts->fix = SITE_FIX_FIXED;
    facts->lat_deg = site->place.lat_deg;
    facts->lon_deg = site->place.lon_deg;
    facts->alt_m = site->place.alt_m;
    facts->accuracy_m = (double)NAN;
    facts->age_s = 0.0;
}

void site_destroy(struct site *site)
{
    if (!site)
        return;
    if (site->session)
        session_destroy(site->session);
    free(site);
}
