/* SPDX-License-Identifier: Apache-2.0 */
/* The worked examples of C/S T.001 Issue 4 Rev. 12, Annex B. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../../../../protocol/cospas_sarsat/bch.h"
#include "../../../../protocol/cospas_sarsat/return_link.h"
#include "atalaya/protocol/protocol.h"

static struct message message;

static enum atalaya_result read_line(const char *line)
{
    const struct protocol_row *row = protocol_find("cospas-sarsat");
    message_reset(&message, row->id, row->protocol->address_space);
    return row->protocol->from_text(&message, line, strlen(line));
}

static void bits_of(const char *text, uint8_t *bits)
{
    for (; *text; text++)
        if (*text != ' ')
            *bits++ = *text == '1';
}

static void B1_check_bits_of_the_short_message(void **state)
{
    uint8_t word[82], right[21];
    (void)state;
    bits_of("0101 0110 1110 0110 1000 0000 0100 0000 0000 0010 0010 0000 0010 0000 0000 1", word);
    bits_of("001011001010101001001", right);
    bch_encode(&bch_fgb_1, word);
    assert_memory_equal(word + 61, right, sizeof right);
}

static void B2_check_bits_of_the_second_field(void **state)
{
    uint8_t word[38], right[12];
    (void)state;
    bits_of("10 0101 0111 0000 0000 0001 0111", word);
    bits_of("0001 0101 0001", right);
    bch_encode(&bch_fgb_2, word);
    assert_memory_equal(word + 26, right, sizeof right);
}

static void B1_fields_of_the_short_message(void **state)
{
    (void)state;
    assert_int_equal(read_line("56E68 04002 20200 96552 50"), ATALAYA_OK);
    assert_string_equal(message.unit, "ADCD00800440401");
    assert_int_equal((int)message_number(&message, "country", 0), 366);
    assert_string_equal(message_text(&message, "beacon_protocol", NULL), "serial user float-free EPIRB");
    assert_string_equal(message_text(&message, "homing", NULL), "121.5 MHz");
    assert_string_equal(message_text(&message, "activation", NULL), "automatic or manual");
    assert_null(message_field(&message, "emergency", 0));
    assert_int_equal(message.distress, DISTRESS_RAISED);
    assert_int_equal(message.bits_corrected, 0);
    assert_true(message.well_formed);
}

static void B3_minute_of_the_return_link(void **state)
{
    (void)state;
    assert_int_equal(return_link_crc(UINT64_C(0x193BFCE031BFDFF)), 0xb380);
    assert_int_equal(read_line("193BFCE031BFDFF"), ATALAYA_OK);
    assert_int_equal((int)message_number(&message, "return_link_minute", -1), 52);
    assert_int_equal(message.distress, DISTRESS_NONE); /* an identity is no transmission */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(B1_check_bits_of_the_short_message),
        cmocka_unit_test(B2_check_bits_of_the_second_field),
        cmocka_unit_test(B3_minute_of_the_return_link),
        cmocka_unit_test(B1_fields_of_the_short_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
