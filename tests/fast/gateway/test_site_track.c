/* SPDX-License-Identifier: Apache-2.0 */
/* A row of fixes is judged rightly: fresh, stale, frozen, jumping; and the clock by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>

#include <cmocka.h>
#include <gps.h>

#include "atalaya/gateway/library_time.h"
#include "../../../gateway/site/track.h"

static const int64_t SECOND_NS = 1000000000;
static const int64_t EPOCH_NS = INT64_C(1795474800) * 1000000000;
static const struct config_gpsd settings = {.frozen_after_s = 60, .stale_after_s = 5, .jump_m = 1000};
static const struct clock_quality rtc = {.source = TIME_RTC, .error_ns = -1};

static struct fix fix_at(double lat_deg, double lon_deg, int64_t second)
{
    struct fix fix = {.mode = SITE_FIX_3D,
                      .lat_deg = lat_deg,
                      .lon_deg = lon_deg,
                      .alt_m = 700,
                      .accuracy_m = 5,
                      .time_ns = EPOCH_NS + second * SECOND_NS};
    return fix;
}

static void feed(struct track *track, double lat_deg, int64_t second)
{
    struct fix fix = fix_at(lat_deg, -112.5, second);
    track_execute(track, &fix, second * SECOND_NS);
}

static double jitter(int64_t second)
{
    return (double)(second % 5) * 1e-7;
}

static struct site_facts facts_at(const struct track *track, int64_t second)
{
    struct site_facts facts;
    track_facts(track, true, second * SECOND_NS, &facts);
    return facts;
}

static enum site_gps state_at(const struct track *track, int64_t second)
{
    return track_state(track, second * SECOND_NS);
}

static void test_fresh_then_stale_with_its_age(void **state)
{
    (void)state;
    struct track track;
    track_reset(&track, &settings);
    assert_int_equal(state_at(&track, 1), SITE_GPS_NO_FIX);
    assert_true(isnan(facts_at(&track, 1).lat_deg) && isnan(facts_at(&track, 1).age_s));
    feed(&track, 32.5, 10);
    assert_int_equal(state_at(&track, 15), SITE_GPS_OK);
    assert_int_equal(facts_at(&track, 15).fix, SITE_FIX_3D);
    assert_int_equal(state_at(&track, 16), SITE_GPS_STALE);
    struct site_facts facts = facts_at(&track, 100);
    assert_int_equal(facts.fix, SITE_FIX_NONE);
    assert_true(fabs(facts.lat_deg - 32.5) < 1e-12 && fabs(facts.age_s - 90.0) < 1e-9);
}

static void test_frozen_only_while_time_moves(void **state)
{
    (void)state;
    struct track moving, stuck, jittery;
    track_reset(&moving, &settings);
    track_reset(&stuck, &settings);
    track_reset(&jittery, &settings);
    for (int64_t second = 1; second <= 61; second++) {
        assert_int_equal(state_at(&moving, second) == SITE_GPS_FROZEN, false);
        feed(&moving, 32.5, second);
        feed(&jittery, 32.5 + jitter(second), second);
        struct fix fix = fix_at(32.5, -112.5, 1); /* the receiver's time stands still too */
        track_execute(&stuck, &fix, second * SECOND_NS);
    }
    assert_int_equal(state_at(&moving, 61), SITE_GPS_FROZEN);
    assert_true(fabs(facts_at(&moving, 61).age_s - 60.0) < 1e-9);
    assert_int_equal(state_at(&stuck, 61), SITE_GPS_OK);
    assert_int_equal(state_at(&jittery, 61), SITE_GPS_OK);
    feed(&moving, 32.5000001, 62);
    assert_int_equal(state_at(&moving, 62), SITE_GPS_OK);
}

static void test_one_wild_fix_moves_nothing(void **state)
{
    (void)state;
    struct track track;
    track_reset(&track, &settings);
    for (int64_t second = 1; second <= 10; second++)
        feed(&track, 32.5 + jitter(second), second);
    feed(&track, 33.5, 11);
    assert_int_equal(state_at(&track, 11), SITE_GPS_JUMPED);
    assert_true(fabs(facts_at(&track, 11).lat_deg - 32.5) < 1e-5);
    assert_true(fabs(facts_at(&track, 11).moved_m - 111195.0) < 50.0); /* a degree of the mean sphere */
    for (int64_t second = 12; second <= 80; second++) {
        feed(&track, 32.5 + jitter(second), second);
        assert_int_equal(state_at(&track, second), second < 71 ? SITE_GPS_JUMPED : SITE_GPS_OK);
        assert_true(fabs(facts_at(&track, second).lat_deg - 32.5) < 1e-5);
    }
}

static void test_a_place_that_is_insisted_on_is_adopted(void **state)
{
    (void)state;
    struct track track;
    track_reset(&track, &settings);
    feed(&track, 32.5, 1);
    for (int64_t second = 2; second < 2 + TRACK_ADOPT_FIXES; second++) {
        assert_true(fabs(facts_at(&track, second).lat_deg - 32.5) < 1e-5);
        feed(&track, 33.5 + jitter(second), second);
        feed(&track, 33.5 + jitter(second), second); /* gpsd reports an epoch more than once */
    }
    assert_true(fabs(facts_at(&track, 7).lat_deg - 33.5) < 1e-5);
    assert_int_equal(state_at(&track, 7), SITE_GPS_JUMPED);
    for (int64_t second = 7; second <= 62; second++)
        feed(&track, 33.5 + jitter(second), second);
    assert_int_equal(state_at(&track, 62), SITE_GPS_OK);
}

static void test_a_receiver_that_hops_about_is_never_adopted(void **state)
{
    (void)state;
    struct track track;
    track_reset(&track, &settings);
    feed(&track, 32.5, 1);
    for (int64_t second = 2; second <= 40; second++)
        feed(&track, 33.0 + (double)(second % 7), second);
    assert_true(fabs(facts_at(&track, 40).lat_deg - 32.5) < 1e-5);
    assert_true(facts_at(&track, 40).age_s > 38.0);
}

static void test_losing_the_link_keeps_the_last_known(void **state)
{
    (void)state;
    struct track track;
    track_reset(&track, &settings);
    feed(&track, 32.5, 1);
    track.satellites_used = 7;
    track_lose(&track);
    struct site_facts facts;
    track_facts(&track, false, 3 * SECOND_NS, &facts);
    assert_int_equal(facts.fix, SITE_FIX_NONE);
    assert_int_equal(facts.satellites_used, -1);
    assert_true(fabs(facts.lat_deg - 32.5) < 1e-12 && fabs(facts.age_s - 2.0) < 1e-9);
    assert_int_equal(state_at(&track, 3), SITE_GPS_NO_FIX);
}

static void test_clock_is_gps_only_while_both_agree(void **state)
{
    (void)state;
    struct track track;
    track_reset(&track, &settings);
    int64_t utc_ns = EPOCH_NS + 12 * SECOND_NS;
    assert_int_equal(track_clock(&track, 12 * SECOND_NS, utc_ns, rtc).source, TIME_RTC);
    feed(&track, 32.5, 10);
    struct clock_quality quality = track_clock(&track, 12 * SECOND_NS, utc_ns + 200000000, rtc);
    assert_int_equal(quality.source, TIME_GPS);
    assert_int_equal(quality.error_ns, 700000000); /* 0.2 s apart, half a second of latency */
    /* A clock that steps after the report came is found out without another report. */
    assert_int_equal(track_clock(&track, 12 * SECOND_NS, utc_ns - 3600 * SECOND_NS, rtc).source, TIME_RTC);
    assert_int_equal(track_clock(&track, 12 * SECOND_NS, utc_ns + 1100000000, rtc).source, TIME_RTC);
    assert_int_equal(track_clock(&track, 16 * SECOND_NS, utc_ns + 4 * SECOND_NS, rtc).source,
                     TIME_RTC); /* stale */
    struct clock_quality ntp = {.source = TIME_NTP, .error_ns = 3000000};
    quality = track_clock(&track, 12 * SECOND_NS, utc_ns, ntp);
    assert_int_equal(quality.source, TIME_GPS);
    assert_int_equal(quality.error_ns, 3000000);
}

static struct gps_fix_t report_of(int mode, double lat_deg, double lon_deg)
{
    struct gps_fix_t report;
    memset(&report, 0, sizeof report);
    report.mode = mode;
    report.latitude = lat_deg;
    report.longitude = lon_deg;
    report.altMSL = report.altHAE = report.geoid_sep = report.eph = report.epx = report.epy = report.ept =
        (double)NAN;
    return report;
}

static void test_a_report_is_believed_only_where_it_can_be(void **state)
{
    (void)state;
    static const struct {
        int mode;
        double lat_deg, lon_deg;
        enum site_fix expected;
    } cases[] = {
        {MODE_3D, 32.5, -112.5, SITE_FIX_3D},
        {MODE_2D, 32.5, -112.5, SITE_FIX_2D},
        {MODE_NO_FIX, 32.5, 1, SITE_FIX_NONE},
        {MODE_NOT_SEEN, 32.5, 1, SITE_FIX_NONE},
        {4, 32.5, -112.5, SITE_FIX_NONE},
        {-1, 32.5, -112.5, SITE_FIX_NONE},
        {MODE_3D, 90.1, -112.5, SITE_FIX_NONE},
        {MODE_3D, 32.5, -180.1, SITE_FIX_NONE},
        {MODE_3D, -90, 180, SITE_FIX_3D},
        {MODE_3D, (double)NAN, 0, SITE_FIX_NONE},
        {MODE_3D, 0, (double)INFINITY, SITE_FIX_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gps_fix_t report = report_of(cases[i].mode, cases[i].lat_deg, cases[i].lon_deg);
        struct fix fix;
        fix_read(&report, &fix);
        assert_int_equal(fix.mode, cases[i].expected);
        assert_int_equal(isnan(fix.lat_deg) != 0, cases[i].expected == SITE_FIX_NONE);
        assert_true(isnan(fix.alt_m) && isnan(fix.accuracy_m) && fix.time_ns == -1);
    }
}

static void test_figures_of_a_report(void **state)
{
    (void)state;
    struct gps_fix_t report = report_of(MODE_3D, 32.5, -112.5);
    struct fix fix;
    report.altHAE = 672;
    report.geoid_sep = -28;
    report.epx = 3;
    report.epy = 4;
    report.time.tv_sec = 1795474800;
    report.time.tv_nsec = 500000000;
    report.ept = 0.005;
    fix_read(&report, &fix);
    assert_true(fabs(fix.alt_m - 700.0) < 1e-9 && fabs(fix.accuracy_m - 5.0) < 1e-9);
    assert_int_equal(fix.time_ns, EPOCH_NS + 500000000);
    assert_int_equal(fix.time_error_ns, 5000000);
    report.altMSL = 701;
    report.eph = 20;
    report.mode = MODE_2D;
    report.time.tv_nsec = 1000000000;
    fix_read(&report, &fix);
    assert_true(isnan(fix.alt_m) && fabs(fix.accuracy_m - 20.0) < 1e-9);
    assert_int_equal(fix.time_ns, -1);
    report.eph = -1;
    fix_read(&report, &fix);
    assert_true(isnan(fix.accuracy_m));
}

static void test_distance(void **state)
{
    (void)state;
    struct fix a = fix_at(0, 179.999, 0), b = fix_at(0, -179.999, 0), c = fix_at(90, 0, 0),
               d = fix_at(-90, 55, 0);
    assert_true(fabs(fix_distance_m(&a, &b) - 222.39) < 0.01);     /* over the date line */
    assert_true(fabs(fix_distance_m(&c, &d) - 20015115.0) < 10.0); /* half a circumference */
    assert_true(fix_distance_m(&a, &a) <= 0.0);
}

static void test_words(void **state)
{
    (void)state;
    static const char *const gps[] = {"off", "away",  "no-device", "no-fix",
                                      "ok",  "stale", "frozen",    "jumped"};
    static const char *const fix[] = {"none", "2d", "3d", "fixed"};
    for (int i = SITE_GPS_OFF; i <= SITE_GPS_JUMPED; i++)
        assert_string_equal(site_gps_text((enum site_gps)i), gps[i]);
    for (int i = SITE_FIX_NONE; i <= SITE_FIX_FIXED; i++)
        assert_string_equal(site_fix_text((enum site_fix)i), fix[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fresh_then_stale_with_its_age),
        cmocka_unit_test(test_frozen_only_while_time_moves),
        cmocka_unit_test(test_one_wild_fix_moves_nothing),
        cmocka_unit_test(test_a_place_that_is_insisted_on_is_adopted),
        cmocka_unit_test(test_a_receiver_that_hops_about_is_never_adopted),
        cmocka_unit_test(test_losing_the_link_keeps_the_last_known),
        cmocka_unit_test(test_clock_is_gps_only_while_both_agree),
        cmocka_unit_test(test_a_report_is_believed_only_where_it_can_be),
        cmocka_unit_test(test_figures_of_a_report),
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
