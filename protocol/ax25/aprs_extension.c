/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 7: seven bytes right after an uncompressed position. */
#include "aprs_parts.h"

#include <string.h>

enum { EXTENSION_LENGTH = 7 };

static bool is_blank(const uint8_t *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text[i] != text[0] || (text[0] != '.' && text[0] != ' '))
            return false;
    return true;
}

/* ccc/sss: 000, "..." and spaces stand for an unknown course. */
static size_t course_parse(const uint8_t *text, struct message *message)
{
    unsigned course = 0, speed = 0;
    bool has_course = aprs_digits_parse(text, 3, &course), has_speed = aprs_digits_parse(text + 4, 3, &speed);
    if (text[3] != '/' || (!has_course && !is_blank(text, 3)) || (!has_speed && !is_blank(text + 4, 3)))
        return 0;
    if (has_course && course >= 1 && course <= 360)
        message->position.course_deg = (float)course;
    if (has_speed)
        message->position.speed_m_s = (float)(speed * APRS_KNOT_M_S);
    return EXTENSION_LENGTH;
}

/* /BRG/NRQ, eight bytes after course and speed of the DF symbol. */
static size_t bearing_parse(const uint8_t *text, size_t length, struct message *message)
{
    unsigned bearing, number, range, quality;
    if (length < 8 || text[0] != '/' || text[4] != '/' || !aprs_digits_parse(text + 1, 3, &bearing) ||
        !aprs_digits_parse(text + 5, 1, &number) || !aprs_digits_parse(text + 6, 1, &range) ||
        !aprs_digits_parse(text + 7, 1, &quality))
        return 0;
    aprs_add_integer(message, "df_bearing_deg", bearing);
    aprs_add_integer(message, "df_hits", number);
    if (number) { /* without hits the rest says nothing */
        aprs_add_real(message, "df_range_km", (1 << range) * APRS_MILE_KM);
        aprs_add_integer(message, "df_quality", quality);
    }
    return 8;
}

/* PHGphgd, and PHGphgdr/ with beacons per hour. The height may be any character from 0 up. */
static size_t power_parse(const uint8_t *text, size_t length, struct message *message)
{
    bool phg = memcmp(text, "PHG", 3) == 0, dfs = memcmp(text, "DFS", 3) == 0;
    if ((!phg && !dfs) || !aprs_is_digit(text[3]) || text[4] < '0' || text[4] > '~' ||
        !aprs_is_digit(text[5]) || !aprs_is_digit(text[6]))
        return 0;
    bool rate = phg && length >= 9 && aprs_is_alphanumeric(text[7]) && text[8] == '/';
    aprs_add_text(message, phg ? "phg" : "dfs", text + 3, rate ? 5 : 4);
    return rate ? 9 : EXTENSION_LENGTH;
}

static size_t range_parse(const uint8_t *text, struct message *message)
{
    unsigned miles;
    if (memcmp(text, "RNG", 3) != 0 || !aprs_digits_parse(text + 3, 4, &miles))
        return 0;
    aprs_add_real(message, "range_km", miles * APRS_MILE_KM);
    return EXTENSION_LENGTH;
}

/* Tyy/Cxx of an area object: shape, colour, offsets as square roots of 1/1500 degree (chapter 11). */
static size_t area_parse(const uint8_t *text, struct message *message)
{
    unsigned shape, color, yy, xx;
    bool low = text[3] == '1', high = text[3] == '/';
    if (!aprs_digits_parse(text, 1, &shape) || !aprs_digits_parse(text + 1, 2, &yy) || (!low && !high) ||
        !aprs_digits_parse(text + 4, 1, &color) || !aprs_digits_parse(text + 5, 2, &xx))
        return 0;
    aprs_add_integer(message, "area_type", shape);
    aprs_add_integer(message, "area_color", color + (low ? 10 : 0));
    aprs_add_real(message, "area_lat_offset_deg", yy * yy / 1500.0);
    aprs_add_real(message, "area_lon_offset_deg", xx * xx / 1500.0);
    return EXTENSION_LENGTH;
}

size_t aprs_extension_parse(const uint8_t *text, size_t length, struct message *message)
{
    if (length < EXTENSION_LENGTH)
        return 0;
    const char *symbol = message_text(message, "symbol", NULL);
    if (symbol && strcmp(symbol, "\\l") == 0)
        return area_parse(text, message);
    size_t used = course_parse(text, message);
    if (used) {
        if (symbol && strcmp(symbol, "/\\") == 0)
            used += bearing_parse(text + used, length - used, message);
        else if (symbol && symbol[1] == '@')
            used += aprs_storm_parse(text + used, length - used, message);
        return used;
    }
    used = power_parse(text, length, message);
    return used ? used : range_parse(text, message);
}
