/* SPDX-License-Identifier: Apache-2.0 */
/* Every first generation protocol: what is read from a frame composes to a frame that reads the same; what is
 * read keeps to its ranges; tests raise nothing. */
#include "beacon_random.h"

static struct message message, composed;

static void make_frame(struct bit_frame *frame, const struct layout *layout, bool is_long, bool self_test)
{
    memset(frame, 0, sizeof *frame);
    frame->count = is_long || !layout->user ? FGB_LONG_BITS : FGB_SHORT_BITS;
    random_bits(frame, 25, frame->count - 24);
    frame->bit[25] = frame->count == FGB_LONG_BITS;
    bit_frame_put(frame, FGB_COUNTRY, 10, 200 + random_next() % 576);
    layout_mark(layout, frame);
    if (layout->place && random_next() % 4) { /* most random degrees do not exist */
        place_write(frame, &layout->place->lat, (double)(random_next() % 180001) / 1e3 - 90,
                    random_next() & 1);
        place_write(frame, &layout->place->lon, (double)(random_next() % 360001) / 1e3 - 180,
                    random_next() & 1);
    }
    if (frame->count == FGB_LONG_BITS && !layout->user && layout->place->lat.first != 67 && random_next() % 8)
        bit_frame_put(frame, 107, 4, 13);
    bit_frame_put(frame, 1, 15, 0x7fff);
    bit_frame_put(frame, 16, 9, self_test ? FGB_SYNC_SELF_TEST : FGB_SYNC_NORMAL);
    fgb_encode(frame);
}

static bool round_trip(const struct bit_frame *frame)
{
    beacon_reset(&message);
    bit_frame_store(frame, 1, frame->count, message.raw);
    message.raw_length = (uint16_t)(frame->count / 8);
    assert_int_equal(fgb_parse(&message), ATALAYA_OK);
    check_ranges(&message);
    if (!message.well_formed)
        return false;
    composed = message;
    composed.raw_length = 0;
    assert_int_equal(fgb_compose(&composed), ATALAYA_OK);
    struct message *again = &composed;
    uint8_t raw[18];
    uint16_t length = composed.raw_length;
    memcpy(raw, composed.raw, length);
    beacon_reset(again);
    memcpy(again->raw, raw, length);
    again->raw_length = length;
    assert_int_equal(fgb_parse(again), ATALAYA_OK);
    check_same(&message, again);
    return true;
}

static void try_layout(const struct layout *layout)
{
    unsigned good = 0;
    for (unsigned i = 0; i < 1200; i++) {
        struct bit_frame frame;
        make_frame(&frame, layout, i & 1, i & 2);
        if (layout_of(&frame) != layout)
            continue; /* random bits that are the mark of a narrower one */
        good += round_trip(&frame);
        assert_string_equal(message_text(&message, "beacon_protocol", NULL), layout->name);
        bool test = (i & 2) || layout->meaning == LAYOUT_TEST;
        assert_int_equal(message.test, test);
        if (test || layout->meaning == LAYOUT_CALIBRATION)
            assert_int_equal(message.distress, DISTRESS_NONE);
        else if (!message_flag(&message, "cancellation"))
            assert_int_equal(message.distress, DISTRESS_RAISED);
    }
    assert_true(good > 0);
}

static void every_protocol_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < layout_user_count; i++)
        try_layout(&layout_user_table[i]);
    for (size_t i = 0; i < layout_location_count; i++)
        try_layout(&layout_location_table[i]);
}

static void any_bits_keep_to_the_ranges(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 60000; i++) {
        struct bit_frame frame = {.count = i & 1 ? FGB_LONG_BITS : FGB_SHORT_BITS};
        random_bits(&frame, 1, frame.count);
        frame.bit[25] = i & 1;
        if (i & 2)
            bit_frame_put(&frame, 16, 9, FGB_SYNC_NORMAL);
        if (i & 4)
            fgb_encode(&frame);
        beacon_reset(&message);
        bit_frame_store(&frame, 1, frame.count, message.raw);
        message.raw_length = (uint16_t)(frame.count / 8);
        if (fgb_parse(&message) == ATALAYA_OK)
            check_ranges(&message);
        if (!(i & 2) && message_text(&message, "sync", NULL) &&
            strcmp(message_text(&message, "sync", NULL), "unknown") == 0)
            assert_int_equal(message.distress, DISTRESS_NONE);
    }
}

static void a_cancellation_cancels(void **state)
{
    struct bit_frame frame;
    (void)state;
    make_frame(&frame, layout_find("ELT(DT) location aircraft address"), true, false);
    bit_frame_put(&frame, 41, 26, 0x00a5c3f);
    fgb_write_cancellation(&frame);
    fgb_encode(&frame);
    assert_true(round_trip(&frame));
    assert_int_equal(message.distress, DISTRESS_CANCELLED);
    assert_false(message.has_position);
    frame.bit[120] ^= 1; /* T.001 A3.3.8.5 fixes them all: with another pattern nothing is taken back */
    fgb_encode(&frame);
    assert_false(round_trip(&frame));
    assert_int_equal(message.distress, DISTRESS_NONE);
}

static void what_would_raise_by_accident_is_refused(void **state)
{
    (void)state;
    beacon_reset(&message);
    strcpy(message.unit, "ADCD00800440401"); /* T.001 B1 */
    assert_int_equal(fgb_compose(&message), ATALAYA_E_UNSUPPORTED);
    message.test = true;
    assert_int_equal(fgb_compose(&message), ATALAYA_OK);
    assert_int_equal(message.raw_length, 14);
    assert_int_equal(message.raw[1] << 8 | message.raw[2], 0xfed0);
    message.test = false;
    message.distress = DISTRESS_RAISED;
    assert_int_equal(fgb_compose(&message), ATALAYA_OK);
    assert_int_equal(message.raw[1] << 8 | message.raw[2], 0xfe2f);
    message.distress = DISTRESS_CANCELLED;
    assert_int_equal(fgb_compose(&message), ATALAYA_E_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_protocol_comes_back),
        cmocka_unit_test(any_bits_keep_to_the_ranges),
        cmocka_unit_test(a_cancellation_cancels),
        cmocka_unit_test(what_would_raise_by_accident_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
