/* SPDX-License-Identifier: Apache-2.0 */
/* FX.25 from line bits: every format, damage up to what its check octets carry, a torn tag, plain AX.25
 * beside. */
#include "soft_line.h"

#include <string.h>

#include "../../../../protocol/fx25/format.h"

enum { TAG_AT = LINE_PREAMBLE + 8, BLOCK_AT = TAG_AT + 64 };

/* A frame with so many characters of text, on air. */
static void transmit(size_t text)
{
    char frame[400] = "N0CALL-7>APZATL:>";
    size_t length = strlen(frame);
    memset(frame + length, 'x', text);
    line_send_text("fx25", frame, length + text);
}

static void assert_heard_once(unsigned corrected_least)
{
    line_check_heard();
    assert_string_equal(line.heard.unit, "N0CALL-7");
    assert_true(line.heard.bits_corrected >= corrected_least);
}

static void every_length_comes_back_in_the_smallest_format(void **state)
{
    (void)state;
    for (size_t text = 0; text <= 190; text++) {
        transmit(text);
        assert_true(line.count > 0);
        (void)line_hear("fx25");
        assert_heard_once(0);
        assert_int_equal(line.heard.bits_corrected, 0);
    }
    transmit(300);
    assert_int_equal(line.count, 0); /* too long for any format */
}

/* The frame inside is what plain AX.25 hears: same bytes, same hash, same place. */
static void plain_ax25_hears_the_same_message_at_the_same_place(void **state)
{
    (void)state;
    transmit(40);
    (void)line_hear("fx25");
    assert_heard_once(0);
    uint64_t hash = message_dedupe(&line.heard), first = line.heard.first_bit, end = line.heard.end_bit;
    (void)line_hear("ax25");
    assert_heard_once(0);
    assert_true(message_dedupe(&line.heard) == hash);
    assert_true(line.heard.first_bit == first && line.heard.end_bit == end);
}

/* One line bit in each of so many octets, each two data bits in the same octet. */
static void spoil_octets(unsigned octets, int8_t magnitude)
{
    for (unsigned i = 0; i < octets; i++) {
        size_t at = BLOCK_AT + 8 * (size_t)(3 * i + 1) + 2;
        line.soft[at] = (int8_t)(line.soft[at] > 0 ? -magnitude : magnitude);
    }
}

static void surely_wrong_octets_up_to_half_the_check_octets_are_corrected(void **state)
{
    (void)state;
    transmit(20); /* 64 data octets, 16 check octets */
    assert_int_equal(line.count, 8 * (11 + 8 + 80 + 3));
    spoil_octets(8, 100);
    struct protocol_counts counts = line_hear("fx25");
    assert_heard_once(16);
    assert_int_equal(line.heard.bits_corrected, 16);
    assert_int_equal(counts.repaired, 1);
    transmit(20);
    spoil_octets(9, 100);
    counts = line_hear("fx25");
    assert_int_equal(line.heard_count, 0);
    assert_int_equal(counts.check, 1);
}

static void doubtful_octets_are_erased_beyond_that(void **state)
{
    (void)state;
    transmit(20);
    spoil_octets(14, 5); /* 12 erased, 2 corrected */
    (void)line_hear("fx25");
    assert_heard_once(28);
}

static void a_tag_with_eight_wrong_bits_is_known_and_no_two_are_mixed_up(void **state)
{
    (void)state;
    transmit(20);
    for (unsigned i = 0; i < 4; i++) {
        size_t at = TAG_AT + 16 * (size_t)i + 3;
        line.soft[at] = (int8_t)-line.soft[at];
    }
    (void)line_hear("fx25");
    assert_heard_once(0);
    for (size_t octets = 1; octets <= FX25_DATA_MAX; octets++) {
        const struct fx25_format *format = fx25_format_choose(octets);
        assert_true(format && octets <= format->data);
        uint64_t wrong = 0;
        while (__builtin_popcountll(wrong) < FX25_TAG_ERRORS_MAX)
            wrong |= UINT64_C(1) << line_random_below(64);
        assert_ptr_equal(fx25_format_find(format->tag ^ wrong), format);
    }
    assert_null(fx25_format_choose(FX25_DATA_MAX + 1));
}

/* Half an hour of one branch at 1200 bit/s. */
static void random_bits_are_no_message(void **state)
{
    (void)state;
    line_check_random("fx25", 1800 * 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_comes_back_in_the_smallest_format),
        cmocka_unit_test(plain_ax25_hears_the_same_message_at_the_same_place),
        cmocka_unit_test(surely_wrong_octets_up_to_half_the_check_octets_are_corrected),
        cmocka_unit_test(doubtful_octets_are_erased_beyond_that),
        cmocka_unit_test(a_tag_with_eight_wrong_bits_is_known_and_no_two_are_mixed_up),
        cmocka_unit_test(random_bits_are_no_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
