/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to JSON and back: nothing unknown, nothing invalid, and the same message in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/gateway/json.h"

static struct message message, back;
static char why[200];

static void assert_dumps_as(json_t *json, const char *expected)
{
    assert_non_null(json);
    char *text = json_dumps(json, JSON_LINE_FLAGS);
    assert_string_equal(text, expected);
    free(text);
    json_decref(json);
}

static void assert_text(const char *bytes, size_t length, const char *expected)
{
    json_t *text = json_text(bytes, length);
    assert_non_null(text);
    assert_int_equal(json_string_length(text), strlen(expected));
    assert_string_equal(json_string_value(text), expected);
    json_decref(text);
}

static void any_bytes_become_valid_text(void **state)
{
    (void)state;
    assert_text("plain", 5, "plain");
    assert_text("\xc3\xa1\xe2\x82\xac\xf0\x9f\x98\x80", 9, "\xc3\xa1\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_text("caf\xe9", 4, "caf\xc3\xa9");                               /* Latin-1 */
    assert_text("\xc0\xaf", 2, "\xc3\x80\xc2\xaf");                         /* overlong */
    assert_text("\xed\xa0\x80", 3, "\xc3\xad\xc2\xa0\xc2\x80");             /* surrogate */
    assert_text("\xf4\x90\x80\x80", 4, "\xc3\xb4\xc2\x90\xc2\x80\xc2\x80"); /* beyond Unicode */
    assert_text("\xe2\x82", 2, "\xc3\xa2\xc2\x82");                         /* cut short */
    assert_text("\xff", 1, "\xc3\xbf");
    assert_text("", 0, "");
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            char pair[3] = {(char)a, (char)b, (char)a};
            json_t *text = json_text(pair, 3); /* NULL where jansson finds it invalid */
            assert_non_null(text);
            json_decref(text);
        }
}

static void unknown_is_absent(void **state)
{
    (void)state;
    message_reset(&message, "ax25", "ax25");
    assert_dumps_as(json_from_message(&message), "{\"protocol\":\"ax25\",\"kind\":\"other\",\"test\":false}");
    json_t *object = json_object();
    json_set_real(object, "a", NAN, 2);
    json_set_real(object, "b", INFINITY, 2);
    json_set_real(object, "c", -0.001, 2);
    json_set_real(object, "d", 31.7654321, 6);
    json_set_real(object, "e", 1e300, 9);
    assert_dumps_as(object, "{\"c\":0.0,\"d\":31.765432,\"e\":1e300}");
}

static void fields_nest_at_dots_and_gather_in_lists(void **state)
{
    (void)state;
    message_reset(&message, "ax25", "ax25");
    message.well_formed = false;
    message.distress = DISTRESS_RAISED;
    message.raw_length = 2;
    memcpy(message.raw, "\x0a\xf0", 2);
    message.end_bit = 1;
    (void)message_add_string(&message, "kind", "no field hides a member");
    (void)message_add_real(&message, "weather.temperature_c", 41.25);
    (void)message_add_integer(&message, "telemetry.analog", 1);
    message_last_is_element(&message);
    (void)message_add_integer(&message, "weather.humidity_percent", 9);
    (void)message_add_real(&message, "telemetry.analog", 2.5);
    message_last_is_element(&message);
    (void)message_add_boolean(&message, "alive", true);
    (void)message_add_integer(&message, "alive.twice", 1);
    assert_dumps_as(
        json_from_message(&message),
        "{\"protocol\":\"ax25\",\"kind\":\"other\",\"distress\":\"raised\",\"test\":false,"
        "\"well_formed\":false,\"weather\":{\"temperature_c\":41.25,\"humidity_percent\":9},"
        "\"telemetry\":{\"analog\":[1,2.5]},\"alive\":true,\"bits_corrected\":0,\"raw\":\"0af0\"}");
    message.guessed = true; /* it may be another than was sent: whoever reads it must know */
    json_t *guess = json_from_message(&message);
    assert_true(json_is_true(json_object_get(guess, "guessed")));
    json_decref(guess);
}

static enum atalaya_result read_text(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_DECODE_ANY, &error);
    assert_non_null(json);
    why[0] = '\0';
    enum atalaya_result result = json_to_message(json, &back, why, sizeof why);
    json_decref(json);
    return result;
}

static void a_whole_message_comes_back(void **state)
{
    (void)state;
    static const char text[] =
        "{\"protocol\":\"ax25\",\"unit\":\"N0CALL-9\",\"to\":\"N1CALL\",\"kind\":\"position\","
        "\"distress\":\"cancelled\",\"test\":true,\"lat_deg\":31.912345,\"lon_deg\":-113.25,\"alt_m\":412.5,"
        "\"speed_m_s\":1.5,\"course_deg\":270.0,\"fix_day\":23,\"fix_hour\":4,\"fix_minute\":0,\"fix_local\":"
        "true,"
        "\"path\":[\"SONORA*\",\"WIDE2-1\"],\"weather\":{\"temperature_c\":41.5,\"wind\":{\"deg\":7}},"
        "\"alive\":false,"
        "\"comment\":\"\xc3\xa1gua\",\"raw\":\"00ff10\"}";
    assert_int_equal(read_text(text), ATALAYA_OK);
    assert_true(back.has_position);
    assert_int_equal(back.position.time.month, -1);
    assert_true(isnan(back.position.accuracy_m));
    assert_int_equal(back.raw_length, 3);
    assert_true(message_field(&back, "path", 1)->element);
    assert_true(fabs(message_number(&back, "weather.wind.deg", 0) - 7) < 1e-9);
    assert_dumps_as(json_from_message(&back), text);
}

static void what_cannot_be_is_refused_with_words(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[]",
        "7",
        "{}",
        "{\"protocol\":\"none\"}",
        "{\"protocol\":7}",
        "{\"protocol\":\"ax25\",\"unit\":\"N0 CALL\"}",
        "{\"protocol\":\"ax25\",\"unit\":7}",
        "{\"protocol\":\"ax25\",\"unit\":\"0123456789012345678901234567890x\"}",
        "{\"protocol\":\"ax25\",\"kind\":\"shout\"}",
        "{\"protocol\":\"ax25\",\"distress\":true}",
        "{\"protocol\":\"ax25\",\"test\":\"yes\"}",
        "{\"protocol\":\"ax25\",\"lat_deg\":91,\"lon_deg\":0}",
        "{\"protocol\":\"ax25\",\"lat_deg\":1}",
        "{\"protocol\":\"ax25\",\"lat_deg\":\"1\",\"lon_deg\":0}",
        "{\"protocol\":\"ax25\",\"fix_day\":1.5}",
        "{\"protocol\":\"ax25\",\"fix_hour\":24}",
        "{\"protocol\":\"ax25\",\"raw\":\"0\"}",
        "{\"protocol\":\"ax25\",\"raw\":\"0g\"}",
        "{\"protocol\":\"ax25\",\"a\":[{}]}",
        "{\"protocol\":\"ax25\",\"a\":[[1]]}",
        "{\"protocol\":\"ax25\",\"a\":{\"b\":{\"c\":{\"d\":{\"e\":1}}}}}",
        "{\"protocol\":\"ax25\",\"a234567890123456789012345678901234567890123456789012345678901234\":1}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (read_text(texts[i]) == ATALAYA_OK)
            fail_msg("accepted: %s", texts[i]);
        assert_true(strlen(why) > 10);
    }
    assert_int_equal(read_text("{\"protocol\":\"ax25\",\"a\":null,\"b\":[],\"time_s\":3,\"input\":\"x\"}"),
                     ATALAYA_OK);
    assert_int_equal(back.field_count, 0);
}

static void names_of_fields_outlive_the_json_and_are_bounded(void **state)
{
    (void)state;
    char text[100];
    const char *first = NULL;
    enum atalaya_result result = ATALAYA_OK;
    for (int i = 0; i < 400 && result == ATALAYA_OK; i++) {
        (void)snprintf(text, sizeof text, "{\"protocol\":\"ax25\",\"kept\":1,\"name_%d\":2}", i);
        result = read_text(text);
        if (i == 0)
            first = back.field[0].name;
        assert_ptr_equal(back.field[0].name, first);
    }
    assert_int_equal(result, ATALAYA_E_FULL);
    assert_string_equal(first, "kept");
    assert_int_equal(read_text("{\"protocol\":\"ax25\",\"kept\":1}"), ATALAYA_OK);
}

static void a_reception_adds_what_is_known_of_its_hearing(void **state)
{
    (void)state;
    static struct reception reception;
    message_reset(&reception.message, "ax25", "ax25");
    (void)message_add_string(&reception.message, "source", "N0CALL-9");
    reception_reset(&reception);
    reception.dedupe = 0xabc;
    assert_dumps_as(json_from_reception(&reception),
                    "{\"protocol\":\"ax25\",\"kind\":\"other\",\"test\":false,\"source\":\"N0CALL-9\","
                    "\"dedupe\":\"0000000000000abc\",\"copies\":1}");
    strcpy(reception.source, "mast");
    strcpy(reception.channel, "vhf");
    reception.time_s = 1.23456789;
    reception.duration_s = 0.5;
    reception.frequency_hz = 144390000;
    reception.snr_db = 12.34F;
    reception.peak = 0.98765F;
    assert_dumps_as(
        json_from_reception(&reception),
        "{\"protocol\":\"ax25\",\"kind\":\"other\",\"test\":false,\"source\":\"N0CALL-9\",\"input\":\"mast\","
        "\"channel\":\"vhf\",\"frequency_hz\":144390000.0,\"time_s\":1.234568,\"duration_s\":0.5,"
        "\"snr_db\":12.3,\"peak\":0.988,\"dedupe\":\"0000000000000abc\",\"copies\":1}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_become_valid_text),
        cmocka_unit_test(unknown_is_absent),
        cmocka_unit_test(fields_nest_at_dots_and_gather_in_lists),
        cmocka_unit_test(a_whole_message_comes_back),
        cmocka_unit_test(what_cannot_be_is_refused_with_words),
        cmocka_unit_test(a_reception_adds_what_is_known_of_its_hearing),
        cmocka_unit_test(names_of_fields_outlive_the_json_and_are_bounded), /* last: fills the table */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
