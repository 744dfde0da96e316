/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences of base radios; units and places are invented, checksums are made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/protocol/protocol.h"

extern const struct protocol protocol_kenwood;
static struct message message;

static enum atalaya_result read_line(const char *line)
{
    message_reset(&message, "kenwood", "kenwood");
    return protocol_kenwood.from_text(&message, line, strlen(line));
}

/* body: without $ and checksum. */
static enum atalaya_result read_body(const char *body)
{
    char line[300];
    unsigned sum = 0;
    for (const char *c = body; *c; c++)
        sum ^= (unsigned char)*c;
    assert_true(snprintf(line, sizeof line, "$%s*%02X", body, sum) < (int)sizeof line);
    return read_line(line);
}

static void a_fleetsync_position_is_read_in_full(void **state)
{
    (void)state;
    assert_int_equal(read_body("PKLDS,104512,A,3129.2380,N,11132.6580,W,010.0,090.0,150226,10.50,E00,120,"
                               "2345,17,00,"),
                     ATALAYA_OK);
    assert_int_equal(message.kind, MESSAGE_POSITION);
    assert_string_equal(message.unit, "120-2345");
    assert_true(message.has_position);
    assert_float_equal(message.position.lat_deg, 31.4873, 1e-6);
    assert_float_equal(message.position.lon_deg, -111.5443, 1e-6);
    assert_float_equal(message.position.speed_m_s, 5.144F, 0.001F);
    assert_float_equal(message.position.course_deg, 90.0F, 0.001F);
    assert_int_equal(message.position.time.hour, 10);
    assert_int_equal(message.position.time.second, 12);
    assert_int_equal(message.position.time.day, 15);
    assert_int_equal(message.position.time.month, 2);
    assert_float_equal(message_number(&message, "fix_year", 0), 2026.0, 0.0);
    assert_float_equal(message_number(&message, "status", -1), 17.0, 0.0);
    assert_float_equal(message_number(&message, "magnetic_variation_deg", 0), 10.5, 1e-9);
}

static void nexedge_units_and_shorter_sentences_are_read(void **state)
{
    (void)state;
    assert_int_equal(read_body("PKNSH,3129.2380,N,11132.6580,W,104512,A,U04321,"), ATALAYA_OK);
    assert_string_equal(message.unit, "U04321");
    assert_true(message.has_position);
    assert_int_equal(read_body("PKNSH,3129.2380,N,11132.6580,W,104512,A,U04321"), ATALAYA_OK);
    assert_int_equal(read_body("PKNDS,104512,A,3129.2380,S,11132.6580,E,000.0,000.0,,,,U00004321,,,"),
                     ATALAYA_OK);
    assert_string_equal(message.unit, "U00004321");
    assert_float_equal(message.position.lat_deg, -31.4873, 1e-6);
    assert_float_equal(message.position.lon_deg, 111.5443, 1e-6);
    assert_true(isnan(message.position.course_deg)); /* nobody who stands has a course */
    assert_null(message_field(&message, "status", 0));
}

static void a_void_or_factory_position_is_never_live(void **state)
{
    (void)state;
    assert_int_equal(read_body("PKLSH,3129.2380,N,11132.6580,W,104512,V,120,2345,"), ATALAYA_OK);
    assert_false(message.has_position);
    assert_true(isnan(message.position.lat_deg));
    assert_string_equal(message_text(&message, "position_fault", NULL), "void");
    assert_float_equal(message_number(&message, "not_live_lat_deg", 0), 31.4873, 1e-6);
    assert_int_equal(read_body("PKLSH,3851.3330,N,09447.9417,W,104512,A,120,2345,"), ATALAYA_OK);
    assert_false(message.has_position);
    assert_string_equal(message_text(&message, "position_fault", NULL), "factory");
    assert_int_equal(read_body("GPGGA,104512,3129.2380,N,11132.6580,W,0,00,,,M,,M,,"), ATALAYA_OK);
    assert_false(message.has_position);
    assert_int_equal(read_body("PKNDS,104512,V,,,,,,,,,,U00007,003,00,"), ATALAYA_OK);
    assert_false(message.has_position);
    assert_float_equal(message_number(&message, "status", -1), 3.0, 0.0);
}

static void what_is_wrong_is_refused_for_its_reason(void **state)
{
    (void)state;
    assert_int_equal(read_line("$PKNSH,3129.2380,N,11132.6580,W,104512,A,U04321,*00"), ATALAYA_E_CHECK);
    assert_int_equal(read_line("$PKNSH,3129.2380,N,11132.6580,W,104512,A,U04321,"), ATALAYA_E_FORMAT);
    assert_int_equal(read_body("PKNSH,3129.2380,N,11132.6580,W,104512,D,U04321,"), ATALAYA_E_FORMAT);
    assert_int_equal(read_body("PKNSH,9129.2380,N,11132.6580,W,104512,A,U04321,"), ATALAYA_E_FORMAT);
    assert_int_equal(read_body("PKNSH,3160.0000,N,11132.6580,W,104512,A,U04321,"), ATALAYA_E_FORMAT);
    assert_int_equal(read_body("PKNSH,3129.2380,E,11132.6580,W,104512,A,U04321,"), ATALAYA_E_FORMAT);
    assert_int_equal(read_body("PKNSH,3129.2380,N,18100.0000,W,104512,A,U04321,"), ATALAYA_E_FORMAT);
    assert_int_equal(read_body("PKNSH,nan,N,11132.6580,W,104512,A,U04321,"), ATALAYA_E_FORMAT);
    assert_int_equal(read_body("PKLSH,3129.2380,N,11132.6580,W,104512,A,12,2345,"), ATALAYA_E_FORMAT);
    assert_int_equal(read_body("GPGSV,1,1,00"), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(read_line(""), ATALAYA_E_LENGTH);
    assert_int_equal(read_line("Ihello"), ATALAYA_E_FORMAT);
}

static void waypoints_and_plain_nmea_are_read(void **state)
{
    (void)state;
    assert_int_equal(read_body("GPWPL,3129.2380,N,11132.6580,W,PATROL1"), ATALAYA_OK);
    assert_int_equal(message.kind, MESSAGE_OBJECT);
    assert_string_equal(message_text(&message, "object", NULL), "PATROL1");
    assert_int_equal(read_body("PKWDWPL,104512,V,3129.2380,N,11132.6580,W,,,150226,,N0CALL-1,/-"),
                     ATALAYA_OK);
    assert_false(message.has_position);
    assert_string_equal(message_text(&message, "object", NULL), "N0CALL-1");
    assert_string_equal(message_text(&message, "symbol", NULL), "/-");
    assert_int_equal(read_body("GNRMC,104512.00,A,3129.2380,N,11132.6580,W,0.5,12.0,150226,,,A"), ATALAYA_OK);
    assert_int_equal(message.kind, MESSAGE_POSITION);
    assert_int_equal(read_body("GPGGA,104512,3129.2380,N,11132.6580,W,1,07,1.1,812.5,M,,M,,"), ATALAYA_OK);
    assert_float_equal(message.position.alt_m, 812.5F, 0.01F);
}

static void caller_ids_and_answers_are_read(void **state)
{
    (void)state;
    assert_int_equal(read_line("\x02I112023451202345\x03"), ATALAYA_OK);
    assert_string_equal(message.unit, "120-2345");
    assert_string_equal(message.to, "");
    assert_string_equal(message_text(&message, "event", NULL), "transmission_start");
    assert_int_equal(read_line("\x02gI0U04321U04321\x03"), ATALAYA_OK);
    assert_string_equal(message.unit, "U04321");
    assert_string_equal(message_text(&message, "event", NULL), "transmission_end");
    assert_int_equal(read_line("\x02"
                               "D1202345\x03"),
                     ATALAYA_OK);
    assert_string_equal(message.unit, "120-2345");
    assert_int_equal(read_line("\x02"
                               "1\x03"),
                     ATALAYA_OK);
    assert_int_equal(message.kind, MESSAGE_ACKNOWLEDGE);
    assert_false(message_flag(&message, "carried_out"));
    assert_int_equal(read_line("xE0000043210000007650017"), ATALAYA_OK);
    assert_string_equal(message.unit, "U04321");
    assert_string_equal(message.to, "U00765");
    assert_float_equal(message_number(&message, "status", -1), 17.0, 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fleetsync_position_is_read_in_full),
        cmocka_unit_test(nexedge_units_and_shorter_sentences_are_read),
        cmocka_unit_test(a_void_or_factory_position_is_never_live),
        cmocka_unit_test(what_is_wrong_is_refused_for_its_reason),
        cmocka_unit_test(waypoints_and_plain_nmea_are_read),
        cmocka_unit_test(caller_ids_and_answers_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
