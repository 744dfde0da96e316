/* SPDX-License-Identifier: Apache-2.0 */
/* Chapters 13 to 16 and 19 the other way: messages, telemetry, queries, status and the rest. */
#include "aprs_out.h"

#include <math.h>
#include <string.h>

enum { ADDRESSEE = 9, NUMBER_MAX = 5, ANALOG_CHANNELS = 5 };

/* A message number behind its mark, with "}" and the reply's if there is one. */
static enum atalaya_result number_put(struct aprs_out *out, const struct message *message, const char *mark,
                                      const char *name)
{
    size_t length;
    const char *id = message_text(message, name, &length);
    if (length == 0 || length > NUMBER_MAX)
        return ATALAYA_E_RANGE;
    for (size_t i = 0; i < length; i++)
        if (!aprs_is_alphanumeric((uint8_t)id[i]))
            return ATALAYA_E_RANGE;
    aprs_put_string(out, mark);
    aprs_put_bytes(out, id, length);
    if (message_text(message, "reply_ack", &length)) {
        if (length > NUMBER_MAX)
            return ATALAYA_E_RANGE;
        aprs_put_char(out, '}');
        (void)aprs_put_field(out, message, "reply_ack"); /* is there */
    }
    return ATALAYA_OK;
}

/* The elements called name, with commas between. */
static void list_put(struct aprs_out *out, const struct message *message, const char *name)
{
    const struct field *field;
    for (size_t i = 0; (field = message_field(message, name, i)); i++) {
        if (i)
            aprs_put_char(out, ',');
        if (field->type == FIELD_TEXT)
            aprs_put_text(out, message->text + field->value.text.offset, field->value.text.length);
        else
            aprs_put_decimal(out, aprs_field_number(field), 7);
    }
}

/* Parsed messages keep their text; composed ones may come as lists. */
static bool definition_put(struct aprs_out *out, const struct message *message)
{
    static const struct {
        const char *name, *word;
    } lists[] = {
        {"telemetry.names", "PARM."}, {"telemetry.units", "UNIT."}, {"telemetry.equations", "EQNS."}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (message_field(message, lists[i].name, 0)) {
            aprs_put_string(out, lists[i].word);
            list_put(out, message, lists[i].name);
            return true;
        }
    if (!message_text(message, "telemetry.bit_sense", NULL))
        return false;
    aprs_put_string(out, "BITS.");
    (void)aprs_put_field(out, message, "telemetry.bit_sense"); /* is there */
    if (message_text(message, "telemetry.project", NULL)) {
        aprs_put_char(out, ',');
        (void)aprs_put_field(out, message, "telemetry.project"); /* is there */
    }
    return true;
}

/* ?TYPE and its argument, where the whole text is not given. */
static bool directed_put(struct aprs_out *out, const struct message *message)
{
    if (!message_text(message, "query", NULL))
        return false;
    aprs_put_char(out, '?');
    (void)aprs_put_field(out, message, "query");          /* is there */
    (void)aprs_put_field(out, message, "query_argument"); /* optional */
    return true;
}

enum atalaya_result aprs_put_message(struct aprs_out *out, const struct message *message)
{
    size_t length = strlen(message->to);
    if (!length)
        return ATALAYA_E_ARGUMENT;
    if (length > ADDRESSEE)
        return ATALAYA_E_RANGE;
    aprs_put_char(out, ':');
    aprs_put_padded(out, message->to, length, ADDRESSEE);
    aprs_put_char(out, ':');
    if (message->kind == MESSAGE_ACKNOWLEDGE) {
        bool reject = message_text(message, "reject_id", NULL);
        if (!reject && !message_text(message, "ack_id", NULL))
            return ATALAYA_E_ARGUMENT;
        return number_put(out, message, reject ? "rej" : "ack", reject ? "reject_id" : "ack_id");
    }
    const char *text = message_text(message, "text", &length);
    bool numbered = message_text(message, "message_id", NULL);
    if (message->kind == MESSAGE_TEXT && text && !aprs_text_is_plain((const uint8_t *)text, length, numbered))
        return ATALAYA_E_RANGE;
    if (!aprs_put_field(out, message, "text") && !definition_put(out, message) && !directed_put(out, message))
        return ATALAYA_E_ARGUMENT;
    if (numbered)
        return number_put(out, message, "{", "message_id");
    return ATALAYA_OK;
}

enum atalaya_result aprs_put_status(struct aprs_out *out, const struct message *message)
{
    aprs_put_char(out, '>');
    const struct partial_time *time = &message->position.time;
    if (aprs_time_is_known(time) && (time->day < 0 || time->local || !aprs_put_time(out, time)))
        return ATALAYA_E_RANGE; /* only DHM zulu */
    return aprs_put_field(out, message, "status") ? ATALAYA_OK : ATALAYA_E_ARGUMENT;
}

static unsigned channel_of(const struct message *message, unsigned index)
{
    const struct field *field = message_field(message, "telemetry.channel", index);
    if (!field || field->type != FIELD_INTEGER || field->value.integer < 1 ||
        field->value.integer > ANALOG_CHANNELS)
        return index + 1;
    return (unsigned)field->value.integer;
}

enum atalaya_result aprs_put_telemetry(struct aprs_out *out, const struct message *message)
{
    long sequence;
    if (message->to[0])
        return aprs_put_message(out, message); /* a definition */
    aprs_put_string(out, "T#");
    if (!message_field(message, "telemetry.sequence", 0))
        aprs_put_string(out, "MIC");
    else if (!aprs_round(message_number(message, "telemetry.sequence", -1), 999999999, &sequence))
        return ATALAYA_E_RANGE;
    else
        aprs_put_unsigned(out, (unsigned long)sequence, 3);
    bool digital = message_text(message, "telemetry.digital", NULL);
    unsigned index = 0;
    for (unsigned channel = 1; channel <= ANALOG_CHANNELS; channel++) {
        const struct field *field = message_field(message, "telemetry.analog", index);
        if (!field && !digital && (channel > 1 || index))
            break;
        aprs_put_char(out, ',');
        if (!field || channel_of(message, index) != channel)
            continue;
        double value = aprs_field_number(field);
        if (!(fabs(value) < 1e10))
            return ATALAYA_E_RANGE;
        aprs_put_decimal(out, value, 7);
        index++;
    }
    if (digital) {
        aprs_put_char(out, ',');
        (void)aprs_put_field(out, message, "telemetry.digital"); /* is there */
    }
    if (message_text(message, "comment", NULL)) {
        aprs_put_char(out, digital ? ' ' : ',');
        (void)aprs_put_field(out, message, "comment"); /* is there */
    }
    return ATALAYA_OK;
}

enum atalaya_result aprs_put_query(struct aprs_out *out, const struct message *message)
{
    if (message->to[0])
        return aprs_put_message(out, message); /* a directed query */
    aprs_put_char(out, '?');
    if (!aprs_put_field(out, message, "query"))
        return ATALAYA_E_ARGUMENT;
    aprs_put_char(out, '?');
    if (!message_field(message, "query_range_km", 0))
        return ATALAYA_OK;
    const double degrees[2] = {message_number(message, "query_lat_deg", (double)NAN),
                               message_number(message, "query_lon_deg", (double)NAN)};
    long miles;
    if (!aprs_round(message_number(message, "query_range_km", -1) / APRS_MILE_KM, 9999, &miles))
        return ATALAYA_E_RANGE;
    for (unsigned i = 0; i < 2; i++) {
        if (!(fabs(degrees[i]) <= 180))
            return ATALAYA_E_RANGE;
        if (degrees[i] >= 0)
            aprs_put_char(out, ' ');
        aprs_put_decimal(out, degrees[i], 4);
        aprs_put_char(out, ',');
    }
    aprs_put_unsigned(out, (unsigned long)miles, 4);
    return ATALAYA_OK;
}

enum atalaya_result aprs_put_other(struct aprs_out *out, const struct message *message)
{
    size_t id, type;
    if (message_field(message, "capabilities", 0)) {
        aprs_put_char(out, '<');
        list_put(out, message, "capabilities");
        return ATALAYA_OK;
    }
    if (!message_text(message, "user_id", &id) || !message_text(message, "user_type", &type))
        return aprs_put_field(out, message, "beacon") ? ATALAYA_OK : ATALAYA_E_UNSUPPORTED;
    if (id != 1 || type != 1)
        return ATALAYA_E_RANGE;
    aprs_put_char(out, '{');
    (void)aprs_put_field(out, message, "user_id");   /* is there */
    (void)aprs_put_field(out, message, "user_type"); /* is there */
    (void)aprs_put_field(out, message, "user_data"); /* optional */
    return ATALAYA_OK;
}
