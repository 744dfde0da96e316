/* SPDX-License-Identifier: Apache-2.0 */
/* What a radio that calls for help is told when something comes in between: a restart, a lost device, a busy
 * channel, another site that answers, and dies. */
#include "answer_rig.h"

#include <stdio.h>
#include <string.h>

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

static void what_another_site_has_said_is_not_said_again(void **state)
{
    static struct neighbour_news news = {.kind = NEIGHBOUR_DISTRESS};
    (void)state;
    answer_rig_call("N0CALL-7", false);
    struct neighbour *other = &news.said;
    strcpy(other->site, "ajo");
    strcpy(other->distress, "ajo-1-1");
    strcpy(other->incident, answer_rig_newest()->incident);
    strcpy(other->radio, "ax25.N0CALL-7");
    other->able = true;
    other->state = DISTRESS_STATE_RAISED;
    other->raised_utc_ns = other->last_heard_utc_ns = answer_rig_newest()->raised_utc_ns;
    other->snr_db = 99;
    answers_neighbour(answer_rig.answers, &news);
    answer_rig_pass(10); /* the better one goes first */
    assert_int_equal(answer_rig_said(HEARD), 0);
    other->level = ANSWER_HEARD;
    other->sent = true;
    answers_neighbour(answer_rig.answers, &news);
    answer_rig_pass(30);
    assert_int_equal(answer_rig_said(HEARD), 0);
    assert_string_equal(answer_rig_newest()->answer.site, "ajo");
    /* It says nothing of the person, though it knows, for silence_s: then this one does. */
    other->state = DISTRESS_STATE_ACKNOWLEDGED;
    answers_neighbour(answer_rig.answers, &news);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    answer_rig_pass(13);
    assert_int_equal(answer_rig_said(PERSON), 0);
    answer_rig_pass(6);
    assert_int_equal(answer_rig_said(PERSON), 1);
    assert_string_equal(answer_rig_newest()->answer.site, "dome");
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

/* The other site tells it, and loses its power. */
static void who_was_answered_by_a_site_that_is_gone_is_answered_here(void **state)
{
    static struct neighbour_news news;
    (void)state;
    memset(&news, 0, sizeof news);
    answer_rig_call("N0CALL-7", false);
    (void)answer_rig_step(DISTRESS_STATE_ACKNOWLEDGED);
    struct neighbour *other = &news.said;
    news.kind = NEIGHBOUR_DISTRESS;
    strcpy(other->site, "ajo");
    strcpy(other->distress, "ajo-1-1");
    strcpy(other->incident, answer_rig_newest()->incident);
    strcpy(other->radio, "ax25.N0CALL-7");
    other->able = other->sent = true;
    other->level = ANSWER_ACKNOWLEDGED;
    other->state = DISTRESS_STATE_RADIO_ACKED;
    other->raised_utc_ns = other->last_heard_utc_ns = answer_rig_newest()->raised_utc_ns;
    other->snr_db = 99;
    answers_neighbour(answer_rig.answers, &news);
    for (int i = 0; i < 3; i++) {
        answer_rig_pass(40);
        answer_rig_call("N0CALL-7", false);
    }
    answer_rig_pass(5);
    assert_int_equal(answer_rig_said(PERSON), 0); /* it hears it too, and says it again itself */
    struct neighbour_news gone = {.kind = NEIGHBOUR_STATUS};
    strcpy(gone.said.site, "ajo");
    other->confirmed = true;
    answers_neighbour(answer_rig.answers, &news);
    answers_neighbour(answer_rig.answers, &gone);
    answer_rig_call("N0CALL-7", false);
    answer_rig_pass(40);
    assert_int_equal(answer_rig_said(PERSON), 0); /* gone, but the radio has it */
    other->confirmed = false;
    answers_neighbour(answer_rig.answers, &news);
    answer_rig_pass(5);
    assert_int_equal(answer_rig_said(PERSON), 1);
    assert_string_equal(answer_rig_newest()->answer.site, "dome");
    assert_true(answer_rig_newest()->answer.sent);
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, answer_rig_set_up, answer_rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_restart_before_it_was_keyed_says_it_again_and_after_it_does_not),
        TEST(a_lost_device_is_tried_again),
        TEST(what_another_site_has_said_is_not_said_again),
        TEST(a_channel_that_stays_busy_is_told_before_the_answer_is_given_up),
        TEST(who_was_answered_by_a_site_that_is_gone_is_answered_here),
        TEST(a_restart_while_it_is_said_again_and_again_does_not_end_that),
        TEST(what_waits_when_a_call_is_closed_is_said_to_wait_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
