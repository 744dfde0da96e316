/* SPDX-License-Identifier: Apache-2.0 */
/* What a radio that calls for help is told: each of the three answers once, in their order, said again by who
 * was not heard, and by nobody once the call is over. */
#include "answer_rig.h"

#include <stdio.h>
#include <string.h>

static void each_of_the_three_is_said_once_and_in_its_turn(void **state)
{
    (void)state;
    answer_rig_call("N0CALL-7", false);
    answer_rig_pass(4);
    assert_true(answer_rig_said(HEARD) == 1 && answer_rig_said(RECEIVED) == 0 &&
                answer_rig_said(PERSON) == 0);
    answer_rig_pass(5);
    assert_int_equal(answer_rig_newest()->state,
                     DISTRESS_STATE_RAISED); /* that it was heard is no step of the incident */
    assert_int_equal(answer_rig_step(DISTRESS_STATE_RECEIVED), DISTRESS_STEP_MOVED);
    answer_rig_pass(4);
    assert_true(answer_rig_said(RECEIVED) == 1 && answer_rig_said(PERSON) == 0);
    assert_int_equal(answer_rig_newest()->state, DISTRESS_STATE_RECEIVED);
    assert_int_equal(answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED), DISTRESS_STEP_MOVED);
    answer_rig_pass(4);
    assert_true(answer_rig_said(HEARD) == 1 && answer_rig_said(RECEIVED) == 1 &&
                answer_rig_said(PERSON) == 1);
    assert_int_equal(answer_rig_newest()->state, DISTRESS_STATE_RADIO_ACKED);
    assert_true(answer_rig_newest()->answer.sent && !answer_rig_newest()->answer.confirmed);
    answer_rig_pass(100);
    assert_int_equal(answer_rig_said(PERSON), 1);
}

static void a_drill_is_told_that_it_is_one(void **state)
{
    (void)state;
    answer_rig_call("N0CALL-7", true);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    assert_true(answer_rig_said("TEST: " PERSON) == 1 && answer_rig_said(PERSON) == 1);
}

static void what_a_site_does_not_want_to_say_is_not_said(void **state)
{
    (void)state;
    answer_rig.fixture->config.answer.heard = answer_rig.fixture->config.answer.received = false;
    answer_rig_call("N0CALL-7", false);
    answer_rig_pass(4);
    (void)answer_rig_step(DISTRESS_STATE_RECEIVED);
    answer_rig_pass(4);
    assert_int_equal(answer_rig_said("YOUR CALL"), 0);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    assert_int_equal(answer_rig_said("YOUR CALL"), 1);
}

static void a_radio_that_calls_on_is_told_again_until_it_confirms(void **state)
{
    (void)state;
    answer_rig_call("N0CALL-7", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    assert_int_equal(answer_rig_said(PERSON), 1);
    answer_rig_pass(60);
    assert_int_equal(answer_rig_said(PERSON), 1); /* it is silent: it may well have heard */
    for (int i = 0; i < 5; i++) {
        answer_rig_call("N0CALL-7", false);
        answer_rig_pass(2);
    }
    assert_int_equal(answer_rig_said(PERSON), 2); /* but not for each call */
    answer_rig.fixture->config.answer.repeats = 20;
    answer_rig_pass(31);
    answer_rig_call("N0CALL-7", false);
    answer_rig_pass(2);
    unsigned before = answer_rig_said(PERSON);
    assert_true(before >= 3);
    answer_rig_confirm();
    assert_true(answer_rig_newest()->answer.confirmed);
    for (int i = 0; i < 5; i++) {
        answer_rig_call("N0CALL-7", false);
        answer_rig_pass(20);
    }
    assert_int_equal(answer_rig_said(PERSON), before);
}

static void who_closes_a_call_silences_its_answer(void **state)
{
    (void)state;
    answer_rig.fixture->config.answer.repeats = 20;
    answer_rig_call("N0CALL-7", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    unsigned before = answer_rig_said(PERSON);
    assert_true(before >= 1 && errands_count(answer_rig.errands) == 1);
    (void)answer_rig_step(DISTRESS_STATE_CLEARED);
    answers_tick(answer_rig.answers, answer_rig.now_ns); /* as after every command and every hearing */
    answer_rig_pass(30);
    assert_int_equal(answer_rig_said(PERSON), before);
    assert_int_equal(errands_count(answer_rig.errands), 0);
}

/* Three centres with thirty messages each to radios that are off: they take no place of who calls for help.
 */
static void messages_that_wait_do_not_keep_an_answer_out(void **state)
{
    (void)state;
    struct errand_order order = {.what = SAY_TEXT,
                                 .priority = TRANSMIT_ROUTINE,
                                 .text = "come in",
                                 .life_s = 900,
                                 .repeats = 5,
                                 .repeat_s = 60};
    unsigned taken = 0;
    assert_true(routes_find(answer_rig.routes, "ax25.N0CALL-3", "", &order.way));
    for (int i = 0; i < 90; i++) {
        snprintf(order.subject, sizeof order.subject, "yuma-%d", i);
        taken += errands_start(answer_rig.errands, &order) == ATALAYA_OK;
    }
    assert_in_range(taken, 40, 89);
    answer_rig_call("N0CALL-7", false);
    answer_rig_pass(5);
    assert_int_equal(answer_rig_said(HEARD), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, answer_rig_set_up, answer_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_of_the_three_is_said_once_and_in_its_turn),
        TEST(a_drill_is_told_that_it_is_one),
        TEST(what_a_site_does_not_want_to_say_is_not_said),
        TEST(a_radio_that_calls_on_is_told_again_until_it_confirms),
        TEST(who_closes_a_call_silences_its_answer),
        TEST(messages_that_wait_do_not_keep_an_answer_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
