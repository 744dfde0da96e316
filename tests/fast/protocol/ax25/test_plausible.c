/* SPDX-License-Identifier: Apache-2.0 */
/* What a repaired frame must look like, beyond its check. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "../../../../protocol/ax25/plausible.h"

enum { HEADER = 16, FCS = 2, FRAME_MAX = 200 };

/* A UI frame with this information; its check is looked at by nobody here. */
static size_t make_frame(const char *info, size_t length, uint8_t frame[FRAME_MAX])
{
    static const uint8_t header[HEADER] = {'A' << 1, 'P' << 1, 'Z' << 1, 'A' << 1, 'T' << 1, 'L' << 1,
                                           0xe0,     'N' << 1, '0' << 1, 'C' << 1, 'A' << 1, 'L' << 1,
                                           'L' << 1, 0x61,     0x03,     0xf0};
    memcpy(frame, header, HEADER);
    memcpy(frame + HEADER, info, length);
    memset(frame + HEADER + length, 0xff, FCS);
    return HEADER + length + FCS;
}

static void a_text_with_octets_of_no_text_is_spoilt(void **state)
{
    static const struct {
        const char *info;
        bool spoilt;
    } cases[] = {
        {"", false},
        {">all well at the tank\r", false},
        {">caf\xc3\xa9, \xe2\x82\xac, \xf0\x9f\x9a\x91", false}, /* UTF-8 */
        {">all w\x05ll at the tank", true},
        {">caf\xe9 at the tank", true},
        {">cut short \xc3", true},
        {"`\x7f\x1c\x1d\x1f\x80\x81-/`\"4T}all well", false}, /* Mic-E */
        {"`\x7f\x1c\x1d\x1f\x80\x81-/`\"4T}all \x80well", true},
        {"\x01\x02\x03\x04\x05\x06 program", false}, /* of no text much */
    };
    uint8_t frame[FRAME_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = make_frame(cases[i].info, strlen(cases[i].info), frame);
        assert_true(plausible_addresses(frame, length));
        if (plausible_spoilt_text(frame, length) != cases[i].spoilt)
            fail_msg("%s", cases[i].info);
    }
}

static void every_shorter_frame_is_read_within_its_bounds(void **state)
{
    uint8_t frame[FRAME_MAX];
    (void)state;
    size_t length = make_frame("`\x7f", 2, frame);
    for (size_t cut = FCS; cut <= length; cut++) {
        assert_int_equal(plausible_addresses(frame, cut), cut >= HEADER);
        assert_false(plausible_spoilt_text(frame, cut));
    }
}

static void addresses_are_two_to_ten_of_call_signs(void **state)
{
    uint8_t frame[FRAME_MAX];
    (void)state;
    size_t length = make_frame(">x", 2, frame);
    frame[6] |= 1; /* one address */
    assert_false(plausible_addresses(frame, length));
    frame[6] &= 0xfe;
    frame[3] = '+' << 1;
    assert_false(plausible_addresses(frame, length));
    memset(frame, 'A' << 1, sizeof frame); /* no end */
    assert_false(plausible_addresses(frame, sizeof frame));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_with_octets_of_no_text_is_spoilt),
        cmocka_unit_test(every_shorter_frame_is_read_within_its_bounds),
        cmocka_unit_test(addresses_are_two_to_ten_of_call_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
