/* SPDX-License-Identifier: Apache-2.0 */
/* Frame octets to meaning, AX.25 v2.2 clauses 3 and 4: address field, control, PID, information. */
#include "atalaya/protocol/ax25.h"

#include <string.h>

#include "aprs.h"

enum {
    POLL_FINAL = 0x10, /* in every control octet of modulo 8 (clause 4.2) */
    KIND_I_MASK = 0x01,
    KIND_S_MASK = 0x03,
    KIND_S = 0x01
};

/* Control octets with the P/F bit (and, in S frames, N(R)) out of the way: clauses 4.3.2 and 4.3.3. */
static const struct {
    uint8_t control;
    const char *text;
} supervisory[] = {{0x01, "RR"}, {0x05, "RNR"}, {0x09, "REJ"}, {0x0d, "SREJ"}},
  unnumbered[] = {{0x6f, "SABME"}, {0x2f, "SABM"}, {0x43, "DISC"}, {0x0f, "DM"},  {0x63, "UA"},
                  {0x87, "FRMR"},  {0x03, "UI"},   {0xaf, "XID"},  {0xe3, "TEST"}};

static const char *frame_type(uint8_t control)
{
    if (!(control & KIND_I_MASK))
        return "I";
    if ((control & KIND_S_MASK) == KIND_S)
        return supervisory[control >> 2 & 3].text;
    for (size_t i = 0; i < sizeof unnumbered / sizeof *unnumbered; i++)
        if (unnumbered[i].control == (control & ~POLL_FINAL))
            return unnumbered[i].text;
    return "U";
}

static bool is_ui(uint8_t control)
{
    return (control & ~POLL_FINAL) == AX25_CONTROL_UI;
}

bool ax25_has_pid(uint8_t control)
{
    return !(control & KIND_I_MASK) || is_ui(control);
}

/* The information field is what every copy of a UI frame has in common. Other frames often have none; what
 * tells two of them apart is the control octet. */
static void payload_set(struct message *message, size_t control_offset, size_t info_offset)
{
    size_t offset = is_ui(message->raw[control_offset]) ? info_offset : control_offset;
    message->payload_offset = (uint16_t)offset;
    message->payload_length = (uint16_t)(message->raw_length - offset);
}

static bool is_alphanumeric(const struct ax25_address *address)
{
    const char *c = address->call;
    while ((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9'))
        c++;
    return c != address->call && *c == '\0';
}

static void addresses_add(struct message *message, const struct ax25_header *header)
{
    char text[AX25_ADDRESS_TEXT_MAX + 1];
    ax25_address_text(&header->source, text);
    ax25_unit_set(message, text);
    (void)message_add_string(message, "source", text); /* a fresh message has room for all of these */
    ax25_address_text(&header->destination, text);
    (void)message_add_string(message, "destination", text);
    for (unsigned i = 0; i < header->repeaters; i++) {
        ax25_address_text(&header->repeater[i], text);
        if (header->repeater[i].marked)
            strcat(text, "*");
        (void)message_add_string(message, "path", text);
        message_last_is_element(message);
    }
}

static void other_add(struct message *message, uint8_t control, int pid, const uint8_t *info, size_t length)
{
    message->kind = MESSAGE_OTHER;
    (void)message_add_string(message, "frame_type", frame_type(control));
    (void)message_add_integer(message, "control", control);
    if (pid >= 0)
        (void)message_add_integer(message, "pid", pid);
    if (length)
        (void)message_add_text(message, "info", info, length);
}

enum atalaya_result ax25_parse(struct message *message)
{
    struct ax25_header header;
    size_t offset = 0;
    if (message->raw_length < AX25_FRAME_MIN || message->raw_length > AX25_FRAME_MAX)
        return ATALAYA_E_FORMAT;
    if (ax25_header_read(message->raw, message->raw_length, &header, &offset) != ATALAYA_OK)
        return ATALAYA_E_FORMAT;
    size_t control_offset = offset++;
    if (control_offset >= message->raw_length)
        return ATALAYA_E_FORMAT;
    uint8_t control = message->raw[control_offset];
    int pid = -1;
    if (ax25_has_pid(control)) {
        if (offset >= message->raw_length)
            return ATALAYA_E_FORMAT;
        pid = message->raw[offset++];
    }
    const uint8_t *info = message->raw + offset;
    size_t length = message->raw_length - offset;

    payload_set(message, control_offset, offset);
    addresses_add(message, &header);
    /* Whatever the source: a handheld set up with small letters, a blank or no call sign at all must still be
     * able to call for help. A destination that no radio writes says that this is not APRS. */
    bool aprs = is_ui(control) && pid == AX25_PID_NONE && length && is_alphanumeric(&header.destination);
    if (!aprs) {
        other_add(message, control, pid, info, length);
        return ATALAYA_OK;
    }
    char destination[AX25_ADDRESS_TEXT_MAX];
    ax25_address_text(&header.destination, destination);
    return aprs_parse(destination, info, length, message);
}

enum atalaya_result ax25_frame_set(struct message *message, const struct ax25_header *header, uint8_t control,
                                   int pid, const uint8_t *info, size_t length)
{
    if (length > AX25_INFO_MAX)
        return ATALAYA_E_LENGTH;
    size_t size = ax25_header_write(header, message->raw);
    size_t control_offset = size;
    message->raw[size++] = control;
    if (pid >= 0)
        message->raw[size++] = (uint8_t)pid;
    memcpy(message->raw + size, info, length);
    message->raw_length = (uint16_t)(size + length);
    payload_set(message, control_offset, size);
    return ATALAYA_OK;
}
