/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 15: ?TYPE?[lat,lon,radius] to all, ":ADDRESSEE:?TYPE[callsign]" to one; "<" capabilities. */
#include "aprs_parts.h"

enum { DIRECTED_TYPE = 5, CAPABILITIES_MAX = 32 };

/* Degrees as decimal numbers, a space for a plus sign; radius in miles. */
static void footprint_parse(const uint8_t *text, size_t length, struct message *message)
{
    static const char *const names[] = {"query_lat_deg", "query_lon_deg", "query_range_km"};
    double value[3];
    size_t at = 0;
    for (unsigned i = 0; i < 3; i++) {
        if (i && (at >= length || text[at++] != ','))
            return;
        while (at < length && text[at] == ' ')
            at++;
        size_t used = aprs_decimal_parse(text + at, length - at, &value[i]);
        if (!used)
            return;
        at += used;
    }
    value[2] *= APRS_MILE_KM;
    for (unsigned i = 0; i < 3; i++)
        aprs_add_real(message, names[i], value[i]);
}

void aprs_query_parse(const struct aprs_packet *packet, struct message *message)
{
    const uint8_t *text = packet->info + 1;
    size_t length = packet->length - 1;
    message->kind = MESSAGE_QUERY;
    size_t type = 0;
    while (type < length && aprs_is_alphanumeric(text[type]))
        type++;
    if (!type || type >= length || text[type] != '?') {
        aprs_add_fault(message, "query_invalid", NULL);
        return;
    }
    aprs_add_text(message, "query", text, type);
    footprint_parse(text + type + 1, length - type - 1, message);
}

void aprs_query_directed_parse(const uint8_t *text, size_t length, struct message *message)
{
    size_t type = 1;
    while (type < length && type <= DIRECTED_TYPE && text[type] != ' ')
        type++;
    message->kind = MESSAGE_QUERY;
    aprs_add_text(message, "text", text, length);
    if (type > 1 && text[type - 1] == '?')
        aprs_add_text(message, "query", text + 1, type - 2); /* ?PING? */
    else
        aprs_add_text(message, "query", text + 1, type - 1);
    while (length > type && text[length - 1] == ' ')
        length--;
    while (type < length && text[type] == ' ')
        type++;
    if (length > type)
        aprs_add_text(message, "query_argument", text + type, length - type);
}

void aprs_capabilities_parse(const struct aprs_packet *packet, struct message *message)
{
    const uint8_t *text = packet->info + 1;
    size_t length = packet->length - 1, at = 0;
    message->kind = MESSAGE_OTHER;
    for (unsigned count = 0; at < length && count < CAPABILITIES_MAX; count++) {
        size_t span = aprs_find(text + at, length - at, ","), from = at, to = at + span;
        at = to + 1;
        while (from < to && text[from] == ' ')
            from++;
        while (from < to && text[to - 1] == ' ')
            to--;
        if (from == to)
            continue;
        aprs_add_text(message, "capabilities", text + from, to - from);
        message_last_is_element(message);
    }
    if (!message_field(message, "capabilities", 0))
        aprs_add_fault(message, "capabilities_invalid", NULL);
}
