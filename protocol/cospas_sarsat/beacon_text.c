/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/beacon_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct writer {
    char *text;
    size_t size, length;
};

static void put(struct writer *writer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds in capitals, as such messages are written. What does not fit is cut off. */
static void put(struct writer *writer, const char *format, ...)
{
    va_list arguments;
    size_t room = writer->size - writer->length;
    char *at = writer->text + writer->length;
    va_start(arguments, format);
    int length = vsnprintf(at, room, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    writer->length += (size_t)length < room ? (size_t)length : room - 1;
    for (; *at; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
}

/* A field as "LABEL VALUE", whatever its type; false: the message does not have it. */
static bool put_field(struct writer *writer, const struct message *message, const char *label,
                      const char *name)
{
    const struct field *field = message_field(message, name, 0);
    if (!field)
        return false;
    if (field->type == FIELD_TEXT)
        put(writer, "%s%s", label, message_text(message, name, NULL));
    else if (field->type == FIELD_BOOLEAN)
        put(writer, "%s%s", label, message_flag(message, name) ? "yes" : "no");
    else
        put(writer, "%s%.0f", label, message_number(message, name, 0));
    return true;
}

static void put_or_nil(struct writer *writer, const struct message *message, const char *label,
                       const char *name)
{
    if (!put_field(writer, message, label, name))
        put(writer, "%snil", label);
    put(writer, "\n");
}

/* Every field of the list that the message has, separated by commas, else NIL. */
static void put_list(struct writer *writer, const struct message *message, const char *const (*list)[2],
                     size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (any && message_field(message, list[i][1], 0))
            put(writer, ", ");
        any = put_field(writer, message, list[i][0], list[i][1]) || any;
    }
    put(writer, "%s\n", any ? "" : "nil");
}

static void put_degrees(struct writer *writer, double deg, char positive, char negative, int width)
{
    long hundredths = lround(fabs(deg) * 6000.0);
    put(writer, "%0*ld %02ld.%02ld %c", width, hundredths / 6000, hundredths / 100 % 60, hundredths % 100,
        deg < 0 ? negative : positive);
}

static void put_heading(struct writer *writer, const struct message *message, const struct alert_facts *facts)
{
    const char *what = message->test ? "test transmission, no distress"
                       : message->distress == DISTRESS_RAISED
                           ? "distress alert heard by a terrestrial station"
                       : message->distress == DISTRESS_CANCELLED ? "distress cancelled by its user"
                                                                 : "beacon heard, no distress";
    put(writer, "terrestrial relay - this is not a Cospas-Sarsat alert\n");
    put(writer, "1. %s\n", what);
    put(writer, "2. station: %.60s\n", facts->station ? facts->station : "nil");
    put(writer, "3. heard at: %.60s", facts->heard_at ? facts->heard_at : "nil");
    if (facts->heard)
        put(writer, ", %u bursts so far", facts->heard);
    if (isfinite(facts->frequency_hz) && facts->frequency_hz > 0 && facts->frequency_hz < 1e9)
        put(writer, "\n4. detection frequency: %.4f MHz\n", facts->frequency_hz * 1e-6);
    else
        put(writer, "\n4. detection frequency: nil\n");
}

static void put_identity(struct writer *writer, const struct message *message)
{
    static const char *const identity[][2] = {{"MMSI ", "mmsi"},
                                              {"call sign ", "call_sign"},
                                              {"aircraft registration ", "aircraft_registration"},
                                              {"aircraft 24-bit address ", "aircraft_address"},
                                              {"aircraft operator ", "aircraft_operator"},
                                              {"aircraft operator ", "operator_3ld"},
                                              {"operator's serial no ", "operator_serial_number"},
                                              {"type approval ", "tac"},
                                              {"serial no ", "serial_number"}};
    static const char *const country[][2] = {{"", "country_name"}, {"MID ", "country"}};
    put(writer, "5. country of beacon registration: ");
    put_list(writer, message, country, 2);
    put(writer, "6. user class: ");
    static const char *const class[][2] = {{"", "beacon_protocol"}, {"", "beacon_type"}};
    put_list(writer, message, class, 2);
    put(writer, "   identification: ");
    put_list(writer, message, identity, sizeof identity / sizeof *identity);
    put_or_nil(writer, message, "7. emergency code: ", "emergency");
}

static void put_position(struct writer *writer, const struct message *message)
{
    put(writer, "8. positions: resolved - nil, Doppler A - nil, Doppler B - nil\n   encoded - ");
    if (message->has_position) {
        put_degrees(writer, message->position.lat_deg, 'N', 'S', 2);
        put(writer, "  ");
        put_degrees(writer, message->position.lon_deg, 'E', 'W', 3);
        if (isfinite(message->position.accuracy_m))
            put(writer, ", coded to +-%.0f m", (double)message->position.accuracy_m);
    } else {
        put(writer, "nil");
    }
    if (isfinite(message->position.alt_m))
        put(writer, ", altitude %.0f m", (double)message->position.alt_m);
    put_or_nil(writer, message, "\n9. encoded position provided by: ", "position_source");
}

static void put_rest(struct writer *writer, const struct message *message)
{
    static const char *const numbers[][2] = {{"", "beacon_number"}, {"", "elt_number"}};
    static const char *const other[][2] = {{"altitude ", "altitude"},
                                           {"position age ", "position_age"},
                                           {"position age in minutes ", "position_age_min"},
                                           {"hours active ", "hours_active"},
                                           {"trigger ", "trigger"},
                                           {"battery ", "battery"},
                                           {"fix ", "gnss_fix"},
                                           {"return link ", "rls_provider"},
                                           {"deactivation ", "deactivation"},
                                           {"fault in the message: ", "fault"}};
    put(writer, "10. next pass times: not applicable\n");
    put_or_nil(writer, message, "11. hex ID: ", "hex_id");
    if (message_field(message, "homing_enabled", 0))
        put_or_nil(writer, message, "    homing signal: ", "homing_enabled");
    else
        put_or_nil(writer, message, "    homing signal: ", "homing");
    put_or_nil(writer, message, "12. activation type: ", "activation");
    put(writer, "13. beacon number on aircraft or vessel: ");
    put_list(writer, message, numbers, 2);
    put(writer, "14. other encoded information: ");
    put_list(writer, message, other, sizeof other / sizeof *other);
    put(writer, "15. operational information: %u wrong bits corrected%s\n", message->bits_corrected,
        message->guessed ? ", some of them guessed" : "");
}

size_t beacon_text_write(const struct message *message, const struct alert_facts *facts, char *text,
                         size_t size)
{
    struct writer writer = {.text = text, .size = size};
    if (size == 0 || !message_field(message, "generation", 0))
        return 0;
    text[0] = '\0';
    put_heading(&writer, message, facts);
    put_identity(&writer, message);
    put_position(&writer, message);
    put_rest(&writer, message);
    put(&writer,
        "16. remarks: heard directly by a radio tower, on line of sight. No satellite, LUT or MCC took "
        "part;\n    the system's own alert, if there is one, comes by its own way.\n");
    if (facts->more_remarks)
        put(&writer, "    %.120s\n", facts->more_remarks);
    put(&writer, "end of message - terrestrial relay, not a Cospas-Sarsat alert\n");
    return writer.length;
}
