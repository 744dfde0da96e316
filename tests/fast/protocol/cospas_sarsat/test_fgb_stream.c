/* SPDX-License-Identifier: Apache-2.0 */
/* First generation messages out of a stream of soft bits: both lengths, both senses, both synchronisations,
 * anywhere; and how seldom noise is taken for one. */
#include "beacon_stream.h"

#include "../../../../protocol/cospas_sarsat/bch.h"
#include "../../../../protocol/cospas_sarsat/fgb_stream.h"

enum { LEAD_BITS = 77 };

static const char *const long_line =
    "FFFE2F8E3E0425A8318074FE44B735CD7B46";                              /* a test protocol: no distress */
static const char *const distress_line = "FFFE2F56E6804002202009655250"; /* T.001 B1 */
static const char *const self_test_line = "FFFED056E6804002202009655250";

/* The line's bits at LEAD_BITS of a stream whose other decisions are random and weak. Returns its length. */
static size_t place(const char *line, bool inverted)
{
    static const struct protocol_transmit how;
    uint8_t bits[FGB_LONG_BITS];
    struct message message;
    beacon_reset(&message);
    assert_int_equal(protocol->from_text(&message, line, strlen(line)), ATALAYA_OK);
    size_t count = protocol->transmit(&message, &how, bits, sizeof bits);
    assert_true(count > 0);
    for (size_t i = 0; i < STREAM_MAX; i++)
        soft[i] = (int8_t)(random_next() % 19) - 9;
    for (size_t i = 0; i < count; i++)
        soft[LEAD_BITS + i] = (bits[i] != 0) != inverted ? 60 : -60;
    return LEAD_BITS + count;
}

static void check_heard(const char *line)
{
    char text[64];
    assert_int_equal(heard_count, 1);
    assert_int_equal(output.counts.messages, 1);
    assert_true(protocol->to_text(&heard[0], text, sizeof text) > 0);
    assert_string_equal(text, line);
    assert_int_equal(heard[0].first_bit, LEAD_BITS);
    assert_int_equal(heard[0].end_bit, LEAD_BITS + strlen(line) * 4);
}

/* The last bit is enough: nothing need follow it. */
static void both_lengths_in_both_senses_are_heard(void **state)
{
    const char *const lines[] = {long_line, distress_line, self_test_line};
    (void)state;
    for (unsigned n = 0; n < 6; n++) {
        start();
        feed(place(lines[n / 2], n % 2), 0, FGB_BIT_RATE);
        check_heard(lines[n / 2]);
        assert_int_equal(heard[0].distress, n / 2 == 1 ? DISTRESS_RAISED : DISTRESS_NONE);
        assert_int_equal(heard[0].test, n / 2 != 1);
    }
}

static void only_this_waveform_is_listened_to(void **state)
{
    (void)state;
    start();
    feed(place(distress_line, false), 0, 300);
    assert_int_equal(heard_count, 0);
    start();
    feed(place(distress_line, false), 0, 0); /* not said: it may be this one */
    check_heard(distress_line);
}

static void wrong_bits_in_the_synchronisation_are_borne(void **state)
{
    (void)state;
    start();
    size_t count = place(distress_line, false);
    soft[LEAD_BITS + 3] = soft[LEAD_BITS + 11] = -25;
    soft[LEAD_BITS + 17] = 25; /* of the eight that tell a self-test */
    feed(count, 0, FGB_BIT_RATE);
    check_heard(distress_line);
    assert_int_equal(heard[0].distress, DISTRESS_RAISED);
}

/* Half of the eight bits, weak ones, speak for a self-test: it may be one, and the next burst will say. */
static void what_may_be_a_self_test_raises_nothing(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 2; n++) {
        start();
        size_t count = place(n ? self_test_line : distress_line, false);
        for (unsigned i = 16; i < 24; i++)
            soft[LEAD_BITS + i] = (int8_t)(i < 20 ? -soft[LEAD_BITS + i] / 6 : soft[LEAD_BITS + i] / 6);
        feed(count, 0, FGB_BIT_RATE);
        assert_int_equal(heard_count, 0);
    }
}

/* The code is cyclic, so that a message read a bit too late is nearly another one: without known bits to be
 * sure of where it begins it must be heard twice. */
static void a_faded_start_is_a_guess(void **state)
{
    (void)state;
    start();
    size_t count = place(distress_line, false);
    for (unsigned i = 0; i < FGB_SYNC_BITS; i++)
        soft[LEAD_BITS + i] = (int8_t)(soft[LEAD_BITS + i] > 0 ? 18 : -18);
    feed(count, 0, FGB_BIT_RATE);
    check_heard(distress_line);
    assert_true(heard[0].guessed);
    start();
    feed(place(distress_line, false), 0, FGB_BIT_RATE);
    assert_false(heard[0].guessed);
}

/* What is a guess must name a country and have bits that change; what is none may name any. */
static void a_guess_that_makes_no_sense_is_none(void **state)
{
    static const struct {
        unsigned country;
        uint8_t rest; /* what the other bits of the message are made of, over and over */
        unsigned heard;
    } cases[] = {{366, 0x5a, 1}, {1, 0x5a, 0}, {511, 0xff, 0}};
    (void)state;
    for (unsigned n = 0; n < 6; n++) {
        const bool guess = n % 2;
        uint8_t word[82];
        start();
        (void)place(distress_line, false);
        for (unsigned i = 0; i < sizeof word; i++)
            word[i] = cases[n / 2].rest >> (7 - i % 8) & 1;
        word[0] = 0;
        word[1] = 1;
        for (unsigned i = 0; i < 10; i++)
            word[2 + i] = cases[n / 2].country >> (9 - i) & 1;
        word[12] = 0; /* 0 1 1: a user protocol with a serial number */
        word[13] = 1;
        word[14] = 1;
        bch_encode(&bch_fgb_1, word);
        for (unsigned i = 0; i < FGB_SYNC_BITS && guess; i++)
            soft[LEAD_BITS + i] = (int8_t)(soft[LEAD_BITS + i] > 0 ? 18 : -18);
        for (unsigned i = 0; i < sizeof word; i++)
            soft[LEAD_BITS + FGB_SYNC_BITS + i] = word[i] ? 60 : -60;
        feed(LEAD_BITS + FGB_SHORT_BITS, 0, FGB_BIT_RATE);
        assert_int_equal(heard_count, guess ? cases[n / 2].heard : 1);
    }
}

static void a_burst_after_a_burst_is_heard(void **state)
{
    int8_t first[LEAD_BITS + FGB_LONG_BITS];
    (void)state;
    start();
    size_t count = place(long_line, true);
    memcpy(first, soft, count);
    size_t next = place(distress_line, false);
    memmove(soft + count, soft + LEAD_BITS, next - LEAD_BITS);
    memcpy(soft, first, count);
    feed(count + next - LEAD_BITS, 0, FGB_BIT_RATE);
    assert_int_equal(heard_count, 2);
    assert_int_equal(heard[1].first_bit, count);
}

/* One error more in the first word than its code corrects, all of them doubted; spoilt: the second is beyond
 * help. */
static void a_guess_needs_a_second_word_that_holds(void **state)
{
    (void)state;
    for (unsigned spoilt = 0; spoilt < 2; spoilt++) {
        start();
        size_t count = place(long_line, false);
        for (unsigned i = 0; i < 4; i++) {
            int8_t *weak = &soft[LEAD_BITS + 40 + 13 * i], *clear = &soft[LEAD_BITS + 110 + 7 * i];
            *weak = (int8_t)(*weak > 0 ? -4 : 4);
            *clear = (int8_t)(spoilt ? -*clear : *clear);
        }
        feed(count, 0, FGB_BIT_RATE);
        assert_int_equal(heard_count, 1 - spoilt);
        assert_true(spoilt || heard[0].guessed);
    }
}

/* Two that are no beacons: the end of one and the beginning of the next are a message, check and all. */
static void nothing_of_a_burst_goes_on_in_the_next(void **state)
{
    (void)state;
    for (unsigned apart = 0; apart < 2; apart++) {
        start();
        size_t count = place(long_line, false), half = LEAD_BITS + FGB_LONG_BITS / 2;
        for (size_t at = 0; at < count; at = at < half ? half : count) {
            const struct soft_run run = {.soft = soft + at,
                                         .count = at < half ? half : count - half,
                                         .first_bit = at,
                                         .bit_rate = FGB_BIT_RATE,
                                         .is_burst = apart};
            protocol->execute(stream, &run, &output);
        }
        assert_int_equal(heard_count, 1 - apart);
    }
}

static void zeros_are_no_beacon(void **state)
{
    (void)state;
    start();
    size_t count = place(distress_line, false);
    for (unsigned i = FGB_SYNC_BITS; i < FGB_SHORT_BITS; i++)
        soft[LEAD_BITS + i] = -60;
    feed(count, 0, FGB_BIT_RATE);
    assert_int_equal(heard_count, 0);
    assert_int_equal(output.counts.format, 1);
}

/* Of noise alone, as a modem would give it that took everything for a burst. */
static void noise_is_hardly_ever_a_synchronisation(void **state)
{
    enum { RUNS = 2000 };
    (void)state;
    start();
    for (unsigned n = 0; n < RUNS; n++) {
        for (size_t i = 0; i < STREAM_MAX; i++) { /* the sum of four is near enough to normal */
            int sum = 0;
            for (unsigned k = 0; k < 4; k++)
                sum += (int)(random_next() >> 58) - 32;
            soft[i] = (int8_t)(sum < -127 ? -127 : sum > 127 ? 127 : sum);
        }
        const struct soft_run run = {.soft = soft,
                                     .count = STREAM_MAX,
                                     .first_bit = (uint64_t)n * STREAM_MAX,
                                     .bit_rate = FGB_BIT_RATE};
        protocol->execute(stream, &run, &output);
    }
    double bits = (double)RUNS * STREAM_MAX;
    double candidates = (double)(output.counts.check + output.counts.messages);
    print_message("of noise %.1e synchronisations a bit, %.1e messages a bit\n", candidates / bits,
                  (double)output.counts.messages / bits);
    assert_true(candidates < 7e-4 * bits && output.counts.messages < 1.2e-5 * bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_lengths_in_both_senses_are_heard),
        cmocka_unit_test(only_this_waveform_is_listened_to),
        cmocka_unit_test(wrong_bits_in_the_synchronisation_are_borne),
        cmocka_unit_test(what_may_be_a_self_test_raises_nothing),
        cmocka_unit_test(a_faded_start_is_a_guess),
        cmocka_unit_test(a_guess_that_makes_no_sense_is_none),
        cmocka_unit_test(a_burst_after_a_burst_is_heard),
        cmocka_unit_test(a_guess_needs_a_second_word_that_holds),
        cmocka_unit_test(nothing_of_a_burst_goes_on_in_the_next),
        cmocka_unit_test(zeros_are_no_beacon),
        cmocka_unit_test(noise_is_hardly_ever_a_synchronisation),
    };
    return cmocka_run_group_tests(tests, stream_setup, stream_teardown);
}
