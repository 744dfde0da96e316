/* SPDX-License-Identifier: Apache-2.0 */
/* The text for people says what the beacon said, and first and last that it is no alert of the satellite
 * system. */
#include "beacon_random.h"

#include "atalaya/protocol/beacon_text.h"

static struct message message;
static char text[ALERT_TEXT_MAX];

static void read_line(const char *line)
{
    beacon_reset(&message);
    assert_int_equal(protocol_find("cospas_sarsat")->protocol->from_text(&message, line, strlen(line)),
                     ATALAYA_OK);
}

static void it_names_itself_and_the_beacon(void **state)
{
    const struct alert_facts facts = {
        .station = "sasabe", .heard_at = "2026-11-24T13:20:00Z", .frequency_hz = 406.0281e6, .heard = 3};
    static const char head[] = "TERRESTRIAL RELAY - THIS IS NOT A COSPAS-SARSAT ALERT\n1. DISTRESS ALERT";
    static const char tail[] = "END OF MESSAGE - TERRESTRIAL RELAY, NOT A COSPAS-SARSAT ALERT\n";
    (void)state;
    read_line("56E68 04002 20200 96552 50"); /* T.001 B1 */
    size_t length = beacon_text_write(&message, &facts, text, sizeof text);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(text, head, sizeof head - 1);
    assert_string_equal(text + length - (sizeof tail - 1), tail);
    static const char *const parts[] = {"STATION: SASABE",          "406.0281 MHZ",        "3 BURSTS",
                                        "UNITED STATES, MID 366",   "FLOAT-FREE EPIRB",    "ADCD00800440401",
                                        "HOMING SIGNAL: 121.5 MHZ", "AUTOMATIC OR MANUAL", "ENCODED - NIL",
                                        "EMERGENCY CODE: NIL"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strstr(text, parts[i]))
            fail_msg("no %s in\n%s", parts[i], text);
}

static void a_test_is_called_one(void **state)
{
    const struct alert_facts facts = {.frequency_hz = (double)NAN};
    (void)state;
    read_line("FFFED0 56E68 04002 20200 96552 50");
    assert_true(beacon_text_write(&message, &facts, text, sizeof text) > 0);
    assert_non_null(strstr(text, "1. TEST TRANSMISSION, NO DISTRESS"));
    assert_null(strstr(text, "DISTRESS ALERT"));
    assert_non_null(strstr(text, "DETECTION FREQUENCY: NIL"));
}

static void positions_are_in_degrees_and_minutes(void **state)
{
    const struct alert_facts facts = {.frequency_hz = (double)NAN};
    (void)state;
    read_line("00E608F4C986196188A047C000000000000FFFC0100C1A00960"); /* T.018 B.1 */
    assert_true(beacon_text_write(&message, &facts, text, sizeof text) > 0);
    assert_non_null(strstr(text, "48 47.59 N  069 00.53 E, CODED TO +-2 M, ALTITUDE 432 M"));
    message.position.lat_deg = -0.99999;
    message.position.lon_deg = -179.99999;
    assert_true(beacon_text_write(&message, &facts, text, sizeof text) > 0);
    assert_non_null(strstr(text, "01 00.00 S  180 00.00 W"));
}

static void it_fits_its_room_whatever_is_said(void **state)
{
    const char station[] =
        "A STATION WITH A NAME THAT IS LONGER THAN ANYBODY WOULD GIVE TO A TOWER ON A HILL";
    const struct alert_facts facts = {.station = station,
                                      .heard_at = station,
                                      .frequency_hz = 1e30,
                                      .heard = 4000000000U,
                                      .more_remarks = station};
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        beacon_reset(&message);
        message.raw_length = i & 1 ? 26 : 18;
        for (unsigned k = 0; k < message.raw_length; k++)
            message.raw[k] = (uint8_t)(random_next() >> 32);
        if (protocol_find("cospas_sarsat")->protocol->parse(&message) != ATALAYA_OK)
            continue;
        size_t length = beacon_text_write(&message, &facts, text, sizeof text);
        assert_true(length > 0 && length < sizeof text - 1);
        assert_non_null(strstr(text, "END OF MESSAGE"));
        for (size_t room = 1; room < 300; room += 37)
            assert_true(beacon_text_write(&message, &facts, text, room) < room);
    }
    beacon_reset(&message);
    assert_int_equal(beacon_text_write(&message, &facts, text, sizeof text), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_names_itself_and_the_beacon),
        cmocka_unit_test(a_test_is_called_one),
        cmocka_unit_test(positions_are_in_degrees_and_minutes),
        cmocka_unit_test(it_fits_its_room_whatever_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
