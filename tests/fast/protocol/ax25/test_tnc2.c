/* SPDX-License-Identifier: Apache-2.0 */
/* TNC2 lines: which headers are accepted, and that lines and frames say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "../../../../protocol/ax25/tnc2.h"
#include "atalaya/protocol/ax25.h"
#include "atalaya/protocol/protocol.h"

static struct message message;
static struct tnc2_header header;

static enum atalaya_result read_line(const char *line, size_t length)
{
    message_reset(&message, "ax25", "ax25");
    return protocol_find("ax25")->protocol->from_text(&message, line, length);
}

static enum atalaya_result read_header(const char *line)
{
    size_t offset = 0;
    return tnc2_parse_header((const uint8_t *)line, strlen(line), &header, &offset);
}

static void assert_line_is_kept(const char *line, size_t length)
{
    char text[2048];
    const struct protocol *row = protocol_find("ax25")->protocol;
    assert_int_equal(row->to_text(&message, text, sizeof text), length);
    assert_memory_equal(text, line, length + 1);
    assert_int_equal(row->to_text(&message, text, length + 1), length);
    assert_int_equal(row->to_text(&message, text, length), 0);
    assert_string_equal(text, "");
    assert_int_equal(row->to_text(&message, text, 0), 0);
}

static void header_marks_all_repeaters_up_to_the_star(void **state)
{
    (void)state;
    assert_int_equal(read_header("N0CALL-9>APZATL,SONORA,WIDE1*,WIDE2-1:x"), ATALAYA_OK);
    assert_string_equal(header.source, "N0CALL-9");
    assert_string_equal(header.destination, "APZATL");
    assert_int_equal(header.repeaters, 3);
    assert_string_equal(header.repeater[1], "WIDE1");
    assert_true(header.repeated[0] && header.repeated[1] && !header.repeated[2]);
}

static void a_radio_has_one_name(void **state)
{
    (void)state;
    assert_int_equal(read_line("N0CALL-0>APZATL-00,WIDE1-01*:>x", 31), ATALAYA_OK);
    assert_string_equal(message.unit, "N0CALL");
    assert_line_is_kept("N0CALL>APZATL,WIDE1-1*:>x", 25);
}

static void headers_of_aprs_is_are_accepted(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "N0CALL>APRS:x",
        "N0CALL-15>S32U6T-3,TCPIP*,qAC,NINECHARS:x",
        "n0call-9>APRS,qAr,gate-Abc:x",
        "N0CALL>APRS,TCPIP*,qAI,N1CALL,20010DB8000000000000000000000001:x",
        "A>B,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16:x",
        "N0CALL-AL>APRS:",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(read_header(lines[i]), ATALAYA_OK);
}

static void broken_headers_are_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        ":",
        ">:",
        "N0CALL",
        "N0CALL>APRS",
        "N0CALL:APRS>x",
        ">APRS:x",
        "N0CALL>:x",
        "N0CALL>,A:x",
        "N0 CALL>APRS:x",
        "N0CALLTEN1>APRS:x",
        "N0CALL>aprs:x",
        "N0CALL>APRS-16:x",
        "N0CALL>TOOLONG:x",
        "N0CALL>APRS*:x",
        "N0CALL>APRS,:x",
        "N0CALL>APRS,,A:x",
        "N0CALL>APRS,*:x",
        "N0CALL>APRS,A**:x",
        "N0CALL>APRS,SONORA_1:x",
        "N0CALL>APRS,TENLETTERS:x",
        "N0CALL>APRS,20010DB8000000000000000000000001,qAI:x",  /* before any q construct */
        "N0CALL>APRS,qAI,20010db8000000000000000000000001:x",  /* lower case */
        "N0CALL>APRS,qAI,20010DB80000000000000000000000012:x", /* 33 digits */
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(read_header(lines[i]), ATALAYA_E_FORMAT);
    assert_int_equal(read_header("A>B,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17:x"), ATALAYA_E_LENGTH);
}

static void line_becomes_the_frame_and_the_frame_the_line(void **state)
{
    (void)state;
    static const char line[] = "N0CALL-9>APZATL,SONORA,WIDE1*,WIDE2-1:>in service\0\x80\r\n";
    const size_t length = sizeof line - 1;
    assert_int_equal(read_line(line, length), ATALAYA_OK);
    assert_string_equal(message.unit, "N0CALL-9");
    assert_int_equal(message.raw_length, 5 * AX25_ADDRESS_SIZE + 2 + 15);
    assert_line_is_kept(line, length);

    struct message heard;
    message_reset(&heard, "ax25", "ax25");
    memcpy(heard.raw, message.raw, message.raw_length);
    heard.raw_length = message.raw_length;
    assert_int_equal(ax25_parse(&heard), ATALAYA_OK);
    assert_true(message_dedupe(&heard) == message_dedupe(&message));
    message = heard;
    assert_line_is_kept(line, length);
}

static void names_beyond_ax25_leave_raw_empty_and_lose_nothing(void **state)
{
    (void)state;
    static const char *const lines[] = {"N0CALL>APZATL,TCPIP*,qAC,NINECHARS:>one", "n0call>APZATL:>one",
                                        "N0CALL>B,1,2,3,4,5,6,7,8,9*:>one"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        size_t length = strlen(lines[i]);
        assert_int_equal(read_line(lines[i], length), ATALAYA_OK);
        assert_int_equal(message.raw_length, 0);
        assert_line_is_kept(lines[i], length);
    }
    uint64_t one = message_dedupe(&message);
    assert_int_equal(read_line("N0CALL>B,qAC,NINECHARS:>two", 27), ATALAYA_OK);
    assert_true(message_dedupe(&message) != one);
    assert_int_equal(read_line("N0CALL>B,WIDE1-1:>one", 21), ATALAYA_OK);
    assert_true(message_dedupe(&message) == one); /* over the air or not, and by whatever path */
}

static void information_has_its_bounds(void **state)
{
    (void)state;
    static char line[AX25_INFO_MAX + 20];
    memset(line, '>', sizeof line);
    memcpy(line, "N0CALL>APRS:", 12);
    assert_int_equal(read_line(line, 12), ATALAYA_E_LENGTH);
    assert_int_equal(read_line(line, 12 + AX25_INFO_MAX), ATALAYA_OK);
    assert_int_equal(read_line(line, 12 + AX25_INFO_MAX + 1), ATALAYA_E_LENGTH);
}

static void frames_that_are_not_ui_have_no_line(void **state)
{
    (void)state;
    char text[100] = "?";
    assert_int_equal(read_line("N0CALL>APRS:>x", 14), ATALAYA_OK);
    message.raw[14] = 0x3f;
    message.field_count = message.text_used = 0;
    assert_int_equal(ax25_parse(&message), ATALAYA_OK);
    assert_int_equal(protocol_find("ax25")->protocol->to_text(&message, text, sizeof text), 0);
    assert_string_equal(text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_marks_all_repeaters_up_to_the_star),
        cmocka_unit_test(a_radio_has_one_name),
        cmocka_unit_test(headers_of_aprs_is_are_accepted),
        cmocka_unit_test(broken_headers_are_refused),
        cmocka_unit_test(line_becomes_the_frame_and_the_frame_the_line),
        cmocka_unit_test(names_beyond_ax25_leave_raw_empty_and_lose_nothing),
        cmocka_unit_test(information_has_its_bounds),
        cmocka_unit_test(frames_that_are_not_ui_have_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
