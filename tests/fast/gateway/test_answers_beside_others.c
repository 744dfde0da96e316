/* SPDX-License-Identifier: Apache-2.0 */
/* What a radio that calls for help is told where several sites hear it: by one of them, and by another when
 * that one is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "answer_rig.h"

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
    other->reach = ANSWER_REACH_RADIO;
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
    other->reach = ANSWER_REACH_RADIO;
    other->sent = true;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        ANSWER_TEST(what_another_site_has_said_is_not_said_again),
        ANSWER_TEST(who_was_answered_by_a_site_that_is_gone_is_answered_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
