/* SPDX-License-Identifier: Apache-2.0 */
/* What a radio that calls for help is told: each of the three answers once, in their order, said again by who
 * was not heard, after a restart or a lost device, and by nobody once another site has said it or the call is
 * over. The radio is a KISS TNC on a pseudo-terminal; time is the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../gateway/desk.h"
#include "../../../gateway/transmit/answers.h"
#include "atalaya/gateway/clock.h"
#include "port_bench.h"
#include "spool_fixture.h"

#define SECOND_NS INT64_C(1000000000)
#define HEARD     "TOWER HEARD YOUR CALL"
#define RECEIVED  "CENTER HAS YOUR CALL"
#define PERSON    "A PERSON HAS YOUR CALL"

static struct {
    struct spool_fixture *fixture;
    struct envelope_maker maker;
    struct desk *desk;
    struct routes *routes;
    struct errands *errands;
    struct answers *answers;
    sd_event *event;
    struct tnc *tnc, *tncs[1];
    struct transmitter *transmitters[1];
    int far;
    int64_t now_ns; /* of the answers */
    char said[20000];
    size_t said_length;
} rig;

static enum atalaya_result on_frame(void *context, unsigned port, const uint8_t *frame, size_t length,
                                    int64_t mono_ns)
{
    (void)context;
    (void)port;
    (void)frame;
    (void)length;
    (void)mono_ns;
    return ATALAYA_OK;
}

static bool can_answer(void *context, const struct distress *distress)
{
    (void)context;
    return answers_can(rig.answers, distress);
}

static void on_told(void *context, const struct errand_news *news)
{
    (void)context;
    answers_told(rig.answers, news);
}

static void open_all(void)
{
    struct config *config = &rig.fixture->config;
    fixture_open(rig.fixture);
    rig.maker.boot = spool_boot(rig.fixture->spool);
    rig.maker.seq = 0;
    strcpy(rig.maker.site_id, "dome");
    assert_int_equal(site_create(config, &rig.maker.site), ATALAYA_OK);
    rig.answers = NULL;
    const struct desk_setting desk = {.spool = rig.fixture->spool,
                                      .maker = &rig.maker,
                                      .config = config,
                                      .windows = {600, 60},
                                      .can_answer = can_answer};
    assert_int_equal(desk_create(&desk, &rig.desk), ATALAYA_OK);
    assert_int_equal(routes_create(config, &rig.routes), ATALAYA_OK);
    const struct errands_setting errands = {
        .transmitters = rig.transmitters, .tncs = rig.tncs, .told = on_told};
    assert_int_equal(errands_create(&errands, &rig.errands), ATALAYA_OK);
    const struct answers_setting answers = {config, rig.desk, rig.routes, rig.errands, "dome"};
    assert_int_equal(answers_create(&answers, &rig.answers), ATALAYA_OK);
}

static void close_all(void)
{
    answers_destroy(rig.answers);
    errands_destroy(rig.errands);
    routes_destroy(rig.routes);
    desk_destroy(rig.desk);
    site_destroy(rig.maker.site);
    fixture_close(rig.fixture);
}

static void configure(struct config *config)
{
    config->source_count = config->channel_count = config->transmitter_count = 1;
    config->source[0].type = SOURCE_KISS;
    config->source[0].speed_bit_s = 9600;
    strcpy(config->source[0].name, "tnc");
    strcpy(config->channel[0].name, "aprs");
    config->channel[0].protocol_count = 1;
    strcpy(config->channel[0].protocols[0], "ax25");
    strcpy(config->transmitter[0].name, "out");
    strcpy(config->transmitter[0].channel, "aprs");
    config->transmitter[0].radio_count = 1;
    strcpy(config->transmitter[0].radios[0], "ax25.N0CALL-10");
    config->answer = (struct config_answer){.heard = true,
                                            .received = true,
                                            .acknowledged = true,
                                            .heard_text = HEARD,
                                            .received_text = RECEIVED,
                                            .acknowledged_text = PERSON,
                                            .silence_s = 15,
                                            .repeats = 0,
                                            .repeat_s = 1};
    config->distress.windows.join_s = 600;
}

static void plug(void)
{
    struct config_source *source = &rig.fixture->config.source[0];
    rig.far = far_end_open(O_NONBLOCK, source->device, sizeof source->device);
    assert_int_equal(tnc_create(rig.event, source, on_frame, NULL, &rig.tnc), ATALAYA_OK);
    rig.tncs[0] = rig.tnc;
}

static void unplug(void)
{
    if (rig.tncs[0])
        tnc_destroy(rig.tnc);
    rig.tncs[0] = NULL;
    if (rig.far >= 0)
        (void)close(rig.far);
    rig.far = -1;
}

static int set_up(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.fixture = fixture_create(1);
    configure(&rig.fixture->config);
    assert_true(sd_event_new(&rig.event) >= 0);
    rig.now_ns = clock_mono_ns() + 10 * SECOND_NS;
    plug();
    open_all();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close_all();
    unplug();
    (void)sd_event_unref(rig.event);
    fixture_destroy(rig.fixture);
    return 0;
}

static void call(const char *unit, bool test)
{
    static struct reception reception;
    struct unit_identity who = {.known = true};
    struct words_verdict verdict = {.distress = DISTRESS_RAISED, .test = test, .reason = "button"};
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    snprintf(reception.message.unit, sizeof reception.message.unit, "%s", unit);
    snprintf(who.name, sizeof who.name, "ax25.%s", unit);
    strcpy(reception.channel, "aprs");
    reception.mono_ns = clock_mono_ns();
    routes_hear(rig.routes, &reception, who.name);
    desk_hear(rig.desk, &(struct desk_call){&reception, &who, &verdict, clock_utc_ns(), NULL, NULL});
}

static struct distress found;

static void keep(void *context, const struct distress *distress)
{
    (void)context;
    found = *distress;
}

static const struct distress *newest(void)
{
    desk_visit(rig.desk, keep, NULL);
    return &found;
}

static enum distress_outcome step(enum distress_state state)
{
    const struct distress *after;
    char id[DISTRESS_ID_MAX];
    memcpy(id, newest()->id, sizeof id);
    return desk_step(rig.desk, &(struct desk_order){id, state, "yuma", "hq", NULL}, &after);
}

/* Seconds go by, one turn each; what the TNC is handed counts as keyed at the next. */
static void pass(int seconds)
{
    for (int i = 0; i < seconds; i++) {
        rig.now_ns += SECOND_NS;
        errands_tick(rig.errands, rig.now_ns);
        answers_tick(rig.answers, rig.now_ns);
    }
}

/* How often the TNC was told so. */
static unsigned said(const char *text)
{
    unsigned count = 0;
    ssize_t got;
    while (rig.far >= 0 &&
           (got = read(rig.far, rig.said + rig.said_length, sizeof rig.said - 1 - rig.said_length)) > 0)
        rig.said_length += (size_t)got;
    for (size_t at = 0; at + strlen(text) <= rig.said_length; at++)
        count += memcmp(rig.said + at, text, strlen(text)) == 0;
    return count;
}

static void confirm(void)
{
    static struct reception reception;
    char *brace = NULL, number[8] = "";
    for (size_t at = 0; at < rig.said_length; at++)
        if (rig.said[at] == '{')
            brace = rig.said + at;
    assert_non_null(brace);
    for (size_t i = 0; i < 5 && brace[1 + i] >= '0' && brace[1 + i] <= '9'; i++)
        number[i] = brace[1 + i];
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    reception.message.kind = MESSAGE_ACKNOWLEDGE;
    strcpy(reception.message.unit, "N0CALL-7");
    strcpy(reception.message.to, "N0CALL-10");
    (void)message_add_string(&reception.message, "ack_id", number);
    errands_hear(rig.errands, &reception);
}

static void each_of_the_three_is_said_once_and_in_its_turn(void **state)
{
    (void)state;
    call("N0CALL-7", false);
    pass(4);
    assert_true(said(HEARD) == 1 && said(RECEIVED) == 0 && said(PERSON) == 0);
    pass(5);
    assert_int_equal(newest()->state,
                     DISTRESS_STATE_RAISED); /* that it was heard is no step of the incident */
    assert_int_equal(step(DISTRESS_STATE_RECEIVED), DISTRESS_STEP_MOVED);
    pass(4);
    assert_true(said(RECEIVED) == 1 && said(PERSON) == 0);
    assert_int_equal(newest()->state, DISTRESS_STATE_RECEIVED);
    assert_int_equal(step(DISTRESS_STATE_ACKNOWLEDGED), DISTRESS_STEP_MOVED);
    pass(4);
    assert_true(said(HEARD) == 1 && said(RECEIVED) == 1 && said(PERSON) == 1);
    assert_int_equal(newest()->state, DISTRESS_STATE_RADIO_ACKED);
    assert_true(newest()->answer.sent && !newest()->answer.confirmed);
    pass(100);
    assert_int_equal(said(PERSON), 1);
}

static void a_drill_is_told_that_it_is_one(void **state)
{
    (void)state;
    call("N0CALL-7", true);
    (void)step(DISTRESS_STATE_ACKNOWLEDGED);
    pass(4);
    assert_true(said("TEST: " PERSON) == 1 && said(PERSON) == 1);
}

static void what_a_site_does_not_want_to_say_is_not_said(void **state)
{
    (void)state;
    rig.fixture->config.answer.heard = rig.fixture->config.answer.received = false;
    call("N0CALL-7", false);
    pass(4);
    (void)step(DISTRESS_STATE_RECEIVED);
    pass(4);
    assert_int_equal(said("YOUR CALL"), 0);
    (void)step(DISTRESS_STATE_ACKNOWLEDGED);
    pass(4);
    assert_int_equal(said("YOUR CALL"), 1);
}

static void a_restart_before_it_was_keyed_says_it_again_and_after_it_does_not(void **state)
{
    (void)state;
    call("N0CALL-7", false);
    (void)step(DISTRESS_STATE_ACKNOWLEDGED);
    rig.tncs[0] = NULL; /* so that it is not keyed */
    pass(4);
    close_all();
    rig.tncs[0] = rig.tnc;
    open_all();
    pass(4);
    assert_int_equal(said(PERSON), 1);
    assert_int_equal(newest()->state, DISTRESS_STATE_RADIO_ACKED);
    close_all();
    open_all();
    pass(40);
    assert_int_equal(said(PERSON), 1);
}

static void a_lost_device_is_tried_again(void **state)
{
    (void)state;
    unplug();
    call("N0CALL-7", false);
    (void)step(DISTRESS_STATE_ACKNOWLEDGED);
    pass(10);
    assert_string_equal(newest()->answer.result, "device_lost");
    assert_int_equal(newest()->state, DISTRESS_STATE_ACKNOWLEDGED); /* nothing was keyed */
    plug();
    pass(31);
    assert_int_equal(said(PERSON), 1);
}

static void a_radio_that_calls_on_is_told_again_until_it_confirms(void **state)
{
    (void)state;
    call("N0CALL-7", false);
    (void)step(DISTRESS_STATE_ACKNOWLEDGED);
    pass(4);
    assert_int_equal(said(PERSON), 1);
    pass(60);
    assert_int_equal(said(PERSON), 1); /* it is silent: it may well have heard */
    for (int i = 0; i < 5; i++) {
        call("N0CALL-7", false);
        pass(2);
    }
    assert_int_equal(said(PERSON), 2); /* but not for each call */
    rig.fixture->config.answer.repeats = 20;
    pass(31);
    call("N0CALL-7", false);
    pass(2);
    unsigned before = said(PERSON);
    assert_true(before >= 3);
    confirm();
    assert_true(newest()->answer.confirmed);
    for (int i = 0; i < 5; i++) {
        call("N0CALL-7", false);
        pass(20);
    }
    assert_int_equal(said(PERSON), before);
}

static void who_closes_a_call_silences_its_answer(void **state)
{
    (void)state;
    rig.fixture->config.answer.repeats = 20;
    call("N0CALL-7", false);
    (void)step(DISTRESS_STATE_ACKNOWLEDGED);
    pass(4);
    unsigned before = said(PERSON);
    assert_true(before >= 1 && errands_count(rig.errands) == 1);
    (void)step(DISTRESS_STATE_CLEARED);
    answers_tick(rig.answers, rig.now_ns); /* as after every command and every hearing */
    pass(30);
    assert_int_equal(said(PERSON), before);
    assert_int_equal(errands_count(rig.errands), 0);
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
    assert_true(routes_find(rig.routes, "ax25.N0CALL-3", "", &order.way));
    for (int i = 0; i < 90; i++) {
        snprintf(order.subject, sizeof order.subject, "yuma-%d", i);
        taken += errands_start(rig.errands, &order) == ATALAYA_OK;
    }
    assert_in_range(taken, 40, 89);
    call("N0CALL-7", false);
    pass(5);
    assert_int_equal(said(HEARD), 1);
}

static void what_another_site_has_said_is_not_said_again(void **state)
{
    static struct neighbour_news news = {.kind = NEIGHBOUR_DISTRESS};
    (void)state;
    call("N0CALL-7", false);
    struct neighbour *other = &news.said;
    strcpy(other->site, "ajo");
    strcpy(other->distress, "ajo-1-1");
    strcpy(other->incident, newest()->incident);
    strcpy(other->radio, "ax25.N0CALL-7");
    other->able = true;
    other->state = DISTRESS_STATE_RAISED;
    other->raised_utc_ns = other->last_heard_utc_ns = newest()->raised_utc_ns;
    other->snr_db = 99;
    answers_neighbour(rig.answers, &news);
    pass(10); /* the better one goes first */
    assert_int_equal(said(HEARD), 0);
    other->level = ANSWER_HEARD;
    other->sent = true;
    answers_neighbour(rig.answers, &news);
    pass(30);
    assert_int_equal(said(HEARD), 0);
    assert_string_equal(newest()->answer.site, "ajo");
    /* It says nothing of the person, though it knows, for silence_s: then this one does. */
    other->state = DISTRESS_STATE_ACKNOWLEDGED;
    answers_neighbour(rig.answers, &news);
    (void)step(DISTRESS_STATE_ACKNOWLEDGED);
    pass(13);
    assert_int_equal(said(PERSON), 0);
    pass(6);
    assert_int_equal(said(PERSON), 1);
    assert_string_equal(newest()->answer.site, "dome");
}

/* The other site tells it, and loses its power. */
static void who_was_answered_by_a_site_that_is_gone_is_answered_here(void **state)
{
    static struct neighbour_news news;
    (void)state;
    memset(&news, 0, sizeof news);
    call("N0CALL-7", false);
    (void)step(DISTRESS_STATE_ACKNOWLEDGED);
    struct neighbour *other = &news.said;
    news.kind = NEIGHBOUR_DISTRESS;
    strcpy(other->site, "ajo");
    strcpy(other->distress, "ajo-1-1");
    strcpy(other->incident, newest()->incident);
    strcpy(other->radio, "ax25.N0CALL-7");
    other->able = other->sent = true;
    other->level = ANSWER_ACKNOWLEDGED;
    other->state = DISTRESS_STATE_RADIO_ACKED;
    other->raised_utc_ns = other->last_heard_utc_ns = newest()->raised_utc_ns;
    other->snr_db = 99;
    answers_neighbour(rig.answers, &news);
    for (int i = 0; i < 3; i++) {
        pass(40);
        call("N0CALL-7", false);
    }
    pass(5);
    assert_int_equal(said(PERSON), 0); /* it hears it too, and says it again itself */
    struct neighbour_news gone = {.kind = NEIGHBOUR_STATUS};
    strcpy(gone.said.site, "ajo");
    other->confirmed = true;
    answers_neighbour(rig.answers, &news);
    answers_neighbour(rig.answers, &gone);
    call("N0CALL-7", false);
    pass(40);
    assert_int_equal(said(PERSON), 0); /* gone, but the radio has it */
    other->confirmed = false;
    answers_neighbour(rig.answers, &news);
    pass(5);
    assert_int_equal(said(PERSON), 1);
    assert_string_equal(newest()->answer.site, "dome");
    assert_true(newest()->answer.sent);
}

static void a_restart_while_it_is_said_again_and_again_does_not_end_that(void **state)
{
    (void)state;
    rig.fixture->config.answer.repeats = 5;
    rig.fixture->config.answer.repeat_s = 20;
    call("N0CALL-7", false);
    (void)step(DISTRESS_STATE_ACKNOWLEDGED);
    pass(4);
    assert_true(said(PERSON) == 1 && newest()->answer.queued);
    close_all();
    open_all();
    pass(5);
    assert_int_equal(said(PERSON), 2);
    confirm();
    assert_true(newest()->answer.confirmed && !newest()->answer.queued);
    close_all();
    open_all();
    pass(40);
    assert_int_equal(said(PERSON), 2);
}

static void what_waits_when_a_call_is_closed_is_said_to_wait_no_more(void **state)
{
    (void)state;
    rig.fixture->config.answer.repeats = 5;
    rig.fixture->config.answer.repeat_s = 20;
    call("N0CALL-7", false);
    (void)step(DISTRESS_STATE_ACKNOWLEDGED);
    pass(4);
    assert_true(newest()->answer.queued);
    (void)step(DISTRESS_STATE_CLEARED);
    assert_true(!newest()->answer.queued && newest()->answer.sent); /* in its last document */
    pass(60);
    assert_int_equal(said(PERSON), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_of_the_three_is_said_once_and_in_its_turn),
        TEST(a_drill_is_told_that_it_is_one),
        TEST(what_a_site_does_not_want_to_say_is_not_said),
        TEST(a_restart_before_it_was_keyed_says_it_again_and_after_it_does_not),
        TEST(a_lost_device_is_tried_again),
        TEST(a_radio_that_calls_on_is_told_again_until_it_confirms),
        TEST(who_closes_a_call_silences_its_answer),
        TEST(messages_that_wait_do_not_keep_an_answer_out),
        TEST(what_another_site_has_said_is_not_said_again),
        TEST(who_was_answered_by_a_site_that_is_gone_is_answered_here),
        TEST(a_restart_while_it_is_said_again_and_again_does_not_end_that),
        TEST(what_waits_when_a_call_is_closed_is_said_to_wait_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
