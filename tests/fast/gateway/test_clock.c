/* SPDX-License-Identifier: Apache-2.0 */
/* Times of day without a date come out right at every month, year and leap-day border. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "atalaya/gateway/clock.h"

static const int64_t SECOND_NS = 1000000000;

static int64_t utc(int year, int month, int day, int hour, int minute, int second)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute,
                    .tm_sec = second};
    return (int64_t)timegm(&tm) * SECOND_NS;
}

static struct partial_time partial(int month, int day, int hour, int minute, int second)
{
    struct partial_time time = {.month = (int8_t)month,
                                .day = (int8_t)day,
                                .hour = (int8_t)hour,
                                .minute = (int8_t)minute,
                                .second = (int8_t)second};
    return time;
}

static void expect(struct partial_time time, int64_t near_ns, int ahead_s, int64_t expected_ns)
{
    assert_int_equal(clock_complete(&time, near_ns, ahead_s), expected_ns);
}

static void test_text_of_known_instants(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_MAX];
    assert_string_equal(clock_format(0, text), "1970-01-01T00:00:00.000Z");
    assert_string_equal(clock_format(-1, text), "1969-12-31T23:59:59.999Z");
    assert_string_equal(clock_format(utc(2026, 11, 23, 22, 31, 5) + 123999999, text),
                        "2026-11-23T22:31:05.123Z");
    assert_string_equal(clock_format(INT64_MAX, text), "2262-04-11T23:47:16.854Z");
    assert_string_equal(clock_format(INT64_MIN, text), "1677-09-21T00:12:43.145Z");
}

static void test_text_of_every_day_agrees_with_the_c_library(void **state)
{
    (void)state;
    for (int64_t day = -106000; day <= 106000; day++) { /* 1679 .. 2260 */
        time_t when = (time_t)(day * 86400 + (day * 7919 % 86400));
        struct tm tm;
        char text[CLOCK_TEXT_MAX], expected[CLOCK_TEXT_MAX];
        assert_non_null(gmtime_r(&when, &tm));
        assert_true(strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000Z", &tm) > 0);
        assert_string_equal(clock_format((int64_t)when * SECOND_NS, text), expected);
    }
}

static void test_time_of_day_takes_the_latest_day(void **state)
{
    (void)state;
    int64_t now = utc(2026, 1, 1, 0, 0, 10);
    expect(partial(-1, -1, 23, 59, 58), now, 0, utc(2025, 12, 31, 23, 59, 58));
    expect(partial(-1, -1, 0, 0, 10), now, 0, now);
    expect(partial(-1, -1, 0, 0, 11), now, 0, utc(2025, 12, 31, 0, 0, 11));
    expect(partial(-1, -1, 0, 0, 11), now, 1, utc(2026, 1, 1, 0, 0, 11));
    expect(partial(-1, -1, 0, 0, 11), now + SECOND_NS - 1, 0, utc(2025, 12, 31, 0, 0, 11));
    /* A sender's clock that runs ahead across midnight. */
    expect(partial(-1, -1, 0, 1, 0), utc(2027, 12, 31, 23, 59, 30), 120, utc(2028, 1, 1, 0, 1, 0));
}

static void test_missing_second_is_the_minute(void **state)
{
    (void)state;
    expect(partial(-1, 9, 23, 45, -1), utc(2026, 10, 9, 23, 45, 59), 0, utc(2026, 10, 9, 23, 45, 0));
}

static void test_day_goes_back_over_short_months(void **state)
{
    (void)state;
    expect(partial(-1, 31, 12, 0, 0), utc(2026, 3, 1, 0, 0, 0), 0, utc(2026, 1, 31, 12, 0, 0));
    expect(partial(-1, 31, 12, 0, 0), utc(2026, 5, 30, 0, 0, 0), 0, utc(2026, 3, 31, 12, 0, 0));
    expect(partial(-1, 30, 12, 0, 0), utc(2026, 3, 29, 0, 0, 0), 0, utc(2026, 1, 30, 12, 0, 0));
    expect(partial(-1, 29, 12, 0, 0), utc(2026, 3, 1, 0, 0, 0), 0, utc(2026, 1, 29, 12, 0, 0));
    expect(partial(-1, 29, 12, 0, 0), utc(2028, 3, 1, 0, 0, 0), 0, utc(2028, 2, 29, 12, 0, 0));
    expect(partial(-1, 31, 12, 0, 0), utc(2026, 1, 1, 0, 0, 0), 0, utc(2025, 12, 31, 12, 0, 0));
    expect(partial(-1, 1, 0, 0, 0), utc(2025, 12, 31, 23, 59, 59), 1, utc(2026, 1, 1, 0, 0, 0));
}

static void test_leap_day_goes_back_years(void **state)
{
    (void)state;
    expect(partial(2, 29, 1, 2, 3), utc(2026, 11, 23, 0, 0, 0), 0, utc(2024, 2, 29, 1, 2, 3));
    expect(partial(2, 29, 1, 2, 3), utc(2028, 2, 29, 1, 2, 2), 0, utc(2024, 2, 29, 1, 2, 3));
    expect(partial(2, 29, 1, 2, 3), utc(2104, 2, 28, 0, 0, 0), 0, utc(2096, 2, 29, 1, 2, 3));
    expect(partial(12, 31, 23, 59, 59), utc(2026, 1, 1, 0, 0, 0), 0, utc(2025, 12, 31, 23, 59, 59));
    expect(partial(1, 1, 0, 0, 0), utc(2025, 12, 31, 23, 59, 0), 60, utc(2026, 1, 1, 0, 0, 0));
}

/* Against the plain definition, second by step of 7 minutes, over four years with a leap day: walk back day
 * by day from the limit until every given part agrees. */
static void test_exhaustive_against_the_definition(void **state)
{
    (void)state;
    static const int ahead_s[] = {0, 1, 300, 86400};
    unsigned n = 0;
    for (int64_t now_s = utc(2026, 12, 20, 0, 0, 0) / SECOND_NS; now_s < utc(2029, 1, 5, 0, 0, 0) / SECOND_NS;
         now_s += 32400 + 421, n++) {
        int ahead = ahead_s[n % 4];
        int8_t day = (int8_t)(n % 3 == 0 ? -1 : 1 + (int)(n * 31 / 7 % 31));
        int8_t month = (int8_t)(day < 0 || n % 3 == 1 ? -1 : 1 + (int)(n % 12));
        struct partial_time time = partial(month, day, (int)(n % 24), (int)(n * 7 % 60), (int)(n * 11 % 60));
        int64_t of_day_s = time.hour * 3600 + time.minute * 60 + time.second;
        int64_t expected_ns = INT64_MIN;
        for (int64_t days = (now_s + ahead) / 86400; days > now_s / 86400 - 3000; days--) {
            time_t candidate = (time_t)(days * 86400 + of_day_s);
            struct tm tm;
            gmtime_r(&candidate, &tm);
            if (candidate <= now_s + ahead && (day < 0 || tm.tm_mday == day) &&
                (month < 0 || tm.tm_mon + 1 == month)) {
                expected_ns = (int64_t)candidate * SECOND_NS;
                break;
            }
        }
        expect(time, now_s * SECOND_NS, ahead, expected_ns);
    }
    assert_true(n > 1900);
}

static void test_impossible_or_incomplete_is_refused(void **state)
{
    (void)state;
    static const int parts[][5] = {
        {-1, -1, -1, 0, 0},  {-1, -1, 0, -1, 0},       {-1, -1, 24, 0, 0}, {-1, -1, 0, 60, 0},
        {-1, -1, 0, 0, 60},  {-1, 0, 0, 0, 0},         {-1, 32, 0, 0, 0},  {0, 1, 0, 0, 0},
        {13, 1, 0, 0, 0},    {2, 30, 0, 0, 0},         {4, 31, 0, 0, 0},   {5, -1, 0, 0, 0},
        {127, 127, 0, 0, 0}, {-128, -128, -128, 0, 0},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        expect(partial(parts[i][0], parts[i][1], parts[i][2], parts[i][3], parts[i][4]),
               utc(2026, 6, 15, 12, 0, 0), 0, INT64_MIN);
    struct partial_time local = partial(-1, -1, 1, 0, 0);
    local.local = true;
    expect(local, utc(2026, 6, 15, 12, 0, 0), 0, INT64_MIN);
}

static void test_ends_of_the_range_do_not_overflow(void **state)
{
    (void)state;
    struct partial_time time = partial(-1, -1, 23, 59, 59);
    assert_true(clock_complete(&time, INT64_MAX, INT32_MAX) <= INT64_MAX);
    assert_int_equal(clock_complete(&time, INT64_MAX, INT32_MAX), INT64_MIN);
    assert_int_equal(clock_complete(&time, INT64_MIN, 0), INT64_MIN);
}

static void test_wall_time_of_a_monotonic_moment(void **state)
{
    (void)state;
    int64_t mono_ns = clock_mono_ns();
    int64_t utc_ns = clock_utc_ns();
    int64_t off_ns = clock_utc_of_mono(mono_ns - 5 * SECOND_NS) - (utc_ns - 5 * SECOND_NS);
    assert_true(llabs(off_ns) < SECOND_NS / 2);
    assert_true(clock_mono_ns() >= mono_ns);
}

static void test_system_quality_is_consistent(void **state)
{
    (void)state;
    struct clock_quality quality = clock_system_quality();
    assert_true(quality.source != TIME_GPS);
    assert_int_equal(quality.error_ns >= 0, quality.source == TIME_NTP);
    if (clock_utc_ns() < utc(2026, 1, 1, 0, 0, 0))
        assert_int_equal(quality.source, TIME_NONE);
    else
        assert_int_not_equal(quality.source, TIME_NONE);
}

static void test_words(void **state)
{
    (void)state;
    static const char *const words[] = {"none", "rtc", "ntp", "gps"};
    for (int source = TIME_NONE; source <= TIME_GPS; source++)
        assert_string_equal(time_source_text((enum time_source)source), words[source]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_of_known_instants),
        cmocka_unit_test(test_text_of_every_day_agrees_with_the_c_library),
        cmocka_unit_test(test_time_of_day_takes_the_latest_day),
        cmocka_unit_test(test_missing_second_is_the_minute),
        cmocka_unit_test(test_day_goes_back_over_short_months),
        cmocka_unit_test(test_leap_day_goes_back_years),
        cmocka_unit_test(test_exhaustive_against_the_definition),
        cmocka_unit_test(test_impossible_or_incomplete_is_refused),
        cmocka_unit_test(test_ends_of_the_range_do_not_overflow),
        cmocka_unit_test(test_wall_time_of_a_monotonic_moment),
        cmocka_unit_test(test_system_quality_is_consistent),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
