/* SPDX-License-Identifier: Apache-2.0 */
#include "sentence.h"

#include <math.h>
#include <string.h>

#define METRES_A_MINUTE 1852.0 /* of latitude */

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum atalaya_result sentence_read(struct sentence *sentence, const uint8_t *bytes, size_t length)
{
    while (length && bytes[length - 1] <= ' ')
        length--;
    if (length < 5 || bytes[0] != '$' || bytes[length - 3] != '*')
        return ATALAYA_E_FORMAT;
    if (length > sizeof sentence->text)
        return ATALAYA_E_LENGTH;
    int high = digit_value((char)bytes[length - 2]), low = digit_value((char)bytes[length - 1]);
    if (high < 0 || low < 0)
        return ATALAYA_E_FORMAT;
    unsigned sum = 0;
    sentence->count = 1;
    sentence->field[0] = sentence->text;
    for (size_t i = 1; i < length - 3; i++) {
        char c = (char)bytes[i];
        sum ^= bytes[i];
        if (bytes[i] < ' ')
            return ATALAYA_E_FORMAT;
        sentence->text[i - 1] = c == ',' ? '\0' : c;
        if (c != ',')
            continue;
        if (sentence->count == SENTENCE_FIELDS_MAX)
            return ATALAYA_E_LENGTH;
        sentence->field[sentence->count++] = sentence->text + i;
    }
    sentence->text[length - 4] = '\0';
    return sum == (unsigned)(high << 4 | low) ? ATALAYA_OK : ATALAYA_E_CHECK;
}

const char *sentence_field(const struct sentence *sentence, unsigned n)
{
    return n < sentence->count ? sentence->field[n] : "";
}

/* Digits with at most one point, at most nine places: no sign, no exponent. *places: behind the point. */
static double read_decimal(const char *text, unsigned *places)
{
    double value = 0.0, scale = 1.0;
    unsigned digits = 0;
    bool fraction = false;
    *places = 0;
    for (; *text; text++) {
        if (*text == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (*text < '0' || *text > '9' || ++digits > 9)
            return (double)NAN;
        value = value * 10.0 + (*text - '0');
        scale *= fraction ? 10.0 : 1.0;
        *places += fraction;
    }
    return digits ? value / scale : (double)NAN;
}

double sentence_number(const struct sentence *sentence, unsigned n)
{
    const char *text = sentence_field(sentence, n);
    unsigned places;
    return *text == '-' ? -read_decimal(text + 1, &places) : read_decimal(text, &places);
}

/* dddmm.mmmm and a hemisphere; NaN: no such angle. */
static double read_angle(const char *text, const char *side, const char *sides, double most_deg,
                         unsigned *places)
{
    double value = read_decimal(text, places);
    double degrees = floor(value / 100.0), minutes = value - degrees * 100.0;
    if (!isfinite(value) || minutes >= 60.0 || degrees + minutes / 60.0 > most_deg)
        return (double)NAN;
    if (side[0] == '\0' || side[1] != '\0' || strchr(sides, side[0]) == NULL)
        return (double)NAN;
    return side[0] == sides[0] ? degrees + minutes / 60.0 : -(degrees + minutes / 60.0);
}

enum atalaya_result sentence_place(const struct sentence *sentence, unsigned n, struct position *position)
{
    unsigned lat_places, lon_places;
    double lat_deg =
        read_angle(sentence_field(sentence, n), sentence_field(sentence, n + 1), "NS", 90.0, &lat_places);
    double lon_deg = read_angle(sentence_field(sentence, n + 2), sentence_field(sentence, n + 3), "EW", 180.0,
                                &lon_places);
    if (!isfinite(lat_deg) || !isfinite(lon_deg))
        return ATALAYA_E_FORMAT;
    unsigned places = lat_places < lon_places ? lat_places : lon_places;
    position->lat_deg = lat_deg;
    position->lon_deg = lon_deg;
    position->accuracy_m = (float)(0.5 * METRES_A_MINUTE * pow(10.0, -(double)places));
    return ATALAYA_OK;
}

/* Two digits, at most `most`; -1: none. */
static int8_t read_pair(const char *text, int most)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return -1;
    int value = (text[0] - '0') * 10 + text[1] - '0';
    return value <= most ? (int8_t)value : -1;
}

void sentence_time(const char *text, struct partial_time *time)
{
    if (strlen(text) < 6)
        return;
    int8_t hour = read_pair(text, 23), minute = read_pair(text + 2, 59), second = read_pair(text + 4, 59);
    if (hour < 0 || minute < 0 || second < 0)
        return;
    time->hour = hour;
    time->minute = minute;
    time->second = second;
}

void sentence_date(const char *text, struct partial_time *time)
{
    if (strlen(text) != 6)
        return;
    int8_t day = read_pair(text, 31), month = read_pair(text + 2, 12);
    if (day < 1 || month < 1)
        return;
    time->day = day;
    time->month = month;
}
