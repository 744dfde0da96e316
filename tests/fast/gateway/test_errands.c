/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as the acknowledgement of a text of ours: that of the radio that was told, to this site, of
 * that very text. Whatever else that radio acknowledges, to whomever, confirms nothing. The radio is a KISS
 * TNC on a pseudo-terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../../gateway/transmit/errands.h"
#include "atalaya/gateway/clock.h"
#include "port_bench.h"
#include "tnc_site.h"

enum { NUMBER_SEED = 4000, TOLD_MAX = 16 };

static struct {
    struct config config;
    struct routes *routes;
    struct errands *errands;
    sd_event *event;
    struct tnc *tncs[1];
    struct transmitter *transmitters[1];
    int far;
    unsigned told;
    struct {
        char subject[ERRAND_SUBJECT_MAX];
        bool sent, confirmed, final;
    } news[TOLD_MAX];
} rig;

static void on_told(void *context, const struct errand_news *news)
{
    (void)context;
    assert_true(rig.told < TOLD_MAX);
    snprintf(rig.news[rig.told].subject, ERRAND_SUBJECT_MAX, "%s", news->order->subject);
    rig.news[rig.told].sent = news->sent;
    rig.news[rig.told].confirmed = news->confirmed;
    rig.news[rig.told++].final = news->final;
}

static int set_up(void **state)
{
    struct config *config = &rig.config;
    (void)state;
    memset(&rig, 0, sizeof rig);
    tnc_site_configure(config);
    assert_true(sd_event_new(&rig.event) >= 0);
    rig.far = far_end_open(O_NONBLOCK, config->source[0].device, sizeof config->source[0].device);
    assert_int_equal(tnc_create(rig.event, &config->source[0], tnc_site_deaf, NULL, &rig.tncs[0]),
                     ATALAYA_OK);
    assert_int_equal(routes_create(config, &rig.routes), ATALAYA_OK);
    const struct errands_setting setting = {
        .transmitters = rig.transmitters, .tncs = rig.tncs, .number_seed = NUMBER_SEED, .told = on_told};
    assert_int_equal(errands_create(&setting, &rig.errands), ATALAYA_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    errands_destroy(rig.errands);
    routes_destroy(rig.routes);
    tnc_destroy(rig.tncs[0]);
    if (rig.far >= 0)
        (void)close(rig.far);
    (void)sd_event_unref(rig.event);
    return 0;
}

/* The n-th text of a test has number NUMBER_SEED + n, from 1 on. */
static void tell(const char *subject)
{
    struct errand_order order = {
        .what = SAY_TEXT, .text = "turn back", .life_s = 900, .repeats = 5, .repeat_s = 60};
    assert_true(routes_find(rig.routes, "", "ax25.N0CALL-7", &order.way));
    snprintf(order.subject, sizeof order.subject, "%s", subject);
    assert_int_equal(errands_start(rig.errands, &order), ATALAYA_OK);
    errands_tick(rig.errands, clock_mono_ns()); /* what the TNC was handed counts as keyed */
}

static void hear(enum message_kind kind, const char *from, const char *to, const char *field,
                 const char *number)
{
    static struct reception reception;
    reception_reset(&reception);
    message_reset(&reception.message, "ax25", "ax25");
    reception.message.kind = kind;
    snprintf(reception.message.unit, sizeof reception.message.unit, "%s", from);
    snprintf(reception.message.to, sizeof reception.message.to, "%s", to);
    if (number)
        assert_int_equal(message_add_string(&reception.message, field, number), ATALAYA_OK);
    errands_hear(rig.errands, &reception);
}

static unsigned confirmed(const char *subject)
{
    unsigned count = 0;
    for (unsigned i = 0; i < rig.told; i++)
        count += strcmp(rig.news[i].subject, subject) == 0 && rig.news[i].confirmed;
    return count;
}

static void what_the_radio_acknowledges_to_somebody_else_confirms_nothing(void **state)
{
    (void)state;
    tell("a");
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "N0CALL-3", "ack_id", "4001");
    hear(MESSAGE_TEXT, "N0CALL-7", "N0CALL-3", "reply_ack", "4001");
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "N0CALL-3", "reject_id", "4001");
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "N0CALL-3", "", NULL);
    assert_true(confirmed("a") == 0 && errands_has(rig.errands, "a"));
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "n0call-10", "ack_id", "4001"); /* people write call signs so */
    assert_true(confirmed("a") == 1 && !errands_has(rig.errands, "a"));
}

static void another_radio_or_number_confirms_nothing(void **state)
{
    (void)state;
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "N0CALL-10", "ack_id", "4001"); /* before it was said */
    tell("a");
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-8", "N0CALL-10", "ack_id", "4001");
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "N0CALL-10", "ack_id", "400");
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "N0CALL-10", "ack_id", "40010");
    hear(MESSAGE_TEXT, "N0CALL-7", "N0CALL-10", "ack_id", "4001"); /* no acknowledgement */
    assert_true(confirmed("a") == 0 && errands_has(rig.errands, "a"));
    hear(MESSAGE_TEXT, "N0CALL-7", "N0CALL-10", "reply_ack", "4001");
    hear(MESSAGE_TEXT, "N0CALL-7", "N0CALL-10", "reply_ack", "4001"); /* twice is once */
    assert_int_equal(confirmed("a"), 1);
}

/* FleetSync and MDC-1200 have no numbers: of two texts to one radio the second may well not have been heard.
 */
static void an_acknowledgement_without_a_number_is_of_what_was_keyed_last_alone(void **state)
{
    (void)state;
    tell("a");
    tell("b");
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "", "", NULL);
    assert_true(confirmed("a") == 0 && confirmed("b") == 1 && errands_has(rig.errands, "a"));
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "", "", NULL);
    assert_int_equal(confirmed("a"), 1);
}

static void what_was_asked_otherwise_is_not_what_is_acknowledged(void **state)
{
    (void)state;
    tell("a");
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "", "meaning", "radio_check_acknowledge");
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "", "meaning", "call_alert_acknowledge");
    assert_true(confirmed("a") == 0 && errands_has(rig.errands, "a"));
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "", "meaning", "acknowledge");
    assert_int_equal(confirmed("a"), 1);
}

static void a_refusal_ends_it_unconfirmed(void **state)
{
    (void)state;
    tell("a");
    tell("b");
    hear(MESSAGE_ACKNOWLEDGE, "N0CALL-7", "N0CALL-10", "reject_id", "4001");
    assert_true(confirmed("a") == 0 && !errands_has(rig.errands, "a") && errands_has(rig.errands, "b"));
}

static void send_one(const char *text, enum atalaya_result result)
{
    struct errand_order order = {.what = SAY_TEXT, .life_s = 900, .repeats = 5, .repeat_s = 60};
    assert_true(routes_find(rig.routes, "", "ax25.N0CALL-7", &order.way));
    snprintf(order.text, sizeof order.text, "%s", text);
    strcpy(order.subject, text);
    assert_int_equal(errands_start(rig.errands, &order), result);
}

/* It hangs, and takes nothing more; then somebody pulls it out. */
static void what_a_tnc_has_not_taken_is_not_sent(void **state)
{
    unsigned started = 0;
    (void)state;
    while (tnc_is_flushed(rig.tncs[0]) && started < 40) { /* until the line between them is full */
        uint8_t filler[250] = {0};
        for (int i = 0; i < 40 && tnc_is_flushed(rig.tncs[0]); i++)
            (void)tnc_send(rig.tncs[0], 0, filler, sizeof filler);
        started++;
    }
    assert_false(tnc_is_flushed(rig.tncs[0]));
    send_one("turn back", ATALAYA_OK);
    errands_tick(rig.errands, clock_mono_ns());
    errands_tick(rig.errands, clock_mono_ns());
    assert_true(rig.told == 0 && errands_has(rig.errands, "turn back"));
    (void)close(rig.far);
    rig.far = -1;
    for (int i = 0; i < 300 && tnc_losses(rig.tncs[0]) == 0; i++)
        assert_true(sd_event_run(rig.event, 10000) >= 0);
    errands_tick(rig.errands, clock_mono_ns());
    assert_true(rig.told == 1 && rig.news[0].final && !rig.news[0].sent);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_the_radio_acknowledges_to_somebody_else_confirms_nothing),
        TEST(another_radio_or_number_confirms_nothing),
        TEST(an_acknowledgement_without_a_number_is_of_what_was_keyed_last_alone),
        TEST(what_was_asked_otherwise_is_not_what_is_acknowledged),
        TEST(a_refusal_ends_it_unconfirmed),
        TEST(what_a_tnc_has_not_taken_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
