/* SPDX-License-Identifier: Apache-2.0 */
/* Chapters 6 and 8, raw NMEA 0183: RMC, GGA, GLL, VTG, WPL. The talker may be GP or another system. */
#include "aprs_parts.h"

#include <math.h>
#include <string.h>

enum { FIELDS_MAX = 20 };

struct sentence {
    const uint8_t *field[FIELDS_MAX];
    size_t length[FIELDS_MAX];
    unsigned count;
};

static bool is(const struct sentence *sentence, unsigned index, char c)
{
    return index < sentence->count && sentence->length[index] == 1 && sentence->field[index][0] == c;
}

static void split(const uint8_t *text, size_t length, struct sentence *sentence)
{
    size_t at = 0;
    sentence->count = 0;
    while (at <= length && sentence->count < FIELDS_MAX) {
        size_t span = aprs_find(text + at, length - at, ",");
        sentence->field[sentence->count] = text + at;
        sentence->length[sentence->count++] = span;
        at += span + 1;
    }
}

/* dddmm.mmmm; *decimals of minutes. */
static bool angle_parse(const uint8_t *text, size_t length, double *degrees, unsigned *decimals)
{
    size_t point = aprs_find(text, length, ".");
    unsigned whole, minutes;
    double fraction;
    if (point < 3 || point > 5 || point + 1 >= length || !aprs_digits_parse(text, point - 2, &whole) ||
        !aprs_digits_parse(text + point - 2, 2, &minutes) || minutes > 59 ||
        aprs_decimal_parse(text + point, length - point, &fraction) != length - point)
        return false;
    *decimals = (unsigned)(length - point - 1);
    *degrees = whole + (minutes + fraction) / 60;
    return true;
}

/* Four fields: latitude, N or S, longitude, E or W. */
static bool place_parse(const struct sentence *s, unsigned first, struct message *message)
{
    double lat, lon;
    unsigned decimals;
    if (first + 4 > s->count || !angle_parse(s->field[first], s->length[first], &lat, &decimals) ||
        !angle_parse(s->field[first + 2], s->length[first + 2], &lon, &decimals) || lat > 90 || lon > 180 ||
        (!is(s, first + 1, 'N') && !is(s, first + 1, 'S')) ||
        (!is(s, first + 3, 'E') && !is(s, first + 3, 'W'))) {
        aprs_add_fault(message, "position_invalid", "NMEA coordinates");
        return false;
    }
    message->has_position = true;
    message->position.lat_deg = is(s, first + 1, 'S') ? -lat : lat;
    message->position.lon_deg = is(s, first + 3, 'W') ? -lon : lon;
    aprs_resolution_set(message, 1852 * pow(10, -(double)decimals));
    return true;
}

static bool number(const struct sentence *s, unsigned index, double *value)
{
    return index < s->count && s->length[index] &&
           aprs_decimal_parse(s->field[index], s->length[index], value) == s->length[index];
}

/* hhmmss[.ss] */
static bool clock_parse(const struct sentence *s, unsigned index, struct message *message)
{
    unsigned hour, minute, second;
    if (index >= s->count || s->length[index] < 6 || !aprs_digits_parse(s->field[index], 2, &hour) ||
        !aprs_digits_parse(s->field[index] + 2, 2, &minute) ||
        !aprs_digits_parse(s->field[index] + 4, 2, &second) || hour > 23 || minute > 59 || second > 59)
        return false;
    message->position.time.hour = (int8_t)hour;
    message->position.time.minute = (int8_t)minute;
    message->position.time.second = (int8_t)second;
    return true;
}

static void motion_set(const struct sentence *s, unsigned speed_at, unsigned course_at,
                       struct message *message)
{
    double value;
    if (number(s, speed_at, &value) && value >= 0)
        message->position.speed_m_s = (float)(value * APRS_KNOT_M_S);
    if (number(s, course_at, &value) && value >= 0 && value <= 360)
        message->position.course_deg = value > 0 ? (float)value : 360;
}

static void fix_absent(struct message *message)
{
    aprs_add_flag(message, "gps_fix", false);
    aprs_add_fault(message, "no_fix", NULL);
}

static void rmc_parse(const struct sentence *s, struct message *message)
{
    unsigned day, month;
    if (!is(s, 2, 'A')) {
        fix_absent(message);
        return;
    }
    if (s->count < 10 || !clock_parse(s, 1, message) || s->length[9] != 6 ||
        !aprs_digits_parse(s->field[9], 2, &day) || !aprs_digits_parse(s->field[9] + 2, 2, &month) ||
        day < 1 || day > 31 || month < 1 || month > 12) {
        aprs_add_fault(message, "time_invalid", "NMEA RMC");
        return;
    }
    message->position.time.day = (int8_t)day;
    message->position.time.month = (int8_t)month;
    aprs_add_flag(message, "gps_fix", true);
    if (place_parse(s, 3, message))
        motion_set(s, 7, 8, message);
}

static void gga_parse(const struct sentence *s, struct message *message)
{
    double quality, alt_m;
    if (!number(s, 6, &quality) || quality < 1) {
        fix_absent(message);
        return;
    }
    if (!clock_parse(s, 1, message)) {
        aprs_add_fault(message, "time_invalid", "NMEA GGA");
        return;
    }
    aprs_add_flag(message, "gps_fix", true);
    if (place_parse(s, 2, message) && is(s, 10, 'M') && number(s, 9, &alt_m))
        message->position.alt_m = (float)alt_m;
}

static void gll_parse(const struct sentence *s, struct message *message)
{
    if (s->count > 6 && !is(s, 6, 'A')) {
        fix_absent(message);
        return;
    }
    if (s->count > 5 && !clock_parse(s, 5, message)) {
        aprs_add_fault(message, "time_invalid", "NMEA GLL");
        return;
    }
    if (s->count > 6)
        aprs_add_flag(message, "gps_fix", true);
    (void)place_parse(s, 1, message); /* has set its fault */
}

static void vtg_parse(const struct sentence *s, struct message *message)
{
    motion_set(s, 5, 1, message);
}

/* A waypoint is a thing that its sender reports: an object. */
static void wpl_parse(const struct sentence *s, struct message *message)
{
    if (!place_parse(s, 1, message))
        return;
    message->kind = MESSAGE_OBJECT;
    if (s->count > 5)
        aprs_add_text(message, "object", s->field[5], s->length[5]);
    aprs_add_flag(message, "alive", true);
}

static const struct {
    const char *name;
    void (*parse)(const struct sentence *sentence, struct message *message);
} sentences[] = {{"RMC", rmc_parse}, {"GGA", gga_parse}, {"GLL", gll_parse},
                 {"VTG", vtg_parse}, {"WPL", wpl_parse}, {"WPT", wpl_parse}};

/* Exclusive or of all between $ and *, as two hexadecimal digits after *; optional. */
static bool checksum_is_good(const uint8_t *text, size_t *length)
{
    size_t star = aprs_find(text, *length, "*");
    if (star == *length)
        return true;
    uint8_t sum = 0;
    for (size_t i = 0; i < star; i++)
        sum ^= text[i];
    bool good = *length - star >= 3 && aprs_hex_parse(text + star + 1) == sum;
    *length = star;
    return good;
}

void aprs_nmea_parse(const struct aprs_packet *packet, struct message *message)
{
    const uint8_t *text = packet->info + 1;
    size_t length = packet->length - 1;
    struct sentence sentence;
    while (length && text[length - 1] == ' ')
        length--;
    message->kind = MESSAGE_POSITION;
    if (!checksum_is_good(text, &length)) {
        aprs_add_fault(message, "checksum_invalid", "NMEA");
        return;
    }
    split(text, length, &sentence);
    aprs_add_string(message, "format", "nmea");
    char symbol[2] = {'/', '/'}; /* a dot, where nothing else is told */
    (void)aprs_symbol_from_destination(packet->destination, symbol);
    aprs_symbol_set(message, (uint8_t)symbol[0], (uint8_t)symbol[1]);
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (sentence.length[0] == 5 && memcmp(sentence.field[0] + 2, sentences[i].name, 3) == 0) {
            sentences[i].parse(&sentence, message);
            return;
        }
    message->kind = MESSAGE_OTHER;
    aprs_add_fault(message, "nmea_unsupported", NULL);
}
