/* SPDX-License-Identifier: Apache-2.0 */
/* Meaning to frame octets: what ax25_parse gave, or what a person wrote as JSON. */
#include "atalaya/protocol/ax25.h"

#include <string.h>

#include "aprs.h"

static enum atalaya_result path_from_fields(const struct message *message, struct ax25_header *header)
{
    header->repeaters = 0;
    const struct field *field = message_field(message, "path", 0);
    for (size_t n = 1; field; field = message_field(message, "path", n++)) {
        if (field->type != FIELD_TEXT || header->repeaters == AX25_REPEATERS_MAX)
            return ATALAYA_E_UNSUPPORTED;
        const char *text = message->text + field->value.text.offset;
        size_t length = field->value.text.length;
        bool marked = length && text[length - 1] == '*';
        struct ax25_address *repeater = &header->repeater[header->repeaters++];
        if (ax25_address_from_text(text, marked ? length - 1 : length, repeater) != ATALAYA_OK)
            return ATALAYA_E_UNSUPPORTED;
        repeater->marked = marked;
    }
    return ATALAYA_OK;
}

enum atalaya_result ax25_header_from_fields(const struct message *message, struct ax25_header *header)
{
    size_t source_length = strlen(message->unit), destination_length = strlen(AX25_TO_CALL);
    const char *source = message_text(message, "source", &source_length);
    if (!source) /* third-party traffic: the gate keys up, the unit is inside */
        source = message_text(message, "gated_by", &source_length);
    const char *destination = message_text(message, "destination", &destination_length);
    if (ax25_address_from_text(source ? source : message->unit, source_length, &header->source) !=
            ATALAYA_OK ||
        ax25_address_from_text(destination ? destination : AX25_TO_CALL, destination_length,
                               &header->destination) != ATALAYA_OK)
        return ATALAYA_E_UNSUPPORTED;
    header->destination.marked = true; /* a command of version 2, clause 6.1.2 */
    return path_from_fields(message, header);
}

static bool octet_field(const struct message *message, const char *name, int *octet)
{
    const struct field *field = message_field(message, name, 0);
    if (!field)
        return true;
    if (field->type != FIELD_INTEGER || field->value.integer < 0 || field->value.integer > UINT8_MAX)
        return false;
    *octet = (int)field->value.integer;
    return true;
}

/* A frame without meaning of ours: control, PID and information as the fields give them. */
static enum atalaya_result other_compose(struct message *message, const struct ax25_header *header)
{
    int control = AX25_CONTROL_UI, pid = -1;
    if (!octet_field(message, "control", &control) || !octet_field(message, "pid", &pid))
        return ATALAYA_E_UNSUPPORTED;
    bool needs_pid = ax25_has_pid((uint8_t)control);
    if (needs_pid && pid < 0)
        pid = AX25_PID_NONE;
    if (!needs_pid && pid >= 0)
        return ATALAYA_E_UNSUPPORTED;
    size_t length = 0;
    const char *info = message_text(message, "info", &length);
    return ax25_frame_set(message, header, (uint8_t)control, pid, (const uint8_t *)(info ? info : ""),
                          length);
}

enum atalaya_result ax25_compose(struct message *message)
{
    struct ax25_header header;
    enum atalaya_result result = ax25_header_from_fields(message, &header);
    if (result != ATALAYA_OK)
        return result;
    if (message->kind == MESSAGE_OTHER &&
        (message_text(message, "info", NULL) || message_field(message, "control", 0)))
        return other_compose(message, &header);

    char destination[AX25_ADDRESS_TEXT_MAX];
    uint8_t info[AX25_INFO_MAX];
    size_t length = 0;
    ax25_address_text(&header.destination, destination);
    result = aprs_compose(message, destination, info, sizeof info, &length);
    if (result != ATALAYA_OK)
        return result;
    if (ax25_address_from_text(destination, strlen(destination), &header.destination) != ATALAYA_OK)
        return ATALAYA_E_UNSUPPORTED;
    header.destination.marked = true;
    return ax25_frame_set(message, &header, AX25_CONTROL_UI, AX25_PID_NONE, info, length);
}
