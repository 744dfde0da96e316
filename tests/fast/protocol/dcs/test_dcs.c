/* SPDX-License-Identifier: Apache-2.0 */
/* Squelch codes under voice and noise, of both polarities: told once when they begin and once when they end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../../protocol/dcs/code.h"
#include "atalaya/protocol/squelch.h"
#include "tone_rig.h"

enum { RATE_HZ = 8000 };

static struct tone_rig rig;
static struct message message;
static uint8_t bits[4000];

static int set_up(void **state)
{
    (void)state;
    tone_rig_open(&rig, "dcs", RATE_HZ);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tone_rig_close(&rig);
    return 0;
}

static size_t line_bits(const char *code)
{
    message_reset(&message, "dcs", "dcs");
    assert_int_equal(rig.row->protocol->from_text(&message, code, 3), ATALAYA_OK);
    const struct protocol_transmit how = {.preamble_bits = 0};
    size_t count = rig.row->protocol->transmit(&message, &how, bits, sizeof bits);
    assert_true(count > 0);
    return count;
}

/* 1.7 s of the code at a tenth of full scale, `sign` its polarity, and `voice` of something louder. */
static void play(const char *code, float sign, double voice)
{
    static float audio[3 * RATE_HZ];
    size_t from = rig.count, count = rig.class->modulate(RATE_HZ, bits, line_bits(code), audio, 3 * RATE_HZ);
    assert_true(count > 0);
    for (double at = 0.0; rig.count < from + count; at += 20.0)
        tone_rig_sound(&rig, (const double[]){450.0 + 140.0 * sin(at / 90.0), 900.0},
                       (const double[]){voice, voice}, 20.0);
    rig.count = from + count;
    for (size_t i = 0; i < count; i++)
        rig.audio[from + i] += 0.1F * sign * audio[i];
}

static void expect_begin_and_end(const char *code)
{
    struct squelch squelch;
    assert_int_equal(rig.heard_count, 2);
    assert_true(squelch_read(&rig.heard[0], &squelch) && squelch.present);
    assert_string_equal(message_text(&rig.heard[0], "dcs", NULL), code);
    assert_true(squelch_read(&rig.heard[1], &squelch) && !squelch.present);
}

static void codes_are_told_apart_and_have_an_inverse_each(void **state)
{
    (void)state;
    assert_int_equal(dcs_word(023), 0x763813);
    for (unsigned i = 0; i < DCS_CODES; i++) {
        unsigned inverse = dcs_inverse(i);
        assert_int_equal(dcs_find(dcs_word(dcs_codes[i])), i);
        assert_true(inverse < DCS_CODES && inverse != i);
        assert_int_equal(dcs_inverse(inverse), i);
    }
    assert_int_equal(dcs_codes[dcs_inverse(0)], 047); /* of 023 */
}

static void codes_are_told_once_in_either_polarity(void **state)
{
    (void)state;
    for (unsigned i = 0; i < DCS_CODES; i += 5) {
        char code[8], inverse[8];
        (void)snprintf(code, sizeof code, "%03o", (unsigned)dcs_codes[i]);
        (void)snprintf(inverse, sizeof inverse, "%03o", (unsigned)dcs_codes[dcs_inverse(i)]);
        play(code, 1.0F, 0.2);
        tone_rig_hear(&rig, 600);
        expect_begin_and_end(code);
        assert_string_equal(message_text(&rig.heard[0], "dcs_inverted", NULL), inverse);
        assert_true(message_flag(&rig.heard[1], "turn_off"));
        play(code, -1.0F, 0.2);
        tone_rig_hear(&rig, 600);
        expect_begin_and_end(inverse);
    }
}

static void a_code_that_breaks_off_ends_too(void **state)
{
    (void)state;
    play("265", 1.0F, 0.0);
    rig.count -= RATE_HZ / 2;
    tone_rig_hear(&rig, 900);
    expect_begin_and_end("265");
    assert_false(message_flag(&rig.heard[1], "turn_off"));
}

/* A coupling capacitor or a receiver's frequency control takes away what lies below 8 Hz. */
static void couplings_do_not_matter(void **state)
{
    (void)state;
    float mean = 0.0F;
    play("734", 1.0F, 0.2);
    for (size_t i = 0; i < rig.count; i++) {
        mean += (rig.audio[i] + 0.3F - mean) * (1.0F / (0.020F * RATE_HZ));
        rig.audio[i] += 0.3F - mean;
    }
    tone_rig_hear(&rig, 600);
    expect_begin_and_end("734");
}

static void noise_over_it_does_not_matter(void **state)
{
    (void)state;
    play("411", 1.0F, 0.0);
    tone_rig_noise(&rig, 6.0);
    tone_rig_hear(&rig, 600);
    expect_begin_and_end("411");
}

static void voices_tones_and_noise_are_no_codes(void **state)
{
    (void)state;
    for (double at = 0.0; at < 15000.0; at += 10.0) {
        double pitch = 110.0 + 40.0 * sin(at / 700.0);
        tone_rig_sound(&rig, (const double[]){pitch, 2.0 * pitch}, (const double[]){0.3, 0.2}, 10.0);
    }
    tone_rig_tone(&rig, 67.0, 3000);
    tone_rig_tone(&rig, 134.4, 3000);
    tone_rig_silence(&rig, 20000);
    tone_rig_noise(&rig, 10.0);
    tone_rig_hear(&rig, 600);
    assert_int_equal(rig.heard_count, 0);
}

static void every_code_goes_out_and_comes_back(void **state)
{
    (void)state;
    static int8_t soft[4000];
    const struct protocol *protocol = rig.row->protocol;
    tone_rig_hear(&rig, 0);
    for (unsigned i = 0; i < DCS_CODES; i++) {
        char code[8], text[8];
        (void)snprintf(code, sizeof code, "%03o", (unsigned)dcs_codes[i]);
        size_t count = line_bits(code);
        assert_int_equal(protocol->to_text(&message, text, sizeof text), 3);
        assert_string_equal(text, code);
        message.raw_length = 0;
        assert_int_equal(protocol->compose(&message), ATALAYA_OK);
        for (size_t b = 0; b < count; b++)
            soft[b] = bits[b] ? 100 : -100;
        protocol->reset(rig.state);
        rig.heard_count = 0;
        protocol->execute(rig.state, &(struct soft_run){.soft = soft, .count = count}, &rig.output);
        protocol->finish(rig.state, &rig.output);
        expect_begin_and_end(code);
        assert_memory_equal(rig.heard[0].raw, message.raw, 2);
    }
    message_reset(&message, "dcs", "dcs");
    assert_int_not_equal(protocol->from_text(&message, "024", 3), ATALAYA_OK);
    assert_int_not_equal(protocol->from_text(&message, "0238", 4), ATALAYA_OK);
    assert_int_not_equal(protocol->from_text(&message, "028", 3), ATALAYA_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(codes_are_told_apart_and_have_an_inverse_each, set_up, tear_down),
        cmocka_unit_test_setup_teardown(codes_are_told_once_in_either_polarity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_code_that_breaks_off_ends_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(couplings_do_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_over_it_does_not_matter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(voices_tones_and_noise_are_no_codes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_code_goes_out_and_comes_back, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
