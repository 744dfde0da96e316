/* SPDX-License-Identifier: Apache-2.0 */
/* Frames as people write them: read in any grouping, written in groups of four, never beyond the room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "atalaya/protocol/hex_text.h"

static enum atalaya_result read_text(const char *line, uint8_t octets[4], size_t *count)
{
    return hex_text_read(line, strlen(line), octets, 4, count);
}

static void any_grouping_and_either_case_are_read(void **state)
{
    static const char *const lines[] = {"0a0BFf80", "0A0B FF80", " 0 a0\tbff8 0\n"};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        uint8_t octets[4];
        size_t count;
        assert_int_equal(read_text(lines[i], octets, &count), ATALAYA_OK);
        assert_int_equal(count, 4);
        assert_memory_equal(octets, "\x0a\x0b\xff\x80", 4);
    }
}

static void what_is_no_frame_is_refused(void **state)
{
    uint8_t octets[4];
    size_t count;
    (void)state;
    assert_int_equal(read_text("0A0", octets, &count), ATALAYA_E_LENGTH);
    assert_int_equal(read_text("0A0G", octets, &count), ATALAYA_E_FORMAT);
    assert_int_equal(read_text("0A0B FF80 0", octets, &count), ATALAYA_E_FORMAT);
    assert_int_equal(hex_text_read("0A\0B", 4, octets, 4, &count), ATALAYA_E_FORMAT);
    assert_int_equal(read_text("", octets, &count), ATALAYA_OK);
    assert_int_equal(count, 0);
}

static void groups_are_appended_as_far_as_they_fit(void **state)
{
    static const uint8_t octets[] = {0x0a, 0x0b, 0xff, 0x80, 0x01};
    static const char all[] = "II 0A0B FF80 01";
    (void)state;
    for (size_t size = 1; size <= sizeof all + 3; size++) {
        char text[32];
        size_t before = size > 2 ? 2 : 0;
        memset(text, '#', sizeof text);
        memcpy(text, "II", before);
        size_t length = hex_text_write(octets, sizeof octets, text, size, before);
        assert_true(length < size && text[length] == '\0' && text[size] == '#');
        assert_memory_equal(text, before ? all : all + 3, length);
        assert_true(length == sizeof all - 1 || size < sizeof all + 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_grouping_and_either_case_are_read),
        cmocka_unit_test(what_is_no_frame_is_refused),
        cmocka_unit_test(groups_are_appended_as_far_as_they_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
