/* SPDX-License-Identifier: Apache-2.0 */
/* What a radio that calls for help is told: each of the three answers once, in their order, said again by who
 * was not heard, after a restart or a lost device, and not when the call is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "answer_rig.h"

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

static void a_restart_before_it_was_keyed_says_it_again_and_after_it_does_not(void **state)
{
    (void)state;
    answer_rig_call("N0CALL-7", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig.tncs[0] = NULL; /* so that it is not keyed */
    answer_rig_pass(4);
    answer_rig_close();
    answer_rig.tncs[0] = answer_rig.tnc;
    answer_rig_open();
    answer_rig_pass(4);
    assert_int_equal(answer_rig_said(PERSON), 1);
    assert_int_equal(answer_rig_newest()->state, DISTRESS_STATE_RADIO_ACKED);
    answer_rig_close();
    answer_rig_open();
    answer_rig_pass(40);
    assert_int_equal(answer_rig_said(PERSON), 1);
}

static void a_lost_device_is_tried_again(void **state)
{
    (void)state;
    answer_rig_unplug();
    answer_rig_call("N0CALL-7", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(10);
    assert_string_equal(answer_rig_newest()->answer.result, "device_lost");
    assert_int_equal(answer_rig_newest()->state, DISTRESS_STATE_ACKNOWLEDGED); /* nothing was keyed */
    answer_rig_plug();
    answer_rig_pass(31);
    assert_int_equal(answer_rig_said(PERSON), 1);
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

/* Ten minutes is too long to believe that the crew knows. */
static void a_channel_that_stays_busy_is_told_before_the_answer_is_given_up(void **state)
{
    (void)state;
    answer_rig_call("N0CALL-7", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig.now_ns += 3 * SECOND_NS;
    answers_tick(answer_rig.answers, answer_rig.now_ns); /* it is given to the radio */
    assert_true(answer_rig_newest()->answer.queued && !answer_rig_newest()->answer.result[0]);
    const struct transmit_report busy = {.id = 1, .waits = true, .result = TRANSMIT_CHANNEL_BUSY};
    errands_report(answer_rig.errands, &busy);
    assert_string_equal(answer_rig_newest()->answer.result, "channel_busy");
    assert_true(answer_rig_newest()->answer.queued && !answer_rig_newest()->answer.sent);
    assert_int_equal(answer_rig_newest()->state, DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    assert_true(answer_rig_newest()->answer.sent && answer_rig_said(PERSON) == 1);
    assert_string_equal(answer_rig_newest()->answer.result, "sent");
    errands_report(answer_rig.errands, &busy); /* of what was said and is over */
    assert_string_equal(answer_rig_newest()->answer.result, "sent");
}

static void a_restart_while_it_is_said_again_and_again_does_not_end_that(void **state)
{
    (void)state;
    answer_rig.fixture->config.answer.repeats = 5;
    answer_rig.fixture->config.answer.repeat_s = 20;
    answer_rig_call("N0CALL-7", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    assert_true(answer_rig_said(PERSON) == 1 && answer_rig_newest()->answer.queued);
    answer_rig_close();
    answer_rig_open();
    answer_rig_pass(5);
    assert_int_equal(answer_rig_said(PERSON), 2);
    answer_rig_confirm();
    assert_true(answer_rig_newest()->answer.confirmed && !answer_rig_newest()->answer.queued);
    answer_rig_close();
    answer_rig_open();
    answer_rig_pass(40);
    assert_int_equal(answer_rig_said(PERSON), 2);
}

static void what_waits_when_a_call_is_closed_is_said_to_wait_no_more(void **state)
{
    (void)state;
    answer_rig.fixture->config.answer.repeats = 5;
    answer_rig.fixture->config.answer.repeat_s = 20;
    answer_rig_call("N0CALL-7", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    assert_true(answer_rig_newest()->answer.queued);
    (void)answer_rig_step(DISTRESS_STATE_CLEARED);
    assert_true(!answer_rig_newest()->answer.queued &&
                answer_rig_newest()->answer.sent); /* in its last document */
    answer_rig_pass(60);
    assert_int_equal(answer_rig_said(PERSON), 1);
}

#define BEACON "ADCD0228C500401"

static void register_beacon(void)
{
    struct config_unit *unit = &answer_rig.fixture->config.unit[0];
    answer_rig.fixture->config.unit_count = 1;
    strcpy(unit->name, "patrol-1");
    unit->radio_count = 2;
    strcpy(unit->radios[0], "cospas_sarsat." BEACON);
    strcpy(unit->radios[1], "ax25.N0CALL-7");
}

/* A 406 MHz beacon hears nothing; the crew that carries it has a handheld too. */
static void who_calls_by_a_beacon_is_told_on_the_handheld(void **state)
{
    (void)state;
    register_beacon();
    answer_rig_call_by("cospas_sarsat", "ADCD0228C500402", "cospas_sarsat.ADCD0228C500402", false);
    answer_rig_pass(4);
    assert_int_equal(answer_rig_newest()->reach, ANSWER_REACH_NONE); /* a stranger's */
    answer_rig_call_by("cospas_sarsat", BEACON, "patrol-1", false);
    assert_int_equal(answer_rig_newest()->reach, ANSWER_REACH_UNHEARD);
    answer_rig.fixture->config.answer.repeats = 20;
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    unsigned said = answer_rig_said(PERSON);
    assert_true(said >= 1);
    assert_string_equal(answer_rig_newest()->answer.radio, "ax25.N0CALL-7");
    assert_int_equal(answer_rig_newest()->state, DISTRESS_STATE_RADIO_ACKED);
    answer_rig_confirm();
    assert_true(answer_rig_newest()->answer.confirmed);
    answer_rig_close(); /* whom it told is known after a restart */
    answer_rig_open();
    assert_string_equal(answer_rig_newest()->answer.radio, "ax25.N0CALL-7");
    answer_rig_pass(100);
    assert_int_equal(answer_rig_said(PERSON), said);
}

/* It goes on every 50 s, which says nothing of whether the handheld was heard. */
static void a_beacon_that_goes_on_does_not_fill_the_channel(void **state)
{
    (void)state;
    register_beacon();
    for (int i = 0; i < 24; i++) { /* twenty minutes, and nobody confirms */
        answer_rig_call_by("cospas_sarsat", BEACON, "patrol-1", false);
        if (i == 0)
            (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
        answer_rig_pass(50);
    }
    assert_in_range(answer_rig_said(PERSON), 3, 5);
    answer_rig_pass(40); /* the last one is over */
    unsigned said = answer_rig_said(PERSON);
    /* But who calls on the handheld itself has not heard it, whatever the beacon does meanwhile. */
    answer_rig_call_by("ax25", "N0CALL-7", "patrol-1", false);
    answers_tick(answer_rig.answers, answer_rig.now_ns); /* as after every hearing */
    answer_rig_call_by("cospas_sarsat", BEACON, "patrol-1", false);
    answer_rig_pass(4);
    assert_int_equal(answer_rig_said(PERSON), said + 1);
}

/* Told where it would be if it were on; then it is heard that another is. */
static void the_radio_that_is_heard_is_told_instead_of_one_that_is_not(void **state)
{
    (void)state;
    register_beacon();
    struct config_unit *unit = &answer_rig.fixture->config.unit[0];
    strcpy(unit->radios[unit->radio_count++], "ax25.N0CALL-9");
    strcpy(unit->radios[1], "ax25.N0CALL-8");
    answer_rig_call_by("cospas_sarsat", BEACON, "patrol-1", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    assert_int_equal(answer_rig_said(":N0CALL-8 :" PERSON), 1);
    answer_rig_hear("ax25", "N0CALL-9", "patrol-1"); /* and not a call */
    answer_rig_pass(40);
    assert_int_equal(answer_rig_said(":N0CALL-9 :" PERSON), 1);
    assert_int_equal(answer_rig_newest()->reach, ANSWER_REACH_UNIT);
    answer_rig_close();
    answer_rig_open(); /* nobody has been heard since; who was told last goes on being told */
    answer_rig.fixture->config.answer.repeats = 3;
    for (int i = 0; i < 7; i++) {
        answer_rig_call_by("cospas_sarsat", BEACON, "patrol-1", false);
        answer_rig_pass(50);
    }
    assert_true(answer_rig_said(":N0CALL-9 :" PERSON) > 1);
    assert_int_equal(answer_rig_said(":N0CALL-8 :" PERSON), 1);
}

/* The other one's base radio is away: that is no reason to fall silent to the first. */
static void who_cannot_be_told_takes_the_answer_from_nobody(void **state)
{
    struct config *config = &answer_rig.fixture->config;
    (void)state;
    register_beacon();
    strcpy(config->unit[0].radios[0], "kenwood.100-1001");
    config->source[config->source_count++].type = SOURCE_SERIAL;
    strcpy(config->channel[1].name, "base");
    config->channel[1].source = 1;
    config->channel[1].protocol_count = 1;
    strcpy(config->channel[1].protocols[0], "kenwood");
    config->channel_count = 2;
    config->answer.repeats = 20;
    config->answer.repeat_s = 20;
    answer_rig_call_by("ax25", "N0CALL-7", "patrol-1", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    assert_int_equal(answer_rig_said(PERSON), 1);
    answer_rig_call_by("kenwood", "100-1001", "patrol-1", false);
    answer_rig_pass(40);
    assert_true(answer_rig_said(PERSON) > 1);
    assert_true(answer_rig_newest()->answer.sent && answer_rig_newest()->answer.queued);
    assert_string_equal(answer_rig_newest()->answer.radio, "");
    answer_rig_confirm();
    assert_true(answer_rig_newest()->answer.confirmed);
}

/* Two of the crew in need, each with a radio that confirms: it does not go to and fro. */
static void who_confirmed_is_not_told_again_for_another_that_calls(void **state)
{
    (void)state;
    register_beacon();
    strcpy(answer_rig.fixture->config.unit[0].radios[0], "ax25.N0CALL-9");
    answer_rig.fixture->config.answer.repeats = 3;
    answer_rig_call_by("ax25", "N0CALL-7", "patrol-1", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    unsigned said = answer_rig_said(PERSON);
    answer_rig_confirm();
    for (int i = 0; i < 4; i++) {
        answer_rig_pass(31);
        answer_rig_call_by("ax25", i % 2 ? "N0CALL-7" : "N0CALL-9", "patrol-1", false);
    }
    assert_int_equal(answer_rig_said(PERSON), said);
    assert_true(answer_rig_newest()->answer.confirmed);
}

/* It was told on one handheld, and calls by the other: where it is heard it is told. */
static void who_calls_on_by_another_radio_is_told_there(void **state)
{
    (void)state;
    register_beacon();
    strcpy(answer_rig.fixture->config.unit[0].radios[0], "ax25.N0CALL-9");
    answer_rig_call_by("ax25", "N0CALL-7", "patrol-1", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(4);
    assert_int_equal(answer_rig_said(":N0CALL-7 :" PERSON), 1);
    answer_rig_call_by("ax25", "N0CALL-9", "patrol-1", false);
    answer_rig_pass(40);
    assert_int_equal(answer_rig_said(":N0CALL-9 :" PERSON), 1);
    assert_string_equal(answer_rig_newest()->answer.radio, "ax25.N0CALL-9");
    assert_string_equal(answer_rig_newest()->radio, "ax25.N0CALL-7"); /* one incident */
    answer_rig_close();
    answer_rig_open(); /* who was told what is known after a restart */
    answer_rig_pass(100);
    assert_int_equal(answer_rig_said(PERSON), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ANSWER_TEST(each_of_the_three_is_said_once_and_in_its_turn),
        ANSWER_TEST(a_drill_is_told_that_it_is_one),
        ANSWER_TEST(what_a_site_does_not_want_to_say_is_not_said),
        ANSWER_TEST(a_restart_before_it_was_keyed_says_it_again_and_after_it_does_not),
        ANSWER_TEST(a_lost_device_is_tried_again),
        ANSWER_TEST(a_radio_that_calls_on_is_told_again_until_it_confirms),
        ANSWER_TEST(who_closes_a_call_silences_its_answer),
        ANSWER_TEST(messages_that_wait_do_not_keep_an_answer_out),
        ANSWER_TEST(a_channel_that_stays_busy_is_told_before_the_answer_is_given_up),
        ANSWER_TEST(a_restart_while_it_is_said_again_and_again_does_not_end_that),
        ANSWER_TEST(what_waits_when_a_call_is_closed_is_said_to_wait_no_more),
        ANSWER_TEST(who_calls_by_a_beacon_is_told_on_the_handheld),
        ANSWER_TEST(a_beacon_that_goes_on_does_not_fill_the_channel),
        ANSWER_TEST(the_radio_that_is_heard_is_told_instead_of_one_that_is_not),
        ANSWER_TEST(who_cannot_be_told_takes_the_answer_from_nobody),
        ANSWER_TEST(who_confirmed_is_not_told_again_for_another_that_calls),
        ANSWER_TEST(who_calls_on_by_another_radio_is_told_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
