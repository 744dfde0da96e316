/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 12: weather as letters with digits, after a position with symbol _ or after MDHM alone. */
#include "aprs_parts.h"

#include <string.h>

/* One element: its letter, digits, and the SI unit of one count. */
struct element {
    char letter;
    uint8_t digits;
    const char *name;
    double scale, offset;
};

static const struct element elements[] = {
    {'g', 3, "weather.wind_gust_m_s", APRS_MPH_M_S, 0},
    {'t', 3, "weather.temperature_c", 5.0 / 9, -32 * 5.0 / 9},
    {'r', 3, "weather.rain_1h_mm", APRS_INCH_MM / 100, 0},
    {'p', 3, "weather.rain_24h_mm", APRS_INCH_MM / 100, 0},
    {'P', 3, "weather.rain_midnight_mm", APRS_INCH_MM / 100, 0},
    {'h', 2, "weather.humidity_percent", 1, 0},
    {'b', 5, "weather.pressure_hpa", 0.1, 0},
    {'L', 3, "weather.luminosity_w_m2", 1, 0},
    {'l', 3, "weather.luminosity_w_m2", 1, 1000},
    {'s', 3, "weather.snow_24h_mm", APRS_INCH_MM, 0},
    {'#', 3, "weather.rain_counter", 1, 0},
    {'c', 3, "weather.wind_direction_deg", 1, 0}, /* positionless only */
};

static size_t blank_span(const uint8_t *text, size_t length, size_t max)
{
    size_t n = 0;
    while (n < max && n < length && (text[n] == '.' || text[n] == ' '))
        n++;
    return n;
}

static void element_add(const struct element *element, double count, struct message *message)
{
    double value = count * element->scale + element->offset;
    if (element->letter == 'h' && count == 0)
        value = 100; /* two digits: 00 is 100 % */
    if (!message_field(message, element->name, 0))
        aprs_add_real(message, element->name, value);
}

/* Digits after a letter, or dots or spaces for unknown. Stations send them a digit shorter or longer. */
static size_t value_parse(const struct element *element, const uint8_t *text, size_t length,
                          struct message *message)
{
    size_t blanks = blank_span(text, length, element->digits);
    if (blanks == element->digits)
        return blanks;
    size_t sign = length && text[0] == '-' && element->letter == 't', digits = 0;
    size_t max = element->digits + (element->letter == 'h' && length && text[0] == '1');
    double count = 0, point = 0;
    size_t at = sign;
    for (; at < length && at < max; at++) {
        if (text[at] == '.' && element->letter == 's' && point == 0) {
            point = 1; /* snow may have a decimal point */
        } else if (aprs_is_digit(text[at])) {
            count = count * 10 + (text[at] - '0');
            point *= 10;
            digits++;
        } else {
            break;
        }
    }
    if (!digits || (element->letter == 'b' && digits < 4) || (element->letter == 'h' && count > 100))
        return 0;
    if (point > 1)
        count /= point;
    element_add(element, sign ? -count : count, message);
    return at;
}

static const struct element *element_find(uint8_t letter)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (elements[i].letter == letter)
            return &elements[i];
    return NULL;
}

/* ddd/sss, direction and speed in front of the elements of a complete report. Spoken of in knots by chapter 7
 * and in miles an hour by chapter 12; stations send the latter. */
static size_t wind_parse(const uint8_t *text, size_t length, struct message *message)
{
    unsigned value;
    if (length < 7 || text[3] != '/')
        return 0;
    bool direction = aprs_digits_parse(text, 3, &value), direction_blank = blank_span(text, 3, 3) == 3;
    if (!direction && !direction_blank)
        return 0;
    if (direction && value <= 360)
        aprs_add_real(message, "weather.wind_direction_deg", value);
    if (aprs_digits_parse(text + 4, 3, &value))
        aprs_add_real(message, "weather.wind_speed_m_s", value * APRS_MPH_M_S);
    else if (blank_span(text + 4, 3, 3) != 3)
        return 0;
    return 7;
}

static size_t elements_parse(const uint8_t *text, size_t length, bool positionless, struct message *message)
{
    static const struct element speed = {'s', 3, "weather.wind_speed_m_s", APRS_MPH_M_S, 0};
    size_t at = 0;
    bool after_direction = false;
    while (at < length) {
        const struct element *element = element_find(text[at]);
        if (text[at] == 's' && after_direction)
            element = &speed; /* c and s belong together; a later s is snow */
        if (!element || (element->letter == 'c' && !positionless))
            break;
        after_direction = element->letter == 'c';
        size_t used = value_parse(element, text + at + 1, length - at - 1, message);
        if (!used)
            break;
        at += 1 + used;
    }
    return at;
}

/* Some programs put their letter between elements: "h98Os010L500". Only where elements follow to the end. */
static size_t letter_parse(const uint8_t *text, size_t length, struct message *message)
{
    uint16_t fields = message->field_count;
    if (length < 5 || text[0] < 'A' || text[0] > 'Z' || !element_find(text[1]))
        return 0;
    size_t used = 1 + elements_parse(text + 1, length - 1, false, message);
    if (used == length) {
        aprs_add_text(message, "weather.software", text, 1);
        return used;
    }
    message->field_count = fields;
    return 0;
}

/* One letter for the program and two to four characters for the station, or else a comment. */
static void tail_parse(const uint8_t *text, size_t length, bool weather, struct message *message)
{
    size_t used = weather ? letter_parse(text, length, message) : 0;
    text += used;
    length -= used;
    bool code = weather && !used && length >= 3 && length <= 5;
    for (size_t i = 0; i < length && code; i++)
        code = aprs_is_alphanumeric(text[i]) || text[i] == '-' || text[i] == '_';
    if (code) {
        aprs_add_text(message, "weather.software", text, length);
        return;
    }
    struct aprs_comment comment;
    aprs_comment_set(&comment, text, length);
    aprs_comment_parse(&comment, false, message);
}

void aprs_weather_parse(const uint8_t *text, size_t length, struct message *message)
{
    /* The cs bytes of a compressed report are its wind (chapter 12); they also stay course and speed, as most
     * decoders show them. */
    bool wind_known = message->position.speed_m_s >= 0;
    size_t at = 0;
    if (wind_known) {
        aprs_add_real(message, "weather.wind_direction_deg", (double)message->position.course_deg);
        aprs_add_real(message, "weather.wind_speed_m_s", (double)message->position.speed_m_s);
    } else {
        at = wind_parse(text, length, message);
    }
    at += elements_parse(text + at, length - at, false, message);
    bool weather = at > 0 || wind_known;
    if (weather && message->kind == MESSAGE_POSITION)
        message->kind = MESSAGE_WEATHER;
    tail_parse(text + at, length - at, weather, message);
}

/* _MMDDHHMM and elements: no position. */
void aprs_positionless_parse(const struct aprs_packet *packet, struct message *message)
{
    unsigned month, day, hour, minute;
    const uint8_t *info = packet->info;
    message->kind = MESSAGE_WEATHER;
    if (packet->length < 10 || !aprs_digits_parse(info + 1, 2, &month) ||
        !aprs_digits_parse(info + 3, 2, &day) || !aprs_digits_parse(info + 5, 2, &hour) ||
        !aprs_digits_parse(info + 7, 2, &minute)) {
        aprs_add_fault(message, "time_invalid", NULL);
        return;
    }
    if (month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60) {
        message->position.time.month = (int8_t)month;
        message->position.time.day = (int8_t)day;
        message->position.time.hour = (int8_t)hour;
        message->position.time.minute = (int8_t)minute;
    }
    size_t at = 9 + elements_parse(info + 9, packet->length - 9, true, message);
    if (at == 9)
        aprs_add_fault(message, "weather_invalid", NULL);
    tail_parse(info + at, packet->length - at, true, message);
}
