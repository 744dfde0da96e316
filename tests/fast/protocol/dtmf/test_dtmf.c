/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as telephones and radios send them, within the limits of ITU-T Q.24 and outside, through the modem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tone_rig.h"

static struct tone_rig rig;

static int set_up(void **state)
{
    (void)state;
    tone_rig_open(&rig, "dtmf", 8000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tone_rig_close(&rig);
    return 0;
}

struct manner {
    double row_percent, column_percent, twist_db, tone_ms, pause_ms; /* twist: column over row */
};

static const struct manner plain = {0.0, 0.0, 0.0, 100.0, 100.0};
static const char keypad[] = "123A456B789C*0#D";

static void dial(const char *keys, const struct manner *how)
{
    static const double row_hz[] = {697, 770, 852, 941}, column_hz[] = {1209, 1336, 1477, 1633};
    double row = 0.4 / (1.0 + pow(10.0, how->twist_db / 20.0)), column = 0.4 - row;
    for (; *keys; keys++) {
        int key = (int)(strchr(keypad, *keys) - keypad);
        tone_rig_sound(&rig,
                       (const double[]){row_hz[key / 4] * (1.0 + how->row_percent / 100.0),
                                        column_hz[key % 4] * (1.0 + how->column_percent / 100.0)},
                       (const double[]){row, column}, how->tone_ms);
        tone_rig_silence(&rig, how->pause_ms);
    }
}

static void expect(const char *keys, const struct manner *how)
{
    dial(keys, how);
    tone_rig_hear(&rig, 1800);
    assert_int_equal(rig.heard_count, 1);
    assert_string_equal(message_text(&rig.heard[0], "code", NULL), keys);
}

static void expect_nothing(const char *keys, const struct manner *how)
{
    dial(keys, how);
    tone_rig_hear(&rig, 1800);
    assert_int_equal(rig.heard_count, 0);
}

static void every_key_is_heard(void **state)
{
    (void)state;
    expect(keypad, &plain);
    assert_string_equal(rig.heard[0].unit, "123A456B789CE0FD");
}

static void keys_are_heard_within_the_limits_of_q24(void **state)
{
    (void)state;
    for (double twist_db = -8.0; twist_db <= 8.0; twist_db += 8.0)
        for (double off = -1.5; off <= 1.5; off += 3.0)
            for (double ms = 40.0; ms <= 65.0; ms += 25.0)
                expect("112233DD##", &(struct manner){off, off, twist_db, ms, ms});
    expect("147*", &(struct manner){0.75, -0.75, 0.0, 70.0, 70.0}); /* a divider's errors */
}

static void what_lies_outside_the_limits_is_no_key(void **state)
{
    (void)state;
    expect_nothing("1234", &(struct manner){3.5, 3.5, 0.0, 100.0, 100.0});
    expect_nothing("1234", &(struct manner){-3.5, -3.5, 0.0, 100.0, 100.0});
    expect_nothing("1234", &(struct manner){0.0, 0.0, 20.0, 100.0, 100.0});
    expect_nothing("1234", &(struct manner){0.0, 0.0, 0.0, 15.0, 100.0});
    expect_nothing("12", &plain); /* two keys are no call */
}

static void a_key_held_long_is_one_key_and_slow_fingers_dial_one_number(void **state)
{
    (void)state;
    expect("5055", &(struct manner){0.0, 0.0, 0.0, 900.0, 1200.0});
}

static void keys_far_apart_are_two_calls(void **state)
{
    (void)state;
    dial("123", &plain);
    tone_rig_silence(&rig, 1600);
    dial("456", &plain);
    tone_rig_hear(&rig, 1800);
    assert_int_equal(rig.heard_count, 2);
    assert_string_equal(rig.heard[0].unit, "123");
    assert_string_equal(rig.heard[1].unit, "456");
}

static void noise_nearly_as_strong_does_not_matter(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        dial("90210*7#", &plain);
        tone_rig_noise(&rig, 6.0); /* of one tone of 0.4: 3 dB for the pair of 0.2 */
        tone_rig_hear(&rig, 1800);
        assert_int_equal(rig.heard_count, 1);
        assert_string_equal(message_text(&rig.heard[0], "code", NULL), "90210*7#");
    }
}

/* A number with a key missing is somebody else's. */
static void a_key_that_was_nearly_missed_spoils_the_call(void **state)
{
    (void)state;
    dial("90", &plain);
    dial("2", &(struct manner){0.0, 0.0, 0.0, 8.0, 100.0});
    dial("10", &plain);
    tone_rig_hear(&rig, 1800);
    assert_int_equal(rig.heard_count, 0);
    assert_int_equal(rig.output.counts.check, 1);
    expect("90210", &plain);
}

/* A dip within a key does not make two of it. */
static void a_short_disturbance_does_not_double_a_key(void **state)
{
    (void)state;
    dial("777", &(struct manner){0.0, 0.0, 0.0, 200.0, 100.0});
    for (size_t i = 800; i < 920; i++)
        rig.audio[i] += (float)(0.5 * impair_random_normal(&rig.random));
    tone_rig_hear(&rig, 1800);
    assert_int_equal(rig.heard_count, 1);
    assert_string_equal(rig.heard[0].unit, "777");
}

/* Two partials of a voice, whose pitch falls by two per cent in each word. */
static void tones_that_glide_are_a_voice(void **state)
{
    (void)state;
    for (int word = 0; word < 4; word++) {
        for (double fall = 1.0; fall > -1.0; fall -= 0.1)
            tone_rig_sound(&rig, (const double[]){697 * (1 + fall / 100), 1209 * (1 + fall / 100)},
                           (const double[]){0.2, 0.2}, 5);
        tone_rig_silence(&rig, 300);
    }
    tone_rig_hear(&rig, 1800);
    assert_int_equal(rig.heard_count, 0);
}

static void noise_and_single_tones_are_no_keys(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        tone_rig_silence(&rig, 10000);
        tone_rig_noise(&rig, 0.0);
        tone_rig_hear(&rig, 1800);
        assert_int_equal(rig.heard_count, 0);
    }
    for (double hz = 600; hz < 1700; hz += 20) {
        tone_rig_tone(&rig, hz, 60);
        tone_rig_silence(&rig, 60);
    }
    tone_rig_hear(&rig, 1800);
    assert_int_equal(rig.heard_count, 0);
}

static void every_call_goes_out_and_comes_back(void **state)
{
    (void)state;
    static const char *const lines[] = {"123", "*#*#", "0000000000", "123456789012345678901234", "ABCD"};
    static struct message message;
    static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
    static int8_t soft[PROTOCOL_LINE_BITS_MAX];
    const struct protocol *protocol = rig.row->protocol;
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[80];
        const struct protocol_transmit how = {.preamble_bits = i * 500};
        message_reset(&message, "dtmf", "dtmf");
        assert_int_equal(protocol->from_text(&message, lines[i], strlen(lines[i])), ATALAYA_OK);
        assert_int_equal(protocol->to_text(&message, text, sizeof text), strlen(lines[i]));
        assert_string_equal(text, lines[i]);
        message.raw_length = 0;
        assert_int_equal(protocol->compose(&message), ATALAYA_OK);
        assert_memory_equal(message.raw, lines[i], strlen(lines[i]));
        size_t count = protocol->transmit(&message, &how, bits, sizeof bits);
        assert_true(count > 0);
        for (size_t b = 0; b < count; b++)
            soft[b] = bits[b] ? 127 : -127;
        tone_rig_hear(&rig, 1800);
        protocol->reset(rig.state);
        protocol->execute(rig.state, &(struct soft_run){.soft = soft, .count = count}, &rig.output);
        protocol->finish(rig.state, &rig.output);
        assert_int_equal(rig.heard_count, 1);
        assert_memory_equal(rig.heard[0].raw, lines[i], strlen(lines[i]));
        protocol->reset(rig.state);
        modem_find("tones")->class->reset(rig.modem);
    }
    message_reset(&message, "dtmf", "dtmf");
    assert_int_not_equal(protocol->from_text(&message, "12", 2), ATALAYA_OK);
    assert_int_not_equal(protocol->from_text(&message, "12E4", 4), ATALAYA_OK);
    assert_int_not_equal(protocol->from_text(&message, "1234567890123456789012345", 25), ATALAYA_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_key_is_heard, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_are_heard_within_the_limits_of_q24, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_lies_outside_the_limits_is_no_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_held_long_is_one_key_and_slow_fingers_dial_one_number, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(keys_far_apart_are_two_calls, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_nearly_as_strong_does_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_that_was_nearly_missed_spoils_the_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_short_disturbance_does_not_double_a_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tones_that_glide_are_a_voice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_and_single_tones_are_no_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_call_goes_out_and_comes_back, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
