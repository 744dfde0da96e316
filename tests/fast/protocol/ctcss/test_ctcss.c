/* SPDX-License-Identifier: Apache-2.0 */
/* Squelch tones under voice and noise: told once when they begin and once when they end, and never for
 * voices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/protocol/squelch.h"
#include "atalaya/squelch_tones.h"
#include "tone_rig.h"

static struct tone_rig rig;

static int set_up(void **state)
{
    (void)state;
    tone_rig_open(&rig, "ctcss", 8000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tone_rig_close(&rig);
    return 0;
}

/* A squelch tone of a tenth of full scale and, `voice`, four times as much of something that sounds like one.
 */
static void play(double hz, double voice, double ms)
{
    for (double at = 0.0; at < ms; at += 20.0)
        tone_rig_sound(&rig, (const double[]){hz, 600.0 + 250.0 * sin(at / 90.0)},
                       (const double[]){0.1, voice}, 20.0);
}

static void expect_begin_and_end(double hz)
{
    struct squelch squelch;
    assert_int_equal(rig.heard_count, 2);
    assert_true(squelch_read(&rig.heard[0], &squelch) && squelch.present);
    assert_true(fabs(message_number(&rig.heard[0], "ctcss_hz", 0.0) - hz) < 0.05);
    assert_true(squelch_read(&rig.heard[1], &squelch) && !squelch.present);
    assert_true(fabs(message_number(&rig.heard[1], "ctcss_hz", 0.0) - hz) < 0.05);
}

static void every_tone_is_told_once(void **state)
{
    (void)state;
    for (unsigned tone = 0; tone < SQUELCH_TONE_COUNT; tone++) {
        double hz = squelch_tone_tenths(tone) / 10.0, off = tone % 3 * 0.4 - 0.4; /* per cent */
        play(hz * (1.0 + off / 100.0), 0.4, 1500);
        tone_rig_hear(&rig, 900);
        expect_begin_and_end(hz);
    }
}

static void a_long_transmission_is_told_of_twice_only(void **state)
{
    (void)state;
    play(123.0, 0.4, 12000);
    tone_rig_hear(&rig, 900);
    expect_begin_and_end(123.0);
    double begin_s = (double)rig.heard[0].first_bit / SQUELCH_FRAME * SQUELCH_HOP_MS * 1e-3;
    double end_s = (double)rig.heard[1].first_bit / SQUELCH_FRAME * SQUELCH_HOP_MS * 1e-3;
    assert_true(begin_s < 0.4 && fabs(end_s - 12.0) < 0.4);
}

static void one_tone_may_follow_another(void **state)
{
    (void)state;
    struct squelch squelch;
    play(88.5, 0.0, 2000);
    play(91.5, 0.0, 2000);
    tone_rig_hear(&rig, 900);
    assert_int_equal(rig.heard_count, 4);
    assert_true(squelch_read(&rig.heard[2], &squelch));
    assert_string_equal(squelch.name, "91.5 Hz");
}

static void noise_over_it_does_not_matter(void **state)
{
    (void)state;
    play(141.3, 0.0, 3000);
    tone_rig_silence(&rig, 1000);
    tone_rig_noise(&rig,
                   0.0); /* of a tone of 0.4: the squelch tone is 12 dB below, its band 11 dB narrower */
    tone_rig_hear(&rig, 10);
    expect_begin_and_end(141.3);
}

static void voices_hum_and_noise_are_no_tones(void **state)
{
    (void)state;
    for (double at = 0.0; at < 20000.0; at += 10.0) { /* a voice's pitch glides by some per cent a second */
        double pitch = 130.0 + 40.0 * sin(at / 700.0) + 6.0 * sin(at / 130.0);
        tone_rig_sound(&rig, (const double[]){pitch, 2.0 * pitch}, (const double[]){0.3, 0.2}, 10.0);
    }
    tone_rig_hear(&rig, 900);
    assert_int_equal(rig.heard_count, 0);
    play(120.0, 0.0, 3000); /* 0.9 % beside 118.8 Hz */
    play(50.0, 0.0, 3000);
    tone_rig_hear(&rig, 900);
    assert_int_equal(rig.heard_count, 0);
    tone_rig_silence(&rig, 20000);
    tone_rig_noise(&rig, 0.0);
    tone_rig_hear(&rig, 10);
    assert_int_equal(rig.heard_count, 0);
}

static void what_is_open_when_a_recording_ends_is_closed(void **state)
{
    (void)state;
    play(123.0, 0.0, 2000);
    tone_rig_hear(&rig, 0);
    assert_int_equal(rig.heard_count, 1);
    rig.row->protocol->finish(rig.state, &rig.output);
    expect_begin_and_end(123.0);
    rig.row->protocol->finish(rig.state, &rig.output);
    assert_int_equal(rig.heard_count, 2);
}

static void every_tone_goes_out_and_comes_back(void **state)
{
    (void)state;
    static struct message message;
    static uint8_t bits[20000];
    static int8_t soft[20000];
    const struct protocol *protocol = rig.row->protocol;
    char text[20];
    tone_rig_hear(&rig, 0);
    for (unsigned tone = 0; tone < SQUELCH_TONE_COUNT; tone++) {
        const struct protocol_transmit how = {.preamble_bits = tone};
        message_reset(&message, "ctcss", "ctcss");
        message.raw[0] = (uint8_t)(squelch_tone_tenths(tone) >> 8);
        message.raw[1] = (uint8_t)squelch_tone_tenths(tone);
        message.raw_length = 2;
        size_t length = protocol->to_text(&message, text, sizeof text);
        message_reset(&message, "ctcss", "ctcss");
        assert_int_equal(protocol->from_text(&message, text, length), ATALAYA_OK);
        message.raw_length = 0;
        assert_int_equal(protocol->compose(&message), ATALAYA_OK);
        size_t count = protocol->transmit(&message, &how, bits, sizeof bits);
        assert_true(count > 0);
        for (size_t i = 0; i < count; i++)
            soft[i] = bits[i] ? 127 : -127;
        protocol->reset(rig.state);
        rig.heard_count = 0;
        protocol->execute(rig.state, &(struct soft_run){.soft = soft, .count = count}, &rig.output);
        protocol->finish(rig.state, &rig.output);
        expect_begin_and_end(squelch_tone_tenths(tone) / 10.0);
        assert_memory_equal(rig.heard[0].raw, message.raw, 2);
    }
    message_reset(&message, "ctcss", "ctcss");
    assert_int_not_equal(protocol->from_text(&message, "123.1", 5), ATALAYA_OK);
    assert_int_not_equal(protocol->from_text(&message, "", 0), ATALAYA_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_tone_is_told_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_transmission_is_told_of_twice_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_tone_may_follow_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_over_it_does_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(voices_hum_and_noise_are_no_tones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_open_when_a_recording_ends_is_closed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_tone_goes_out_and_comes_back, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
