/* SPDX-License-Identifier: Apache-2.0 */
/* FX.25 from line bits: every format, damage up to what its check octets carry, a torn tag, plain AX.25
 * beside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../../protocol/fx25/format.h"
#include "atalaya/protocol/protocol.h"

enum { BITS = 4096, PREAMBLE = 80, TAG_AT = PREAMBLE + 8, BLOCK_AT = TAG_AT + 64 };

static uint8_t bits[BITS];
static int8_t soft[BITS];
static size_t count;
static struct message sent, heard;
static unsigned heard_count;
static uint64_t seed = 1;

static unsigned random_below(unsigned limit)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (unsigned)(seed >> 33) % limit;
}

static void on_message(void *context, const struct message *message)
{
    (void)context;
    heard = *message;
    heard_count++;
}

/* A frame with so many characters of text, on air. */
static void transmit(size_t text)
{
    char line[400] = "N0CALL-7>APZATL:>";
    size_t length = strlen(line);
    memset(line + length, 'x', text);
    const struct protocol_row *row = protocol_find("fx25");
    const struct protocol_transmit how = {.preamble_bits = PREAMBLE};
    message_reset(&sent, "fx25", "ax25");
    assert_int_equal(row->protocol->from_text(&sent, line, length + text), ATALAYA_OK);
    count = row->protocol->transmit(&sent, &how, bits, BITS);
    for (size_t i = 0; i < count; i++)
        soft[i] = bits[i] ? 100 : -100;
}

static struct protocol_counts hear(const char *id)
{
    const struct protocol *protocol = protocol_find(id)->protocol;
    struct protocol_output output = {.message = on_message};
    void *state = malloc(protocol->state_size);
    assert_non_null(state);
    protocol->reset(state);
    heard_count = 0;
    for (size_t at = 0; at < count; at += 37) {
        struct soft_run run = {
            .soft = soft + at, .count = count - at < 37 ? count - at : 37, .first_bit = at};
        protocol->execute(state, &run, &output);
    }
    free(state);
    return output.counts;
}

static void assert_heard_once(unsigned corrected_least)
{
    assert_int_equal(heard_count, 1);
    assert_int_equal(heard.raw_length, sent.raw_length);
    assert_memory_equal(heard.raw, sent.raw, sent.raw_length);
    assert_string_equal(heard.unit, "N0CALL-7");
    assert_true(heard.bits_corrected >= corrected_least);
}

static void every_length_comes_back_in_the_smallest_format(void **state)
{
    (void)state;
    for (size_t text = 0; text <= 190; text++) {
        transmit(text);
        assert_true(count > 0);
        (void)hear("fx25");
        assert_heard_once(0);
        assert_int_equal(heard.bits_corrected, 0);
    }
    transmit(300);
    assert_int_equal(count, 0); /* too long for any format */
}

/* The frame inside is what plain AX.25 hears: same bytes, same hash, same place. */
static void plain_ax25_hears_the_same_message_at_the_same_place(void **state)
{
    (void)state;
    transmit(40);
    (void)hear("fx25");
    assert_heard_once(0);
    uint64_t hash = message_dedupe(&heard), first = heard.first_bit, end = heard.end_bit;
    (void)hear("ax25");
    assert_heard_once(0);
    assert_true(message_dedupe(&heard) == hash);
    assert_true(heard.first_bit == first && heard.end_bit == end);
}

/* One line bit in each of so many octets, each two data bits in the same octet. */
static void spoil_octets(unsigned octets, int8_t magnitude)
{
    for (unsigned i = 0; i < octets; i++) {
        size_t at = BLOCK_AT + 8 * (size_t)(3 * i + 1) + 2;
        soft[at] = (int8_t)(soft[at] > 0 ? -magnitude : magnitude);
    }
}

static void surely_wrong_octets_up_to_half_the_check_octets_are_corrected(void **state)
{
    (void)state;
    transmit(20); /* 64 data octets, 16 check octets */
    assert_int_equal(count, 8 * (11 + 8 + 80 + 3));
    spoil_octets(8, 100);
    struct protocol_counts counts = hear("fx25");
    assert_heard_once(16);
    assert_int_equal(heard.bits_corrected, 16);
    assert_int_equal(counts.repaired, 1);
    transmit(20);
    spoil_octets(9, 100);
    counts = hear("fx25");
    assert_int_equal(heard_count, 0);
    assert_int_equal(counts.check, 1);
}

static void doubtful_octets_are_erased_beyond_that(void **state)
{
    (void)state;
    transmit(20);
    spoil_octets(14, 5); /* 12 erased, 2 corrected */
    (void)hear("fx25");
    assert_heard_once(28);
}

static void a_tag_with_eight_wrong_bits_is_known_and_no_two_are_mixed_up(void **state)
{
    (void)state;
    transmit(20);
    for (unsigned i = 0; i < 4; i++) {
        size_t at = TAG_AT + 16 * (size_t)i + 3;
        soft[at] = (int8_t)-soft[at];
    }
    (void)hear("fx25");
    assert_heard_once(0);
    for (size_t octets = 1; octets <= FX25_DATA_MAX; octets++) {
        const struct fx25_format *format = fx25_format_choose(octets);
        assert_true(format && octets <= format->data);
        uint64_t wrong = 0;
        while (__builtin_popcountll(wrong) < FX25_TAG_ERRORS_MAX)
            wrong |= UINT64_C(1) << random_below(64);
        assert_ptr_equal(fx25_format_find(format->tag ^ wrong), format);
    }
    assert_null(fx25_format_choose(FX25_DATA_MAX + 1));
}

/* Half an hour of one branch at 1200 bit/s. */
static void random_bits_are_no_message(void **state)
{
    (void)state;
    count = BITS;
    for (unsigned n = 0; n < 1800 * 1200 / BITS; n++) {
        for (size_t i = 0; i < count; i++)
            soft[i] = (int8_t)((int)random_below(255) - 127);
        (void)hear("fx25");
        assert_int_equal(heard_count, 0);
    }
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
