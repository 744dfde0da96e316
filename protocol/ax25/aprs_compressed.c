/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 9: table YYYY XXXX code c s T, thirteen characters. */
#include "aprs_parts.h"

#include <math.h>

enum {
    COMPRESSED_LENGTH = 13,
    FIX_CURRENT = 0x20, /* bits of T */
    SOURCE_MASK = 0x18,
    SOURCE_GGA = 0x10
};

/* Digits as overlay would look like an uncompressed latitude: a to j stand for them (chapter 21). */
static uint8_t table_from(uint8_t c)
{
    return c >= 'a' && c <= 'j' ? (uint8_t)(c - 'a' + '0') : c;
}

/* c, s and T: altitude, course and speed, or range. */
static bool extra_parse(const uint8_t *text, struct message *message)
{
    if (text[0] == ' ')
        return true; /* the other two mean nothing then */
    if (!aprs_is_base91(text[0]) || (text[1] != ' ' && !aprs_is_base91(text[1])) ||
        (text[2] != ' ' && !aprs_is_base91(text[2])))
        return false;
    unsigned type = text[2] == ' ' ? 0 : text[2] - (unsigned)'!';
    aprs_add_flag(message, "gps_fix", type & FIX_CURRENT);
    if (text[1] == ' ')
        return true;
    unsigned c = text[0] - (unsigned)'!', s = text[1] - (unsigned)'!';
    if ((type & SOURCE_MASK) == SOURCE_GGA) {
        message->position.alt_m = (float)(pow(1.002, c * 91 + s) * APRS_FOOT_M);
    } else if (text[0] == '{') {
        aprs_add_real(message, "range_km", 2 * pow(1.08, s) * APRS_MILE_KM);
    } else {
        message->position.course_deg = c ? (float)(c * 4) : 360;
        message->position.speed_m_s = (float)((pow(1.08, s) - 1) * APRS_KNOT_M_S);
    }
    return true;
}

size_t aprs_compressed_parse(const uint8_t *text, size_t length, struct message *message)
{
    if (length < COMPRESSED_LENGTH) {
        aprs_add_fault(message, "position_invalid", "too short");
        return 0;
    }
    uint8_t table = table_from(text[0]);
    long y = aprs_base91_parse(text + 1, 4), x = aprs_base91_parse(text + 5, 4);
    double lat_deg = 90 - y / 380926.0, lon_deg = -180 + x / 190463.0;
    if (aprs_is_digit(text[0]) || y < 0 || x < 0 || lat_deg < -90 || lon_deg > 180) {
        aprs_add_fault(message, "position_invalid", "not a compressed position");
        return 0;
    }
    if (!aprs_symbol_is_valid(table, text[9])) {
        aprs_add_fault(message, "symbol_invalid", NULL);
        return 0;
    }
    if (!extra_parse(text + 10, message)) {
        aprs_add_fault(message, "position_invalid", "bad course, speed or type byte");
        return 0;
    }
    aprs_add_string(message, "format", "compressed");
    aprs_symbol_set(message, table, text[9]);
    message->has_position = true;
    message->position.lat_deg = lat_deg;
    message->position.lon_deg = lon_deg;
    aprs_resolution_set(message, 0.291); /* 180 degrees of 111120 m in 91^4 steps */
    return COMPRESSED_LENGTH;
}
