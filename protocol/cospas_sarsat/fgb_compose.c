/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "fgb_parts.h"
#include "hex.h"

static enum atalaya_result write_fields(const struct message *message, const struct layout *layout,
                                        struct bit_frame *frame)
{
    double country = message_number(message, "country", -1);
    if (!(country >= 200 && country <= 799)) /* ITU MIDs */
        return ATALAYA_E_RANGE;
    bit_frame_put(frame, FGB_COUNTRY, 10, (uint64_t)country);
    enum atalaya_result result =
        items_write(message, frame, layout->identity.item, layout->identity.count, FGB_COUNTRY);
    layout_mark(layout, frame);
    /* The fields may spell a narrower protocol: a serial number that is all zeros makes an ELT(DT) test. */
    return result == ATALAYA_OK && layout_of(frame) != layout ? ATALAYA_E_RANGE : result;
}

static enum atalaya_result write_identity(const struct message *message, struct bit_frame *frame,
                                          const struct layout **layout)
{
    const char *name = message_text(message, "beacon_protocol", NULL), *format;
    *layout = name ? layout_find(name) : NULL;
    if (name && !*layout)
        return ATALAYA_E_UNSUPPORTED;
    if (!name && !hex_load(frame, 26, message->unit, HEX_ID_DIGITS)) /* such a unit is bits 26-85 itself */
        return ATALAYA_E_FORMAT;
    bool user = name ? (*layout)->user : frame->bit[26];
    format = message_text(message, "format", NULL);
    frame->bit[25] = !user || (format ? strcmp(format, "long") == 0 : message->has_position);
    frame->count = frame->bit[25] ? FGB_LONG_BITS : FGB_SHORT_BITS;
    if (name)
        return write_fields(message, *layout, frame);
    *layout = layout_of(frame);
    return *layout ? ATALAYA_OK : ATALAYA_E_UNSUPPORTED;
}

/* A message that was heard with a coarse position says nothing finer. Where something else stands in place of
 * the offset (operator or national use, bits 113-132 as the items wrote them) it stays. */
static void write_place(const struct message *message, const struct layout *layout, bool offset_taken,
                        struct bit_frame *frame)
{
    const struct place_form *form = layout->place;
    bool fine = message_number(message, "resolution_s", 4) <= 4;
    double lat_deg = message->has_position ? message->position.lat_deg : (double)NAN;
    double lon_deg = message->has_position ? message->position.lon_deg : (double)NAN;
    uint64_t taken = bit_frame_get(frame, 113, 20);
    place_write(frame, &form->lat, lat_deg, fine);
    place_write(frame, &form->lon, lon_deg, fine);
    if (offset_taken)
        bit_frame_put(frame, 113, 20, taken);
}

static enum atalaya_result write_rest(const struct message *message, const struct layout *layout,
                                      struct bit_frame *frame)
{
    const struct item_list *rest = frame->bit[25] ? &layout->long_rest : &layout->short_rest;
    const struct place_form *form = frame->bit[25] ? layout->place : NULL;
    bool offset_taken = layout->elt_dt && message_field(message, "operator_3ld", 0);
    if (offset_taken)
        rest = &layout_operator_rest;
    if (form && form->lat.offset_if) {
        offset_taken = message_field(message, "national_use_113", 0);
        frame->bit[form->lat.offset_if] = !offset_taken;
    }
    enum atalaya_result result = items_write(message, frame, rest->item, rest->count, FGB_COUNTRY);
    if (result == ATALAYA_OK && form)
        write_place(message, layout, offset_taken, frame);
    return result;
}

/* The frame may say neither more nor less than the message. */
static bool agrees(const struct message *message, const struct layout *layout, bool self_test)
{
    bool test = self_test || layout->meaning == LAYOUT_TEST;
    enum distress_kind says = test || layout->meaning != LAYOUT_DISTRESS ? DISTRESS_NONE
                              : message->distress == DISTRESS_CANCELLED  ? DISTRESS_CANCELLED
                                                                         : DISTRESS_RAISED;
    return test == message->test && says == message->distress &&
           (says != DISTRESS_CANCELLED || layout->elt_dt);
}

enum atalaya_result fgb_compose(struct message *message)
{
    struct bit_frame frame = {.count = 0};
    const struct layout *layout;
    const char *sync = message_text(message, "sync", NULL);
    enum atalaya_result result = write_identity(message, &frame, &layout);
    if (result != ATALAYA_OK)
        return result;
    bool self_test =
        (message->test && layout->meaning != LAYOUT_TEST) || (sync && strcmp(sync, "self-test") == 0);
    if (!agrees(message, layout, self_test))
        return ATALAYA_E_UNSUPPORTED;
    if (message->distress == DISTRESS_CANCELLED || (layout->elt_dt && message_flag(message, "cancellation")))
        fgb_write_cancellation(&frame);
    else
        result = write_rest(message, layout, &frame);
    if (result != ATALAYA_OK)
        return result;
    bit_frame_put(&frame, 1, 15, 0x7fff);
    bit_frame_put(&frame, 16, 9, self_test ? FGB_SYNC_SELF_TEST : FGB_SYNC_NORMAL);
    fgb_encode(&frame);
    bit_frame_store(&frame, 1, frame.count, message->raw);
    message->raw_length = (uint16_t)(frame.count / 8);
    message->payload_offset = FGB_SYNC_BITS / 8;
    message->payload_length = message->raw_length - message->payload_offset;
    return ATALAYA_OK;
}
