/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of transmissions: once they last, while they last, when they are over; by whom; and not
 * without end where a channel chatters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../../../gateway/activity.h"

enum { TOLD_MAX = 512 };
static struct activity told[TOLD_MAX];
static unsigned told_count;
static struct activity_tracker tracker;

static void on_activity(void *context, const struct activity *activity)
{
    (void)context;
    assert_true(told_count < TOLD_MAX);
    told[told_count++] = *activity;
}

static int fresh(void **state)
{
    (void)state;
    told_count = 0;
    activity_reset(&tracker, "dongle", "patrol", 145e6, on_activity, NULL);
    return 0;
}

static void squelch(bool open, double start_s, double end_s)
{
    const struct activity_squelch event = {.open = open,
                                           .start_s = start_s,
                                           .end_s = end_s,
                                           .start_mono_ns = (int64_t)(start_s * 1e9),
                                           .level_dbfs = -40,
                                           .floor_dbfs = -60,
                                           .snr_db = 20,
                                           .offset_hz = open ? NAN : 300};
    activity_hear_squelch(&tracker, &event);
}

static void burst(const char *space, const char *unit, double start_s, double length_s, bool guessed)
{
    static struct reception reception;
    reception_reset(&reception);
    message_reset(&reception.message, "mdc1200", space);
    snprintf(reception.message.unit, sizeof reception.message.unit, "%s", unit);
    reception.message.guessed = guessed;
    reception.time_s = start_s;
    reception.duration_s = length_s;
    reception.mono_ns = (int64_t)(start_s * 1e9);
    reception.rssi_dbfs = -41;
    activity_hear_burst(&tracker, &reception);
}

static void run(double from_s, double to_s)
{
    for (double now_s = from_s; now_s < to_s; now_s += 0.02)
        activity_tick(&tracker, now_s);
}

static void a_long_one_is_told_to_begin_to_go_on_and_to_end(void **state)
{
    (void)state;
    squelch(true, 5.0, (double)NAN);
    run(5.0, 5.08);
    assert_int_equal(told_count, 0);
    run(5.08, 30.0);
    squelch(false, 5.0, 30.0);
    run(30.0, 32.0);
    assert_int_equal(told_count, 4);
    assert_int_equal(told[0].state, ACTIVITY_BEGAN);
    assert_int_equal(told[1].state, ACTIVITY_GOES_ON);
    assert_int_equal(told[2].state, ACTIVITY_GOES_ON);
    assert_true(fabs(told[2].duration_s - 20.1) < 0.1);
    const struct activity *end = &told[3];
    assert_int_equal(end->state, ACTIVITY_ENDED);
    assert_true(fabs(end->duration_s - 25.0) < 1e-9 && end->start_mono_ns == INT64_C(5000000000));
    assert_true(end->snr_db > 19.9F && end->offset_hz > 299.0F && end->floor_dbfs < -59.9F);
    assert_int_equal(end->number, 1);
    assert_string_equal(end->channel, "patrol");
}

static void bursts_tell_who_it_was(void **state)
{
    (void)state;
    squelch(true, 5.0, (double)NAN);
    run(5.0, 5.3);
    burst("mdc1200", "0A01", 5.02, 0.17, false); /* at the start */
    burst("mdc1200", "0A01", 5.02, 0.17, false);
    burst("mdc1200", "0F0F", 5.1, 0.17, true); /* repaired: might be anybody */
    run(5.3, 8.0);
    squelch(false, 5.0, 8.0);
    burst("fleetsync", "100-1001", 7.8, 0.19, false); /* at the end, found late */
    run(8.0, 9.0);
    assert_int_equal(told_count, 2);
    assert_int_equal(told[0].unit_count, 0);
    assert_int_equal(told[1].unit_count, 2);
    assert_string_equal(told[1].units[0].id, "0A01");
    assert_string_equal(told[1].units[1].address_space, "fleetsync");
    assert_int_equal(told[1].bursts, 4);
}

static void a_burst_below_the_squelch_is_a_transmission(void **state)
{
    (void)state;
    burst("ax25", "N0CALL-7", 3.0, 0.6, false);
    run(3.6, 5.0);
    assert_int_equal(told_count, 1);
    assert_int_equal(told[0].state, ACTIVITY_ENDED);
    assert_true(fabs(told[0].duration_s - 0.6) < 1e-9);
    assert_true(told[0].level_dbfs < -40.9F && isnan(told[0].floor_dbfs));
    burst("ax25", "N0CALL-7", 3.0, 0.6, false); /* found once more, after it was told: one more of its own */
    burst("ax25", "N0CALL-8", 5.0, 0.6, false);
    run(5.6, 7.0);
    assert_int_equal(told_count, 3);
    assert_string_equal(told[2].units[0].id, "N0CALL-8");
}

static void tone(const char *name, bool present, double at_s)
{
    static struct reception reception;
    struct squelch squelch = {.present = present};
    snprintf(squelch.name, sizeof squelch.name, "%s", name);
    reception_reset(&reception);
    message_reset(&reception.message, "ctcss", "ctcss");
    squelch_write(&reception.message, &squelch);
    reception.time_s = at_s;
    activity_hear_burst(&tracker, &reception);
}

/* Told with the transmission in which it begins, and never a transmission or a burst of its own. */
static void a_squelch_tone_marks_a_transmission(void **state)
{
    (void)state;
    tone("88.5 Hz", true, 1.0);
    tone("88.5 Hz", false, 2.0);
    run(1.0, 4.0);
    assert_int_equal(told_count, 0);
    squelch(true, 5.0, (double)NAN);
    run(5.0, 5.8);
    tone("DCS 023", true, 5.1);
    run(5.8, 8.0);
    squelch(false, 5.0, 8.0);
    tone("DCS 023", false, 7.9);
    run(8.0, 9.0);
    assert_int_equal(told_count, 2);
    assert_string_equal(told[0].squelch_signal, "");
    assert_string_equal(told[1].squelch_signal, "DCS 023");
    assert_int_equal(told[1].bursts, 0);
    squelch(true, 10.0, (double)NAN);
    run(10.0, 11.0);
    squelch(false, 10.0, 11.0);
    run(11.0, 12.0);
    assert_int_equal(told[told_count - 1].state, ACTIVITY_ENDED);
    assert_string_equal(told[told_count - 1].squelch_signal, "");
}

/* What may have been a call and raised nobody is told with the transmission it was in, and with no other. */
static void a_suspect_marks_its_transmission(void **state)
{
    (void)state;
    static struct reception reception;
    squelch(true, 1.0, (double)NAN);
    run(1.0, 2.0);
    reception_reset(&reception);
    message_reset(&reception.message, "tetrapol", "tetrapol");
    assert_int_equal(message_add_boolean(&reception.message, MESSAGE_SUSPECT, true), ATALAYA_OK);
    reception.time_s = 1.5;
    reception.duration_s = 0.02;
    activity_hear_burst(&tracker, &reception);
    squelch(false, 1.0, 2.0);
    run(2.0, 3.0);
    squelch(true, 5.0, (double)NAN);
    run(5.0, 6.0);
    squelch(false, 5.0, 6.0);
    run(6.0, 7.0);
    assert_int_equal(told_count, 4);
    assert_false(told[0].suspect); /* that it began was told before */
    assert_true(told[1].suspect);
    assert_false(told[2].suspect || told[3].suspect);
}

static void clicks_are_no_transmissions_and_short_ones_are_told_once(void **state)
{
    (void)state;
    squelch(true, 1.0, (double)NAN);
    squelch(false, 1.0, 1.01);
    run(1.01, 2.0);
    assert_int_equal(told_count, 0);
    squelch(true, 2.0, (double)NAN);
    run(2.0, 2.06);
    squelch(false, 2.0, 2.06);
    run(2.06, 3.0);
    assert_int_equal(told_count, 1);
    assert_int_equal(told[0].state, ACTIVITY_ENDED);
    assert_int_equal(told[0].number, 1);
}

static void one_follows_the_other_at_once(void **state)
{
    (void)state;
    squelch(true, 1.0, (double)NAN);
    run(1.0, 2.0);
    squelch(false, 1.0, 2.0);
    squelch(true, 2.3, (double)NAN); /* before the first has settled */
    run(2.3, 3.0);
    squelch(false, 2.3, 3.0);
    activity_finish(&tracker, 3.0);
    assert_int_equal(told_count, 4);
    assert_int_equal(told[1].state, ACTIVITY_ENDED);
    assert_int_equal(told[1].number, 1);
    assert_int_equal(told[3].number, 2);
    assert_true(fabs(told[3].duration_s - 0.7) < 1e-9);
}

static void a_chattering_channel_is_told_sparingly_and_counted(void **state)
{
    (void)state;
    for (int i = 0; i < 600; i++) { /* a minute and a half of 120 ms each 150 ms */
        double at_s = 0.15 * i;
        squelch(true, at_s, (double)NAN);
        run(at_s, at_s + 0.12);
        squelch(false, at_s, at_s + 0.12);
    }
    activity_finish(&tracker, 90.0);
    unsigned began = 0, ended = 0, untold = 0;
    for (unsigned i = 0; i < told_count; i++) {
        began += told[i].state == ACTIVITY_BEGAN;
        ended += told[i].state == ACTIVITY_ENDED;
        untold += told[i].untold;
    }
    assert_in_range(ended, 20, 40);
    assert_true(began <= ended);
    untold += tracker.now.untold;
    assert_int_equal(ended + untold, 600);
}

/* What the squelch took for a carrier was noise that rose: no level is told of it. */
static void risen_noise_has_no_level(void **state)
{
    (void)state;
    squelch(true, 1.0, (double)NAN);
    run(1.0, 6.0);
    const struct activity_squelch over = {
        .start_s = 1.0, .end_s = 6.0, .level_dbfs = -200, .floor_dbfs = -50, .snr_db = -200, .offset_hz = 5};
    activity_hear_squelch(&tracker, &over);
    run(6.0, 7.0);
    assert_int_equal(told_count, 2);
    assert_true(isnan(told[1].level_dbfs) && isnan(told[1].snr_db) && isnan(told[1].offset_hz));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_long_one_is_told_to_begin_to_go_on_and_to_end, fresh),
        cmocka_unit_test_setup(bursts_tell_who_it_was, fresh),
        cmocka_unit_test_setup(a_burst_below_the_squelch_is_a_transmission, fresh),
        cmocka_unit_test_setup(a_squelch_tone_marks_a_transmission, fresh),
        cmocka_unit_test_setup(a_suspect_marks_its_transmission, fresh),
        cmocka_unit_test_setup(clicks_are_no_transmissions_and_short_ones_are_told_once, fresh),
        cmocka_unit_test_setup(one_follows_the_other_at_once, fresh),
        cmocka_unit_test_setup(a_chattering_channel_is_told_sparingly_and_counted, fresh),
        cmocka_unit_test_setup(risen_noise_has_no_level, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
