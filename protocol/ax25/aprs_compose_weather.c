/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 12 the other way: complete and positionless reports. */
#include "aprs_out.h"

#include <math.h>
#include <string.h>

static double field(const struct message *message, const char *name)
{
    return message_number(message, name, (double)NAN);
}

/* A letter and digits, or dots where the value is unknown and `always` wants the letter. */
static bool count_put(struct aprs_out *out, char letter, double count, unsigned digits, long limit,
                      bool always)
{
    long value;
    if (!isfinite(count)) {
        if (always && letter)
            aprs_put_char(out, letter);
        for (unsigned i = 0; always && i < digits; i++)
            aprs_put_char(out, '.');
        return true;
    }
    if (!aprs_round(fabs(count), limit, &value) || (count <= -0.5 && letter != 't'))
        return false;
    if (letter)
        aprs_put_char(out, letter);
    if (count < 0 && value)
        aprs_put_char(out, '-');
    aprs_put_unsigned(out, (unsigned long)value, count < 0 && value ? digits - 1 : digits);
    return true;
}

static bool elements_put(struct aprs_out *out, const struct message *message)
{
    double fahrenheit = field(message, "weather.temperature_c") * 9 / 5 + 32;
    double humidity = field(message, "weather.humidity_percent");
    double light = field(message, "weather.luminosity_w_m2");
    bool bright = light >= 999.5;
    if (humidity >= 99.5 && humidity <= 100.5)
        humidity = 0; /* two digits: 00 is 100 % */
    else if (humidity < 0.5)
        return false;
    return count_put(out, 'g', field(message, "weather.wind_gust_m_s") / APRS_MPH_M_S, 3, 999, true) &&
           count_put(out, 't', fahrenheit, 3, fahrenheit < 0 ? 99 : 999, true) &&
           count_put(out, 'r', field(message, "weather.rain_1h_mm") / APRS_INCH_MM * 100, 3, 999, false) &&
           count_put(out, 'p', field(message, "weather.rain_24h_mm") / APRS_INCH_MM * 100, 3, 999, false) &&
           count_put(out, 'P', field(message, "weather.rain_midnight_mm") / APRS_INCH_MM * 100, 3, 999,
                     false) &&
           count_put(out, 'h', humidity, 2, 99, false) &&
           count_put(out, 'b', field(message, "weather.pressure_hpa") * 10, 5, 99999, false) &&
           count_put(out, bright ? 'l' : 'L', bright ? light - 1000 : light, 3, 999, false) &&
           count_put(out, 's', field(message, "weather.snow_24h_mm") / APRS_INCH_MM, 3, 999, false) &&
           count_put(out, '#', field(message, "weather.rain_counter"), 3, 999, false);
}

enum atalaya_result aprs_put_weather(struct aprs_out *out, const struct message *message, bool wind)
{
    /* A position with the weather symbol and no weather stays one. */
    bool weather = message->kind == MESSAGE_WEATHER;
    for (uint16_t i = 0; i < message->field_count; i++)
        weather |= strncmp(message->field[i].name, "weather.", 8) == 0;
    if (!weather)
        return ATALAYA_OK;
    if (wind) {
        if (!count_put(out, '\0', field(message, "weather.wind_direction_deg"), 3, 360, true))
            return ATALAYA_E_RANGE;
        aprs_put_char(out, '/');
        if (!count_put(out, '\0', field(message, "weather.wind_speed_m_s") / APRS_MPH_M_S, 3, 999, true))
            return ATALAYA_E_RANGE;
    }
    if (!elements_put(out, message))
        return ATALAYA_E_RANGE;
    (void)aprs_put_field(out, message, "weather.software"); /* optional */
    return ATALAYA_OK;
}

/* MDHM needs all four parts. */
enum atalaya_result aprs_put_positionless(struct aprs_out *out, const struct message *message)
{
    const struct partial_time *time = &message->position.time;
    if (time->month < 1 || time->month > 12 || time->day < 1 || time->day > 31 || !aprs_time_is_known(time) ||
        time->hour > 23 || time->minute > 59)
        return ATALAYA_E_ARGUMENT;
    aprs_put_char(out, '_');
    aprs_put_unsigned(out, (unsigned long)time->month, 2);
    aprs_put_unsigned(out, (unsigned long)time->day, 2);
    aprs_put_unsigned(out, (unsigned long)time->hour, 2);
    aprs_put_unsigned(out, (unsigned long)time->minute, 2);
    if (!count_put(out, 'c', field(message, "weather.wind_direction_deg"), 3, 360, true) ||
        !count_put(out, 's', field(message, "weather.wind_speed_m_s") / APRS_MPH_M_S, 3, 999, true) ||
        !elements_put(out, message))
        return ATALAYA_E_RANGE;
    if (!aprs_put_field(out, message, "weather.software") && message_text(message, "comment", NULL)) {
        aprs_put_char(out, ' ');
        (void)aprs_put_field(out, message, "comment"); /* is there */
    }
    return ATALAYA_OK;
}
