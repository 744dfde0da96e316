/* SPDX-License-Identifier: Apache-2.0 */
#include "layer2.h"

#include <stdio.h>
#include <string.h>

#include "blocks.h"
#include "names.h"

enum { ALL_HIGH = 0x7f, ALL_LOW = 0xff, CALLER_AT = TETRAPOL_HEAD + 2, POLL = 0x10 };

struct bytes {
    const uint8_t *at;
    size_t length;
};

static void add_codop(struct message *message, uint8_t codop, const struct tetrapol_name *known)
{
    (void)message_add_integer(message, "codop", codop);
    if (known)
        (void)message_add_string(message, "codop_name", known->name);
    (void)message_add_string(message, "event", known ? known->event : "unknown");
}

/* Contents whose layout nobody has published go out as they are, and say so. */
static void add_raw(struct message *message, struct bytes contents)
{
    char hex[2 * TETRAPOL_LINK_MAX + 1];
    if (contents.length == 0)
        return;
    for (size_t i = 0; i < contents.length; i++)
        snprintf(hex + 2 * i, 3, "%02x", contents.at[i]);
    (void)message_add_string(message, "contents", hex);
    (void)message_add_string(message, "contents_form", "raw, layout not public");
}

static struct bytes rest(struct bytes bytes, size_t skip)
{
    return (struct bytes){bytes.at + skip, bytes.length - skip};
}

static void read_address(struct message *message)
{
    const uint8_t *raw = message->raw;
    unsigned z = raw[0] >> 7, y = raw[0] >> 4 & 7, x = (raw[0] & 15U) << 8 | raw[1];
    char text[MESSAGE_ID_MAX];
    snprintf(text, sizeof text, "%u.%u.%03x", z, y, x);
    (void)message_add_string(message, "address", text);
    if (raw[0] == ALL_HIGH && raw[1] == ALL_LOW)
        (void)message_add_string(message, "addressed", "all");
    else if (z == 0 && y == 7 && x == 0)
        (void)message_add_string(message, "addressed", "nobody");
}

static void read_voice_channel(struct message *message, struct bytes payload)
{
    const struct tetrapol_name *known = tetrapol_voice_find(payload.at[0]);
    add_codop(message, payload.at[0], known);
    message->kind = known ? MESSAGE_STATUS : MESSAGE_OTHER;
    if (!known || payload.at[0] >= 0xf0) {
        add_raw(message, rest(payload, 1));
        return;
    }
    (void)message_add_integer(message, "block_count", payload.at[1]);
    (void)message_add_integer(message, "call_priority", payload.at[2]);
}

static void read_caller(struct message *message, struct bytes payload)
{
    char rfsi[TETRAPOL_RFSI_TEXT];
    uint8_t codop = payload.at[0];
    add_codop(message, codop, tetrapol_caller_find(codop));
    if (codop != TETRAPOL_TP_ADDRESS || payload.length < 2 + TETRAPOL_RFSI_BYTES ||
        !tetrapol_rfsi_read(payload.at + 2, rfsi)) {
        add_raw(message, rest(payload, 1));
        return;
    }
    message->kind = MESSAGE_STATUS;
    memcpy(message->unit, rfsi, sizeof rfsi);
    (void)message_add_string(message, "rfsi", rfsi);
    (void)message_add_integer(message, "caller_modifier", payload.at[1]);
}

static void read_priority(struct message *message, const char *event)
{
    enum { EMERGENCY = 12, CRISIS = 10 };
    if (strncmp(event, "emergency", 9) == 0)
        (void)message_add_integer(message, "call_priority", EMERGENCY);
    else if (strcmp(event, "crisis") == 0)
        (void)message_add_integer(message, "call_priority", CRISIS);
}

/* UI TPDU: EXT 1, SEG 1, priority 2, TSAP 4 bits; a length where there is room for one; or three bytes of
 * head where it is a segment (PAS 0001-3-3 clause 9.5.1). */
static void read_tpdu(struct message *message, struct bytes payload)
{
    enum { EXT = 0x80, SEG = 0x40, SEGMENT_HEAD = 3, SHORT_MAX = 3 };
    uint8_t head = payload.at[0];
    struct bytes tsdu = rest(payload, 1);
    (void)message_add_integer(message, "tpdu_priority", head >> 4 & 3);
    (void)message_add_integer(message, "tsap", head & 15);
    if (head & EXT) {
        if (payload.length <= SEGMENT_HEAD)
            return;
        unsigned packet = payload.at[2] & 63U;
        (void)message_add_integer(message, "segment_reference", payload.at[1] & 127);
        (void)message_add_integer(message, "segment", packet);
        (void)message_add_boolean(message, "segment_last", !(head & SEG));
        tsdu = rest(payload, SEGMENT_HEAD);
        if (packet > 0) {
            (void)message_add_string(message, "event", "segment");
            add_raw(message, tsdu);
            return;
        }
    } else if (payload.length > SHORT_MAX) {
        size_t length = payload.at[1];
        tsdu = rest(payload, 2);
        if (length > tsdu.length) {
            message->well_formed = false;
            (void)message_add_string(message, "fault", "the TSDU is longer than its frame");
            return;
        }
        tsdu.length = length;
    }
    if (tsdu.length == 0)
        return;
    const struct tetrapol_name *known = tetrapol_tsdu_find(tsdu.at[0]);
    add_codop(message, tsdu.at[0], known);
    if (known)
        read_priority(message, known->event);
    message->kind = message_field(message, "call_priority", 0) ? MESSAGE_STATUS : message->kind;
    add_raw(message, rest(tsdu, 1));
}

enum atalaya_result tetrapol_parse(struct message *message)
{
    if (!tetrapol_blocks_fits(message->raw_length))
        return ATALAYA_E_LENGTH;
    uint8_t command = message->raw[2];
    const struct tetrapol_name *known = tetrapol_command_find(command);
    const struct bytes payload = {message->raw + TETRAPOL_HEAD, message->raw_length - (size_t)TETRAPOL_HEAD};
    message->payload_length = message->raw_length;
    read_address(message);
    (void)message_add_string(message, "command", known ? known->name : "unknown");
    if (command == TETRAPOL_UI_VCH)
        read_voice_channel(message, payload);
    else if (command == TETRAPOL_UI_CD)
        read_caller(message, payload);
    else if ((command & ~POLL) == TETRAPOL_UI)
        read_tpdu(message, payload);
    else
        add_raw(message, payload);
    return ATALAYA_OK;
}

int tetrapol_voice_codop(const uint8_t *raw, size_t length)
{
    return length == TETRAPOL_SPEECH_BYTES && raw[2] == TETRAPOL_UI_VCH ? raw[TETRAPOL_HEAD] : -1;
}

bool tetrapol_caller_write(const char *rfsi, uint8_t raw[TETRAPOL_CALLER_BYTES])
{
    memset(raw, 0xff, TETRAPOL_CALLER_BYTES); /* filled up with ones, as in the published burst */
    raw[0] = ALL_HIGH;
    raw[1] = ALL_LOW;
    raw[2] = TETRAPOL_UI_CD;
    raw[3] = TETRAPOL_TP_ADDRESS;
    raw[4] = 0xf0; /* as there; its meaning is not public */
    return tetrapol_rfsi_write(rfsi, raw + CALLER_AT);
}

enum atalaya_result tetrapol_compose(struct message *message)
{
    const char *event = message_text(message, "event", NULL);
    bool named = event && (strcmp(event, "caller") == 0 || strcmp(event, "transmission") == 0 ||
                           strcmp(event, "emergency_pattern") == 0);
    if (named && tetrapol_caller_write(message->unit, message->raw)) {
        message->raw_length = TETRAPOL_CALLER_BYTES;
        return ATALAYA_OK;
    }
    /* An alarm of nobody has no frame of its own: transmit.h makes it. */
    bool starts =
        event && (strcmp(event, "transmission_start") == 0 || strcmp(event, "emergency_pattern") == 0);
    bool ends = event && strcmp(event, "transmission_end") == 0;
    if ((!starts && !ends) || message->unit[0])
        return ATALAYA_E_UNSUPPORTED; /* these frames carry no identity */
    const uint8_t raw[TETRAPOL_SPEECH_BYTES] = {
        ALL_HIGH, ALL_LOW, TETRAPOL_UI_VCH, starts ? TETRAPOL_U_START_SPEECH : TETRAPOL_U_END_SPEECH,
        0,        starts};
    memcpy(message->raw, raw, sizeof raw);
    message->raw_length = sizeof raw;
    return ATALAYA_OK;
}
