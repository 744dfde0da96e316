/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 12, raw weather: Peet Bros Ultimeter packet mode ($ULTW) and logging mode (!!), fields of four
 * hexadecimal digits, "----" for a missing sensor; and the U-II (# and *), kept raw. */
#include "aprs_parts.h"

#include <string.h>

enum { FIELDS_MAX = 14 };

/* Counts: wind 0.1 km/h, direction 1/255 turn, temperature 0.1 degree F, rain 0.01 inch, pressure and
 * humidity a tenth. Several fields of one quantity: the later one is the better one (an average, today's
 * rain). */
struct ultimeter_field {
    const char *name;
    double scale, offset;
    int min, max;
};
#define WIND(name)                                                                                           \
    {                                                                                                        \
        name, 0.1 / 3.6, 0, 0, 32767                                                                         \
    }
#define FAHRENHEIT(name)                                                                                     \
    {                                                                                                        \
        name, 0.1 * 5 / 9, -32 * 5.0 / 9, -32768, 32767                                                      \
    }
#define RAIN                                                                                                 \
    {                                                                                                        \
        "weather.rain_midnight_mm", APRS_INCH_MM / 100, 0, 0, 32767                                          \
    }
#define PRESSURE                                                                                             \
    {                                                                                                        \
        "weather.pressure_hpa", 0.1, 0, 10, 32767                                                            \
    }
#define HUMIDITY(name)                                                                                       \
    {                                                                                                        \
        name, 0.1, 0, 10, 1000                                                                               \
    }
#define DIRECTION                                                                                            \
    {                                                                                                        \
        "weather.wind_direction_deg", 360.0 / 255, 0, 0, 255                                                 \
    }
#define NOTHING                                                                                              \
    {                                                                                                        \
        NULL, 0, 0, 0, 0                                                                                     \
    }

static const struct ultimeter_field packet_mode[FIELDS_MAX] = {WIND("weather.wind_gust_m_s"),
                                                               DIRECTION,
                                                               FAHRENHEIT("weather.temperature_c"),
                                                               RAIN,
                                                               PRESSURE,
                                                               NOTHING,
                                                               NOTHING,
                                                               NOTHING,
                                                               HUMIDITY("weather.humidity_percent"),
                                                               NOTHING,
                                                               NOTHING,
                                                               RAIN,
                                                               WIND("weather.wind_speed_m_s"),
                                                               NOTHING};

static const struct ultimeter_field logging_mode[FIELDS_MAX] = {WIND("weather.wind_speed_m_s"),
                                                                DIRECTION,
                                                                FAHRENHEIT("weather.temperature_c"),
                                                                RAIN,
                                                                PRESSURE,
                                                                FAHRENHEIT("weather.temperature_inside_c"),
                                                                HUMIDITY("weather.humidity_percent"),
                                                                HUMIDITY("weather.humidity_inside_percent"),
                                                                NOTHING,
                                                                NOTHING,
                                                                RAIN,
                                                                WIND("weather.wind_speed_m_s"),
                                                                NOTHING,
                                                                NOTHING};

/* The field after the last of the same name, so that each is added once. */
static bool is_last(const struct ultimeter_field *mode, const bool *present, unsigned index)
{
    for (unsigned i = index + 1; i < FIELDS_MAX; i++)
        if (present[i] && mode[i].name && strcmp(mode[i].name, mode[index].name) == 0)
            return false;
    return true;
}

void aprs_ultimeter_parse(const struct aprs_packet *packet, struct message *message)
{
    bool logging = packet->info[0] == '!';
    const struct ultimeter_field *mode = logging ? logging_mode : packet_mode;
    size_t at = logging ? 2 : 5;
    int value[FIELDS_MAX] = {0};
    bool present[FIELDS_MAX] = {false};
    unsigned count = 0, added = 0;
    for (; count < FIELDS_MAX && at + 4 <= packet->length; count++, at += 4) {
        int high = aprs_hex_parse(packet->info + at), low = aprs_hex_parse(packet->info + at + 2);
        if (memcmp(packet->info + at, "----", 4) == 0)
            continue;
        if (high < 0 || low < 0)
            break;
        int number = (int16_t)(uint16_t)(high * 256 + low);
        value[count] = mode[count].max == 255 ? number & 255 : number;
        present[count] =
            mode[count].name && value[count] >= mode[count].min && value[count] <= mode[count].max;
    }
    message->kind = MESSAGE_WEATHER;
    for (unsigned i = 0; i < count; i++)
        if (present[i] && is_last(mode, present, i)) {
            aprs_add_real(message, mode[i].name, value[i] * mode[i].scale + mode[i].offset);
            added++;
        }
    if (!added)
        aprs_add_fault(message, "weather_invalid", "Ultimeter");
}

void aprs_peet_parse(const struct aprs_packet *packet, struct message *message)
{
    message->kind = MESSAGE_WEATHER;
    aprs_add_text(message, "weather.raw", packet->info, packet->length);
    for (size_t i = 1; i + 1 < packet->length; i += 2)
        if (aprs_hex_parse(packet->info + i) < 0) {
            aprs_add_fault(message, "weather_invalid", "Peet Bros U-II");
            return;
        }
}
