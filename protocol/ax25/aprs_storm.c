/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 12, storm data: /ST/www^GGG/pppp>RRR&rrr%ggg after direction and speed. */
#include "aprs_parts.h"

#include <string.h>

/* One item: a mark and n digits. */
struct item {
    char mark;
    uint8_t digits;
    const char *name;
    double scale;
};

static const struct item items[] = {
    {'/', 3, "storm.wind_speed_m_s", APRS_KNOT_M_S},
    {'^', 3, "storm.wind_gust_m_s", APRS_KNOT_M_S},
    {'/', 4, "storm.pressure_hpa", 1},
    {'>', 3, "storm.radius_hurricane_km", APRS_NAUTICAL_MILE_KM},
    {'&', 3, "storm.radius_storm_km", APRS_NAUTICAL_MILE_KM},
    {'%', 3, "storm.radius_gale_km", APRS_NAUTICAL_MILE_KM},
};

size_t aprs_storm_parse(const uint8_t *text, size_t length, struct message *message)
{
    if (length < 3 ||
        (memcmp(text, "/TS", 3) != 0 && memcmp(text, "/HC", 3) != 0 && memcmp(text, "/TD", 3) != 0))
        return 0;
    aprs_add_text(message, "storm.type", text + 1, 2);
    size_t at = 3;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        unsigned value;
        if (at + 1 + items[i].digits > length || text[at] != items[i].mark ||
            !aprs_digits_parse(text + at + 1, items[i].digits, &value))
            continue; /* each may be missing */
        aprs_add_real(message, items[i].name, value * items[i].scale);
        at += 1 + items[i].digits;
    }
    return at;
}
