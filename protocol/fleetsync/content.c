/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include <string.h>

#include "octets.h"

enum { DATA_MAX = (CONTENT_BLOCKS_MAX - DATA_AT / CONTENT_BLOCK) * CONTENT_BLOCK };

static bool is_long(const uint8_t *octets)
{
    return (octets[1] & COMMAND_LONG) == COMMAND_LONG;
}

static unsigned data_length(const uint8_t *octets)
{
    unsigned length = (unsigned)octets[LENGTH_AT] << 8 | octets[LENGTH_AT + 1];
    return length < DATA_MAX ? length : DATA_MAX;
}

unsigned content_blocks(const uint8_t *octets, unsigned known)
{
    if (is_long(octets))
        return known < 2 ? 2 : 2 + (data_length(octets) + CONTENT_BLOCK - 1) / CONTENT_BLOCK;
    if (octets[1] & COMMAND_MORE)
        return 0;
    return octets[1] & COMMAND_FLEET ? 2 : 1;
}

bool content_is_whole(const uint8_t *octets, size_t length)
{
    size_t there = length / CONTENT_BLOCK;
    if (there == 0 || length % CONTENT_BLOCK || there > CONTENT_BLOCKS_MAX)
        return false;
    unsigned blocks = content_blocks(octets, (unsigned)there);
    return blocks == 0 || blocks == there;
}

static unsigned sender_of(const uint8_t *octets)
{
    return (unsigned)octets[3] << 4 | octets[4] >> 4;
}

/* Fleets 100 to 349 and units 1000 to 4999 can be programmed, and of the commands these are known to be sent.
 */
bool content_is_plausible(const uint8_t *octets)
{
    static const uint8_t sent[] = {0,
                                   COMMAND_ID,
                                   COMMAND_STATUS,
                                   COMMAND_LONG,
                                   COMMAND_ACKNOWLEDGE,
                                   COMMAND_ACKNOWLEDGE | COMMAND_ACKNOWLEDGES};
    unsigned fleet = octets[2], unit = sender_of(octets);
    if (fleet < 1 || fleet > 250 || unit < 1 || unit > 4000)
        return false;
    for (size_t i = 0; i < sizeof sent; i++)
        if ((octets[1] & ~COMMAND_FLEET) == sent[i])
            return true;
    return false;
}

static void put_digits(unsigned value, unsigned digits, char *text)
{
    for (unsigned i = digits; i-- > 0; value /= 10)
        text[i] = (char)('0' + value % 10);
}

/* "100-1001", as radios and base radios show it. */
static void write_id(unsigned fleet, unsigned unit, char id[MESSAGE_ID_MAX])
{
    if (fleet == 0 || unit == 0)
        return;
    put_digits(fleet + FLEET_OFFSET, 3, id);
    id[3] = '-';
    put_digits(unit + UNIT_OFFSET, 4, id + 4);
    id[8] = '\0';
}

static void read_ids(struct message *message)
{
    const uint8_t *raw = message->raw;
    unsigned from = sender_of(raw), to = (raw[4] & 15U) << 8 | raw[5];
    unsigned fleet = raw[2];
    if (raw[1] & COMMAND_FLEET)
        fleet = message->raw_length >= 2 * CONTENT_BLOCK ? raw[CONTENT_BLOCK] : 0; /* cut off: unknown */
    write_id(raw[2], from, message->unit);
    write_id(fleet, to, message->to);
    if (strcmp(message->to, message->unit) == 0)
        message->to[0] = '\0'; /* who calls nobody in particular names itself */
    if (fleet && !to && (fleet != raw[2] || !from))
        (void)message_add_integer(message, "to_fleet", fleet + FLEET_OFFSET);
}

/* Zeros raise flags. A zero octet is thus all flags at once, and home-made senders of ids fill it with zeros:
 * beside an id the flags count only when those nobody knows are as radios send them. */
static bool is_emergency(const uint8_t *raw)
{
    unsigned raised = ~(unsigned)raw[0] & 0xff;
    uint8_t kind = raw[1] & (uint8_t)~COMMAND_FLEET;
    if (!(raised & FLAG_EMERGENCY) || !raw[2] || !sender_of(raw))
        return false;
    return kind == 0 || (kind == COMMAND_ID && !(raised & (FLAGS_UNKNOWN | FLAG_PAGING)));
}

static void read_flags(struct message *message)
{
    unsigned raised = ~(unsigned)message->raw[0] & 0xff;
    const char *meaning = NULL;
    if (is_emergency(message->raw)) {
        message->distress = DISTRESS_RAISED;
        message->kind = MESSAGE_STATUS;
        meaning = raised & FLAG_LONE_WORKER ? "lone_worker_emergency" : "emergency";
    } else if (message->raw[1] & COMMAND_ID) {
        meaning = raised & FLAG_END ? "ptt_end" : "ptt_begin";
    } else if (raised & FLAG_PAGING) {
        message->kind = MESSAGE_QUERY;
        meaning = "paging";
    }
    if (meaning)
        (void)message_add_string(message, "meaning", meaning);
    if (message->distress == DISTRESS_RAISED && raised & FLAG_LONE_WORKER)
        (void)message_add_boolean(message, "lone_worker", true);
}

static bool is_text(const uint8_t *data, unsigned length)
{
    for (unsigned i = 0; i < length; i++)
        if ((data[i] < ' ' && data[i] != '\r' && data[i] != '\n' && data[i] != '\t') || data[i] > 0x7e)
            return false;
    return length > 0;
}

static void add_hexadecimal(struct message *message, const uint8_t *data, unsigned length)
{
    static const char digit[] = "0123456789abcdef";
    char text[2 * DATA_MAX];
    for (unsigned i = 0; i < length; i++) {
        text[2 * i] = digit[data[i] >> 4];
        text[2 * i + 1] = digit[data[i] & 15];
    }
    (void)message_add_text(message, "payload", text, 2 * (size_t)length);
}

/* Of a location the bits are known to nobody for certain: it is handed on as it came, and no map shows it. */
static void read_long(struct message *message)
{
    uint8_t data[DATA_MAX];
    unsigned length = 0;
    if (message->raw_length >= DATA_AT) {
        unsigned there = message->raw_length - DATA_AT, said = data_length(message->raw);
        for (length = 0; length < said && length / CONTENT_BLOCK < there / CONTENT_BLOCK; length++)
            data[length] = message->raw[DATA_AT + (length / CONTENT_BLOCK + 1) * CONTENT_BLOCK - 1 -
                                        length % CONTENT_BLOCK];
    }
    bool location = message->raw[0] == SUBCOMMAND_LOCATION;
    bool text = !location && is_text(data, length);
    message->kind = text ? MESSAGE_TEXT : MESSAGE_OTHER;
    (void)message_add_string(message, "meaning", location ? "location" : text ? "text" : "data");
    if (text) {
        (void)message_add_text(message, "text", data, length);
        return;
    }
    if (location)
        (void)message_add_boolean(message, "unproven", true);
    if (length)
        add_hexadecimal(message, data, length);
}

static void read_status(struct message *message)
{
    message->kind = MESSAGE_STATUS;
    (void)message_add_string(message, "meaning", "status");
    (void)message_add_integer(message, "status", (message->raw[0] >> 1) + STATUS_OFFSET);
}

enum atalaya_result content_read(struct message *message)
{
    unsigned there = message->raw_length / CONTENT_BLOCK;
    if (there == 0 || message->raw_length % CONTENT_BLOCK || there > CONTENT_BLOCKS_MAX)
        return ATALAYA_E_FORMAT;
    unsigned blocks = content_blocks(message->raw, there);
    if (blocks && there > blocks)
        return ATALAYA_E_FORMAT;
    if (!message->raw[2] && !sender_of(message->raw)) /* a line that rests is mostly zeros */
        return ATALAYA_E_FORMAT;
    uint8_t command = message->raw[1];
    message->payload_length = message->raw_length;
    read_ids(message);
    (void)message_add_integer(message, "subcommand", message->raw[0]);
    (void)message_add_integer(message, "command", command);
    if (command & COMMAND_ACKNOWLEDGE) {
        message->kind = MESSAGE_ACKNOWLEDGE;
        (void)message_add_string(message, "meaning", "acknowledge");
    } else if (is_long(message->raw)) {
        read_long(message);
    } else if (command & COMMAND_STATUS) {
        read_status(message);
    } else if (!(command & COMMAND_MORE)) {
        read_flags(message);
    }
    if (there < blocks) {
        message->well_formed = false;
        (void)message_add_string(message, "fault", "cut_short");
    }
    return ATALAYA_OK;
}
