/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "bch.h"
#include "hex.h"
#include "sgb.h"
#include "sgb_parts.h"
#include "sgb_tables.h"

static enum atalaya_result write_hex_id(const char *id, struct bit_frame *frame)
{
    struct bit_frame bits = {.count = SGB_ID_BITS};
    if (!hex_load(&bits, 1, id, SGB_ID_DIGITS) || !sgb_is_identity(&bits))
        return ATALAYA_E_FORMAT;
    sgb_identity_put(&bits, frame);
    return ATALAYA_OK;
}

static enum atalaya_result write_list(const struct message *message, const struct item_list *list,
                                      struct bit_frame *frame)
{
    return items_write(message, frame, list->item, list->count, SGB_COUNTRY);
}

static enum atalaya_result write_identity(const struct message *message, struct bit_frame *frame)
{
    if (strlen(message->unit) == 15) /* a part of an identity */
        return ATALAYA_E_UNSUPPORTED;
    if (!message_field(message, "tac", 0))
        return write_hex_id(message->unit, frame);
    enum atalaya_result result = write_list(message, &sgb_identity, frame);
    if (result != ATALAYA_OK)
        return result;
    return write_list(message, &sgb_vessel[bit_frame_get(frame, SGB_VESSEL_TYPE, 3)], frame);
}

static void write_altitude(const struct message *message, struct bit_frame *frame)
{
    double steps = floor(((double)message->position.alt_m - SGB_ALTITUDE_LOW_M) / SGB_ALTITUDE_STEP_M + 0.5);
    uint64_t value = SGB_ALTITUDE_NONE;
    if (isfinite(message->position.alt_m))
        value = (uint64_t)fmax(0, fmin(SGB_ALTITUDE_NONE - 1, steps));
    bit_frame_put(frame, SGB_ALTITUDE, 10, value);
}

static enum atalaya_result write_rotating(const struct message *message, struct bit_frame *frame)
{
    double type =
        message_number(message, "rotating_field_number",
                       message->distress == DISTRESS_CANCELLED ? SGB_ROTATING_CANCEL : SGB_ROTATING_GENERAL);
    if (!(type >= 0 && type <= SGB_ROTATING_CANCEL))
        return ATALAYA_E_RANGE;
    bit_frame_put(frame, SGB_ROTATING, 4, (uint64_t)type);
    bit_frame_put(frame, SGB_SPARE, 14, (unsigned)type == SGB_ROTATING_CANCEL ? 0 : SGB_SPARE_ONES);
    if ((unsigned)type <= SGB_ROTATING_ELT_DT)
        write_altitude(message, frame);
    return write_list(message, &sgb_rotating[(unsigned)type], frame);
}

static void write_place(const struct message *message, struct bit_frame *frame)
{
    const struct field *capability = message_field(message, "position_capability", 0);
    bool incapable = capability && !message_flag(message, "position_capability");
    sgb_axis_write(frame, &sgb_lat, message->has_position ? message->position.lat_deg : (double)NAN,
                   incapable);
    sgb_axis_write(frame, &sgb_lon, message->has_position ? message->position.lon_deg : (double)NAN,
                   incapable);
}

/* The frame may say neither more nor less than the message. */
static bool agrees(const struct message *message, const struct bit_frame *frame, bool self_test)
{
    bool test = self_test || frame->bit[SGB_TEST];
    enum distress_kind says = test || sgb_is_system(frame) ? DISTRESS_NONE
                              : bit_frame_get(frame, SGB_ROTATING, 4) == SGB_ROTATING_CANCEL
                                  ? DISTRESS_CANCELLED
                                  : DISTRESS_RAISED;
    return test == message->test && says == message->distress;
}

enum atalaya_result sgb_compose(struct message *message)
{
    struct bit_frame frame = {.count = SGB_BITS};
    const char *sync = message_text(message, "sync", NULL);
    enum atalaya_result result = write_list(message, &sgb_state, &frame);
    if (result == ATALAYA_OK)
        result = write_identity(message, &frame);
    if (result == ATALAYA_OK)
        result = write_rotating(message, &frame);
    if (result != ATALAYA_OK)
        return result;
    write_place(message, &frame);
    bool self_test = (message->test && !frame.bit[SGB_TEST]) || (sync && strcmp(sync, "self-test") == 0);
    if (!agrees(message, &frame, self_test))
        return ATALAYA_E_UNSUPPORTED;
    bch_encode(&bch_sgb, frame.bit + 1);
    bit_frame_put(&frame, SGB_PRN, 2, self_test ? SGB_PRN_SELF_TEST : SGB_PRN_NORMAL);
    bit_frame_store(&frame, 1, BIT_FRAME_MAX, message->raw);
    message->raw_length = message->payload_length = SGB_OCTETS;
    message->payload_offset = 0;
    return ATALAYA_OK;
}
