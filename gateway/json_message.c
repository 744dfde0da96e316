/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to messages: what `encode` and commands ask a radio to say. The inverse of json_from_message: keys
 * that are members of a message go there, facts of a reception are skipped, all others become fields. */
#include "atalaya/gateway/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/protocol/protocol.h"
#include "json_names.h"

enum { DEPTH_MAX = 4 };

struct reader {
    struct message *message;
    char *why;
    size_t why_size;
};

static enum atalaya_result refuse(const struct reader *reader, enum atalaya_result result, const char *format,
                                  ...) __attribute__((format(printf, 3, 4)));

static enum atalaya_result refuse(const struct reader *reader, enum atalaya_result result, const char *format,
                                  ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reader->why, reader->why_size, format, arguments);
    va_end(arguments);
    return result;
}

/* Facts of one hearing, which a message to send does not have. "protocol" is read first, by itself. */
static bool is_skipped(const char *key)
{
    static const char *const skipped[] = {"protocol",  "input",          "channel",   "frequency_hz",
                                          "time_s",    "duration_s",     "rssi_dbfs", "snr_db",
                                          "offset_hz", "deviation_hz",   "peak",      "dedupe",
                                          "copies",    "bits_corrected", "guessed"};
    for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
        if (strcmp(skipped[i], key) == 0)
            return true;
    return false;
}

static enum atalaya_result read_id(const struct reader *reader, const char *key, const json_t *value,
                                   char *id)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    if (!text || length >= MESSAGE_ID_MAX || strspn(text, safe) != length)
        return refuse(reader, ATALAYA_E_RANGE,
                      "\"%s\" must be at most %d of the characters A-Z a-z 0-9 . _ -", key,
                      MESSAGE_ID_MAX - 1);
    memcpy(id, text, length + 1);
    return ATALAYA_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum atalaya_result read_raw(const struct reader *reader, const json_t *value)
{
    struct message *message = reader->message;
    const char *hex = json_string_value(value);
    size_t length = json_string_length(value);
    if (!hex || length % 2 || length / 2 > MESSAGE_RAW_MAX)
        return refuse(reader, ATALAYA_E_LENGTH, "\"raw\" must be at most %d octets in hexadecimal",
                      MESSAGE_RAW_MAX);
    for (size_t i = 0; i < length / 2; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return refuse(reader, ATALAYA_E_FORMAT,
                          "\"raw\" has a character that is no hexadecimal digit at %zu", 2 * i);
        message->raw[i] = (uint8_t)(high << 4 | low);
    }
    message->raw_length = (uint16_t)(length / 2);
    return ATALAYA_OK;
}

static enum atalaya_result read_word(const struct reader *reader, const char *key, const json_t *value)
{
    struct message *message = reader->message;
    const char *word = json_string_value(value);
    if (strcmp(key, "kind") == 0) {
        message->kind = word ? message_kind_find(word) : MESSAGE_KIND_COUNT;
        if (message->kind == MESSAGE_KIND_COUNT) {
            message->kind = MESSAGE_OTHER;
            return refuse(reader, ATALAYA_E_RANGE, "\"kind\" is no kind of message");
        }
        return ATALAYA_OK;
    }
    if (word && strcmp(word, "raised") == 0)
        message->distress = DISTRESS_RAISED;
    else if (word && strcmp(word, "cancelled") == 0)
        message->distress = DISTRESS_CANCELLED;
    else
        return refuse(reader, ATALAYA_E_RANGE, "\"distress\" is \"raised\", \"cancelled\" or absent");
    return ATALAYA_OK;
}

static enum atalaya_result read_flag(const struct reader *reader, const char *key, const json_t *value,
                                     bool *flag)
{
    if (!json_is_boolean(value))
        return refuse(reader, ATALAYA_E_FORMAT, "\"%s\" must be true or false", key);
    *flag = json_is_true(value);
    return ATALAYA_OK;
}

/* Figures of struct position with the range in which they mean something. */
static enum atalaya_result read_figure(const struct reader *reader, const char *key, const json_t *value,
                                       bool *taken)
{
    struct position *position = &reader->message->position;
    struct partial_time *time = &position->time;
    const struct {
        const char *key;
        double low, high;
        double *real;
        float *single;
        int8_t *part;
    } figures[] = {
        {"lat_deg", -90, 90, &position->lat_deg, NULL, NULL},
        {"lon_deg", -180, 180, &position->lon_deg, NULL, NULL},
        {"alt_m", -12000, 1e6, NULL, &position->alt_m, NULL},
        {"accuracy_m", 0, 3e7, NULL, &position->accuracy_m, NULL},
        {"speed_m_s", 0, 1e5, NULL, &position->speed_m_s, NULL},
        {"course_deg", 0, 360, NULL, &position->course_deg, NULL},
        {"fix_month", 1, 12, NULL, NULL, &time->month},
        {"fix_day", 1, 31, NULL, NULL, &time->day},
        {"fix_hour", 0, 23, NULL, NULL, &time->hour},
        {"fix_minute", 0, 59, NULL, NULL, &time->minute},
        {"fix_second", 0, 60, NULL, NULL, &time->second},
    };
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        if (strcmp(figures[i].key, key) != 0)
            continue;
        *taken = true;
        double figure = json_number_value(value);
        bool right_type = figures[i].part ? json_is_integer(value) : json_is_number(value);
        if (!right_type || !(figure >= figures[i].low && figure <= figures[i].high))
            return refuse(reader, ATALAYA_E_RANGE, "\"%s\" must be a%s number from %g to %g", key,
                          figures[i].part ? " whole" : "", figures[i].low, figures[i].high);
        if (figures[i].real)
            *figures[i].real = figure;
        else if (figures[i].single)
            *figures[i].single = (float)figure;
        else
            *figures[i].part = (int8_t)figure;
    }
    return ATALAYA_OK;
}

static enum atalaya_result read_member(const struct reader *reader, const char *key, const json_t *value,
                                       bool *taken)
{
    struct message *message = reader->message;
    *taken = true;
    if (is_skipped(key))
        return ATALAYA_OK;
    if (strcmp(key, "unit") == 0)
        return read_id(reader, key, value, message->unit);
    if (strcmp(key, "to") == 0)
        return read_id(reader, key, value, message->to);
    if (strcmp(key, "kind") == 0 || strcmp(key, "distress") == 0)
        return read_word(reader, key, value);
    if (strcmp(key, "test") == 0)
        return read_flag(reader, key, value, &message->test);
    if (strcmp(key, "well_formed") == 0)
        return read_flag(reader, key, value, &message->well_formed);
    if (strcmp(key, "fix_local") == 0)
        return read_flag(reader, key, value, &message->position.time.local);
    if (strcmp(key, "raw") == 0)
        return read_raw(reader, value);
    *taken = false;
    return read_figure(reader, key, value, taken);
}

static enum atalaya_result read_scalar(const struct reader *reader, const char *name, const json_t *value,
                                       bool element)
{
    struct message *message = reader->message;
    enum atalaya_result result = ATALAYA_E_FORMAT;
    const char *kept = json_name_keep(name);
    if (!kept)
        return refuse(reader, ATALAYA_E_FULL, "\"%s\": too many names of fields, or too long a name", name);
    if (json_is_integer(value))
        result = message_add_integer(message, kept, json_integer_value(value));
    else if (json_is_real(value))
        result = message_add_real(message, kept, json_real_value(value));
    else if (json_is_boolean(value))
        result = message_add_boolean(message, kept, json_is_true(value));
    else if (json_is_string(value))
        result = message_add_text(message, kept, json_string_value(value), json_string_length(value));
    if (result == ATALAYA_E_FORMAT)
        return refuse(reader, result, "\"%s\" must be a number, a text, true or false, or a list of these",
                      name);
    if (result != ATALAYA_OK)
        return refuse(reader, result, "\"%s\": more than one message can hold", name);
    if (element)
        message_last_is_element(message);
    return ATALAYA_OK;
}

/* A dot would be taken for an object when the message is written again. */
static bool is_field_name(const char *key)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
    return *key != '\0' && key[strspn(key, safe)] == '\0';
}

/* Fields below `prefix`; depth counts the objects around. jansson iterates over a const object only after a
 * cast. */
static enum atalaya_result read_fields(const struct reader *reader, const json_t *object, const char *prefix,
                                       unsigned depth)
{
    enum atalaya_result result = ATALAYA_OK;
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); at && result == ATALAYA_OK;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *key = json_object_iter_key(at);
        const json_t *value = json_object_iter_value(at);
        char name[JSON_NAME_SIZE];
        bool taken = false;
        if (depth == 0)
            result = read_member(reader, key, value, &taken);
        if (taken || result != ATALAYA_OK || json_is_null(value))
            continue;
        if (!is_field_name(key))
            return refuse(reader, ATALAYA_E_FORMAT, "\"%.*s\": a field's name is of letters, digits and _",
                          JSON_NAME_SIZE, key);
        int length = snprintf(name, sizeof name, "%s%s%s", prefix, depth ? "." : "", key);
        if (length < 0 || (size_t)length >= sizeof name)
            return refuse(reader, ATALAYA_E_LENGTH, "a name longer than %d characters", JSON_NAME_SIZE - 1);
        if (json_is_object(value)) {
            result = depth + 1 < DEPTH_MAX
                         ? read_fields(reader, value, name, depth + 1)
                         : refuse(reader, ATALAYA_E_FORMAT, "\"%s\": objects nested too deep", name);
            continue;
        }
        if (!json_is_array(value)) {
            result = read_scalar(reader, name, value, false);
            continue;
        }
        for (size_t i = 0; i < json_array_size(value) && result == ATALAYA_OK; i++)
            result = read_scalar(reader, name, json_array_get(value, i), true);
    }
    return result;
}

enum atalaya_result json_to_message(const json_t *object, struct message *message, char *why, size_t why_size)
{
    struct reader reader = {.message = message, .why = why, .why_size = why_size};
    const char *id = json_string_value(json_object_get(object, "protocol"));
    const struct protocol_row *row = id ? protocol_find(id) : NULL;
    if (!json_is_object(object))
        return refuse(&reader, ATALAYA_E_FORMAT, "not a JSON object");
    if (!row)
        return refuse(&reader, ATALAYA_E_UNSUPPORTED,
                      "\"protocol\" must name a row of the table that `atalaya protocols` prints");
    message_reset(message, row->id, row->protocol->address_space);
    enum atalaya_result result = read_fields(&reader, object, "", 0);
    if (result != ATALAYA_OK)
        return result;
    bool lat = message->position.lat_deg <= 90, lon = message->position.lon_deg <= 180; /* NaN: absent */
    if (lat != lon)
        return refuse(&reader, ATALAYA_E_FORMAT, "\"lat_deg\" and \"lon_deg\" go together");
    message->has_position = lat;
    return ATALAYA_OK;
}
