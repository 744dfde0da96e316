/* SPDX-License-Identifier: Apache-2.0 */
/* Selective calls as senders make them, good and bad ones, through the modem; and what is no call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../../protocol/select5/standards.h"
#include "atalaya/tones.h"
#include "tone_rig.h"

enum { RATE_HZ = 8000 };

static struct tone_rig rig;

static int set_up(void **state)
{
    (void)state;
    tone_rig_open(&rig, "select5", RATE_HZ);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tone_rig_close(&rig);
    return 0;
}

/* Tones as letters of a standard, no repeats written in; drift in per cent, length as a factor. */
static void play(unsigned standard, const char *letters, double drift, double length)
{
    const struct select5_standard *s = &select5_standards[standard];
    for (; *letters; letters++) {
        unsigned letter = (unsigned)(*letters <= '9' ? *letters - '0' : *letters - 'A' + 10);
        tone_rig_tone(&rig, tone_hz(s->tone[letter]) * (1.0 + drift / 100.0), s->tone_ms * length);
    }
}

static unsigned find_standard(const char *name)
{
    for (unsigned s = 0; s < SELECT5_STANDARDS; s++)
        if (strcmp(select5_standards[s].name, name) == 0)
            return s;
    fail();
    return 0;
}

static void expect_call(const char *standard, const char *to, const char *unit)
{
    assert_int_equal(rig.heard_count, 1);
    assert_string_equal(message_text(&rig.heard[0], "standard", NULL), standard);
    assert_string_equal(rig.heard[0].to, to);
    assert_string_equal(rig.heard[0].unit, unit);
    assert_true(rig.heard[0].well_formed);
}

static void every_standard_is_heard_as_itself_or_as_the_first_of_those_it_shares_its_tones_with(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SELECT5_STANDARDS; s++) {
        tone_rig_silence(&rig, 100);
        play(s, "90876", 0.0, 1.0);
        tone_rig_hear(&rig, 600);
        const char *name = select5_standards[s].name;
        if (strcmp(name, "dzvei") == 0)
            expect_call("zvei1", "", "89765"); /* the same tones; a site says which it means */
        else
            expect_call(select5_standards[s].family == FAMILY_ZVEI ? "zvei1" : name, "", "90876");
    }
}

static void the_sites_choice_settles_what_tones_leave_open(void **state)
{
    (void)state;
    const struct protocol *protocol = rig.row->protocol;
    static const char *const names[] = {"zvei2", "pzvei", "dzvei"};
    for (unsigned i = 0; i < 3; i++) {
        protocol->reset(rig.state);
        protocol->choose(rig.state, protocol_variant(protocol, names[i]) | protocol_variant(protocol, "eea"));
        play(find_standard(names[i]), "90876", 0.0, 1.0);
        tone_rig_hear(&rig, 600);
        expect_call(names[i], "", "90876");
        assert_null(message_field(&rig.heard[0], "or_standard", 0));
    }
    play(find_standard("ccir1"), "90876", 0.0, 1.0);
    tone_rig_hear(&rig, 600);
    assert_int_equal(rig.heard_count, 0);
    assert_int_equal(protocol_variant(protocol, "zvei"), 0);
    for (unsigned s = 0; s < SELECT5_STANDARDS; s++) /* one order here and there */
        assert_int_equal(protocol_variant(protocol, select5_standards[s].name), UINT32_C(1) << s);
}

static void repeats_are_written_out_in_the_standard_that_has_them(void **state)
{
    (void)state;
    play(find_standard("zvei1"), "1E22E", 0.0, 1.0);
    rig.count = 0; /* 2 2 is no repeat: see below */
    play(find_standard("zvei1"), "1E2E2", 0.0, 1.0);
    tone_rig_hear(&rig, 600);
    expect_call("zvei1", "", "11222");
    play(find_standard("zvei2"), "1E345", 0.0, 1.0); /* 970 Hz, which is C in ZVEI1 */
    tone_rig_hear(&rig, 600);
    expect_call("zvei2", "", "11345");
    play(find_standard("ccir1"), "0E501", 0.0, 1.0);
    tone_rig_hear(&rig, 600);
    expect_call("ccir1", "", "00501");
    play(find_standard("dzvei"), "1E345", 0.0, 1.0);
    tone_rig_hear(&rig, 600);
    assert_int_equal(rig.heard_count, 1); /* ZVEI2's 970 2400 1160 1270 1400: E first, so not that one */
    assert_string_equal(rig.heard[0].unit, "11345");
}

static void drift_of_two_per_cent_and_lengths_off_by_eight_are_followed(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SELECT5_STANDARDS; s++)
        for (int drift = -2; drift <= 2; drift += 4)
            for (int length = 92; length <= 108; length += 16) {
                play(s, "92746", drift, length / 100.0);
                tone_rig_hear(&rig, 600);
                assert_int_equal(rig.heard_count, 1);
                assert_string_equal(rig.heard[0].unit,
                                    strcmp(select5_standards[s].name, "dzvei") ? "92746" : "81635");
            }
}

static void a_long_first_tone_and_a_long_last_one_change_nothing(void **state)
{
    (void)state;
    tone_rig_tone(&rig, 1060, 1000);
    play(0, "12345", 0.0, 1.0);
    tone_rig_tone(&rig, 1530, 400);
    tone_rig_hear(&rig, 600);
    expect_call("zvei1", "", "12345");
    tone_rig_tone(&rig, 1750, 500); /* opens a repeater */
    play(find_standard("ccir1"), "12345", 0.0, 1.0);
    tone_rig_hear(&rig, 600);
    expect_call("ccir1", "", "12345");
}

static void two_telegrams_are_one_call_with_addressee_and_caller(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SELECT5_STANDARDS; s++)
        for (int pause_ms = 40; pause_ms <= 320; pause_ms += 140) {
            play(s, "12345", 0.0, 1.0);
            tone_rig_silence(&rig, pause_ms);
            play(s, "5432E", 0.0, 1.0);
            tone_rig_hear(&rig, 600);
            assert_int_equal(rig.heard_count, 1);
            assert_int_equal(strlen(rig.heard[0].to), 5);
            assert_string_equal(rig.heard[0].unit, "54322");
            assert_true(rig.heard[0].well_formed);
        }
}

static void who_answers_later_makes_a_call_of_his_own(void **state)
{
    (void)state;
    play(0, "12345", 0.0, 1.0);
    tone_rig_silence(&rig, 450);
    play(0, "54321", 0.0, 1.0);
    tone_rig_hear(&rig, 600);
    assert_int_equal(rig.heard_count, 2);
    assert_string_equal(rig.heard[0].unit, "12345");
    assert_string_equal(rig.heard[1].unit, "54321");
}

static void a_tone_between_two_addresses_makes_one_call(void **state)
{
    (void)state;
    play(0, "18516C76845", 0.0, 1.0);
    tone_rig_hear(&rig, 600);
    expect_call("zvei1", "18516", "76845");
    assert_string_equal(message_text(&rig.heard[0], "between", NULL), "C");
    play(0, "1853EE76845", 0.0, 1.0); /* the repeat and the tone between sound through */
    tone_rig_hear(&rig, 600);
    expect_call("zvei1", "18533", "76845");
    play(find_standard("eea"), "12345A54321", 1.0, 1.0);
    tone_rig_hear(&rig, 600);
    expect_call("eea", "12345", "54321");
}

static void noise_as_strong_as_the_tones_does_not_matter(void **state)
{
    (void)state;
    for (unsigned s = 0; s < SELECT5_STANDARDS; s++) {
        tone_rig_silence(&rig, 300);
        play(s, "90871", 0.0, 1.0);
        tone_rig_silence(&rig, 300);
        tone_rig_noise(&rig, select5_standards[s].tone_ms > 40 ? -2.0 : 2.0);
        tone_rig_hear(&rig, 600);
        assert_int_equal(rig.heard_count, 1);
        assert_string_equal(rig.heard[0].unit,
                            strcmp(select5_standards[s].name, "dzvei") ? "90871" : "89766");
    }
}

/* A discriminator gives the highest tone 12 dB more than the lowest. */
static void twist_of_twelve_decibels_does_not_matter(void **state)
{
    (void)state;
    static const double hz[5] = {2600, 1060, 2400, 1160, 2200}; /* as DZVEI: C2019.. as ZVEI1: E first */
    for (int lead = 0; lead < 2; lead++) {
        for (unsigned i = (unsigned)lead; i < 5 + (unsigned)lead; i++)
            tone_rig_sound(&rig, (const double[]){hz[i % 5], 0.0},
                           (const double[]){0.1 * pow(hz[i % 5] / 1060.0, 1.55), 0.0}, 70);
        tone_rig_silence(&rig, 500);
        tone_rig_hear(&rig, 600);
        assert_int_equal(rig.heard_count, 1);
    }
}

static void what_is_not_quite_a_call_is_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"1234", "4E4E", "12344", "11345", "E1234"};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        play(find_standard("ccir1"), bad[i], 0.0, 1.0);
        tone_rig_silence(&rig, 500);
        tone_rig_hear(&rig, 600);
        for (unsigned h = 0; h < rig.heard_count; h++)
            assert_false(rig.heard[h].well_formed);
    }
    for (int i = 0; i < 5; i++) { /* each tone off by another amount: no one oscillator */
        static const double hz[] = {1060, 1160, 1270, 1400, 1530}, off[] = {2, -2, 1, -1, 2};
        tone_rig_tone(&rig, hz[i] * (1 + off[i] / 100), 70);
    }
    tone_rig_hear(&rig, 600);
    assert_int_equal(rig.heard_count, 0);
    play(0, "12345", 0.0, 2.5); /* far too slow */
    tone_rig_hear(&rig, 600);
    assert_int_equal(rig.heard_count, 0);
    for (double hz = 1060; hz < 1700; hz *= 1.003) /* a howl */
        tone_rig_tone(&rig, hz, 2.4);
    tone_rig_hear(&rig, 600);
    assert_int_equal(rig.heard_count, 0);
}

/* It passes the tones of a row as fast as a call does, but does not stop at any. */
static void a_siren_is_no_call(void **state)
{
    (void)state;
    static const double apart[] = {1.065, 1.095}, lengths_ms[] = {40, 70, 100};
    for (int i = 0; i < 12; i++) {
        double step = pow(apart[i % 2], 2.0 / lengths_ms[i / 2 % 3]); /* of 2 ms */
        for (double hz = 700; hz < 2600; hz *= step)
            tone_rig_tone(&rig, i < 6 ? hz : 700 * 2600 / hz, 2);
        tone_rig_silence(&rig, 500);
        tone_rig_hear(&rig, 600);
        assert_int_equal(rig.heard_count, 0);
    }
}

/* The sixth of eleven tones with its first one lost reads as five others: nobody is to be called so. */
static void a_call_that_lost_its_first_tone_is_not_somebody_elses(void **state)
{
    (void)state;
    tone_rig_silence(&rig, 50);
    play(0, "18516C76845", 0.0, 1.0);
    for (size_t i = (size_t)(0.050 * RATE_HZ); i < (size_t)(0.120 * RATE_HZ); i++)
        rig.audio[i] = (float)impair_random_normal(&rig.random);
    tone_rig_hear(&rig, 600);
    for (unsigned h = 0; h < rig.heard_count; h++)
        assert_false(rig.heard[h].well_formed);
}

static void noise_alone_is_no_call(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        tone_rig_silence(&rig, 10000);
        tone_rig_noise(&rig, 0.0);
        tone_rig_hear(&rig, 600);
        assert_int_equal(rig.heard_count, 0);
    }
}

/* Text, tones, text; and by way of the line bits. */
static void every_call_goes_out_and_comes_back(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "zvei1 12345",         "zvei1 11111",         "zvei2 11345",       "zvei1 1234A",      "dzvei 1234A",
        "ccir1 23533 00501",   "ccir7 90876",         "eea 12344",         "eia 55501",        "ccir1 123456",
        "zvei1 18516 76845 C", "zvei1 18533 76845 E", "eea 12345 54321 A", "eia 12345 54321 B"};
    static struct message message, again;
    static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
    static int8_t soft[PROTOCOL_LINE_BITS_MAX];
    const struct protocol *protocol = rig.row->protocol;
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[80];
        const struct protocol_transmit how = {.preamble_bits = i * 1000};
        message_reset(&message, "select5", "select5");
        assert_int_equal(protocol->from_text(&message, lines[i], strlen(lines[i])), ATALAYA_OK);
        assert_int_equal(protocol->to_text(&message, text, sizeof text), strlen(lines[i]));
        assert_string_equal(text, lines[i]);
        again = message;
        again.raw_length = 0;
        assert_int_equal(protocol->compose(&again), ATALAYA_OK);
        assert_int_equal(again.raw_length, message.raw_length);
        assert_memory_equal(again.raw, message.raw, message.raw_length);
        size_t count = protocol->transmit(&message, &how, bits, sizeof bits);
        assert_true(count > 0);
        for (size_t b = 0; b < count; b++)
            soft[b] = bits[b] ? 127 : -127;
        const struct soft_run run = {.soft = soft, .count = count};
        tone_rig_hear(&rig, 600); /* nothing: sets the output up */
        protocol->reset(rig.state);
        protocol->execute(rig.state, &run, &rig.output);
        protocol->finish(rig.state, &rig.output);
        assert_int_equal(rig.heard_count, 1);
        assert_int_equal(rig.heard[0].raw_length, message.raw_length);
        assert_memory_equal(rig.heard[0].raw, message.raw, message.raw_length);
        protocol->reset(rig.state);
        modem_find("tones")->class->reset(rig.modem);
    }
}

static void what_cannot_be_said_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "zvei1",
                                      "zvei9 12345",
                                      "zvei1 1234",
                                      "zvei1 123456789",
                                      "zvei1 1234E",
                                      "zvei1 1 2 3",
                                      "zvei1 123456 12345",
                                      "zvei1 12345 54321 5"};
    static struct message message;
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        message_reset(&message, "select5", "select5");
        assert_int_not_equal(rig.row->protocol->from_text(&message, bad[i], strlen(bad[i])), ATALAYA_OK);
    }
}

static void a_pause_inside_an_address_is_no_call(void **state)
{
    (void)state;
    static const uint8_t raw[] = {100,  0x04, 0xad, 0x04, 0xfb, 0x05, 0xa6, 0x04, 0xfb, 0x08, 0x3e, 0x00,
                                  0x00, 0x04, 0xfb, 0x08, 0x3e, 0x00, 0x00, 0x07, 0xbd, 0x04, 0x64};
    const struct protocol_transmit how = {.preamble_bits = 0};
    static struct message message;
    static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
    message_reset(&message, "select5", "select5");
    memcpy(message.raw, raw, sizeof raw);
    message.raw_length = sizeof raw;
    assert_int_equal(rig.row->protocol->parse(&message), ATALAYA_OK);
    assert_false(message.well_formed);
    assert_int_equal(rig.row->protocol->transmit(&message, &how, bits, sizeof bits), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            every_standard_is_heard_as_itself_or_as_the_first_of_those_it_shares_its_tones_with, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(the_sites_choice_settles_what_tones_leave_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repeats_are_written_out_in_the_standard_that_has_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(drift_of_two_per_cent_and_lengths_off_by_eight_are_followed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_long_first_tone_and_a_long_last_one_change_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(two_telegrams_are_one_call_with_addressee_and_caller, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_answers_later_makes_a_call_of_his_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tone_between_two_addresses_makes_one_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_as_strong_as_the_tones_does_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(twist_of_twelve_decibels_does_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_quite_a_call_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_lost_its_first_tone_is_not_somebody_elses, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_siren_is_no_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_alone_is_no_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_call_goes_out_and_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_said_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pause_inside_an_address_is_no_call, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
