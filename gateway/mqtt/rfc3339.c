/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/rfc3339.h"

#include <string.h>

enum { SHORTEST = sizeof "2026-11-23T22:31:05Z" - 1, DECIMALS_MAX = 9 };

static bool read_number(const char *text, size_t digits, int least, int most, int *value)
{
    *value = 0;
    for (size_t i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return *value >= least && *value <= most;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static int64_t days_since_1970(int year, int month, int day)
{
    int64_t days = day - 1;
    for (int m = 1; m < month; m++)
        days += days_in_month(year, m);
    for (int y = 1970; y < year; y++)
        days += is_leap(y) ? 366 : 365;
    return days;
}

static bool read_fraction(const char *text, size_t length, int64_t *ns)
{
    *ns = 0;
    if (length == 0)
        return true;
    if (text[0] != '.' || length < 2 || length > 1 + DECIMALS_MAX)
        return false;
    int64_t unit_ns = 100000000;
    for (size_t i = 1; i < length; i++, unit_ns /= 10) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *ns += (text[i] - '0') * unit_ns;
    }
    return true;
}

bool rfc3339_read(const char *text, size_t length, int64_t *utc_ns)
{
    int year, month, day, hour, minute, second;
    int64_t fraction_ns;
    if (length < SHORTEST || text[length - 1] != 'Z' || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':')
        return false;
    if (!read_number(text, 4, 1970, 2199, &year) || !read_number(text + 5, 2, 1, 12, &month) ||
        !read_number(text + 8, 2, 1, days_in_month(year, month), &day) ||
        !read_number(text + 11, 2, 0, 23, &hour) || !read_number(text + 14, 2, 0, 59, &minute) ||
        !read_number(text + 17, 2, 0, 59, &second) ||
        !read_fraction(text + SHORTEST - 1, length - SHORTEST, &fraction_ns))
        return false;
    int64_t seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    *utc_ns = seconds * 1000000000 + fraction_ns;
    return true;
}
