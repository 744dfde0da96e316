/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "baudot.h"
#include "bch.h"
#include "return_link.h"
#include "sgb.h"
#include "sgb_parts.h"
#include "sgb_tables.h"

#define METRES_A_DEGREE (40007863.0 / 360.0) /* of a meridian, WGS 84 */

enum { FRACTION = 1 << 15 };

struct reading {
    struct bit_frame frame;
    enum sgb_prn prn;
    bool is_message, is_checked, is_short_id;
    int corrected;
};

bool sgb_is_raw(const struct message *message)
{
    switch (message->raw_length) {
    case SGB_OCTETS:
    case SGB_DATA_OCTETS:
    case SGB_ID_OCTETS:
        return true;
    case SGB_SHORT_ID_OCTETS: /* 3.6 note 1: bits 1, 12, 13, 14 */
        return message->raw[0] >> 7 && (message->raw[1] >> 2 & 7) == 5;
    default:
        return false;
    }
}

static enum atalaya_result load(struct reading *reading, const struct message *message)
{
    struct bit_frame id = {.count = 0};
    unsigned length = message->raw_length;
    reading->is_message = length == SGB_OCTETS || length == SGB_DATA_OCTETS;
    reading->is_checked = length == SGB_OCTETS;
    reading->is_short_id = length == SGB_SHORT_ID_OCTETS;
    if (reading->is_message) {
        reading->frame.count = reading->is_checked ? SGB_BITS : SGB_DATA_BITS;
        bit_frame_load(&reading->frame, 1, reading->frame.count, message->raw);
        unsigned prn = message->raw[SGB_OCTETS - 1] & 3U;
        reading->prn = reading->is_checked && prn < 3 ? (enum sgb_prn)prn : SGB_PRN_UNKNOWN;
        return ATALAYA_OK;
    }
    bit_frame_load(&id, 1, reading->is_short_id ? 60 : SGB_ID_BITS, message->raw);
    if (!sgb_is_identity(&id))
        return ATALAYA_E_FORMAT;
    sgb_identity_put(&id, &reading->frame);
    return ATALAYA_OK;
}

static void store(const struct reading *reading, struct message *message)
{
    struct bit_frame whole = reading->frame;
    if (!reading->is_checked)
        return;
    bit_frame_put(&whole, SGB_BITS + 1, 4, 0);
    bit_frame_put(&whole, SGB_PRN, 2, (uint64_t)reading->prn);
    bit_frame_store(&whole, 1, BIT_FRAME_MAX, message->raw);
    message->raw_length = SGB_OCTETS;
    message->payload_length = SGB_OCTETS;
}

static void read_place(struct message *message, const struct reading *reading)
{
    double lat_deg, lon_deg;
    bool faulty[2], incapable[2];
    bool lat = sgb_axis_read(&reading->frame, &sgb_lat, &lat_deg, &faulty[0], &incapable[0]);
    bool lon = sgb_axis_read(&reading->frame, &sgb_lon, &lon_deg, &faulty[1], &incapable[1]);
    if (faulty[0] || faulty[1])
        item_fault(message, "position out of range");
    if (incapable[0] && incapable[1])
        (void)message_add_boolean(message, "position_capability", false);
    if (!lat || !lon)
        return;
    message->has_position = true;
    message->kind = MESSAGE_POSITION;
    message->position.lat_deg = lat_deg;
    message->position.lon_deg = lon_deg;
    message->position.accuracy_m = (float)(0.5 / FRACTION * METRES_A_DEGREE);
}

static void read_rotating(struct message *message, const struct reading *reading)
{
    static const char *const names[16] = {"G.008 objective requirements", "ELT(DT) in-flight emergency",
                                          "RLS acknowledgement",          "national use",
                                          "two-way communication",        [15] = "cancellation"};
    const struct bit_frame *frame = &reading->frame;
    unsigned type = (unsigned)bit_frame_get(frame, SGB_ROTATING, 4);
    (void)message_add_string(message, "rotating_field", names[type] ? names[type] : "spare");
    (void)message_add_integer(message, "rotating_field_number", type);
    items_read(message, frame, sgb_rotating[type].item, sgb_rotating[type].count, SGB_COUNTRY);
    if (type > SGB_ROTATING_ELT_DT)
        return;
    unsigned altitude = (unsigned)bit_frame_get(frame, SGB_ALTITUDE, 10);
    if (altitude != SGB_ALTITUDE_NONE)
        message->position.alt_m = (float)((int)altitude * SGB_ALTITUDE_STEP_M + SGB_ALTITUDE_LOW_M);
    double seconds = message_number(message, "position_time_s", -1);
    if (seconds >= 0) {
        message->position.time.hour = (int8_t)((int)seconds / 3600);
        message->position.time.minute = (int8_t)((int)seconds / 60 % 60);
        message->position.time.second = (int8_t)((int)seconds % 60);
    }
}

/* Table 3.1: ones, but zeros in a cancellation (bits 141-154). */
static void check_spare(struct message *message, const struct reading *reading)
{
    bool cancels = bit_frame_get(&reading->frame, SGB_ROTATING, 4) == SGB_ROTATING_CANCEL;
    if (bit_frame_get(&reading->frame, SGB_SPARE, 14) != (cancels ? 0 : SGB_SPARE_ONES))
        item_fault(message, "spare bits 141-154");
}

/* A text is one of Baudot characters only; the other place of the spare bits makes codes that are none. */
static bool is_baudot(const struct bit_frame *frame, unsigned first)
{
    for (unsigned i = 0; i < 7; i++)
        if (!baudot_character((unsigned)bit_frame_get(frame, first + 6 * i, 6)))
            return false;
    return true;
}

static const struct item_list *vessel_list(const struct bit_frame *frame, unsigned type)
{
    bool early = (type == 2 || type == 3) && !is_baudot(frame, 94) && !bit_frame_get(frame, 94, 2) &&
                 is_baudot(frame, 96);
    return early ? &sgb_vessel_early[type - 2] : &sgb_vessel[type];
}

/* Some encoders count an operator's letters from A = 0 and do not use Table 3.2. Where that table has no
 * letters for the bits, what they then mean is told beside the fault. */
static void read_plain_operator(struct message *message, const struct bit_frame *frame)
{
    char text[4] = {0};
    if (message_field(message, "operator_3ld", 0) || bit_frame_get(frame, 118, 15) == 0)
        return;
    for (unsigned i = 0; i < 3; i++) {
        unsigned code = (unsigned)bit_frame_get(frame, 118 + 5 * i, 5);
        if (code >= 26)
            return;
        text[i] = (char)('A' + code);
    }
    (void)message_add_string(message, "operator_3ld_plain", text);
}

static void read_vessel(struct message *message, const struct reading *reading)
{
    unsigned type = (unsigned)bit_frame_get(&reading->frame, SGB_VESSEL_TYPE, 3);
    const struct item_list *list = vessel_list(&reading->frame, type);
    if (!reading->is_short_id)
        items_read(message, &reading->frame, list->item, list->count, SGB_COUNTRY);
    if (type == 4 && !reading->is_short_id)
        read_plain_operator(message, &reading->frame);
    if (type == 6 || (type == 7 && !reading->frame.bit[SGB_TEST]))
        item_fault(message, "vessel identity of a spare type");
}

/* See fgb_parse.c; system beacons are T.018 Table 3.1. */
static void judge(struct message *message, const struct reading *reading, bool country_good)
{
    const struct bit_frame *frame = &reading->frame;
    message->test = frame->bit[SGB_TEST] || reading->prn == SGB_PRN_SELF_TEST;
    if (message->test || sgb_is_system(frame) || !reading->is_checked ||
        (!country_good && reading->corrected > 0))
        return;
    if (bit_frame_get(frame, SGB_ROTATING, 4) != SGB_ROTATING_CANCEL)
        message->distress = DISTRESS_RAISED;
    else if (message->well_formed)
        message->distress = DISTRESS_CANCELLED;
}

static void add_identity(struct message *message, const struct reading *reading)
{
    char id[SGB_ID_DIGITS + 1];
    struct bit_frame bare = reading->frame;
    sgb_hex_id(&reading->frame, id);
    id[reading->is_short_id ? 15 : SGB_ID_DIGITS] = '\0';
    memcpy(message->unit, id, strlen(id) + 1);
    (void)message_add_string(message, "hex_id", id);
    if (reading->frame.bit[SGB_RLS]) {
        struct bit_frame whole;
        sgb_identity_of(&reading->frame, &whole);
        (void)message_add_integer(message, "return_link_minute",
                                  return_link_minute(bit_frame_get(&whole, 1, 60)));
    }
    /* Registers of before the operator came into the 24-bit address's identity have it without. */
    if (bit_frame_get(&bare, SGB_VESSEL_TYPE, 3) != 4 || bit_frame_get(&bare, 118, 20) == 0)
        return;
    bit_frame_put(&bare, 118, 20, 0);
    sgb_hex_id(&bare, id);
    (void)message_add_string(message, "hex_id_without_operator", id);
}

static void read_frame(struct reading *reading, struct message *message)
{
    static const char *const prn_words[] = {NULL, "normal", "self-test"};
    message->kind = MESSAGE_STATUS;
    store(reading, message);
    (void)message_add_integer(message, "generation", 2);
    add_identity(message, reading);
    if (prn_words[reading->prn])
        (void)message_add_string(message, "sync", prn_words[reading->prn]);
    items_read(message, &reading->frame, sgb_identity.item, sgb_identity.count, SGB_COUNTRY);
    bool country_good = message->well_formed;
    read_vessel(message, reading);
    if (reading->is_message) {
        items_read(message, &reading->frame, sgb_state.item, sgb_state.count, SGB_COUNTRY);
        check_spare(message, reading);
        read_place(message, reading);
        read_rotating(message, reading);
    } else {
        (void)message_add_boolean(message, "test_protocol", reading->frame.bit[SGB_TEST]);
    }
    judge(message, reading, country_good);
}

static void note_corrected(struct reading *reading, struct message *message)
{
    message->bits_corrected = (unsigned)reading->corrected;
    if (reading->corrected > 0)
        (void)message_add_integer(message, "bch_errors", reading->corrected);
}

enum atalaya_result sgb_parse(struct message *message)
{
    struct reading reading = {.prn = SGB_PRN_UNKNOWN};
    if (!sgb_is_raw(message))
        return ATALAYA_E_LENGTH;
    enum atalaya_result result = load(&reading, message);
    if (result != ATALAYA_OK)
        return result;
    if (reading.is_checked && (reading.corrected = bch_correct(&bch_sgb, reading.frame.bit + 1)) < 0)
        return ATALAYA_E_CHECK;
    note_corrected(&reading, message);
    read_frame(&reading, message);
    return ATALAYA_OK;
}

enum atalaya_result sgb_parse_soft(struct message *message, enum sgb_prn prn,
                                   const int8_t soft[static SGB_BITS])
{
    struct reading reading = {.prn = prn, .is_message = true, .is_checked = true};
    struct bch_cost cost;
    reading.frame.count = SGB_BITS;
    reading.corrected = bch_correct_soft(&bch_sgb, soft, reading.frame.bit + 1, &cost);
    if (reading.corrected < 0 || !bch_believable(&bch_sgb, &cost))
        return ATALAYA_E_CHECK;
    message->guessed = reading.corrected > bch_sgb.errors;
    note_corrected(&reading, message);
    read_frame(&reading, message);
    return ATALAYA_OK;
}
