/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of one burst become one reception; two bursts stay two, however alike and close. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/collapse.h"

static struct collapse collapse;
static double now_s; /* of the flush; a long way after everything unless a test says otherwise */
enum { GIVEN_MAX = 4 * COLLAPSE_WAITING_MAX };
static struct reception given[GIVEN_MAX];
static unsigned given_count;

static void take(void *context, const struct reception *reception)
{
    (void)context;
    assert_true(given_count < GIVEN_MAX);
    given[given_count++] = *reception;
}

static int start(void **state)
{
    (void)state;
    given_count = 0;
    now_s = 100;
    collapse_reset(&collapse, take, NULL);
    return 0;
}

static void offer(uint64_t dedupe, double time_s, double duration_s, float snr_db, unsigned corrected)
{
    static struct reception reception;
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    reception.dedupe = dedupe;
    reception.time_s = time_s;
    reception.duration_s = duration_s;
    reception.snr_db = snr_db;
    reception.message.bits_corrected = corrected;
    collapse_offer(&collapse, &reception);
}

static void the_best_copy_of_a_block_goes_on(void **state)
{
    (void)state;
    offer(1, 10.0, 0.3, 12, 0);
    offer(1, 10.001, 0.3, 15, 0);
    offer(1, 10.0, 0.3, 40, 1); /* repaired */
    offer(1, 10.0, 0.3, NAN, 0);
    assert_int_equal(given_count, 0);
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 1);
    assert_float_equal(given[0].snr_db, 15, 0);
    assert_int_equal(given[0].copies, 4);
    assert_int_equal(collapse.copies, 3);
}

static void stragglers_of_later_blocks_are_counted_only(void **state)
{
    (void)state;
    offer(1, 10.0, 0.3, 12, 0);
    collapse_flush(&collapse, now_s);
    offer(1, 10.002, 0.3, 20, 0);
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 1);
    assert_int_equal(collapse.copies, 1);
}

static void offer_guess(uint64_t dedupe, double time_s, double duration_s)
{
    static struct reception reception;
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    reception.dedupe = dedupe;
    reception.time_s = time_s;
    reception.duration_s = duration_s;
    reception.snr_db = 50;
    reception.message.bits_corrected = 2;
    reception.message.guessed = true;
    collapse_offer(&collapse, &reception);
}

static void a_guess_waits_half_a_second_for_better(void **state)
{
    (void)state;
    offer_guess(1, 10.0, 0.3);
    offer_guess(2, 10.0, 0.3);
    offer(3, 10.0, 0.3, 12, 0);
    now_s = 10.31;
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 1);
    assert_true(given[0].dedupe == 3);
    offer(1, 10.0, 0.3, 3, 40); /* from an FX.25 block: many bits corrected, none guessed */
    now_s = 10.79;
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 2);
    assert_true(given[1].dedupe == 1 && !given[1].message.guessed);
    assert_int_equal(given[1].copies, 2);
    now_s = 10.81;
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 3);
    assert_true(given[2].dedupe == 2 && given[2].message.guessed);
    offer_guess(2, 10.0, 0.3);
    collapse_flush(&collapse, INFINITY);
    assert_int_equal(given_count, 3);
}

/* Repaired by trial, by bell202 on the channel. */
static void offer_doubtful(uint64_t dedupe, double time_s, unsigned doubt, const char *channel)
{
    static struct reception reception;
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    reception.dedupe = dedupe;
    reception.time_s = time_s;
    reception.duration_s = 0.3;
    reception.modem = "bell202";
    snprintf(reception.channel, sizeof reception.channel, "%s", channel);
    reception.message.guessed = doubt > 0;
    reception.message.bits_corrected = doubt > 0;
    reception.message.doubt = doubt;
    collapse_offer(&collapse, &reception);
}

static void of_readings_that_exclude_each_other_the_likeliest_is_told(void **state)
{
    (void)state;
    offer_doubtful(1, 10.0, 900, "a");
    offer_doubtful(2, 10.01, 700, "a");
    offer_doubtful(3, 10.0, 800, "a");
    offer_doubtful(4, 10.0, 950, "b"); /* another radio */
    offer_doubtful(5, 10.2, 950, "a"); /* the next burst */
    collapse_flush(&collapse, 20.0);
    assert_int_equal(given_count, 3);
    assert_true(given[0].dedupe == 2 && given[1].dedupe == 4 && given[2].dedupe == 5);
    assert_int_equal(collapse.outdone, 2);
}

static void a_doubtful_reading_gives_way_to_one_that_passed(void **state)
{
    (void)state;
    offer_doubtful(1, 10.0, 300, "a");
    collapse_flush(&collapse, 10.4);
    offer_doubtful(2, 10.0, 0, "a");
    collapse_flush(&collapse, 10.5);
    assert_int_equal(given_count, 1);
    collapse_flush(&collapse, 20.0);
    offer_doubtful(3, 10.0, 300, "a"); /* late */
    collapse_flush(&collapse, 30.0);
    assert_int_equal(given_count, 1);
    assert_true(given[0].dedupe == 2);
    assert_int_equal(collapse.outdone, 2);
}

static void other_messages_at_the_same_time_are_others(void **state)
{
    (void)state;
    offer(1, 10.0, 0.3, 12, 0);
    offer(2, 10.0, 0.3, 12, 0);
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 2);
    assert_true(given[0].dedupe == 1 && given[1].dedupe == 2);
}

/* Two identical frames that share a flag: the second's opening flag is the first's closing one. */
static void repeats_back_to_back_are_two(void **state)
{
    (void)state;
    offer(1, 10.0, 0.3, 12, 0);
    offer(1, 10.0 + 0.3 - 8 / 1200.0, 0.3, 12, 0);
    collapse_flush(&collapse, now_s);
    offer(1, 10.61, 0.3, 12, 0);
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 3);
    assert_int_equal(collapse.copies, 0);
}

static void bursts_that_could_not_be_measured_collapse_too(void **state)
{
    (void)state;
    offer(1, 10.0, NAN, NAN, 0);
    offer(1, 10.0, NAN, NAN, 0);
    collapse_flush(&collapse, now_s);
    offer(1, 10.02, NAN, NAN, 0); /* a branch that came one block later */
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 1);
    offer(1, 10.5, NAN, NAN, 0);
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 2);
}

static void the_first_moment_of_a_recording_is_like_any_other(void **state)
{
    (void)state;
    offer(0, -0.002, 0.1, 12, 0);
    offer(0, 0.2, 0.1, 12, 0);
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 2);
}

static void a_crowd_loses_nothing_and_keeps_its_order(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3 * COLLAPSE_WAITING_MAX; i++) {
        offer(i, 10.0, 0.3, 12, 0);
        offer(i, 10.0, 0.3, 13, 0);
    }
    collapse_flush(&collapse, now_s);
    assert_int_equal(given_count, 3 * COLLAPSE_WAITING_MAX);
    for (unsigned i = 0; i < given_count; i++)
        assert_true(given[i].dedupe == i);
    assert_int_equal(collapse.copies, 3 * COLLAPSE_WAITING_MAX);
}

/* What is known is neither measured nor told again, unless it may be better. */
static void a_copy_is_known_before_it_is_measured(void **state)
{
    struct reception copy;
    (void)state;
    offer(1, 10.0, 0.5, 12.0F, 2);
    reception_reset(&copy);
    copy.dedupe = 1;
    copy.time_s = 10.08; /* not measured: late by what filters and blocks hold */
    copy.duration_s = 0.5;
    copy.message.bits_corrected = 1;
    assert_false(collapse_knows(&collapse, &copy)); /* fewer bits corrected */
    copy.message.bits_corrected = 2;
    snprintf(copy.channel, sizeof copy.channel, "another");
    assert_false(collapse_knows(&collapse, &copy)); /* perhaps a clearer one */
    copy.channel[0] = '\0';
    assert_true(collapse_knows(&collapse, &copy));
    copy.time_s = 10.5; /* sent again at once */
    assert_false(collapse_knows(&collapse, &copy));
    collapse_flush(&collapse, INFINITY);
    assert_int_equal(given_count, 1);
    assert_int_equal(given[0].copies, 2);
    copy.time_s = 10.08;
    snprintf(copy.channel, sizeof copy.channel, "another");
    assert_true(collapse_knows(&collapse, &copy)); /* a straggler */
    copy.time_s = 10.5;
    assert_false(collapse_knows(&collapse, &copy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_best_copy_of_a_block_goes_on, start),
        cmocka_unit_test_setup(stragglers_of_later_blocks_are_counted_only, start),
        cmocka_unit_test_setup(a_guess_waits_half_a_second_for_better, start),
        cmocka_unit_test_setup(of_readings_that_exclude_each_other_the_likeliest_is_told, start),
        cmocka_unit_test_setup(a_doubtful_reading_gives_way_to_one_that_passed, start),
        cmocka_unit_test_setup(other_messages_at_the_same_time_are_others, start),
        cmocka_unit_test_setup(repeats_back_to_back_are_two, start),
        cmocka_unit_test_setup(bursts_that_could_not_be_measured_collapse_too, start),
        cmocka_unit_test_setup(the_first_moment_of_a_recording_is_like_any_other, start),
        cmocka_unit_test_setup(a_crowd_loses_nothing_and_keeps_its_order, start),
        cmocka_unit_test_setup(a_copy_is_known_before_it_is_measured, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
