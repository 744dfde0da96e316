/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of beacons share: random frames, and what every message must keep to. */
#ifndef BEACON_RANDOM_H
#define BEACON_RANDOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../../../../protocol/cospas_sarsat/fgb_parts.h"
#include "atalaya/protocol/protocol.h"

static uint64_t random_state = 0x9e3779b97f4a7c15U;

static inline uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline void random_bits(struct bit_frame *frame, unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++)
        frame->bit[i] = random_next() >> 40 & 1;
}

static inline void beacon_reset(struct message *message)
{
    const struct protocol_row *row = protocol_find("cospas_sarsat");
    message_reset(message, row->id, row->protocol->address_space);
}

/* Ranges of T.001 Annex A and T.018 section 3 by the fields' names. */
static inline void check_ranges(const struct message *message)
{
    static const struct {
        const char *name;
        double low, high;
    } ranges[] = {
        {"country", 200, 799},         {"mmsi", 0, 999999999},        {"tac", 0, 65535},
        {"serial_number", 0, 1048575}, {"elt_number", 0, 63},         {"beacon_number", 0, 15},
        {"bch1_errors", 1, 9},         {"bch2_errors", 1, 7},         {"bch_errors", 1, 14},
        {"generation", 1, 2},          {"identity_type", 0, 3},       {"resolution_s", 4, 1800},
        {"hours_active", 0, 63},       {"position_age_min", 0, 2046}, {"position_time_s", 0, 86399}};
    for (unsigned i = 0; i < message->field_count; i++) {
        const struct field *field = &message->field[i];
        for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++)
            if (strcmp(field->name, ranges[k].name) == 0 && field->type == FIELD_INTEGER &&
                !(field->value.integer >= ranges[k].low && field->value.integer <= ranges[k].high))
                fail_msg("%s = %lld", field->name, (long long)field->value.integer);
        if (field->type == FIELD_TEXT)
            for (unsigned n = 0; n < field->value.text.length; n++) {
                char c = message->text[field->value.text.offset + n];
                assert_true(c >= ' ' && c <= '~');
            }
    }
    if (message->has_position) {
        assert_true(fabs(message->position.lat_deg) <= 90.0 && fabs(message->position.lon_deg) <= 180.0);
        assert_true(message->position.accuracy_m > 0);
    }
    assert_true(isnan(message->position.alt_m) ||
                (message->position.alt_m >= -400 && message->position.alt_m <= 15952));
    assert_true(!(message->test && message->distress != DISTRESS_NONE));
    assert_true(message->field_count < MESSAGE_FIELDS_MAX && message->text_used < MESSAGE_TEXT_MAX);
    assert_true(strspn(message->unit, "0123456789ABCDEF") == strlen(message->unit));
}

/* The same fields with the same values in the same order. */
static inline void check_same(const struct message *a, const struct message *b)
{
    assert_string_equal(a->unit, b->unit);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->distress, b->distress);
    assert_int_equal(a->test, b->test);
    assert_int_equal(a->has_position, b->has_position);
    if (a->has_position) {
        assert_true(fabs(a->position.lat_deg - b->position.lat_deg) < 1e-9);
        assert_true(fabs(a->position.lon_deg - b->position.lon_deg) < 1e-9);
        assert_true(a->position.accuracy_m == b->position.accuracy_m);
    }
    for (unsigned i = 0; i < a->field_count; i++) {
        const struct field *field = &a->field[i];
        if (strncmp(field->name, "hex_id_with", 11) == 0)
            continue; /* a coarse position may be written another way: T.001 A3.3.5.4, note */
        assert_non_null(message_field(b, field->name, 0));
        if (field->type == FIELD_TEXT)
            assert_string_equal(message_text(a, field->name, NULL), message_text(b, field->name, NULL));
        else if (field->type == FIELD_BOOLEAN)
            assert_int_equal(field->value.boolean, message_flag(b, field->name));
        else
            assert_true(message_number(a, field->name, -1) == message_number(b, field->name, -2));
    }
}

#endif
