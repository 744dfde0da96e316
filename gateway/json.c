/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and receptions to JSON. Running out of memory leaves members out or returns NULL; jansson takes
 * NULL values as errors, so nothing here needs to look twice. */
#include "atalaya/gateway/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

enum {
    DEGREE_DECIMALS = 6,
    METRE_DECIMALS = 2,
    SECOND_DECIMALS = 6,
    DECIBEL_DECIMALS = 1,
    FIELD_DECIMALS = 9
};

json_t *json_text(const void *bytes, size_t length)
{
    const unsigned char *in = bytes;
    char *out = malloc(2 * length + 1);
    size_t used = 0;
    if (!out)
        return NULL;
    for (size_t i = 0; i < length;) {
        uint32_t point;
        size_t sequence = utf8_read(in + i, length - i, &point);
        if (sequence) {
            memcpy(out + used, in + i, sequence);
            used += sequence;
            i += sequence;
        } else {
            out[used++] = (char)(0xc0 | in[i] >> 6);
            out[used++] = (char)(0x80 | (in[i++] & 0x3f));
        }
    }
    json_t *text = json_stringn(out, used);
    free(out);
    return text;
}

void json_set_real(json_t *object, const char *key, double value, int decimals)
{
    if (!isfinite(value))
        return;
    double scale = pow(10.0, decimals);
    double rounded = rint(value * scale) / scale;
    if (!isfinite(rounded)) /* too large to scale: it has no decimals anyway */
        rounded = value;
    json_object_set_new(object, key, json_real(rounded == 0.0 ? 0.0 : rounded)); /* never -0.0 */
}

double json_get_real(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

const char *json_get_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void set_string(json_t *object, const char *key, const char *text)
{
    if (text[0])
        json_object_set_new(object, key, json_text(text, strlen(text)));
}

static void set_raw(json_t *object, const struct message *message)
{
    static const char digits[] = "0123456789abcdef";
    char hex[2 * MESSAGE_RAW_MAX];
    for (size_t i = 0; i < message->raw_length; i++) {
        hex[2 * i] = digits[message->raw[i] >> 4];
        hex[2 * i + 1] = digits[message->raw[i] & 0x0f];
    }
    if (message->raw_length)
        json_object_set_new(object, "raw", json_stringn(hex, 2 * (size_t)message->raw_length));
}

static void set_position(json_t *object, const struct message *message)
{
    const struct position *position = &message->position;
    const struct partial_time *time = &position->time;
    const struct {
        const char *key;
        int value;
    } parts[] = {{"fix_month", time->month},
                 {"fix_day", time->day},
                 {"fix_hour", time->hour},
                 {"fix_minute", time->minute},
                 {"fix_second", time->second}};
    if (message->has_position) {
        json_set_real(object, "lat_deg", position->lat_deg, DEGREE_DECIMALS);
        json_set_real(object, "lon_deg", position->lon_deg, DEGREE_DECIMALS);
    }
    json_set_real(object, "alt_m", (double)position->alt_m, METRE_DECIMALS);
    json_set_real(object, "accuracy_m", (double)position->accuracy_m, METRE_DECIMALS);
    json_set_real(object, "speed_m_s", (double)position->speed_m_s, METRE_DECIMALS);
    json_set_real(object, "course_deg", (double)position->course_deg, METRE_DECIMALS);
    bool known = false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].value >= 0) {
            json_object_set_new(object, parts[i].key, json_integer(parts[i].value));
            known = true;
        }
    if (known && time->local)
        json_object_set_new(object, "fix_local", json_true());
}

static json_t *field_value(const struct message *message, const struct field *field)
{
    switch ((enum field_type)field->type) {
    case FIELD_INTEGER:
        return json_integer(field->value.integer);
    case FIELD_BOOLEAN:
        return json_boolean(field->value.boolean);
    case FIELD_TEXT:
        return json_text(message->text + field->value.text.offset, field->value.text.length);
    case FIELD_REAL:
        break;
    }
    json_t *carrier = json_object(); /* so that rounding has one home */
    json_set_real(carrier, "value", field->value.real, FIELD_DECIMALS);
    json_t *value = json_incref(json_object_get(carrier, "value"));
    json_decref(carrier);
    return value;
}

/* "weather.temperature_c" goes into the object "weather". What stands there already stays: a field never
 * hides a member, nor a second field the first. */
static void set_field(json_t *object, const struct message *message, const struct field *field)
{
    const char *name = field->name;
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(name, '.')) {
        char part[64];
        size_t length = (size_t)(dot - name);
        if (length >= sizeof part)
            return;
        memcpy(part, name, length);
        part[length] = '\0';
        if (!json_object_get(object, part))
            json_object_set_new(object, part, json_object());
        object = json_object_get(object, part);
        name = dot + 1;
    }
    if (field->element && !json_object_get(object, name))
        json_object_set_new(object, name, json_array());
    json_t *there = json_object_get(object, name);
    if (field->element && json_is_array(there))
        json_array_append_new(there, field_value(message, field));
    else if (!there)
        json_object_set_new(object, name, field_value(message, field));
}

json_t *json_from_message(const struct message *message)
{
    json_t *object = json_object();
    set_string(object, "protocol", message->protocol);
    set_string(object, "unit", message->unit);
    set_string(object, "to", message->to);
    set_string(object, "kind", message_kind_text(message->kind));
    if (message->distress != DISTRESS_NONE)
        set_string(object, "distress", message->distress == DISTRESS_RAISED ? "raised" : "cancelled");
    json_object_set_new(object, "test", json_boolean(message->test));
    if (!message->well_formed)
        json_object_set_new(object, "well_formed", json_false());
    set_position(object, message);
    for (size_t i = 0; i < message->field_count; i++)
        set_field(object, message, &message->field[i]);
    if (message->end_bit) /* 0: the frame came from no stream, nobody counted */
        json_object_set_new(object, "bits_corrected", json_integer(message->bits_corrected));
    if (message->guessed)
        json_object_set_new(object, "guessed", json_true());
    set_raw(object, message);
    return object;
}

json_t *json_from_fields(const struct message *message, const char *const *names)
{
    json_t *object = json_object();
    for (; *names; names++)
        for (size_t i = 0; i < message->field_count; i++)
            if (strcmp(message->field[i].name, *names) == 0)
                set_field(object, message, &message->field[i]);
    return object;
}

json_t *json_from_reception(const struct reception *reception)
{
    char dedupe[17];
    (void)snprintf(dedupe, sizeof dedupe, "%016" PRIx64, reception->dedupe);
    json_t *object = json_from_message(&reception->message);
    set_string(object, "input", reception->source);
    set_string(object, "channel", reception->channel);
    json_set_real(object, "frequency_hz", reception->frequency_hz, 0);
    json_set_real(object, "time_s", reception->time_s, SECOND_DECIMALS);
    json_set_real(object, "duration_s", reception->duration_s, SECOND_DECIMALS);
    json_set_real(object, "rssi_dbfs", (double)reception->rssi_dbfs, DECIBEL_DECIMALS);
    json_set_real(object, "snr_db", (double)reception->snr_db, DECIBEL_DECIMALS);
    json_set_real(object, "offset_hz", (double)reception->offset_hz, DECIBEL_DECIMALS);
    json_set_real(object, "deviation_hz", (double)reception->deviation_hz, 0);
    json_set_real(object, "peak", (double)reception->peak, 3);
    set_string(object, "dedupe", dedupe);
    json_object_set_new(object, "copies", json_integer(reception->copies));
    return object;
}
