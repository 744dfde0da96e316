/* SPDX-License-Identifier: Apache-2.0 */
/* Whole lines of TNC2 text to messages and back. */
#include "tnc2.h"

#include <string.h>

#include "aprs.h"
#include "atalaya/protocol/ax25.h"

static void header_add(struct message *message, const struct tnc2_header *header)
{
    char element[AX25_NAME_MAX + 1];
    ax25_unit_set(message, header->source);
    (void)message_add_string(message, "source",
                             header->source); /* a fresh message has room for all of these */
    (void)message_add_string(message, "destination", header->destination);
    for (unsigned i = 0; i < header->repeaters; i++) {
        strcpy(element, header->repeater[i]);
        if (header->repeated[i])
            strcat(element, "*");
        (void)message_add_string(message, "path", element);
        message_last_is_element(message);
    }
}

enum atalaya_result tnc2_read(struct message *message, const char *line, size_t length)
{
    struct tnc2_header names;
    size_t offset = 0;
    enum atalaya_result result = tnc2_parse_header((const uint8_t *)line, length, &names, &offset);
    if (result != ATALAYA_OK)
        return result;
    const uint8_t *info = (const uint8_t *)line + offset;
    size_t info_length = length - offset;
    if (info_length == 0 || info_length > AX25_INFO_MAX)
        return ATALAYA_E_LENGTH;
    header_add(message, &names);
    struct ax25_header header;
    if (ax25_header_from_fields(message, &header) == ATALAYA_OK) {
        result = ax25_frame_set(message, &header, AX25_CONTROL_UI, AX25_PID_NONE, info, info_length);
        if (result != ATALAYA_OK)
            return result;
    } else {
        memcpy(message->raw, info, info_length);
        message->raw_length = message->payload_offset = 0;
        message->payload_length = (uint16_t)info_length;
    }
    return aprs_parse(names.destination, message->raw + message->payload_offset, info_length, message);
}

/* A string that grows inside the caller's memory; full once, full for good. */
struct text_sink {
    char *text;
    size_t length, size;
    bool full;
};

static void sink_put(struct text_sink *sink, const void *bytes, size_t length)
{
    sink->full = sink->full || length >= sink->size - sink->length;
    if (sink->full)
        return;
    memcpy(sink->text + sink->length, bytes, length);
    sink->length += length;
}

static bool element_is_marked(const struct message *message, const struct field *field)
{
    size_t length = field->value.text.length;
    return length && message->text[field->value.text.offset + length - 1] == '*';
}

/* Every repeater that was used is marked in the fields; a TNC2 line stars the last of them only. */
static void path_put(struct text_sink *sink, const struct message *message)
{
    const struct field *last = NULL, *field = message_field(message, "path", 0);
    for (size_t n = 1; field; field = message_field(message, "path", n++))
        if (field->type == FIELD_TEXT && element_is_marked(message, field))
            last = field;
    field = message_field(message, "path", 0);
    for (size_t n = 1; field; field = message_field(message, "path", n++)) {
        if (field->type != FIELD_TEXT)
            continue;
        size_t length = field->value.text.length;
        size_t name = element_is_marked(message, field) ? length - 1 : length;
        sink_put(sink, ",", 1);
        sink_put(sink, message->text + field->value.text.offset, field == last ? name + 1 : name);
    }
}

size_t tnc2_write(const struct message *message, char *text, size_t size)
{
    size_t source_length = 0, destination_length = 0;
    const char *source = message_text(message, "source", &source_length);
    const char *destination = message_text(message, "destination", &destination_length);
    const char *type = message_text(message, "frame_type", NULL);
    if (size == 0)
        return 0;
    struct text_sink sink = {.text = text, .size = size};
    /* The form has no place for a control octet: only UI frames can be written. */
    sink.full = !source || !destination || (type && strcmp(type, "UI") != 0);
    sink_put(&sink, source, source_length);
    sink_put(&sink, ">", 1);
    sink_put(&sink, destination, destination_length);
    path_put(&sink, message);
    sink_put(&sink, ":", 1);
    sink_put(&sink, message->raw + message->payload_offset, message->payload_length);
    text[sink.full ? 0 : sink.length] = '\0';
    return sink.full ? 0 : sink.length;
}
