/* SPDX-License-Identifier: Apache-2.0 */
/* Second generation messages of every vessel identity and rotating field: what is read composes to what reads
 * the same; what is read keeps to its ranges; tests raise nothing. */
#include "beacon_random.h"

#include "../../../../protocol/cospas_sarsat/bch.h"
#include "../../../../protocol/cospas_sarsat/sgb.h"
#include "../../../../protocol/cospas_sarsat/sgb_parts.h"
#include "../../../../protocol/cospas_sarsat/sgb_tables.h"

static struct message message, composed;

static void fill_fixed(struct bit_frame *frame, const struct item_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->item[i].form == ITEM_FIXED)
            bit_frame_put(frame, list->item[i].first, list->item[i].bits, list->item[i].low);
        else if (list->item[i].high)
            bit_frame_put(frame, list->item[i].first, list->item[i].bits,
                          list->item[i].low + random_next() % (list->item[i].high - list->item[i].low));
        else if (list->item[i].form >= ITEM_BAUDOT)
            for (unsigned k = 0; k < list->item[i].bits / (list->item[i].form == ITEM_BAUDOT_5 ? 5U : 6U);
                 k++)
                bit_frame_put(frame,
                              list->item[i].first + (list->item[i].form == ITEM_BAUDOT_5 ? 5U : 6U) * k,
                              list->item[i].form == ITEM_BAUDOT_5 ? 5 : 6,
                              list->item[i].form == ITEM_BAUDOT_5 ? 24 : 56);
}

static void make_frame(struct bit_frame *frame, unsigned vessel, unsigned rotating, bool test)
{
    memset(frame, 0, sizeof *frame);
    frame->count = SGB_BITS;
    random_bits(frame, 1, SGB_DATA_BITS);
    frame->bit[1] = 0; /* no system beacon */
    bit_frame_put(frame, SGB_COUNTRY, 10, 200 + random_next() % 576);
    frame->bit[SGB_TEST] = test;
    sgb_axis_write(frame, &sgb_lat, (double)(random_next() % 180001) / 1e3 - 90, random_next() & 1);
    sgb_axis_write(frame, &sgb_lon, (double)(random_next() % 400001) / 1e3 - 200, random_next() & 1);
    bit_frame_put(frame, SGB_VESSEL_TYPE, 3, vessel);
    bit_frame_put(frame, SGB_BEACON_TYPE, 3, random_next() % 4);
    bit_frame_put(frame, SGB_SPARE, 14, rotating == SGB_ROTATING_CANCEL ? 0 : 0x3fff);
    bit_frame_put(frame, SGB_ROTATING, 4, rotating);
    if (random_next() % 8) {
        fill_fixed(frame, &sgb_vessel[vessel]);
        fill_fixed(frame, &sgb_rotating[rotating]);
    }
    bch_encode(&bch_sgb, frame->bit + 1);
}

static bool round_trip(const struct bit_frame *frame, enum sgb_prn prn)
{
    uint8_t raw[SGB_OCTETS];
    int8_t soft[SGB_BITS];
    for (unsigned i = 0; i < SGB_BITS; i++)
        soft[i] = frame->bit[1 + i] ? 80 : -80;
    beacon_reset(&message);
    assert_int_equal(sgb_parse_soft(&message, prn, soft), ATALAYA_OK);
    check_ranges(&message);
    if (!message.well_formed)
        return false;
    composed = message;
    composed.raw_length = 0;
    assert_int_equal(sgb_compose(&composed), ATALAYA_OK);
    memcpy(raw, composed.raw, sizeof raw);
    beacon_reset(&composed);
    memcpy(composed.raw, raw, sizeof raw);
    composed.raw_length = SGB_OCTETS;
    assert_int_equal(sgb_parse(&composed), ATALAYA_OK);
    check_same(&message, &composed);
    assert_int_equal(message.raw_length, SGB_OCTETS);
    return true;
}

static void every_field_comes_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8 * 16; i++) {
        unsigned good = 0, vessel = i % 8, rotating = i / 8;
        for (unsigned n = 0; n < 20; n++) {
            struct bit_frame frame;
            bool test = n & 1, self_test = n & 2;
            make_frame(&frame, vessel, rotating, test);
            good += round_trip(&frame, self_test ? SGB_PRN_SELF_TEST : SGB_PRN_NORMAL);
            assert_int_equal(message.test, test || self_test);
            if (message.test)
                assert_int_equal(message.distress, DISTRESS_NONE);
            else if (rotating != SGB_ROTATING_CANCEL)
                assert_int_equal(message.distress, DISTRESS_RAISED);
            else
                assert_int_equal(message.distress, message.well_formed ? DISTRESS_CANCELLED : DISTRESS_NONE);
        }
        if (vessel < 6)
            assert_true(good > 0);
    }
}

static void any_bits_keep_to_the_ranges(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        struct bit_frame frame = {.count = BIT_FRAME_MAX};
        random_bits(&frame, 1, BIT_FRAME_MAX);
        if (i & 1)
            bch_encode(&bch_sgb, frame.bit + 1);
        beacon_reset(&message);
        bit_frame_store(&frame, 1, BIT_FRAME_MAX, message.raw);
        message.raw_length = SGB_OCTETS;
        if (sgb_parse(&message) == ATALAYA_OK)
            check_ranges(&message);
        else
            assert_false(i & 1);
    }
}

static void a_system_beacon_raises_nothing(void **state)
{
    struct bit_frame frame;
    (void)state;
    make_frame(&frame, 0, 0, false);
    bit_frame_put(&frame, 1, 16, SGB_TAC_SYSTEM);
    bch_encode(&bch_sgb, frame.bit + 1);
    (void)round_trip(&frame, SGB_PRN_NORMAL);
    assert_int_equal(message.distress, DISTRESS_NONE);
}

static void an_identity_composes(void **state)
{
    (void)state;
    beacon_reset(&message);
    strcpy(message.unit, "9934039823D000000000000"); /* T.018 B.2 */
    assert_int_equal(protocol_find("cospas_sarsat")->protocol->compose(&message), ATALAYA_E_UNSUPPORTED);
    message.test = true;
    assert_int_equal(protocol_find("cospas_sarsat")->protocol->compose(&message), ATALAYA_OK);
    composed = message;
    beacon_reset(&composed);
    memcpy(composed.raw, message.raw, SGB_OCTETS);
    composed.raw_length = SGB_OCTETS;
    assert_int_equal(sgb_parse(&composed), ATALAYA_OK);
    assert_string_equal(composed.unit, "9934039823D000000000000");
    assert_true(composed.test);
    assert_string_equal(message_text(&composed, "sync", NULL), "self-test");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_comes_back),
        cmocka_unit_test(any_bits_keep_to_the_ranges),
        cmocka_unit_test(a_system_beacon_raises_nothing),
        cmocka_unit_test(an_identity_composes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
