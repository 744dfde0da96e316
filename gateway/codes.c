/* SPDX-License-Identifier: Apache-2.0 */
#include "codes.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/protocol/protocol.h"

enum { VALUE_MAX = 128 };

const char *code_match_split(const char *match, char protocol[static CONFIG_TEXT_MAX],
                             char field[static CONFIG_TEXT_MAX])
{
    size_t dot = strcspn(match, "."), equals = strcspn(match, "=");
    if (match[dot] != '.' || match[equals] != '=' || dot == 0 || equals <= dot + 1 ||
        match[equals + 1] == '\0' || equals >= CONFIG_TEXT_MAX)
        return NULL;
    memcpy(protocol, match, dot);
    protocol[dot] = '\0';
    memcpy(field, match + dot + 1, equals - dot - 1);
    field[equals - dot - 1] = '\0';
    return match + equals + 1;
}

/* The field as text; "" where the message has none, or one that is no number and no text. */
static void read_value(const struct message *message, const char *name, char value[static VALUE_MAX])
{
    const struct field *field = message_field(message, name, 0);
    value[0] = '\0';
    if (strcmp(name, "unit") == 0)
        snprintf(value, VALUE_MAX, "%s", message->unit);
    else if (strcmp(name, "to") == 0)
        snprintf(value, VALUE_MAX, "%s", message->to);
    else if (field && field->type == FIELD_INTEGER)
        snprintf(value, VALUE_MAX, "%" PRId64, field->value.integer);
    else if (field && field->type == FIELD_TEXT && field->value.text.length < VALUE_MAX)
        snprintf(value, VALUE_MAX, "%s", message_text(message, name, NULL));
}

/* Appends; false: no room, or no character of an id. */
static bool keep(char id[static MESSAGE_ID_MAX], char character)
{
    size_t length = strlen(id);
    if (length + 1 >= MESSAGE_ID_MAX || !isalnum((unsigned char)character))
        return false;
    id[length] = character;
    id[length + 1] = '\0';
    return true;
}

static bool value_matches(const char *value, const char *pattern, char unit[static MESSAGE_ID_MAX],
                          char to[static MESSAGE_ID_MAX])
{
    unit[0] = to[0] = '\0';
    for (; *pattern; pattern++, value++) {
        if (pattern[0] == '*' && pattern[1] == '\0')
            return true;
        bool same = false;
        if (*value == '\0')
            return false;
        else if (*pattern == '#')
            same = isdigit((unsigned char)*value);
        else if (*pattern == 'U' || *pattern == 'T')
            same = keep(*pattern == 'U' ? unit : to, *value);
        else
            same = *pattern == '?' || *pattern == *value;
        if (!same)
            return false;
    }
    return *value == '\0';
}

static bool message_matches(const struct message *message, const char *match,
                            char unit[static MESSAGE_ID_MAX], char to[static MESSAGE_ID_MAX])
{
    char protocol[CONFIG_TEXT_MAX], field[CONFIG_TEXT_MAX], value[VALUE_MAX];
    const char *pattern = code_match_split(match, protocol, field);
    if (!pattern || !protocol_id_is(message->protocol, protocol))
        return false;
    read_value(message, field, value);
    return value[0] != '\0' && value_matches(value, pattern, unit, to);
}

static unsigned weight_of(const struct config_code *code)
{
    if (code->distress == CODE_RAISES)
        return 3;
    return code->distress != CODE_NO_DISTRESS ? 2 : code->text[0] != '\0';
}

void codes_find(const struct config_code *codes, unsigned count, const struct message *message,
                struct code_hit *hit)
{
    memset(hit, 0, sizeof *hit);
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = 0; k < codes[i].match_count; k++) {
            char unit[MESSAGE_ID_MAX], to[MESSAGE_ID_MAX];
            if (!message_matches(message, codes[i].match[k], unit, to))
                continue;
            if (!hit->code || weight_of(&codes[i]) > weight_of(hit->code))
                hit->code = &codes[i];
            if (!hit->unit[0])
                memcpy(hit->unit, unit, sizeof unit);
            if (!hit->to[0])
                memcpy(hit->to, to, sizeof to);
        }
}
