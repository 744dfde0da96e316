/* SPDX-License-Identifier: Apache-2.0 */
/* Chapters 6 and 8: ddmm.hhN/dddmm.hhW$ , and what every place has in common. */
#include "aprs_parts.h"

#include <math.h>

enum { UNCOMPRESSED_LENGTH = 19 };

double aprs_degrees(unsigned degrees, unsigned minutes_hundredths, unsigned ambiguity)
{
    /* Half of the unknown span is added, so that the result is its middle: 0.05', 0.5', 5', 30'. */
    static const unsigned step[] = {1, 10, 100, 1000, 6000};
    unsigned rest = ambiguity > 4 ? 4 : ambiguity;
    double minutes = minutes_hundredths - minutes_hundredths % step[rest];
    if (rest)
        minutes += step[rest] / 2.0;
    return degrees + minutes / 6000;
}

void aprs_resolution_set(struct message *message, double resolution_m)
{
    aprs_add_real(message, "resolution_m", resolution_m);
    message->position.accuracy_m = (float)(resolution_m / 2);
}

void aprs_position_set(struct message *message, double lat_deg, double lon_deg, unsigned ambiguity)
{
    /* Chapter 6, default null position: 0/0 says that there is none. */
    if (lat_deg == 0 && lon_deg == 0) {
        aprs_add_flag(message, "gps_fix", false);
        return;
    }
    message->has_position = true;
    message->position.lat_deg = lat_deg;
    message->position.lon_deg = lon_deg;
    /* 0.01' of latitude is 18.52 m; each digit left out is ten times that, the last six times. */
    static const double resolution_m[] = {18.52, 185.2, 1852, 18520, 111120};
    aprs_add_integer(message, "position_ambiguity", ambiguity);
    aprs_resolution_set(message, resolution_m[ambiguity]);
}

bool aprs_symbol_is_valid(uint8_t table, uint8_t code)
{
    bool known_table =
        table == '/' || table == '\\' || (table >= 'A' && table <= 'Z') || aprs_is_digit(table);
    return known_table && ((code >= '!' && code <= '{') || code == '}');
}

void aprs_symbol_set(struct message *message, uint8_t table, uint8_t code)
{
    const uint8_t symbol[2] = {table, code};
    aprs_add_text(message, "symbol", symbol, sizeof symbol);
}

char aprs_symbol_code(const struct message *message)
{
    size_t length;
    const char *symbol = message_text(message, "symbol", &length);
    return symbol && length == 2 ? symbol[1] : '\0';
}

/* mm.hh with spaces for unknown digits: value with zeros there, *spaces their number. Spaces inside: false.
 */
static bool minutes_parse(const uint8_t text[5], unsigned *hundredths, unsigned *spaces)
{
    if (text[2] != '.')
        return false;
    const uint8_t digit[4] = {text[0], text[1], text[3], text[4]};
    *hundredths = *spaces = 0;
    for (unsigned i = 0; i < 4; i++) {
        if (digit[i] == ' ')
            ++*spaces;
        else if (!aprs_is_digit(digit[i]) || *spaces)
            return false;
        *hundredths = *hundredths * 10 + (digit[i] == ' ' ? 0 : digit[i] - '0');
    }
    return *hundredths < 6000;
}

static bool hemisphere_parse(uint8_t c, char positive, char negative, bool *is_negative)
{
    uint8_t upper = c >= 'a' && c <= 'z' ? (uint8_t)(c - 0x20) : c; /* some trackers send lower case */
    *is_negative = upper == negative;
    return upper == positive || upper == negative;
}

static size_t uncompressed_parse(const uint8_t *text, size_t length, struct message *message)
{
    unsigned lat_deg, lon_deg, lat_min, lon_min, lat_spaces, lon_spaces;
    bool south, west;
    if (length < UNCOMPRESSED_LENGTH) {
        aprs_add_fault(message, "position_invalid", "too short");
        return 0;
    }
    if (!aprs_digits_parse(text, 2, &lat_deg) || !minutes_parse(text + 2, &lat_min, &lat_spaces) ||
        !hemisphere_parse(text[7], 'N', 'S', &south) || !aprs_digits_parse(text + 9, 3, &lon_deg) ||
        !minutes_parse(text + 12, &lon_min, &lon_spaces) || !hemisphere_parse(text[17], 'E', 'W', &west)) {
        aprs_add_fault(message, "position_invalid", "not of the form ddmm.hhN/dddmm.hhW");
        return 0;
    }
    if (!aprs_symbol_is_valid(text[8], text[18])) {
        aprs_add_fault(message, "symbol_invalid", NULL);
        return 0;
    }
    /* The latitude's ambiguity holds for both (chapter 6); a vaguer longitude would break the rule. */
    if (lat_deg * 6000 + lat_min > 90 * 6000 || lon_deg * 6000 + lon_min > 180 * 6000 ||
        lon_spaces > lat_spaces) {
        aprs_add_fault(message, "position_invalid", "out of range");
        return 0;
    }
    double lat = aprs_degrees(lat_deg, lat_min, lat_spaces), lon = aprs_degrees(lon_deg, lon_min, lat_spaces);
    aprs_add_string(message, "format", "uncompressed");
    aprs_symbol_set(message, text[8], text[18]);
    aprs_position_set(message, south ? -lat : lat, west ? -lon : lon, lat_spaces);
    return UNCOMPRESSED_LENGTH;
}

size_t aprs_location_parse(const uint8_t *text, size_t length, struct message *message)
{
    if (length && aprs_is_digit(text[0]))
        return uncompressed_parse(text, length, message);
    return aprs_compressed_parse(text, length, message);
}

void aprs_report_parse(const uint8_t *text, size_t length, struct message *message)
{
    size_t at = aprs_location_parse(text, length, message);
    if (!at)
        return;
    if (aprs_symbol_code(message) == '_') {
        aprs_weather_parse(text + at, length - at, message);
        return;
    }
    bool compressed = !aprs_is_digit(text[0]); /* carries its own course, speed and range (chapter 9) */
    if (!compressed)
        at += aprs_extension_parse(text + at, length - at, message);
    struct aprs_comment comment;
    aprs_comment_set(&comment, text + at, length - at);
    aprs_comment_parse(&comment, true, message);
}
