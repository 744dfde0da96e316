/* SPDX-License-Identifier: Apache-2.0 */
/* The way to a unit: where it was heard last, in the language that it spoke; else where its radio would be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../gateway/transmit/answer_way.h"
#include "../../../gateway/transmit/dialogue.h"
#include "../../../gateway/transmit/routes.h"

static struct config *config;
static struct routes *routes;
static struct reception reception;

static void add_channel(const char *name, unsigned source, const char *protocol, const char *second)
{
    struct config_channel *channel = &config->channel[config->channel_count++];
    strcpy(channel->name, name);
    channel->source = source;
    channel->protocol_count = second ? 2 : 1;
    strcpy(channel->protocols[0], protocol);
    if (second)
        strcpy(channel->protocols[1], second);
}

static void add_transmitter(const char *name, const char *channel, const char *radio, const char *second)
{
    struct config_transmitter *transmitter = &config->transmitter[config->transmitter_count++];
    strcpy(transmitter->name, name);
    strcpy(transmitter->channel, channel);
    transmitter->radio_count = second ? 2 : 1;
    strcpy(transmitter->radios[0], radio);
    if (second)
        strcpy(transmitter->radios[1], second);
}

static int set_up(void **state)
{
    (void)state;
    config = calloc(1, sizeof *config);
    config->source_count = 3;
    config->source[0].type = SOURCE_ALSA;
    config->source[1].type = SOURCE_SERIAL;
    config->source[2].type = SOURCE_KISS;
    add_channel("aprs", 0, "ax25", "il2p");
    add_channel("voice", 0, "mdc1200", NULL);
    add_channel("base", 1, "kenwood", NULL);
    add_channel("tnc", 2, "ax25", NULL);
    add_channel("deaf", 0, "ax25", NULL);
    config->channel[3].lane = 2;
    add_transmitter("a", "aprs", "ax25.N0CALL-10", "mdc1200.0001");
    add_transmitter("v", "voice", "mdc1200.0002", NULL);
    add_transmitter("t", "tnc", "ax25.N0CALL-11", NULL);
    config->unit_count = 1;
    strcpy(config->unit[0].name, "patrol-1");
    config->unit[0].radio_count = 2;
    strcpy(config->unit[0].radios[0], "mdc1200.0A01");
    strcpy(config->unit[0].radios[1], "ax25.N0CALL-7");
    return routes_create(config, &routes) == ATALAYA_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    routes_destroy(routes);
    free(config);
    return 0;
}

static void hear(const char *protocol, const char *id, const char *channel, const char *unit, int64_t mono_ns)
{
    const struct protocol_row *row = protocol_find(protocol);
    reception_reset(&reception);
    message_reset(&reception.message, row->id, row->protocol->address_space);
    strcpy(reception.message.unit, id);
    strcpy(reception.channel, channel);
    reception.mono_ns = mono_ns;
    routes_hear(routes, &reception, unit);
}

static void hear_at(const char *channel, int64_t mono_ns, float snr_db)
{
    const struct protocol_row *row = protocol_find("ax25");
    reception_reset(&reception);
    message_reset(&reception.message, row->id, row->protocol->address_space);
    strcpy(reception.message.unit, "N0CALL-7");
    strcpy(reception.channel, channel);
    reception.mono_ns = mono_ns;
    reception.snr_db = snr_db;
    routes_hear(routes, &reception, "patrol-1");
}

static void expect(const char *unit, const char *radio, enum way_kind kind, unsigned index,
                   const char *protocol, const char *from, const char *to)
{
    struct way way;
    if (!routes_find(routes, unit, radio, &way))
        fail_msg("no way to %s", unit);
    assert_int_equal(way.kind, kind);
    assert_int_equal(way.index, index);
    assert_string_equal(way.row->id, protocol);
    assert_string_equal(way.from, from);
    assert_string_equal(way.to, to);
}

static void who_was_heard_is_answered_there(void **state)
{
    (void)state;
    hear("il2p", "N0CALL-7", "aprs", "patrol-1", 1000);
    expect("patrol-1", "", WAY_TRANSMITTER, 0, "il2p", "N0CALL-10", "N0CALL-7");
    hear("mdc1200", "0A01", "voice", "patrol-1", 2000); /* its other radio, later */
    expect("patrol-1", "", WAY_TRANSMITTER, 1, "mdc1200", "0002", "0A01");
    expect("patrol-1", "ax25.N0CALL-7", WAY_TRANSMITTER, 0, "il2p", "N0CALL-10", "N0CALL-7");
    hear("ax25", "N0CALL-9", "tnc", "patrol-1", 3000);
    expect("patrol-1", "", WAY_TNC, 2, "ax25", "N0CALL-11", "N0CALL-9");
    struct way way;
    assert_true(routes_find(routes, "patrol-1", "", &way) && way.port == 2);
    hear("ax25", "N0CALL-7", "deaf", "patrol-1", 4000); /* nobody sends there: the next best */
    expect("patrol-1", "", WAY_TNC, 2, "ax25", "N0CALL-11", "N0CALL-9");
    hear("kenwood", "100-1001", "base", "kenwood.100-1001", 5000);
    expect("kenwood.100-1001", "", WAY_BASE_RADIO, 1, "kenwood", "", "100-1001");
}

/* The way of an answer to `called`, and after it `other`. */
static void expect_answer(const char *called, const char *other, enum answer_level level,
                          enum answer_reach reach, const char *radio)
{
    struct distress distress = {.unit = "patrol-1", .other_called_last = other};
    struct answer_way found;
    strcpy(distress.radio, called);
    snprintf(distress.other_radio, sizeof distress.other_radio, "%s", other ? other : "");
    answer_way_find(routes, &distress, level, "A PERSON HAS YOUR CALL", &found);
    assert_int_equal(found.reach, reach);
    assert_string_equal(found.radio, radio);
}

#define BEACON "cospas_sarsat.ADCD0228C500401"
#define VOICE  "mdc1200.0A01"
#define PACKET "ax25.N0CALL-7"

static void who_calls_by_a_radio_that_hears_nothing_is_told_by_another(void **state)
{
    (void)state;
    strcpy(config->unit[0].radios[config->unit[0].radio_count++], BEACON);
    hear("cospas_sarsat", "ADCD0228C500401", "deaf", "patrol-1", 5000);
    expect_answer(BEACON, NULL, ANSWER_ACKNOWLEDGED, ANSWER_REACH_UNHEARD,
                  VOICE); /* the first of the registry */
    hear("ax25", "N0CALL-7", "tnc", "patrol-1", 1000);
    expect_answer(BEACON, NULL, ANSWER_ACKNOWLEDGED, ANSWER_REACH_UNIT, PACKET);
    expect_answer(BEACON, VOICE, ANSWER_ACKNOWLEDGED, ANSWER_REACH_RADIO, VOICE);
    expect_answer(VOICE, BEACON, ANSWER_ACKNOWLEDGED, ANSWER_REACH_RADIO, "");
    config->unit_count = 0; /* nobody's */
    expect_answer(BEACON, NULL, ANSWER_ACKNOWLEDGED, ANSWER_REACH_NONE, "");
}

/* MDC-1200 has one answer, and keeps it for the person. */
static void a_radio_without_words_leaves_them_to_another(void **state)
{
    (void)state;
    hear("mdc1200", "0A01", "voice", "patrol-1", 2000);
    expect_answer(VOICE, NULL, ANSWER_ACKNOWLEDGED, ANSWER_REACH_RADIO, "");
    expect_answer(VOICE, NULL, ANSWER_RECEIVED, ANSWER_REACH_UNHEARD, PACKET);
    hear("ax25", "N0CALL-7", "tnc", "patrol-1", 1000);
    expect_answer(VOICE, NULL, ANSWER_HEARD, ANSWER_REACH_UNIT, PACKET);
    expect_answer(PACKET, VOICE, ANSWER_RECEIVED, ANSWER_REACH_RADIO, ""); /* though the other called last */
    expect_answer(PACKET, VOICE, ANSWER_ACKNOWLEDGED, ANSWER_REACH_RADIO, VOICE);
    config->unit[0].radio_count = 1; /* it has nothing else: whoever tries learns that it is refused */
    routes_destroy(routes);
    assert_int_equal(routes_create(config, &routes), ATALAYA_OK);
    expect_answer(VOICE, NULL, ANSWER_RECEIVED, ANSWER_REACH_RADIO, "");
}

static void who_was_not_heard_is_called_where_its_radio_would_be(void **state)
{
    struct way way;
    (void)state;
    expect("patrol-1", "", WAY_TRANSMITTER, 1, "mdc1200", "0002", "0A01");
    expect("ax25.N0CALL-3", "", WAY_TRANSMITTER, 0, "ax25", "N0CALL-10", "N0CALL-3");
    expect("kenwood.100-1002", "", WAY_BASE_RADIO, 1, "kenwood", "", "100-1002");
    assert_false(routes_find(routes, "patrol-9", "", &way));
    assert_false(routes_find(routes, "cospas_sarsat.ADCD0", "", &way));
    assert_false(routes_find(routes, "ax25.this-id-is-longer-than-any-radio-has", "", &way));
    assert_true(routes_to_all(routes, "aprs", &way) && way.to[0] == '\0');
    assert_false(routes_to_all(routes, "deaf", &way) || routes_to_all(routes, "base", &way) ||
                 routes_to_all(routes, "nowhere", &way));
    assert_true(routes_is_own(routes, "ax25", "n0call-10"));
    assert_false(routes_is_own(routes, "mdc1200", "N0CALL-10") || routes_is_own(routes, "ax25", ""));
}

static void many_radios_push_out_the_one_silent_longest(void **state)
{
    char id[32];
    struct way way;
    (void)state;
    for (int i = 0; i < 1500; i++) {
        (void)snprintf(id, sizeof id, "N%dCAL-1", i);
        hear("il2p", id, "aprs", id, 1000 + i);
    }
    assert_true(routes_find(routes, "N1499CAL-1", "", &way));
    assert_false(routes_find(routes, "N0CAL-1", "", &way));
}

/* The registry says that the radio is with another crew now: what is meant for the first must not go there.
 */
static void a_radio_that_changed_hands_gets_nothing_of_its_former_unit(void **state)
{
    struct units *units;
    struct way way;
    (void)state;
    hear("ax25", "N0CALL-7", "aprs", "patrol-1", 1000);
    hear("ax25", "N0CALL-8", "aprs", "ax25.N0CALL-8", 1001);
    hear("ax25", "N0CALL-9", "aprs", "patrol-3", 1002);
    config->unit_count = 2;
    config->unit[0].radio_count = 1;
    strcpy(config->unit[1].name, "patrol-2");
    config->unit[1].radio_count = 2;
    strcpy(config->unit[1].radios[0], "ax25.N0CALL-7");
    strcpy(config->unit[1].radios[1], "ax25.N0CALL-8");
    assert_int_equal(units_create(config, &units), ATALAYA_OK);
    routes_configured(routes, units);
    expect("patrol-1", "", WAY_TRANSMITTER, 1, "mdc1200", "0002", "0A01");
    expect("patrol-2", "", WAY_TRANSMITTER, 0, "ax25", "N0CALL-10", "N0CALL-8");
    assert_false(routes_find(routes, "patrol-3", "", &way));
    units_destroy(units);
}

/* An incident bears the name that its unit had when it was raised. */
static void a_radio_is_answered_where_it_was_heard_whatever_its_unit_is_called(void **state)
{
    (void)state;
    hear("ax25", "N0CALL-7", "tnc", "patrol-1", 1000);
    expect("ax25.N0CALL-7", "ax25.N0CALL-7", WAY_TNC, 2, "ax25", "N0CALL-11", "N0CALL-7");
}

/* One burst, two receivers: the way back does not depend on which of them was first to tell it. */
static void the_better_of_two_receivers_answers(void **state)
{
    (void)state;
    const int64_t ms = 1000000, s = 1000 * ms;
    for (int first = 0; first < 2; first++) {
        int64_t begun = (10 + 20 * first) * s;
        hear_at(first ? "tnc" : "aprs", begun, first ? 12.0f : 30.0f);
        hear_at(first ? "aprs" : "tnc", begun + 3 * ms, first ? 30.0f : 12.0f);
        expect("patrol-1", "", WAY_TRANSMITTER, 0, "ax25", "N0CALL-10", "N0CALL-7");
        hear_at(first ? "aprs" : "deaf", begun + 8 * s, first ? 3.0f : 40.0f); /* which cannot answer */
        hear_at(first ? "deaf" : "aprs", begun + 8 * s, first ? 40.0f : 3.0f);
        expect("patrol-1", "", WAY_TRANSMITTER, 0, "ax25", "N0CALL-10", "N0CALL-7");
    }
    hear_at("tnc", 60 * s, 2.0f); /* another burst: it has gone there */
    expect("patrol-1", "", WAY_TNC, 2, "ax25", "N0CALL-11", "N0CALL-7");
}

/* Acknowledged once each time it was said, however many receivers had it: two at once would collide. */
static void two_hearings_of_one_text_are_not_two_texts(void **state)
{
    (void)state;
    static struct dialogue dialogue;
    static struct errands *errands;
    const struct errands_setting setting = {.number_seed = 1};
    const int64_t ms = 1000000;
    assert_int_equal(errands_create(&setting, &errands), ATALAYA_OK);
    dialogue = (struct dialogue){.routes = routes, .errands = errands};
    const struct {
        int64_t mono_ns;
        enum dialogue_verdict verdict;
        bool copy;
    } said[] = {{50000 * ms, DIALOGUE_NEW, false},
                {50003 * ms, DIALOGUE_REPEAT, true},
                {57000 * ms, DIALOGUE_REPEAT, false},
                {56998 * ms, DIALOGUE_REPEAT, true}};
    for (unsigned i = 0; i < sizeof said / sizeof *said; i++) {
        reception_reset(&reception);
        message_reset(&reception.message, "ax25", "ax25");
        reception.message.kind = MESSAGE_TEXT;
        strcpy(reception.message.unit, "N0CALL-7");
        strcpy(reception.message.to, "N0CALL-10");
        assert_int_equal(message_add_string(&reception.message, "message_id", "41"), ATALAYA_OK);
        strcpy(reception.channel, i % 2 ? "tnc" : "aprs");
        reception.dedupe = 7;
        reception.mono_ns = said[i].mono_ns;
        assert_int_equal(dialogue_hear(&dialogue, &reception, "patrol-1"), said[i].verdict);
        assert_int_equal(dialogue.is_copy, said[i].copy);
    }
    errands_destroy(errands);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_was_heard_is_answered_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_calls_by_a_radio_that_hears_nothing_is_told_by_another, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_radio_without_words_leaves_them_to_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_was_not_heard_is_called_where_its_radio_would_be, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_radio_that_changed_hands_gets_nothing_of_its_former_unit, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_radio_is_answered_where_it_was_heard_whatever_its_unit_is_called,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_radios_push_out_the_one_silent_longest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_better_of_two_receivers_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_hearings_of_one_text_are_not_two_texts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
