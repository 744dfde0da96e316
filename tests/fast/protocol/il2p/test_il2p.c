/* SPDX-License-Identifier: Apache-2.0 */
/* IL2P from line bits: the worked examples of its specification (draft 0.6) both ways, both header types,
 * both polarities, damage, frames without a CRC, noise. */
#include "soft_line.h"

#include <string.h>

enum {
    HEADER_AT = LINE_PREAMBLE + 24,
    PAYLOAD_AT = HEADER_AT + 120,
    LATE_AT = PAYLOAD_AT + 160,
    EXAMPLE_MAX = 80
};

static void transmit_line(const char *text)
{
    line_send_text("il2p", text, strlen(text));
}

static struct protocol_counts hear(void)
{
    return line_hear("il2p");
}

static void invert(size_t from, size_t to, size_t step)
{
    for (size_t i = from; i < to; i += step)
        line.soft[i] = (int8_t)-line.soft[i];
}

static const struct {
    uint8_t frame[32], air[EXAMPLE_MAX];
    size_t frame_length, air_length;
} examples[] = {
    {{0x96, 0x82, 0x64, 0x88, 0x8a, 0xae, 0xe4, 0x96, 0x96, 0x68, 0x90, 0x8a, 0x94, 0x6f, 0x81},
     {0x26, 0x57, 0x4d, 0x57, 0xf1, 0xd2, 0xa8, 0xf0, 0x6a, 0xf2, 0x7b, 0xad, 0x23, 0xbd, 0xc0, 0x7f, 0x00,
      0x1d, 0x2b},
     15,
     19},
    {{0x86, 0xa2, 0x40, 0x40, 0x40, 0x40, 0x60, 0x96, 0x96, 0x68, 0x90, 0x8a, 0x94, 0xff, 0x03, 0xf0},
     {0x6a, 0xea, 0x9c, 0xc2, 0x01, 0x11, 0xfc, 0x14, 0x1f, 0xda, 0x6e, 0xf2, 0x53, 0x91, 0xbd, 0x47, 0x6c,
      0x54, 0x54},
     16,
     19},
    {{0x96, 0x82, 0x64, 0x88, 0x8a, 0xae, 0xe4, 0x96, 0x96, 0x68, 0x90, 0x8a, 0x94,
      0x65, 0xb8, 0xcf, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38},
     {0x26, 0x13, 0x6d, 0x02, 0x8c, 0xfe, 0xfb, 0xe8, 0xaa, 0x94, 0x2d, 0x6a, 0x34, 0x43, 0x35,
      0x3c, 0x69, 0x9f, 0x0c, 0x75, 0x5a, 0x38, 0xa1, 0x7f, 0xa5, 0xda, 0xd8, 0xf6, 0xea, 0x57,
      0x37, 0x3d, 0xb1, 0x2a, 0xb0, 0xde, 0x44, 0xa8, 0x20, 0xd0, 0x1d, 0x5a, 0x2b, 0x38},
     25,
     44},
};

static void the_examples_of_the_specification_are_heard(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof examples / sizeof *examples; n++) {
        message_reset(&line.sent, "il2p", "ax25");
        memcpy(line.sent.raw, examples[n].frame, examples[n].frame_length);
        line.sent.raw_length = (uint16_t)examples[n].frame_length;
        /* Sync word and silence around; then what the draft sends, without the 16 check octets' bit. */
        line_send("il2p");
        for (size_t i = 0; i < 8 * examples[n].air_length; i++)
            line.soft[HEADER_AT + i] = examples[n].air[i / 8] >> (7 - i % 8) & 1 ? 100 : -100;
        (void)hear();
        line_check_heard();
        assert_int_equal(line.heard.bits_corrected, 0);
        assert_true(line.heard.first_bit == LINE_PREAMBLE);
        assert_true(line.heard.end_bit == HEADER_AT + 8 * examples[n].air_length);
    }
}

static void every_length_and_both_polarities_come_back(void **state)
{
    char frame[1100] = "N0CALL-7>APZATL:>";
    size_t start = strlen(frame);
    (void)state;
    for (size_t text = 1; text < 1000; text += text < 20 ? 1 : 41) {
        memset(frame + start, 'x', text);
        transmit_line(frame);
        if (text % 2)
            invert(0, line.count, 1);
        (void)hear();
        line_check_heard();
    }
}

/* Digipeater path, Mic-E: nothing that type 1 can say. */
static void what_cannot_be_translated_travels_whole(void **state)
{
    (void)state;
    transmit_line("N0CALL-7>APZATL,WIDE1-1:>all well");
    size_t with_path = line.count;
    (void)hear();
    line_check_heard();
    transmit_line("N0CALL-7>APZATL:>all well");
    assert_int_equal(with_path - line.count, 8 * (2 + 21)); /* three addresses, control and PID more */
    transmit_line("N0CALL-7>3Q2U6T:`(_fn\"Oj/");
    (void)hear();
    line_check_heard();
    assert_true(line.heard.has_position);
}

static void damage_within_the_check_octets_is_corrected(void **state)
{
    (void)state;
    transmit_line("N0CALL-7>APZATL:>all well at the well");
    line.soft[LINE_PREAMBLE + 5] = (int8_t)-line.soft[LINE_PREAMBLE + 5]; /* one bit of the sync word */
    invert(HEADER_AT + 8, HEADER_AT + 16, 3);                             /* one octet of the header */
    invert(LATE_AT, LATE_AT + 8 * 8, 8);                                  /* eight of the payload */
    invert(line.count - 24 - 32, line.count - 24 - 31, 1);                /* one bit of the CRC */
    struct protocol_counts counts = hear();
    line_check_heard();
    assert_int_equal(line.heard.bits_corrected, 9);
    assert_int_equal(counts.repaired, 1);
    invert(LATE_AT + 64, LATE_AT + 65, 1); /* a ninth */
    (void)hear();
    assert_int_equal(line.heard_count, 0);
    for (size_t i = LATE_AT; i < LATE_AT + 16; i += 8) /* but two of them are doubtful */
        line.soft[i] = line.soft[i] > 0 ? 3 : -3;
    (void)hear();
    line_check_heard();
}

/* Two wrong octets of the header are one too many, unless the modem said where. */
static void a_doubtful_header_is_tried_the_other_way(void **state)
{
    (void)state;
    transmit_line("N0CALL-7>APZATL:>all well");
    invert(HEADER_AT + 8, HEADER_AT + 9, 1);
    invert(HEADER_AT + 50, HEADER_AT + 51, 1);
    (void)hear();
    assert_int_equal(line.heard_count, 0);
    line.soft[HEADER_AT + 50] = line.soft[HEADER_AT + 50] > 0 ? 3 : -3;
    (void)hear();
    line_check_heard();
}

static void a_crc_that_is_there_must_hold_and_none_is_marked(void **state)
{
    size_t length;
    (void)state;
    transmit_line("N0CALL-7>APZATL:>all well");
    size_t crc = line.count - 24 - 32;
    invert(crc + 1, crc + 8, 1); /* another nibble: its code word's complement */
    (void)hear();
    assert_int_equal(line.heard_count, 0);
    for (size_t i = crc; i < line.count; i++) /* after the last block there is noise */
        line.soft[i] = line_random_below(2) ? 50 : -50;
    memset(line.soft + crc, 100, 32);
    (void)hear();
    line_check_heard();
    assert_string_equal(message_text(&line.heard, "check", &length), "reed_solomon");
    assert_true(line.heard.end_bit == crc);
    invert(HEADER_AT + 8, HEADER_AT + 9, 1); /* then a corrected header is not believed */
    (void)hear();
    assert_int_equal(line.heard_count, 0);
}

/* Ten minutes of one branch; hours are for tests of rates. */
static void random_bits_are_no_message(void **state)
{
    (void)state;
    line_check_random("il2p", 600 * 1200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_specification_are_heard),
        cmocka_unit_test(every_length_and_both_polarities_come_back),
        cmocka_unit_test(what_cannot_be_translated_travels_whole),
        cmocka_unit_test(damage_within_the_check_octets_is_corrected),
        cmocka_unit_test(a_doubtful_header_is_tried_the_other_way),
        cmocka_unit_test(a_crc_that_is_there_must_hold_and_none_is_marked),
        cmocka_unit_test(random_bits_are_no_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
