/* SPDX-License-Identifier: Apache-2.0 */
/* Second generation messages out of a stream of soft bits: where a burst begins, which sequences carried it,
 * what is no burst; and how seldom noise is taken for one. */
#include "beacon_stream.h"

#include "../../../../protocol/cospas_sarsat/bch.h"
#include "../../../../protocol/cospas_sarsat/sgb_stream.h"

enum { GAP = 8, BURST = SGB_PREAMBLE_BITS + SGB_BITS };
_Static_assert(2 * (GAP + BURST) <= STREAM_MAX, "two bursts");

/* T.018 B.1, with the test protocol flag off */
static const char *const line = "00E608F4C986196188A047C000000000000FFFC0100C1A00960";

/* A gap and the message of `digits`, its check made. Returns the place behind it. */
static size_t put(size_t at, const char *digits)
{
    struct message message;
    struct bit_frame frame;
    beacon_reset(&message);
    assert_int_equal(protocol->from_text(&message, digits, strlen(digits)), ATALAYA_OK);
    bit_frame_load(&frame, 1, SGB_DATA_BITS, message.raw);
    bch_encode(&bch_sgb, frame.bit + 1);
    memset(soft + at, 0, GAP);
    at += GAP;
    for (unsigned i = 0; i < BURST; i++)
        soft[at + i] = i >= SGB_PREAMBLE_BITS && frame.bit[i - SGB_PREAMBLE_BITS + 1] ? 50 : -50;
    return at + BURST;
}

static void each_burst_is_one_message(void **state)
{
    (void)state;
    start();
    size_t end = put(0, line);
    end = put(end, line);
    feed(end, SGB_BRANCH_NORMAL, SGB_BIT_RATE);
    assert_int_equal(heard_count, 2);
    assert_int_equal(heard[0].first_bit, GAP);
    assert_int_equal(heard[0].end_bit, GAP + BURST);
    assert_int_equal(heard[1].first_bit, GAP + BURST + GAP);
    assert_string_equal(heard[0].unit, "9934039823D000000000000");
    assert_int_equal(heard[0].distress, DISTRESS_RAISED);
    assert_false(heard[0].test);
    assert_string_equal(message_text(&heard[0], "sync", NULL), "normal");
    assert_int_equal(output.counts.messages, 2);
    assert_int_equal(output.counts.repaired, 0);
}

static void what_the_self_test_sequences_carried_is_a_test(void **state)
{
    (void)state;
    start();
    feed(put(0, line), SGB_BRANCH_SELF_TEST, SGB_BIT_RATE);
    assert_int_equal(heard_count, 1);
    assert_true(heard[0].test);
    assert_int_equal(heard[0].distress, DISTRESS_NONE);
    assert_string_equal(message_text(&heard[0], "sync", NULL), "self-test");
    assert_int_equal(heard[0].raw[SGB_OCTETS - 1] & 3, SGB_PRN_SELF_TEST);
}

static void errors_are_corrected_and_counted(void **state)
{
    (void)state;
    start();
    size_t end = put(0, line);
    for (unsigned i = 0; i < 9; i++)
        soft[GAP + 7 + 33 * i] = (int8_t) - (soft[GAP + 7 + 33 * i] / 8); /* two in the preamble */
    feed(end, SGB_BRANCH_NORMAL, SGB_BIT_RATE);
    assert_int_equal(heard_count, 1);
    assert_int_equal(heard[0].bits_corrected, 7);
    assert_int_equal(output.counts.repaired, 1);
}

static void what_is_no_burst_is_dropped_and_counted(void **state)
{
    (void)state;
    start();
    size_t end = put(0, line);
    memset(soft + GAP, 50, SGB_PREAMBLE_BITS);
    feed(end, SGB_BRANCH_NORMAL, SGB_BIT_RATE);
    assert_int_equal(output.counts.format, 1);
    start();
    put(0, line);
    for (unsigned i = 0; i < 30; i++)
        soft[GAP + SGB_PREAMBLE_BITS + 8 * i] = (int8_t)-soft[GAP + SGB_PREAMBLE_BITS + 8 * i];
    feed(end, SGB_BRANCH_NORMAL, SGB_BIT_RATE);
    assert_int_equal(output.counts.check, 1);
    start();
    memset(soft, -50, BURST); /* all zeros: a word of the code, and nobody's */
    feed(BURST, SGB_BRANCH_NORMAL, SGB_BIT_RATE);
    assert_int_equal(output.counts.format, 1);
    assert_int_equal(heard_count, 0);
}

static void other_waveforms_are_not_listened_to(void **state)
{
    (void)state;
    start();
    const struct soft_run run = {.soft = soft, .count = put(0, line), .bit_rate = 400};
    protocol->execute(stream, &run, &output);
    assert_int_equal(heard_count, 0);
}

/* A burst's preamble without its message: of noise the modem makes less than one such thing in a year. */
static void noise_behind_a_preamble_is_seldom_believed(void **state)
{
    enum { BURSTS = 200 };
    (void)state;
    start();
    for (unsigned n = 0; n < BURSTS; n++) {
        size_t end = put(0, line);
        for (unsigned i = 0; i < SGB_BITS; i++) {
            int value = (int)(random_next() >> 40) % 255 - 127;
            soft[GAP + SGB_PREAMBLE_BITS + i] = (int8_t)(value ? value : 1);
        }
        feed(end, SGB_BRANCH_NORMAL, SGB_BIT_RATE);
    }
    assert_int_equal(output.counts.messages + output.counts.check + output.counts.format, BURSTS);
    assert_in_range(output.counts.messages, 0, 4); /* 0.2 % are believed: test_bch.c */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_burst_is_one_message),
        cmocka_unit_test(what_the_self_test_sequences_carried_is_a_test),
        cmocka_unit_test(errors_are_corrected_and_counted),
        cmocka_unit_test(what_is_no_burst_is_dropped_and_counted),
        cmocka_unit_test(other_waveforms_are_not_listened_to),
        cmocka_unit_test(noise_behind_a_preamble_is_seldom_believed),
    };
    return cmocka_run_group_tests(tests, stream_setup, stream_teardown);
}
