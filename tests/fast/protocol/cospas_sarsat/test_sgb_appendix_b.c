/* SPDX-License-Identifier: Apache-2.0 */
/* The worked examples of C/S T.018 Issue 1 Rev. 12, Appendices B and C. */
#include "beacon_random.h"

#include "../../../../protocol/cospas_sarsat/bch.h"
#include "../../../../protocol/cospas_sarsat/return_link.h"
#include "../../../../protocol/cospas_sarsat/sgb.h"
#include "../../../../protocol/cospas_sarsat/sgb_parts.h"

static const char hex_202[] = "00E608F4C986196188A047C000000000000FFFC0100C1A00960";
static const char hex_ground[] = "0039823D32618658622811F0000000000003FFF004030680258";
static const char check_bits[] = "010010010010101001001111110001010111101001001001";

static struct message message;

static enum atalaya_result read_line(const char *line)
{
    beacon_reset(&message);
    return protocol_find("cospas_sarsat")->protocol->from_text(&message, line, strlen(line));
}

static void check_fields(void)
{
    assert_string_equal(message.unit, "9934039823D000000000000"); /* B.2 */
    assert_int_equal((int)message_number(&message, "tac", 0), 230);
    assert_int_equal((int)message_number(&message, "serial_number", 0), 573);
    assert_int_equal((int)message_number(&message, "country", 0), 201);
    assert_true(message_flag(&message, "homing_enabled"));
    assert_false(message_flag(&message, "rls_enabled"));
    assert_string_equal(message_text(&message, "beacon_type", NULL), "ELT");
    assert_true(fabs(message.position.lat_deg - 48.793153539336956) < 0.5 / 32768);
    assert_true(fabs(message.position.lon_deg - 69.00875866413116) < 0.5 / 32768);
    assert_int_equal((int)message_number(&message, "rotating_field_number", -1), 0);
    assert_int_equal((int)message_number(&message, "hours_active", -1), 1);
    assert_int_equal((int)message_number(&message, "position_age_min", -1), 6);
    assert_true(fabs((double)message.position.alt_m - 430.24) <= 8);
    assert_string_equal(message_text(&message, "hdop", NULL), "up to 1");
    assert_string_equal(message_text(&message, "vdop", NULL), "1 to 2");
    assert_string_equal(message_text(&message, "activation", NULL), "manual");
    assert_string_equal(message_text(&message, "battery", NULL), "75 to 100 %");
    assert_string_equal(message_text(&message, "gnss_fix", NULL), "3D");
    assert_true(message.well_formed);
}

/* Both representations, with and without the check; without one nothing is raised. */
static void B1_fields_and_check(void **state)
{
    (void)state;
    char line[64];
    assert_int_equal(read_line(hex_202), ATALAYA_OK);
    check_fields();
    assert_int_equal(message.distress, DISTRESS_NONE);
    assert_int_equal(read_line(hex_ground), ATALAYA_OK);
    check_fields();

    struct bit_frame frame = {.count = SGB_BITS};
    bit_frame_load(&frame, 1, 202, message.raw);
    bch_encode(&bch_sgb, frame.bit + 1);
    for (unsigned i = 0; i < 48; i++)
        assert_int_equal(frame.bit[203 + i], check_bits[i] == '1');
    for (unsigned lead = 0; lead <= 2; lead += 2) {
        struct bit_frame shifted = {.count = 252};
        memcpy(shifted.bit + 1 + lead, frame.bit + 1, SGB_BITS);
        for (unsigned i = 0; i < 63; i++)
            line[i] = "0123456789abcdef"[bit_frame_get(&shifted, 1 + 4 * i, 4)];
        line[63] = '\0';
        assert_int_equal(read_line(line), ATALAYA_OK);
        check_fields();
        assert_int_equal(message.distress, DISTRESS_RAISED);
        line[20] ^= 1; /* one wrong bit */
        assert_int_equal(read_line(line), ATALAYA_OK);
        check_fields();
        assert_int_equal(message.bits_corrected, 1);
    }
}

static void B2_identities(void **state)
{
    (void)state;
    assert_int_equal(read_line("9934039823D000000000000"), ATALAYA_OK);
    assert_int_equal((int)message_number(&message, "tac", 0), 230);
    assert_int_equal(message.distress, DISTRESS_NONE);
    assert_int_equal(read_line("9934039823D0000"), ATALAYA_OK);
    assert_int_equal((int)message_number(&message, "serial_number", 0), 573);
    assert_string_equal(message.unit, "9934039823D0000");
}

static void C5_latitude_as_a_binary_number(void **state)
{
    struct bit_frame frame = {.count = SGB_BITS};
    (void)state;
    sgb_axis_write(&frame, &sgb_lat, 35.77158, false);
    assert_int_equal(bit_frame_get(&frame, 44, 1), 0);
    assert_int_equal(bit_frame_get(&frame, 45, 7), 35);
    assert_int_equal(bit_frame_get(&frame, 52, 15), 0x62c3); /* 110001011000011 */
    sgb_axis_write(&frame, &sgb_lon, (double)NAN, false);
    assert_int_equal(bit_frame_get(&frame, 67, 24), 0x7ffc1f); /* C.3 */
}

static void F1_minute_of_the_return_link(void **state)
{
    (void)state;
    assert_int_equal(return_link_crc(UINT64_C(0x9934039823D8000)), 0xaa6b);
    assert_int_equal(return_link_minute(UINT64_C(0x9934039823D8000)), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(B1_fields_and_check),
        cmocka_unit_test(B2_identities),
        cmocka_unit_test(F1_minute_of_the_return_link),
        cmocka_unit_test(C5_latitude_as_a_binary_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
