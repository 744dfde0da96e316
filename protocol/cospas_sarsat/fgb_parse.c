/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "atalaya/protocol/ones.h"
#include "fgb_reading.h"
#include "return_link.h"

enum {
    SHORT_BARE = 11,
    SHORT_WHOLE = 14,
    LONG_BARE = 15,
    LONG_WHOLE = 18,
    IDENTITY = 8,
    PAYLOAD = 10
}; /* octets */

#define METRES_A_SECOND_OF_ARC (40007863.0 / 1296000.0) /* of a meridian, WGS 84 */

/* 2.2.4.2, with one wrong bit: the two differ in eight. */
static int read_sync(const struct bit_frame *frame)
{
    unsigned sync = (unsigned)bit_frame_get(frame, 16, 9);
    if (ones_count(sync ^ FGB_SYNC_NORMAL) <= 1)
        return FGB_SYNC_NORMAL;
    return ones_count(sync ^ FGB_SYNC_SELF_TEST) <= 1 ? FGB_SYNC_SELF_TEST : FGB_SYNC_UNKNOWN;
}

static enum atalaya_result load(struct fgb_reading *reading, const struct message *message)
{
    struct bit_frame *frame = &reading->frame;
    unsigned length = message->raw_length;
    reading->is_identity = length == IDENTITY;
    reading->sync = FGB_SYNC_NONE;
    if (reading->is_identity) {
        bit_frame_load(frame, 26, 60, message->raw);
        frame->bit[25] = !frame->bit[26]; /* Table A1: location protocols are long */
        frame->count = 85;
        return ATALAYA_OK;
    }
    bool whole = length == SHORT_WHOLE || length == LONG_WHOLE;
    if (!whole && length != SHORT_BARE && length != LONG_BARE)
        return ATALAYA_E_LENGTH;
    bit_frame_load(frame, whole ? 1 : 25, 8 * length, message->raw);
    frame->count = length == SHORT_WHOLE || length == SHORT_BARE ? FGB_SHORT_BITS : FGB_LONG_BITS;
    if (whole)
        reading->sync = read_sync(frame);
    return ATALAYA_OK;
}

/* Raw becomes what the check says was sent: it is then the same at every site. */
static void store(struct fgb_reading *reading, struct message *message)
{
    unsigned first = reading->sync == FGB_SYNC_NONE ? 25 : 1;
    if (reading->sync == FGB_SYNC_NORMAL || reading->sync == FGB_SYNC_SELF_TEST) {
        bit_frame_put(&reading->frame, 1, 15, 0x7fff);
        bit_frame_put(&reading->frame, 16, 9, (uint64_t)reading->sync);
    }
    unsigned count = reading->frame.count + 1 - first;
    bit_frame_store(&reading->frame, first, count, message->raw);
    message->raw_length = (uint16_t)((count + 7) / 8);
    /* Bits 25-104: what BCH-1 has put right. Whether BCH-2 holds may differ from site to site. */
    message->payload_offset = first == 1 ? FGB_SYNC_BITS / 8 : 0;
    message->payload_length = PAYLOAD;
}

static bool read_axis(struct message *message, const struct fgb_reading *reading,
                      const struct place_axis *axis, double *deg, int *step_s)
{
    int seconds = 0, offset = 0;
    enum place_result result = place_coarse(&reading->frame, axis, &seconds);
    *step_s = place_step_s(axis);
    if (result == PLACE_FAULT)
        item_fault(message, "position out of range");
    if (result != PLACE_GOOD)
        return false;
    bool offsets = reading->has_rest && reading->is_long &&
                   (!reading->layout->elt_dt || bit_frame_get(&reading->frame, 113, 2));
    result = offsets ? place_offset(&reading->frame, axis, &offset) : PLACE_NONE;
    if (result == PLACE_GOOD && seconds + offset <= axis->limit_deg * 3600) {
        seconds += offset;
        *step_s = 4;
    } else if (result != PLACE_NONE) {
        item_fault(message, "position offset out of range");
    }
    *deg = (double)(reading->frame.bit[axis->first] ? -seconds : seconds) / 3600.0;
    return true;
}

static void read_place(struct message *message, const struct fgb_reading *reading)
{
    const struct place_form *form = reading->layout->place;
    int lat_step_s, lon_step_s;
    double lat_deg, lon_deg;
    if (!form || (reading->layout->user && !(reading->is_long && reading->has_rest)))
        return;
    if (!reading->is_long)
        item_fault(message, "short location message");
    if (!read_axis(message, reading, &form->lat, &lat_deg, &lat_step_s) ||
        !read_axis(message, reading, &form->lon, &lon_deg, &lon_step_s))
        return;
    int step_s = lat_step_s > lon_step_s ? lat_step_s : lon_step_s;
    message->has_position = true;
    message->position.lat_deg = lat_deg;
    message->position.lon_deg = lon_deg;
    message->position.accuracy_m = (float)(0.5 * step_s * METRES_A_SECOND_OF_ARC);
    (void)message_add_integer(message, "resolution_s", step_s);
    message->kind = MESSAGE_POSITION;
}

static void read_rest(struct message *message, const struct fgb_reading *reading)
{
    const struct layout *layout = reading->layout;
    const struct item_list *rest = reading->is_long ? &layout->long_rest : &layout->short_rest;
    if (!reading->has_rest)
        return;
    if (layout->elt_dt && bit_frame_get(&reading->frame, 113, 2) == 0)
        rest = &layout_operator_rest;
    items_read(message, &reading->frame, rest->item, rest->count, FGB_COUNTRY);
}

/* What bits 37 on say, protocol by protocol. */
static void read_contents(struct message *message, const struct fgb_reading *reading)
{
    const struct layout *layout = reading->layout;
    if (!layout) {
        item_fault(message, "spare protocol code");
        return;
    }
    (void)message_add_string(message, "beacon_protocol", layout->name);
    if (layout->beacon)
        (void)message_add_string(message, "beacon_type", layout->beacon);
    items_read(message, &reading->frame, layout->identity.item, layout->identity.count, FGB_COUNTRY);
    if (layout->elt_dt && fgb_is_cancellation(&reading->frame, false)) {
        (void)message_add_boolean(message, "cancellation", true);
        if (reading->has_rest && !fgb_is_cancellation(&reading->frame, true))
            item_fault(message, "cancellation with a second field of its own");
        return;
    }
    read_rest(message, reading);
    read_place(message, reading);
}

/* Neither a self-test nor a test protocol raises anything (T.001 2.2.4.2, A2.6, A3.3.3), whatever else the
 * message says. A frame of a country that cannot be or of a protocol that is not in use is a beacon's all the
 * same when not a bit of it was wrong; when it had to be corrected it is a wrong correction. */
static void judge(struct message *message, const struct fgb_reading *reading, bool country_good)
{
    const struct layout *layout = reading->layout;
    bool sure = (country_good && layout) || reading->corrected == 0;
    message->test = reading->sync == FGB_SYNC_SELF_TEST || (layout && layout->meaning == LAYOUT_TEST);
    if (message->test || (layout && layout->meaning != LAYOUT_DISTRESS) || reading->is_identity ||
        reading->sync == FGB_SYNC_UNKNOWN || !sure)
        return;
    if (!message_flag(message, "cancellation"))
        message->distress = DISTRESS_RAISED;
    else if (reading->has_rest && message->well_formed)
        message->distress = DISTRESS_CANCELLED;
}

static void add_identity(struct message *message, const struct fgb_reading *reading)
{
    char sent[HEX_ID_DIGITS + 1];
    fgb_hex_id(&reading->frame, reading->layout, message->unit);
    fgb_hex_id(&reading->frame, NULL, sent);
    (void)message_add_string(message, "hex_id", message->unit);
    if (strcmp(sent, message->unit) != 0)
        (void)message_add_string(message, "hex_id_with_position", sent);
    if (reading->layout && reading->layout->return_link)
        (void)message_add_integer(message, "return_link_minute",
                                  return_link_minute(fgb_id(&reading->frame, reading->layout)));
}

static const char *sync_text(int sync)
{
    return sync == FGB_SYNC_NORMAL ? "normal" : sync == FGB_SYNC_SELF_TEST ? "self-test" : "unknown";
}

static enum atalaya_result read_frame(struct fgb_reading *reading, struct message *message)
{
    static const struct item country = {
        .name = "country", .form = ITEM_COUNTRY, .first = FGB_COUNTRY, .bits = 10, .low = 200, .high = 799};
    enum atalaya_result result = reading->is_identity ? ATALAYA_OK : fgb_correct(reading, message);
    if (result != ATALAYA_OK)
        return result;
    reading->layout = layout_of(&reading->frame);
    reading->is_long = reading->frame.bit[25];
    (void)message_add_integer(message, "generation", 1);
    add_identity(message, reading);
    if (!reading->is_identity) {
        (void)message_add_string(message, "format", reading->is_long ? "long" : "short");
        store(reading, message);
    }
    if (reading->sync != FGB_SYNC_NONE)
        (void)message_add_string(message, "sync", sync_text(reading->sync));
    message->kind = MESSAGE_STATUS;
    items_read(message, &reading->frame, &country, 1, FGB_COUNTRY);
    bool country_good = message->well_formed;
    read_contents(message, reading);
    bool calibrates = reading->layout && reading->layout->meaning == LAYOUT_CALIBRATION;
    if (reading->is_long && !reading->is_identity && !reading->has_rest && !calibrates)
        item_fault(message, "BCH-2");
    judge(message, reading, country_good);
    return ATALAYA_OK;
}

enum atalaya_result fgb_parse(struct message *message)
{
    struct fgb_reading reading = {.sync = FGB_SYNC_NONE};
    enum atalaya_result result = load(&reading, message);
    return result == ATALAYA_OK ? read_frame(&reading, message) : result;
}

enum atalaya_result fgb_parse_soft(struct message *message, int sync, const int8_t *soft, size_t count)
{
    struct fgb_reading reading = {.sync = sync, .soft = soft};
    if (count < FGB_SHORT_SOFT || count > FGB_LONG_SOFT)
        return ATALAYA_E_LENGTH;
    for (unsigned i = 0; i < count; i++)
        reading.frame.bit[25 + i] = soft[i] > 0;
    reading.frame.count = count < FGB_LONG_SOFT ? FGB_SHORT_BITS : FGB_LONG_BITS;
    return read_frame(&reading, message);
}
