/* SPDX-License-Identifier: Apache-2.0 */
/* The row as the receiver drives it: soft bits in any chunks and polarity, and nothing but good frames out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/protocol/ax25.h"
#include "atalaya/protocol/protocol.h"

static const struct protocol *row;
static void *stream;
static struct protocol_output output;
static struct message last, sent;
static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
static uint64_t next_bit;

static void keep(void *context, const struct message *message)
{
    (void)context;
    last = *message;
}

static int setup(void **state)
{
    (void)state;
    row = protocol_find("ax25")->protocol;
    free(stream);
    stream = malloc(row->state_size);
    assert_non_null(stream);
    memset(stream, 0xa5, row->state_size); /* reset must not count on zeros */
    row->reset(stream);
    output = (struct protocol_output){.message = keep};
    next_bit = 0;
    srandom(7);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(stream);
    stream = NULL;
    return 0;
}

static void hear(const uint8_t *line, size_t count, bool inverted)
{
    for (size_t at = 0; at < count;) {
        int8_t soft[97];
        size_t chunk = 1 + (size_t)random() % sizeof soft;
        if (chunk > count - at)
            chunk = count - at;
        for (size_t i = 0; i < chunk; i++) {
            int8_t sure = (int8_t)(1 + random() % 127);
            soft[i] = (line[at + i] != inverted) ? sure : (int8_t)-sure;
        }
        struct soft_run run = {.soft = soft, .count = chunk, .first_bit = next_bit};
        row->execute(stream, &run, &output);
        at += chunk;
        next_bit += chunk;
    }
}

/* A UI frame of another layer 3, so that any information will do. */
static void sent_make(size_t info_length)
{
    struct ax25_header header = {.repeaters = (unsigned)random() % (AX25_REPEATERS_MAX + 1)};
    uint8_t info[AX25_INFO_MAX];
    message_reset(&sent, "ax25", "ax25");
    assert_int_equal(ax25_address_from_text("APZATL", 6, &header.destination), ATALAYA_OK);
    assert_int_equal(ax25_address_from_text("N0CALL-9", 8, &header.source), ATALAYA_OK);
    for (unsigned i = 0; i < header.repeaters; i++)
        assert_int_equal(ax25_address_from_text("WIDE2-1", 7, &header.repeater[i]), ATALAYA_OK);
    for (size_t i = 0; i < info_length; i++)
        info[i] = (uint8_t)(random() % 4 ? random() : 0x7e);
    assert_int_equal(ax25_frame_set(&sent, &header, AX25_CONTROL_UI, 0xcc, info, info_length), ATALAYA_OK);
}

static size_t transmit(unsigned preamble_bits)
{
    struct protocol_transmit how = {.preamble_bits = preamble_bits, .tail_bits = 8};
    size_t count = row->transmit(&sent, &how, bits, sizeof bits);
    assert_true(count > 0);
    return count;
}

static void assert_heard_what_was_sent(uint64_t count)
{
    assert_int_equal(output.counts.messages, count);
    assert_int_equal(last.raw_length, sent.raw_length);
    assert_memory_equal(last.raw, sent.raw, sent.raw_length);
}

static void every_length_comes_back_in_any_chunks_and_polarity(void **state)
{
    (void)state;
    for (size_t length = 0; length <= AX25_INFO_MAX; length += 1 + length / 64) {
        setup(NULL);
        sent_make(length);
        size_t count = transmit(16);
        hear(bits, count, length % 2);
        assert_heard_what_was_sent(1);
        assert_int_equal(last.first_bit, 8);
        assert_int_equal(last.end_bit, count);
        assert_int_equal(last.payload_length, length);
    }
}

/* What comes out of a damaged frame is what was sent, and says that it was repaired. */
static void assert_repaired_or_nothing(void)
{
    assert_true(output.counts.messages <= 1);
    if (output.counts.messages == 0)
        return;
    assert_heard_what_was_sent(1);
    assert_true(last.bits_corrected > 0 && last.guessed);
    assert_int_equal(output.counts.repaired, 1);
}

static const uint8_t after[] = {0, 1, 1, 1, 1, 1, 1, 1}; /* another flag, in whatever line code */

static void no_single_wrong_bit_gives_another_message(void **state)
{
    (void)state;
    sent_make(60);
    size_t count = transmit(8);
    uint64_t failed = 0;
    for (size_t wrong = 16; wrong + 8 < count; wrong++) {
        row->reset(stream);
        output = (struct protocol_output){.message = keep};
        bits[wrong] ^= 1;
        hear(bits, count, false);
        hear(after, sizeof after, false);
        bits[wrong] ^= 1;
        assert_repaired_or_nothing();
        failed += output.counts.check;
    }
    assert_true(failed > count / 2);
}

static void no_pair_of_wrong_neighbours_gives_another_message(void **state)
{
    (void)state;
    sent_make(30);
    size_t count = transmit(8);
    for (size_t wrong = 16; wrong + 9 < count; wrong++) {
        row->reset(stream);
        output = (struct protocol_output){.message = keep};
        bits[wrong] ^= 1;
        bits[wrong + 1] ^= 1;
        hear(bits, count, false);
        bits[wrong] ^= 1;
        bits[wrong + 1] ^= 1;
        assert_repaired_or_nothing();
    }
}

/* As a sequence detector hands on its doubts: sure bits, patterns of them that may be wrong. */
static void hear_with_doubts(size_t count, const struct error_event *events)
{
    static int8_t soft[PROTOCOL_LINE_BITS_MAX];
    for (size_t i = 0; i < count; i++)
        soft[i] = bits[i] ? 100 : -100;
    struct soft_run run = {.soft = soft, .event = events, .count = count, .first_bit = next_bit};
    row->execute(stream, &run, &output);
    next_bit += count;
}

static void likely_patterns_are_undone_three_at_once(void **state)
{
    (void)state;
    static struct error_event events[PROTOCOL_LINE_BITS_MAX];
    for (unsigned doubts = 1; doubts <= 4; doubts++) {
        setup(NULL);
        sent_make(60);
        size_t count = transmit(40);
        for (size_t i = 0; i < count; i++)
            events[i] = (struct error_event){.mask = 3, .reliability = 3000};
        for (unsigned d = 0; d < doubts; d++) {
            size_t at = 300 + 100 * d;
            events[at] = (struct error_event){.mask = 5, .reliability = (uint16_t)(10 + d)};
            bits[at] ^= 1;
            bits[at - 2] ^= 1;
        }
        hear_with_doubts(count, events);
        if (doubts > 3) {
            assert_int_equal(output.counts.messages, 0); /* more than is tried */
            continue;
        }
        assert_heard_what_was_sent(1);
        assert_int_equal(last.bits_corrected, 2 * doubts);
        assert_true(last.guessed);
        assert_int_equal(last.first_bit, 32);
        assert_int_equal(last.end_bit, count);
    }
}

/* What is wrong is listed, and too unlikely by itself, or among so many doubts, to be told from chance. */
static void what_is_too_unlikely_is_not_undone(void **state)
{
    static const struct {
        uint16_t wrong, others;
        unsigned other_count;
        bool repaired;
    } cases[] = {{1000, 3000, 600, true}, {1100, 3000, 600, true}, {1300, 3000, 600, false},
                 {100, 200, 15, true},    {100, 200, 20, false},   {0, 0, 8, true},
                 {0, 0, 10, false}};
    static struct error_event events[PROTOCOL_LINE_BITS_MAX];
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        setup(NULL);
        sent_make(60);
        size_t count = transmit(40);
        memset(events, 0, sizeof events);
        for (size_t i = 0; i < cases[c].other_count && i * 3 < 300; i++)
            events[60 + i * 3] = (struct error_event){.mask = 1, .reliability = cases[c].others};
        events[400] = (struct error_event){.mask = 1, .reliability = cases[c].wrong};
        bits[400] ^= 1;
        hear_with_doubts(count, events);
        assert_int_equal(output.counts.messages, cases[c].repaired);
        if (cases[c].repaired)
            assert_true(last.doubt > cases[c].wrong);
    }
}

static void an_unharmed_frame_is_not_guessed(void **state)
{
    (void)state;
    sent_make(60);
    hear(bits, transmit(40), false);
    assert_heard_what_was_sent(1);
    assert_int_equal(last.bits_corrected, 0);
    assert_false(last.guessed);
    assert_int_equal(output.counts.repaired, 0);
}

static void default_preamble_is_300_ms_and_bounds_are_kept(void **state)
{
    (void)state;
    struct protocol_transmit how = {0};
    sent_make(AX25_INFO_MAX);
    size_t count = row->transmit(&sent, &how, bits, sizeof bits);
    assert_true(count > 360 + 8 * (size_t)sent.raw_length);
    assert_int_equal(row->transmit(&sent, &how, bits, count - 1), 0);
    assert_int_equal(row->transmit(&sent, &how, bits, count), count);
    hear(bits, count, false);
    assert_int_equal(last.first_bit, 360 - 8);
    sent.raw_length = AX25_FRAME_MIN - 1;
    assert_int_equal(row->transmit(&sent, &how, bits, sizeof bits), 0);
    sent.raw_length = AX25_FRAME_MAX + 1;
    assert_int_equal(row->transmit(&sent, &how, bits, sizeof bits), 0);
}

static void what_is_dropped_is_counted_by_cause(void **state)
{
    (void)state;
    sent_make(20);
    memset(sent.raw + sent.payload_offset, 0x31, sent.payload_length); /* far from stuffing and flags */
    size_t count = transmit(8);
    hear(bits, count, false);
    bits[count - 60] ^= 1;
    hear(bits, count, false);
    assert_int_equal(output.counts.check, 1);

    sent.raw[6] |= 1; /* the address field ends after one address: good FCS, no sense */
    count = transmit(8);
    hear(bits, count, false);
    assert_int_equal(output.counts.format, 1);
    assert_int_equal(output.counts.messages, 1);
    assert_int_equal(output.counts.length, 0);
}

static void flags_and_noise_are_no_candidates(void **state)
{
    (void)state;
    sent_make(1);
    hear(bits, transmit(8000), false);
    assert_heard_what_was_sent(1);
    assert_int_equal(output.counts.length, 0);
    for (unsigned block = 0; block < 50; block++) {
        for (size_t i = 0; i < 20000; i++)
            bits[i] = random() >> 8 & 1;
        hear(bits, 20000, false);
    }
    assert_true(output.counts.messages <=
                2); /* a million bits of noise: some dozens of candidates, and FCS passes 1 in 65536 */
    assert_true(output.counts.check > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_length_comes_back_in_any_chunks_and_polarity, setup, teardown),
        cmocka_unit_test_setup_teardown(no_single_wrong_bit_gives_another_message, setup, teardown),
        cmocka_unit_test_setup_teardown(no_pair_of_wrong_neighbours_gives_another_message, setup, teardown),
        cmocka_unit_test_setup_teardown(likely_patterns_are_undone_three_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_too_unlikely_is_not_undone, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unharmed_frame_is_not_guessed, setup, teardown),
        cmocka_unit_test_setup_teardown(default_preamble_is_300_ms_and_bounds_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_dropped_is_counted_by_cause, setup, teardown),
        cmocka_unit_test_setup_teardown(flags_and_noise_are_no_candidates, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
