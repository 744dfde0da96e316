/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/inbound_arguments.h"

#include <string.h>

enum argument {
    ARGUMENT_DISTRESS,
    ARGUMENT_PERSON,
    ARGUMENT_OUTCOME,
    ARGUMENT_UNIT,
    ARGUMENT_TEXT,
    ARGUMENT_CHANNEL,
    ARGUMENT_RADIO,
    ARGUMENT_KIND,
    ARGUMENT_COUNT
};
#define BIT(argument) (1u << ARGUMENT_##argument)

static const struct {
    const char *name;
    size_t offset, size;
    bool is_id;
    const char *missing, *stray, *unusable; /* what is wrong, for a person */
} arguments_known[ARGUMENT_COUNT] = {
#define ROW(which, member, id)                                                                               \
    [ARGUMENT_##which] = {#member,                                                                           \
                          offsetof(struct inbound_command, member),                                          \
                          sizeof((struct inbound_command *)0)->member,                                       \
                          id,                                                                                \
                          #member " is missing",                                                             \
                          #member " does not belong to this command",                                        \
                          #member " is empty, too long, or of the wrong kind"}
    ROW(DISTRESS, distress, true), ROW(PERSON, person, false), ROW(OUTCOME, outcome, true),
    ROW(UNIT, unit, true),         ROW(TEXT, text, false),     ROW(CHANNEL, channel, true),
    ROW(RADIO, radio, false),      ROW(KIND, kind, true),
#undef ROW
};

static const struct {
    const char *name;
    unsigned needs, may; /* bits of arguments */
} commands[INBOUND_WHAT_COUNT] = {
    [INBOUND_RECEIVED] = {"received", BIT(DISTRESS), 0},
    [INBOUND_ACKNOWLEDGE] = {"acknowledge", BIT(DISTRESS) | BIT(PERSON), 0},
    [INBOUND_CLEAR] = {"clear", BIT(DISTRESS) | BIT(PERSON) | BIT(OUTCOME), 0},
    [INBOUND_MESSAGE] = {"message", BIT(UNIT), BIT(TEXT) | BIT(KIND) | BIT(RADIO) | BIT(PERSON)},
    [INBOUND_PING] = {"ping", 0, 0},
    [INBOUND_TRANSMIT] = {"transmit", BIT(CHANNEL) | BIT(TEXT), BIT(PERSON)},
    [INBOUND_RELOAD] = {"reload", 0, BIT(PERSON)},
};

const char *inbound_what_text(enum inbound_what what)
{
    return (unsigned)what < INBOUND_WHAT_COUNT ? commands[what].name : "unknown";
}

enum inbound_what inbound_what_find(const char *name)
{
    unsigned what = 0;
    while (what < INBOUND_WHAT_COUNT && strcmp(commands[what].name, name) != 0)
        what++;
    return (enum inbound_what)what;
}

static bool is_id_byte(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           byte == '.' || byte == '_' || byte == '-';
}

bool inbound_copy_id(char *out, size_t size, const char *text, size_t length)
{
    bool same = length > 0 && length < size;
    size_t n = length < size ? length : size - 1;
    for (size_t i = 0; i < n; i++) {
        bool fine = is_id_byte((unsigned char)text[i]);
        out[i] = fine ? text[i] : '-';
        same = same && fine;
    }
    out[n] = '\0';
    return same;
}

static unsigned find_argument(const char *name)
{
    unsigned i = 0;
    while (i < ARGUMENT_COUNT && strcmp(arguments_known[i].name, name) != 0)
        i++;
    return i;
}

static bool take_argument(unsigned which, const json_t *value, struct inbound_command *command)
{
    char *place = (char *)command + arguments_known[which].offset;
    size_t length = json_string_length(value);
    if (!json_is_string(value) || length == 0 || length >= arguments_known[which].size)
        return false;
    if (arguments_known[which].is_id)
        return inbound_copy_id(place, arguments_known[which].size, json_string_value(value), length);
    memcpy(place, json_string_value(value), length + 1);
    return true;
}

static bool is_outcome(const char *text)
{
    return strcmp(text, "cleared") == 0 || strcmp(text, "false_alarm") == 0 || strcmp(text, "exercise") == 0;
}

/* A message has words, or is one of the signals without. */
static bool is_sayable(const struct inbound_command *command, bool has_text)
{
    bool signal = strcmp(command->kind, "call_alert") == 0 || strcmp(command->kind, "radio_check") == 0;
    bool text = !command->kind[0] || strcmp(command->kind, "text") == 0;
    return (signal && !has_text) || (text && has_text);
}

const char *inbound_read_arguments(json_t *arguments, struct inbound_command *command)
{
    unsigned given = 0, needs = commands[command->what].needs, may = needs | commands[command->what].may;
    const char *name;
    json_t *value;
    json_object_foreach (arguments, name, value) {
        unsigned which = find_argument(name);
        if (which == ARGUMENT_COUNT)
            return "an argument that no command takes";
        if (!(may & 1u << which))
            return arguments_known[which].stray;
        if (!take_argument(which, value, command))
            return arguments_known[which].unusable;
        given |= 1u << which;
    }
    for (unsigned which = 0; which < ARGUMENT_COUNT; which++)
        if (needs & ~given & 1u << which)
            return arguments_known[which].missing;
    if (given & BIT(OUTCOME) && !is_outcome(command->outcome))
        return "outcome is not cleared, false_alarm or exercise";
    if (command->what == INBOUND_MESSAGE && !is_sayable(command, given & BIT(TEXT)))
        return "a message has a text, or kind call_alert or radio_check and none";
    return NULL;
}

static bool has_control(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20)
            return true;
    return false;
}

/* Recursion is bounded: what is nested deeper than INBOUND_DEPTH_MAX was refused before it was parsed. */
const char *inbound_check_writing(json_t *value)
{
    const char *name, *fault = NULL;
    json_t *entry;
    size_t i;
    if (json_is_real(value))
        return "a number that is not whole";
    if (json_is_string(value))
        return has_control(json_string_value(value), json_string_length(value))
                   ? "a control character in a text"
                   : NULL;
    json_object_foreach (value, name, entry) {
        fault =
            has_control(name, strlen(name)) ? "a control character in a name" : inbound_check_writing(entry);
        if (fault)
            return fault;
    }
    json_array_foreach (value, i, entry) {
        fault = inbound_check_writing(entry);
        if (fault)
            return fault;
    }
    return NULL;
}
