/* SPDX-License-Identifier: Apache-2.0 */
/* Frame octets to meaning and back: addresses, control, PID, odd and broken frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "atalaya/protocol/ax25.h"

static struct message message;

static enum atalaya_result parse(const char *bytes, size_t length)
{
    message_reset(&message, "ax25", "ax25");
    memcpy(message.raw, bytes, length);
    message.raw_length = (uint16_t)length;
    return ax25_parse(&message);
}

/* Six characters, SSID octet: shifted as clause 3.12 wants it. */
static size_t address_put(char *octets, const char *call, unsigned last_octet)
{
    for (int i = 0; i < AX25_CALL_SIZE; i++)
        octets[i] = (char)(call[i] << 1);
    octets[AX25_CALL_SIZE] = (char)last_octet;
    return AX25_ADDRESS_SIZE;
}

static enum atalaya_result parse_from(const char *destination, const char *source, const char *rest,
                                      size_t length)
{
    char frame[200];
    size_t size = address_put(frame, destination, 0xe0);
    size += address_put(frame + size, source, 0x73);
    memcpy(frame + size, rest, length);
    return parse(frame, size + length);
}

static const char *text(const char *name, size_t n)
{
    const struct field *field = message_field(&message, name, n);
    return field ? message.text + field->value.text.offset : "(absent)";
}

static void addresses_are_read_as_hand_made(void **state)
{
    (void)state;
    char frame[64];
    size_t size = address_put(frame, "APZATL", 0xe0);
    size += address_put(frame + size, "N0CALL", 0x60 | 9 << 1);
    size += address_put(frame + size, "SONORA", 0xe0 | 15 << 1);
    size += address_put(frame + size, "WIDE2 ", 0x61 | 1 << 1);
    memcpy(frame + size, "\x03\xcfhello", 7);
    assert_int_equal(parse(frame, size + 7), ATALAYA_OK);
    assert_string_equal(message.unit, "N0CALL-9");
    assert_string_equal(text("source", 0), "N0CALL-9");
    assert_string_equal(text("destination", 0), "APZATL");
    assert_string_equal(text("path", 0), "SONORA-15*");
    assert_string_equal(text("path", 1), "WIDE2-1");
    assert_true(message_field(&message, "path", 1)->element);
    assert_null(message_field(&message, "path", 2));
    assert_int_equal(message.payload_offset, size + 2);
    assert_int_equal(message.payload_length, 5);
    assert_string_equal(text("info", 0), "hello");
    assert_int_equal((int)message_number(&message, "pid", -1), 0xcf);
    assert_int_equal(message.kind, MESSAGE_OTHER);
}

static void every_frame_type_has_its_name(void **state)
{
    (void)state;
    static const struct {
        unsigned char control;
        const char *name;
    } types[] = {{0x00, "I"},    {0x7e, "I"},    {0x01, "RR"},   {0x31, "RR"},    {0xe5, "RNR"},
                 {0x09, "REJ"},  {0x0d, "SREJ"}, {0x3f, "SABM"}, {0x7f, "SABME"}, {0x53, "DISC"},
                 {0x1f, "DM"},   {0x73, "UA"},   {0x97, "FRMR"}, {0x13, "UI"},    {0xbf, "XID"},
                 {0xf3, "TEST"}, {0x23, "U"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char rest[] = {(char)types[i].control, '\x01', 'x'};
        bool pid = ax25_has_pid(types[i].control);
        assert_int_equal(parse_from("N0CALL", "N1CALL", rest, sizeof rest), ATALAYA_OK);
        assert_string_equal(text("frame_type", 0), types[i].name);
        assert_int_equal((int)message_number(&message, "control", -1), types[i].control);
        assert_true(message_number(&message, "pid", -1) ==
                    (pid ? 1 : -1)); /* a double: -1 is no unsigned on ARM */
        assert_string_equal(text("info", 0), pid ? "x" : "\x01x");
    }
}

static void frames_without_information_do_not_look_alike(void **state)
{
    (void)state;
    assert_int_equal(parse_from("N0CALL", "N1CALL", "\x3f", 1), ATALAYA_OK);
    uint64_t sabm = message_dedupe(&message);
    assert_int_equal(parse_from("N0CALL", "N1CALL", "\x53", 1), ATALAYA_OK);
    assert_true(message_dedupe(&message) != sabm);
}

/* A handheld that nobody set up well must still be able to call for help. */
static void odd_call_signs_of_the_source_are_given_and_understood(void **state)
{
    static const char *const sources[][2] = {
        {"n0call", "n0call-9"}, {"No Cal", "No_Cal-9"}, {"N0/P  ", "N0_P-9"}, {"      ", "-9"}};
    (void)state;
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        assert_int_equal(parse_from("234U6T", sources[i][0], "\x03\xf0`(_fn\"Oj/", 11), ATALAYA_OK);
        assert_int_equal(message.kind, MESSAGE_POSITION);
        assert_int_equal(message.distress, DISTRESS_RAISED);
        assert_true(message.has_position);
        assert_string_equal(message.unit, sources[i][1]);
    }
    assert_int_equal(parse_from("apratl", "n0call", "\x03\xf0>SOS", 6), ATALAYA_OK);
    assert_string_equal(text("status", 0), "SOS");
    assert_string_equal(text("destination", 0), "apratl");
    assert_int_equal(parse_from("N0CALL", "a/b.c ", "\x03\xf0x", 3), ATALAYA_OK);
    assert_string_equal(message.unit, "a_b.c-9");
    assert_string_equal(text("source", 0), "a/b.c-9");
    assert_string_equal(text("beacon", 0), "x");
    assert_int_equal(ax25_compose(&message), ATALAYA_E_UNSUPPORTED);
}

static void odd_destinations_are_given_but_not_taken_for_aprs(void **state)
{
    (void)state;
    assert_int_equal(parse_from("N0/CAL", "N1CALL", "\x03\xf0:nonsense", 11), ATALAYA_OK);
    assert_int_equal(message.kind, MESSAGE_OTHER);
    assert_string_equal(text("info", 0), ":nonsense");
}

static void six_octets_that_read_like_an_ssid_are_none(void **state)
{
    (void)state;
    assert_int_equal(parse_from("APZATL", "N0C-10", "\x03\xf0>all well", 11), ATALAYA_OK);
    assert_string_equal(message.unit, "N0C_10-9");
}

static void third_party_goes_out_from_its_gate(void **state)
{
    (void)state;
    struct ax25_header header;
    message_reset(&message, "ax25", "ax25");
    strcpy(message.unit, "N1CALL-AB"); /* no AX.25 name */
    (void)message_add_string(&message, "gated_by", "N0GATE-10");
    assert_int_equal(ax25_header_from_fields(&message, &header), ATALAYA_OK);
    assert_string_equal(header.source.call, "N0GATE");
    assert_int_equal(header.source.ssid, 10);
}

static void what_is_no_frame_is_refused(void **state)
{
    (void)state;
    char frame[AX25_FRAME_MAX + 1];
    memset(frame, 0x82, sizeof frame); /* addresses without end */
    assert_int_equal(parse(frame, sizeof frame - 1), ATALAYA_E_FORMAT);
    assert_int_equal(parse(frame, AX25_FRAME_MIN), ATALAYA_E_FORMAT);
    assert_int_equal(parse("", 0), ATALAYA_E_FORMAT);
    frame[6] |= 1; /* one address only */
    assert_int_equal(parse(frame, 40), ATALAYA_E_FORMAT);
    frame[6] &= ~1;
    frame[13] |= 1;
    frame[14] = 0x3f;
    assert_int_equal(parse(frame, 15), ATALAYA_OK);
    assert_int_equal(parse(frame, sizeof frame), ATALAYA_E_FORMAT); /* too long */
    frame[14] = 0x03;
    assert_int_equal(parse(frame, 15), ATALAYA_E_FORMAT); /* UI without a PID */
    frame[14] = 0x3f;
    frame[9] |= 1; /* extension bit inside a call sign */
    assert_int_equal(parse(frame, 15), ATALAYA_E_FORMAT);
    frame[9] = 0x0a << 1; /* control character inside one */
    assert_int_equal(parse(frame, 15), ATALAYA_E_FORMAT);
}

static void other_frames_compose_to_the_same_octets(void **state)
{
    (void)state;
    static const char *const rests[] = {"\x03\xcfhello", "\x3f", "\x13\xf1\xff", "\x42\xf0to and fro",
                                        "\xe1"};
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        assert_int_equal(parse_from("APZATL", "N0CALL", rests[i], strlen(rests[i])), ATALAYA_OK);
        struct message before = message;
        message.raw_length = 0;
        assert_int_equal(ax25_compose(&message), ATALAYA_OK);
        assert_int_equal(message.raw_length, before.raw_length);
        assert_memory_equal(message.raw, before.raw, before.raw_length);
        assert_int_equal(message.payload_offset, before.payload_offset);
        assert_int_equal(message.payload_length, before.payload_length);
    }
}

static void compose_needs_no_more_than_a_unit_and_information(void **state)
{
    (void)state;
    message_reset(&message, "ax25", "ax25");
    strcpy(message.unit, "N0CALL-7");
    assert_int_equal(message_add_string(&message, "info", "free text"), ATALAYA_OK);
    assert_int_equal(message_add_string(&message, "path", "WIDE1-1*"), ATALAYA_OK);
    message_last_is_element(&message);
    assert_int_equal(ax25_compose(&message), ATALAYA_OK);
    assert_int_equal(message.raw_length, 3 * AX25_ADDRESS_SIZE + 2 + 9);
    static const uint8_t destination[] = {0x82, 0xa0, 0xb4, 0x82, 0xa8, 0x98, 0xe0}; /* APZATL, C bit */
    assert_memory_equal(message.raw, destination, sizeof destination);
    assert_int_equal(message.raw[20], 0xe3); /* H, reserved, SSID 1, last */
    assert_memory_equal(message.raw + 21,
                        "\x03\xf0"
                        "free text",
                        11);
}

static void compose_refuses_what_does_not_fit(void **state)
{
    (void)state;
    static const char *const units[] = {"",        "n0call",  "N0CALL-16", "N0CALL-1A",
                                        "TOOLONG", "N0CALL-", "N0CA_L",    "-3"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        message_reset(&message, "ax25", "ax25");
        strcpy(message.unit, units[i]);
        assert_int_equal(message_add_string(&message, "info", "x"), ATALAYA_OK);
        assert_int_equal(ax25_compose(&message), ATALAYA_E_UNSUPPORTED);
    }
    message_reset(&message, "ax25", "ax25");
    strcpy(message.unit, "N0CALL");
    assert_int_equal(message_add_string(&message, "info", "x"), ATALAYA_OK);
    for (int i = 0; i <= AX25_REPEATERS_MAX; i++)
        assert_int_equal(message_add_string(&message, "path", "WIDE1-1"), ATALAYA_OK);
    assert_int_equal(ax25_compose(&message), ATALAYA_E_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_as_hand_made),
        cmocka_unit_test(every_frame_type_has_its_name),
        cmocka_unit_test(frames_without_information_do_not_look_alike),
        cmocka_unit_test(odd_call_signs_of_the_source_are_given_and_understood),
        cmocka_unit_test(odd_destinations_are_given_but_not_taken_for_aprs),
        cmocka_unit_test(six_octets_that_read_like_an_ssid_are_none),
        cmocka_unit_test(third_party_goes_out_from_its_gate),
        cmocka_unit_test(what_is_no_frame_is_refused),
        cmocka_unit_test(other_frames_compose_to_the_same_octets),
        cmocka_unit_test(compose_needs_no_more_than_a_unit_and_information),
        cmocka_unit_test(compose_refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
