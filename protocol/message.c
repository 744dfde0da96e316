/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/message.h"

#include <math.h>
#include <string.h>

static const char *const kind_text[MESSAGE_KIND_COUNT] = {
    "other", "position", "text", "acknowledge", "status", "object", "weather", "telemetry", "query",
};

const char *message_kind_text(enum message_kind kind)
{
    return (unsigned)kind < MESSAGE_KIND_COUNT ? kind_text[kind] : kind_text[MESSAGE_OTHER];
}

enum message_kind message_kind_find(const char *text)
{
    for (unsigned k = 0; k < MESSAGE_KIND_COUNT; k++)
        if (strcmp(kind_text[k], text) == 0)
            return (enum message_kind)k;
    return MESSAGE_KIND_COUNT;
}

void message_reset(struct message *message, const char *protocol, const char *address_space)
{
    /* The large arrays carry their own counts: clearing them would cost more than the rest of a decode. */
    message->protocol = protocol;
    message->address_space = address_space;
    message->unit[0] = message->to[0] = '\0';
    message->kind = MESSAGE_OTHER;
    message->distress = DISTRESS_NONE;
    message->test = false;
    message->well_formed = true;
    message->has_position = false;
    message->position = (struct position){.lat_deg = (double)NAN,
                                          .lon_deg = (double)NAN,
                                          .alt_m = NAN,
                                          .accuracy_m = NAN,
                                          .speed_m_s = NAN,
                                          .course_deg = NAN,
                                          .time = {-1, -1, -1, -1, -1, false}};
    message->first_bit = message->end_bit = 0;
    message->bits_corrected = 0;
    message->guessed = false;
    message->doubt = 0;
    message->raw_length = 0;
    message->payload_offset = message->payload_length = 0;
    message->field_count = 0;
    message->text_used = 0;
}

static struct field *add(struct message *message, const char *name, enum field_type type)
{
    if (message->field_count >= MESSAGE_FIELDS_MAX)
        return NULL;
    struct field *field = &message->field[message->field_count++];
    field->name = name;
    field->type = (uint8_t)type;
    field->element = false;
    return field;
}

enum atalaya_result message_add_integer(struct message *message, const char *name, int64_t value)
{
    struct field *field = add(message, name, FIELD_INTEGER);
    if (!field)
        return ATALAYA_E_FULL;
    field->value.integer = value;
    return ATALAYA_OK;
}

enum atalaya_result message_add_real(struct message *message, const char *name, double value)
{
    if (!isfinite(value))
        return ATALAYA_OK;
    struct field *field = add(message, name, FIELD_REAL);
    if (!field)
        return ATALAYA_E_FULL;
    field->value.real = value;
    return ATALAYA_OK;
}

enum atalaya_result message_add_boolean(struct message *message, const char *name, bool value)
{
    struct field *field = add(message, name, FIELD_BOOLEAN);
    if (!field)
        return ATALAYA_E_FULL;
    field->value.boolean = value;
    return ATALAYA_OK;
}

enum atalaya_result message_add_text(struct message *message, const char *name, const void *bytes, size_t length)
{
    if (length >= (size_t)MESSAGE_TEXT_MAX - message->text_used)
        return ATALAYA_E_FULL;
    struct field *field = add(message, name, FIELD_TEXT);
    if (!field)
        return ATALAYA_E_FULL;
    field->value.text.offset = message->text_used;
    field->value.text.length = (uint16_t)length;
    memcpy(message->text + message->text_used, bytes, length);
    message->text[message->text_used + length] = '\0';
    message->text_used = (uint16_t)(message->text_used + length + 1);
    return ATALAYA_OK;
}

enum atalaya_result message_add_string(struct message *message, const char *name, const char *string)
{
    return message_add_text(message, name, string, strlen(string));
}

void message_last_is_element(struct message *message)
{
    if (message->field_count)
        message->field[message->field_count - 1].element = true;
}

const struct field *message_field(const struct message *message, const char *name, size_t n)
{
    for (size_t i = 0; i < message->field_count; i++)
        if (strcmp(message->field[i].name, name) == 0 && n-- == 0)
            return &message->field[i];
    return NULL;
}

const char *message_text(const struct message *message, const char *name, size_t *length)
{
    const struct field *field = message_field(message, name, 0);
    if (!field || field->type != FIELD_TEXT)
        return NULL;
    if (length)
        *length = field->value.text.length;
    return message->text + field->value.text.offset;
}

double message_number(const struct message *message, const char *name, double otherwise)
{
    const struct field *field = message_field(message, name, 0);
    if (field && field->type == FIELD_INTEGER)
        return (double)field->value.integer;
    if (field && field->type == FIELD_REAL)
        return field->value.real;
    return otherwise;
}

bool message_flag(const struct message *message, const char *name)
{
    const struct field *field = message_field(message, name, 0);
    return field && field->type == FIELD_BOOLEAN && field->value.boolean;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ p[i]) * UINT64_C(0x100000001b3); /* FNV-1a, 64 bits */
    return hash;
}

uint64_t message_dedupe(const struct message *message)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    hash = hash_bytes(hash, message->address_space, strlen(message->address_space) + 1);
    hash = hash_bytes(hash, message->unit, strlen(message->unit) + 1);
    hash = hash_bytes(hash, message->to, strlen(message->to) + 1);
    return hash_bytes(hash, message->raw + message->payload_offset, message->payload_length);
}
