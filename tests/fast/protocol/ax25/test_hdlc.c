/* SPDX-License-Identifier: Apache-2.0 */
/* HDLC by itself: the published check value, stuffing, flags, abort, lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/protocol/crc.h"
#include "atalaya/protocol/hdlc.h"

enum { BITS_MAX = 20000, FRAMES_MAX = 8 };

static struct {
    struct hdlc_deframer deframer;
    uint64_t index;
    unsigned candidates, overlong;
    size_t length[FRAMES_MAX];
    unsigned stray[FRAMES_MAX];
    uint64_t first[FRAMES_MAX], end[FRAMES_MAX];
    uint8_t frame[FRAMES_MAX][HDLC_FRAME_MAX];
} heard;

static void hear(const uint8_t *bits, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum hdlc_event event = hdlc_execute(&heard.deframer, bits[i], heard.index++);
        heard.overlong += event == HDLC_OVERLONG;
        if (event != HDLC_CANDIDATE || heard.deframer.length + heard.deframer.stray_bits == 0)
            continue;
        assert_true(heard.candidates < FRAMES_MAX);
        unsigned n = heard.candidates++;
        heard.length[n] = heard.deframer.length;
        heard.stray[n] = heard.deframer.stray_bits;
        heard.first[n] = heard.deframer.first_bit;
        heard.end[n] = heard.deframer.end_bit - 1;
        memcpy(heard.frame[n], heard.deframer.frame, heard.deframer.length);
    }
}

static void hear_text(const char *bits)
{
    uint8_t bit;
    for (; *bits; bits++)
        if (*bits == '0' || *bits == '1') {
            bit = *bits == '1';
            hear(&bit, 1);
        }
}

static int setup(void **state)
{
    (void)state;
    memset(&heard, 0, sizeof heard);
    hdlc_reset(&heard.deframer);
    return 0;
}

static void fcs_of_the_published_vector(void **state)
{
    (void)state;
    uint8_t vector[11] = "123456789";
    assert_int_equal(crc16_x25(vector, 9), 0x906e);
    vector[9] = 0x6e;
    vector[10] = 0x90;
    assert_int_equal(crc16_x25(vector, 11), CRC16_X25_GOOD);
}

static void octets_come_least_significant_bit_first(void **state)
{
    (void)state;
    hear_text("01111110 10000010 01000000 01111110");
    assert_int_equal(heard.candidates, 1);
    assert_int_equal(heard.length[0], 2);
    assert_int_equal(heard.stray[0], 0);
    assert_int_equal(heard.frame[0][0], 0x41);
    assert_int_equal(heard.frame[0][1], 0x02);
    assert_int_equal(heard.first[0], 0);
    assert_int_equal(heard.end[0], 31);
}

static void stuffed_zeros_are_removed(void **state)
{
    (void)state;
    /* FF 7E 3F: no six ones may stand in a row on the line */
    hear_text("01111110 111110111 01111101 0 11111010 0 01111110");
    assert_int_equal(heard.candidates, 1);
    assert_int_equal(heard.length[0], 3);
    assert_int_equal(heard.stray[0], 0);
    assert_memory_equal(heard.frame[0], "\xff\x7e\x3f", 3);
}

static void abort_drops_what_was_open(void **state)
{
    (void)state;
    hear_text("01111110 10000010 1111111 10000010 01111110");
    assert_int_equal(heard.candidates, 0);
    hear_text("10000010 01111110");
    assert_int_equal(heard.candidates, 1);
}

static void frames_may_share_one_flag_and_flags_one_zero(void **state)
{
    (void)state;
    hear_text("01111110 10000010 01111110 01000010 0111111 01111110 11000010 01111110");
    assert_int_equal(heard.candidates, 3);
    assert_int_equal(heard.frame[0][0], 0x41);
    assert_int_equal(heard.frame[1][0], 0x42);
    assert_int_equal(heard.frame[2][0], 0x43);
    assert_int_equal(heard.first[1], 16);
    assert_int_equal(heard.end[0], 23);
}

static void bits_beyond_whole_octets_are_reported(void **state)
{
    (void)state;
    hear_text("01111110 10000010 010 01111110");
    assert_int_equal(heard.candidates, 1);
    assert_int_equal(heard.stray[0], 3);
}

static void encode_and_deframe_agree_at_every_length(void **state)
{
    (void)state;
    static uint8_t bits[BITS_MAX];
    uint8_t frame[HDLC_FRAME_MAX];
    srandom(1);
    for (size_t length = 1; length <= HDLC_FRAME_MAX - HDLC_FCS_SIZE; length++) {
        setup(NULL);
        for (size_t i = 0; i < length; i++)
            frame[i] = (uint8_t)(length % 3 ? random() : length % 2 ? 0xff : 0x7e);
        size_t count = hdlc_encode(frame, length, 2, 1, bits, BITS_MAX);
        assert_true(count > 0);
        hear(bits, count);
        assert_int_equal(heard.candidates, 1);
        assert_int_equal(heard.length[0], length + HDLC_FCS_SIZE);
        assert_int_equal(heard.stray[0], 0);
        assert_memory_equal(heard.frame[0], frame, length);
        assert_int_equal(crc16_x25(heard.frame[0], heard.length[0]), CRC16_X25_GOOD);
        assert_int_equal(heard.first[0], 8);
        assert_int_equal(heard.end[0], count - 1);
        assert_int_equal(hdlc_encode(frame, length, 2, 1, bits, count - 1), 0);
    }
}

static void frames_without_end_are_given_up(void **state)
{
    (void)state;
    static const uint8_t zeros[9 * HDLC_FRAME_MAX];
    hear_text("01111110");
    hear(zeros, sizeof zeros);
    assert_int_equal(heard.overlong, 1);
    hear_text("01111110");
    assert_int_equal(heard.candidates, 0);
    hear_text("10000010 01111110");
    assert_int_equal(heard.candidates, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(fcs_of_the_published_vector, setup),
        cmocka_unit_test_setup(octets_come_least_significant_bit_first, setup),
        cmocka_unit_test_setup(stuffed_zeros_are_removed, setup),
        cmocka_unit_test_setup(abort_drops_what_was_open, setup),
        cmocka_unit_test_setup(frames_may_share_one_flag_and_flags_one_zero, setup),
        cmocka_unit_test_setup(bits_beyond_whole_octets_are_reported, setup),
        cmocka_unit_test_setup(encode_and_deframe_agree_at_every_length, setup),
        cmocka_unit_test_setup(frames_without_end_are_given_up, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
