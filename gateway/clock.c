/* SPDX-License-Identifier: Apache-2.0 */
/* The clocks and the calendar. The C library's calendar is not used: it reads the time zone, allocates and
 * locks, and all that is needed here is UTC. */
#include "atalaya/gateway/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>

enum { DAY_S = 86400, ERA_DAYS = 146097 /* in 400 Gregorian years */, LEAP_GAP_MAX_YEARS = 8 };

static const int64_t SECOND_NS = 1000000000;

/* 2026-01-01T00:00:00Z. A constant instead of the date of the build, so that builds are reproducible; this
 * source is not older, so an earlier clock is certainly wrong. */
static const int64_t PLAUSIBLE_SINCE_NS = INT64_C(1767225600) * 1000000000;

struct date {
    int year;
    int8_t month, day; /* 1 .. 12, 1 .. 31; so narrow that their text has a bound on every machine */
};

_Static_assert(sizeof(time_t) >= sizeof(int64_t), "a time of 32 bits ends in January 2038");

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    int failed = clock_gettime(id, &now);
    assert(!failed); /* both clocks exist in every kernel this program can start on */
    (void)failed;
    return now.tv_sec * SECOND_NS + now.tv_nsec;
}

const char *time_source_text(enum time_source source)
{
    switch (source) {
    case TIME_RTC:
        return "rtc";
    case TIME_NTP:
        return "ntp";
    case TIME_GPS:
        return "gps";
    case TIME_NONE:
        break;
    }
    return "none";
}

int64_t clock_mono_ns(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

int64_t clock_utc_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_utc_of_mono(int64_t mono_ns)
{
    int64_t before_ns = clock_mono_ns();
    int64_t utc_ns = clock_utc_ns();
    int64_t after_ns = clock_mono_ns();
    /* A thread that sleeps between two readings spoils both differences by at most half of its sleep. */
    return utc_ns - (before_ns + (after_ns - before_ns) / 2 - mono_ns);
}

/* In a sandbox that keeps the clock out of reach the kernel cannot be asked. systemd-timesyncd leaves word of
 * its last success; from then on the error grows as the kernel's own figure does (500 ppm, and beyond 16 s
 * the kernel calls the clock unsynchronised). */
static void ask_timesyncd(struct clock_quality *quality, int64_t utc_ns)
{
    struct stat facts;
    if (stat("/run/systemd/timesync/synchronized", &facts) != 0)
        return;
    int64_t age_ns = utc_ns - (facts.st_mtim.tv_sec * SECOND_NS + facts.st_mtim.tv_nsec);
    if (age_ns < 0 || age_ns > 32000 * SECOND_NS)
        return;
    quality->source = TIME_NTP;
    quality->error_ns = age_ns / 2000;
}

struct clock_quality clock_system_quality(void)
{
    struct clock_quality quality = {.source = TIME_NONE, .error_ns = -1};
    if (clock_utc_ns() < PLAUSIBLE_SINCE_NS)
        return quality;
    quality.source = TIME_RTC;
    struct timex kernel = {.modes = 0};
    int state = adjtimex(&kernel);
    if (state < 0 && errno == EPERM)
        ask_timesyncd(&quality, clock_utc_ns());
    else if (state >= 0 && !(kernel.status & STA_UNSYNC)) {
        quality.source = TIME_NTP;
        quality.error_ns = (int64_t)kernel.maxerror * 1000;
    }
    return quality;
}

static int64_t floor_divide(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0);
}

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar. The year is counted from March, so
 * that the leap day is its last; months from March then begin at (153 m + 2) / 5 days. */
static int64_t days_of_date(struct date date)
{
    int64_t year = date.month > 2 ? date.year : date.year - 1;
    int month = (date.month + 9) % 12;
    int64_t era = floor_divide(year, 400);
    int64_t in_era = year - era * 400;
    int64_t days = in_era * 365 + in_era / 4 - in_era / 100 + (153 * month + 2) / 5 + date.day - 1;
    return era * ERA_DAYS + days - 719468; /* days from 0000-03-01 to 1970-01-01 */
}

static struct date date_of_days(int64_t days)
{
    days += 719468;
    int64_t era = floor_divide(days, ERA_DAYS);
    int64_t in_era = days - era * ERA_DAYS;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / (ERA_DAYS - 1)) / 365;
    int64_t in_year = in_era - (year * 365 + year / 4 - year / 100);
    int64_t month = (5 * in_year + 2) / 153;
    struct date date = {.year = (int)(year + era * 400 + (month >= 10)),
                        .month = (int8_t)(month < 10 ? month + 3 : month - 9),
                        .day = (int8_t)(in_year - (153 * month + 2) / 5 + 1)};
    return date;
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

char *clock_format(int64_t utc_ns, char text[CLOCK_TEXT_MAX])
{
    int64_t utc_ms = floor_divide(utc_ns, 1000000);
    int64_t days = floor_divide(utc_ms, DAY_S * INT64_C(1000));
    unsigned of_day_ms = (unsigned)(utc_ms - days * DAY_S * 1000);
    unsigned of_day_s = of_day_ms / 1000 % DAY_S;
    struct date date = date_of_days(days); /* 64 bits of nanoseconds stay within years 1677 to 2262 */
    (void)snprintf(text, CLOCK_TEXT_MAX, "%04d-%02d-%02dT%02u:%02u:%02u.%03uZ", date.year, date.month,
                   date.day, of_day_s / 3600, of_day_s / 60 % 60, of_day_s % 60, of_day_ms % 1000);
    return text;
}

/* The latest day not after `last` that has the month and day of the month asked for (-1 = any). */
static bool latest_day(const struct partial_time *partial, int64_t last, int64_t *days)
{
    struct date date = date_of_days(last);
    if (partial->day < 0) {
        *days = last;
        return true;
    }
    int first_year = date.year - LEAP_GAP_MAX_YEARS;
    while (date.year >= first_year) {
        bool month_fits = partial->month < 0 || partial->month == date.month;
        if (month_fits && partial->day <= days_in_month(date.year, date.month)) {
            date.day = partial->day;
            *days = days_of_date(date);
            if (*days <= last)
                return true;
        }
        date.month = date.month > 1 ? date.month - 1 : 12;
        date.year -= date.month == 12;
    }
    return false; /* February 30 */
}

static bool is_possible(const struct partial_time *partial)
{
    if (partial->local || partial->hour < 0 || partial->hour > 23 || partial->minute < 0 ||
        partial->minute > 59)
        return false;
    if (partial->second > 59 || partial->day > 31 || partial->day == 0 || partial->month > 12 ||
        partial->month == 0)
        return false;
    return partial->month < 0 || partial->day > 0; /* a month without its day tells no moment */
}

int64_t clock_complete(const struct partial_time *partial, int64_t near_utc_ns, int ahead_s)
{
    if (!is_possible(partial))
        return INT64_MIN;
    int second = partial->second < 0 ? 0 : partial->second; /* radios that leave it out cut it off */
    int of_day_s = partial->hour * 3600 + partial->minute * 60 + second;
    int64_t limit_s = floor_divide(near_utc_ns, SECOND_NS) + ahead_s;
    int64_t days;
    if (!latest_day(partial, floor_divide(limit_s - of_day_s, DAY_S), &days))
        return INT64_MIN;
    int64_t utc_s = days * DAY_S + of_day_s;
    if (utc_s > INT64_MAX / SECOND_NS || utc_s < INT64_MIN / SECOND_NS)
        return INT64_MIN;
    return utc_s * SECOND_NS;
}
