/* SPDX-License-Identifier: Apache-2.0 */
/* Characters of UTF-8 as RFC 3629 has them, and texts that are cut between two of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../../../gateway/utf8.h"

static void each_code_point_is_read_as_it_is_written(void **state)
{
    (void)state;
    for (uint32_t wanted = 0; wanted < 0x110000; wanted++) {
        unsigned char text[4];
        size_t length = wanted < 0x80 ? 1 : wanted < 0x800 ? 2 : wanted < 0x10000 ? 3 : 4;
        uint32_t point = 0, rest = wanted;
        for (size_t i = length; i-- > 1; rest >>= 6)
            text[i] = (unsigned char)(0x80 | (rest & 0x3f));
        text[0] = (unsigned char)(length == 1 ? rest : (0xf00U >> length & 0xff) | rest);
        if (wanted >= 0xd800 && wanted < 0xe000) { /* halves of UTF-16: clause 3 */
            assert_int_equal(utf8_read(text, length, &point), 0);
            continue;
        }
        assert_int_equal(utf8_read(text, length, &point), length);
        assert_int_equal(point, wanted);
        assert_int_equal(length == 1 ? 0 : utf8_read(text, length - 1, &point), 0); /* cut off */
    }
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {"\x80",
                                         "\xc0\x80",
                                         "\xc1\xbf",
                                         "\xe0\x9f\xbf",
                                         "\xf0\x8f\xbf",
                                         "\xf0\x8f\xbf\xbf",
                                         "\xf4\x90\x80\x80",
                                         "\xf5\x80\x80\x80",
                                         "\xc3(",
                                         "\xe2\x82(",
                                         "\xff"};
    uint32_t point;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_int_equal(utf8_read(broken[i], strlen(broken[i]), &point), 0);
}

static void a_copy_ends_between_two_characters(void **state)
{
    (void)state;
    const char *text = "a\u00e9\u20ac\U0001f6d1";                     /* of 1, 2, 3 and 4 octets */
    const size_t whole[] = {0, 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10}; /* by room */
    for (size_t size = 1; size < sizeof whole / sizeof *whole; size++) {
        char copy[16];
        memset(copy, 'x', sizeof copy);
        utf8_copy(copy, size, text);
        assert_int_equal(strlen(copy), whole[size]);
        assert_memory_equal(copy, text, whole[size]);
        assert_int_equal(copy[size], 'x');
    }
    char copy[4];
    utf8_copy(copy, sizeof copy, "\x80\x80\x80\x80\x80"); /* no character begins there */
    assert_string_equal(copy, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_code_point_is_read_as_it_is_written),
        cmocka_unit_test(what_is_none_is_refused),
        cmocka_unit_test(a_copy_ends_between_two_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
