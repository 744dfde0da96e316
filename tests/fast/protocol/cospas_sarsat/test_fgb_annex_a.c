/* SPDX-License-Identifier: Apache-2.0 */
/* What the text of C/S T.001 Issue 4 Rev. 12, Annex A, gives as examples and defaults. */
#include "beacon_random.h"

#include "../../../../protocol/cospas_sarsat/baudot.h"

static struct message message;

/* Bits 26 on of a long message that says nothing but its protocol, country and position defaults. */
static void start(struct bit_frame *frame, const char *name)
{
    const struct layout *layout = layout_find(name);
    assert_non_null(layout);
    *frame = (struct bit_frame){.count = FGB_LONG_BITS};
    frame->bit[25] = 1;
    bit_frame_put(frame, FGB_COUNTRY, 10, 366);
    layout_mark(layout, frame);
    if (layout->place) {
        place_write(frame, &layout->place->lat, (double)NAN, false);
        place_write(frame, &layout->place->lon, (double)NAN, false);
    }
}

static void read_frame(struct bit_frame *frame)
{
    bit_frame_put(frame, 1, 15, 0x7fff);
    bit_frame_put(frame, 16, 9, FGB_SYNC_NORMAL);
    fgb_encode(frame);
    beacon_reset(&message);
    bit_frame_store(frame, 1, frame->count, message.raw);
    message.raw_length = (uint16_t)(frame->count / 8);
    assert_int_equal(fgb_parse(&message), ATALAYA_OK);
}

/* 100 W + 30' = 100 30' W; 100 W - 30' = 99 30' W: the offset goes by the figures, not by the direction. */
static void A3_3_1_offsets_west(void **state)
{
    struct bit_frame frame;
    (void)state;
    for (unsigned plus = 0; plus <= 1; plus++)
        for (unsigned west = 0; west <= 1; west++) {
            start(&frame, "standard location PLB serial");
            bit_frame_put(&frame, 41, 24, 0x010001);
            bit_frame_put(&frame, 107, 4, 13);
            bit_frame_put(&frame, 65, 10, 0); /* the equator */
            bit_frame_put(&frame, 75, 1, west);
            bit_frame_put(&frame, 76, 10, 400); /* quarters of a degree */
            bit_frame_put(&frame, 123, 1, plus);
            bit_frame_put(&frame, 124, 5, 30);
            bit_frame_put(&frame, 129, 4, 0);
            read_frame(&frame);
            double right = (plus ? 100.5 : 99.5) * (west ? -1 : 1);
            assert_true(message.has_position && fabs(message.position.lon_deg - right) < 1e-9);
        }
}

/* RLS TAC 1042 is "01" and 0000101010. */
static void A3_3_7_1_return_link_number(void **state)
{
    struct bit_frame frame;
    (void)state;
    start(&frame, "RLS location EPIRB");
    assert_int_equal(bit_frame_get(&frame, 41, 2), 1);
    bit_frame_put(&frame, 43, 10, 0x2a);
    bit_frame_put(&frame, 53, 14, 7);
    bit_frame_put(&frame, 109, 1, 1);
    read_frame(&frame);
    assert_int_equal((int)message_number(&message, "tac", 0), 1042);
}

/* An aircraft without an operator's designator sends ZGA: 000 10001 01011 11000. */
static void A3_3_8_3_no_operator(void **state)
{
    struct bit_frame frame;
    (void)state;
    start(&frame, "ELT(DT) location aircraft address");
    bit_frame_put(&frame, 43, 24, 0xa5c3f1);
    bit_frame_put(&frame, 109, 6, 0x3c); /* no altitude; a rotating field */
    bit_frame_put(&frame, 115, 18, 0x4578);
    read_frame(&frame);
    assert_string_equal(message_text(&message, "operator_3ld", NULL), "ZGA");
    assert_int_equal(message.distress, DISTRESS_RAISED);
}

/* Default values of all location protocols: no position, and the identity is what is sent. */
static void A3_2_defaults_are_no_position(void **state)
{
    (void)state;
    for (size_t i = 0; i < layout_location_count; i++) {
        struct bit_frame frame;
        start(&frame, layout_location_table[i].name);
        read_frame(&frame);
        assert_false(message.has_position);
        assert_null(message_field(&message, "hex_id_with_position", 0));
    }
}

static void Table_A3_is_a_code(void **state)
{
    unsigned characters = 0;
    (void)state;
    for (unsigned code = 0; code < 64; code++) {
        char character = baudot_character(code);
        characters += character != 0;
        if (character)
            assert_int_equal(baudot_code(character), (int)code);
        if (character >= 'A')
            assert_true(code & 0x20); /* letters lose this bit in five */
    }
    assert_int_equal(characters, 39);
    assert_int_equal(baudot_character(0x38), 'A');
    assert_int_equal(baudot_character(0x0d), '0');
    assert_int_equal(baudot_character(64), 0);
    assert_int_equal(baudot_code('a'), -1);
}

/* Table A1 has no short location messages any more; a beacon of before 2005 that sends one is in no less
 * need. */
static void Table_A1_short_location_message(void **state)
{
    struct bit_frame frame;
    (void)state;
    start(&frame, "standard location PLB serial");
    frame.count = FGB_SHORT_BITS;
    frame.bit[25] = 0;
    bit_frame_put(&frame, 41, 24, 0x010001);
    bit_frame_put(&frame, 65, 10, 125); /* 31 deg 15' N */
    bit_frame_put(&frame, 75, 11, 1 << 10 | 446);
    bit_frame_put(&frame, 107, 6, 0x37);
    read_frame(&frame);
    assert_int_equal(message.distress, DISTRESS_RAISED);
    assert_true(message.position.lat_deg == 31.25 && message.position.lon_deg == -111.5);
    assert_string_equal(message_text(&message, "homing", NULL), "121.5 MHz");
    assert_false(message.well_formed);
}

/* Table A2-A: serial user type 101 is spare. A beacon that sends it without a wrong bit is a beacon. */
static void Table_A2_spare_codes(void **state)
{
    struct bit_frame frame;
    (void)state;
    start(&frame, "serial user PLB");
    bit_frame_put(&frame, 40, 3, 5);
    read_frame(&frame);
    assert_int_equal(message.distress, DISTRESS_RAISED);
    assert_false(message.well_formed);
    assert_null(message_field(&message, "beacon_protocol", 0));
    frame.bit[50] ^= 1;
    beacon_reset(&message);
    bit_frame_store(&frame, 1, frame.count, message.raw);
    message.raw_length = 18;
    assert_int_equal(fgb_parse(&message), ATALAYA_OK);
    assert_int_equal(message.distress, DISTRESS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(A3_3_1_offsets_west),
        cmocka_unit_test(A3_3_7_1_return_link_number),
        cmocka_unit_test(A3_3_8_3_no_operator),
        cmocka_unit_test(A3_2_defaults_are_no_position),
        cmocka_unit_test(Table_A1_short_location_message),
        cmocka_unit_test(Table_A2_spare_codes),
        cmocka_unit_test(Table_A3_is_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
