/* SPDX-License-Identifier: Apache-2.0 */
/* Which format says a message: by its kind, and field "format" for positions. */
#include "aprs_out.h"

#include <string.h>

/* !/=@ and a report. */
enum atalaya_result aprs_put_position(struct aprs_out *out, const struct message *message)
{
    bool messaging = message_flag(message, "messaging"), timed = aprs_time_is_known(&message->position.time);
    aprs_put_char(out, timed ? (messaging ? '@' : '/') : (messaging ? '=' : '!'));
    if (timed && !aprs_put_time(out, &message->position.time))
        return ATALAYA_E_ARGUMENT;
    return aprs_put_report(out, message);
}

enum atalaya_result aprs_put_object(struct aprs_out *out, const struct message *message)
{
    size_t length;
    const char *object = message_text(message, "object", &length);
    const char *item = object ? NULL : message_text(message, "item", &length);
    bool alive = !message_field(message, "alive", 0) || message_flag(message, "alive");
    if (object) {
        if (length == 0 || length > 9)
            return ATALAYA_E_RANGE;
        aprs_put_char(out, ';');
        aprs_put_padded(out, object, length, 9);
        aprs_put_char(out, alive ? '*' : '_');
        if (!aprs_put_time(out, &message->position.time))
            return ATALAYA_E_ARGUMENT; /* an object always has one */
        return aprs_put_report(out, message);
    }
    if (!item)
        return ATALAYA_E_ARGUMENT;
    if (length < 3 || length > 9 || memchr(item, '!', length) || memchr(item, '_', length))
        return ATALAYA_E_RANGE;
    aprs_put_char(out, ')');
    aprs_put_text(out, item, length);
    aprs_put_char(out, alive ? '!' : '_');
    return aprs_put_report(out, message);
}

static enum atalaya_result weather_put(struct aprs_out *out, const struct message *message)
{
    if (message->has_position)
        return aprs_put_position(out, message);
    return aprs_put_positionless(out, message);
}

static enum atalaya_result (*const kinds[MESSAGE_KIND_COUNT])(struct aprs_out *, const struct message *) = {
    [MESSAGE_OTHER] = aprs_put_other,   [MESSAGE_POSITION] = aprs_put_position,
    [MESSAGE_TEXT] = aprs_put_message,  [MESSAGE_ACKNOWLEDGE] = aprs_put_message,
    [MESSAGE_STATUS] = aprs_put_status, [MESSAGE_OBJECT] = aprs_put_object,
    [MESSAGE_WEATHER] = weather_put,    [MESSAGE_TELEMETRY] = aprs_put_telemetry,
    [MESSAGE_QUERY] = aprs_put_query,
};

static bool format_is(const struct message *message, const char *format)
{
    const char *text = message_text(message, "format", NULL);
    return text && strcmp(text, format) == 0;
}

/* }SOURCE>DESTINATION,TCPIP,GATE*: in front (chapter 17). Returns where the inner destination stands, since
 * Mic-E writes there. */
static enum atalaya_result third_party_put(struct aprs_out *out, const struct message *message,
                                           const char *destination)
{
    const char *gate = message_text(message, "gated_by", NULL);
    const char *source = message_text(message, "third_party_source", NULL);
    if (!gate[0] || !source || !source[0])
        return ATALAYA_E_ARGUMENT;
    aprs_put_char(out, '}');
    aprs_put_text(out, source, strlen(source));
    aprs_put_char(out, '>');
    aprs_put_string(out, destination);
    aprs_put_string(out, ",TCPIP,");
    aprs_put_text(out, gate, strlen(gate));
    aprs_put_string(out, "*:");
    return ATALAYA_OK;
}

static enum atalaya_result contents_put(struct aprs_out *out, const struct message *message,
                                        char destination[10])
{
    bool emergency = message->distress == DISTRESS_RAISED && !message_text(message, "format", NULL);
    if (message->kind == MESSAGE_POSITION && (emergency || format_is(message, "mic-e")))
        return aprs_put_mic_e(out, message, destination);
    if ((unsigned)message->kind >= MESSAGE_KIND_COUNT)
        return ATALAYA_E_UNSUPPORTED;
    /* Only Mic-E has a word for distress: silently leaving it out could cost a life. */
    if (message->distress != DISTRESS_NONE)
        return ATALAYA_E_UNSUPPORTED;
    return kinds[message->kind](out, message);
}

enum atalaya_result aprs_compose(const struct message *message, char destination[10], uint8_t *info,
                                 size_t max, size_t *length)
{
    char inner[10];
    uint8_t contents[APRS_INFO_MAX];
    struct aprs_out out = {.bytes = contents, .max = sizeof contents};
    bool third_party = message_text(message, "gated_by", NULL);
    const char *named = third_party ? message_text(message, "third_party_destination", NULL) : destination;
    if (!named || strlen(named) >= sizeof inner)
        return ATALAYA_E_ARGUMENT;
    strcpy(inner, named);
    enum atalaya_result result = contents_put(&out, message, inner);
    if (result != ATALAYA_OK)
        return result;
    if (out.bad)
        return ATALAYA_E_RANGE;
    struct aprs_out whole = {.bytes = info, .max = max};
    if (third_party)
        result = third_party_put(&whole, message, inner);
    else
        strcpy(destination, inner);
    if (result != ATALAYA_OK || whole.bad)
        return result != ATALAYA_OK ? result : ATALAYA_E_RANGE;
    aprs_put_bytes(&whole, contents, out.length);
    if (out.full || whole.full)
        return ATALAYA_E_FULL;
    *length = whole.length;
    return ATALAYA_OK;
}
