/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 6, Maidenhead locator: fields of 20 x 10 degrees, squares of 2 x 1, subsquares of 5' x 2.5'. */
#include "aprs_parts.h"

static int letter(uint8_t c, unsigned count)
{
    unsigned index = (c & ~0x20u) - 'A';
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ? (index < count ? (int)index : -1) : -1;
}

size_t aprs_maidenhead_parse(const uint8_t *text, size_t length, struct message *message)
{
    if (length < 4 || letter(text[0], 18) < 0 || letter(text[1], 18) < 0 || !aprs_is_digit(text[2]) ||
        !aprs_is_digit(text[3]))
        return 0;
    double lon_deg = -180 + letter(text[0], 18) * 20 + (text[2] - '0') * 2;
    double lat_deg = -90 + letter(text[1], 18) * 10 + (text[3] - '0');
    size_t used = 4;
    double lat_span_deg = 1;
    if (length >= 6 && letter(text[4], 24) >= 0 && letter(text[5], 24) >= 0) {
        used = 6;
        lat_span_deg = 1 / 24.0;
        lon_deg += letter(text[4], 24) / 12.0;
        lat_deg += letter(text[5], 24) / 24.0;
    }
    aprs_add_string(message, "format", "maidenhead");
    aprs_add_text(message, "maidenhead", text, used);
    message->has_position = true;
    message->position.lat_deg = lat_deg + lat_span_deg / 2;
    message->position.lon_deg = lon_deg + lat_span_deg; /* twice as wide */
    aprs_resolution_set(message, 2 * lat_span_deg * 111120);
    return used;
}

/* [IO91SX] comment: a beacon of old. */
void aprs_grid_parse(const struct aprs_packet *packet, struct message *message)
{
    message->kind = MESSAGE_POSITION;
    size_t at = 1 + aprs_maidenhead_parse(packet->info + 1, packet->length - 1, message);
    if (at == 1) {
        aprs_add_fault(message, "position_invalid", "not a Maidenhead locator");
        return;
    }
    if (at < packet->length && packet->info[at] == ']')
        at++;
    struct aprs_comment comment;
    aprs_comment_set(&comment, packet->info + at, packet->length - at);
    aprs_comment_parse(&comment, false, message);
}
