/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 16: ">" [DDHHMMz] text, or ">" locator symbol [space text], and ^HP as the last three characters.
 */
#include "aprs_parts.h"

/* H: heading in tens of degrees, 0-9 and A-Z. P: power code, 10 W times its square. */
static void beam_parse(const uint8_t *text, size_t length, struct message *message)
{
    if (length < 3 || text[length - 3] != '^')
        return;
    uint8_t h = text[length - 2], p = text[length - 1];
    bool letter = h >= 'A' && h <= 'Z';
    if ((!aprs_is_digit(h) && !letter) || p < '1' || p > 'K')
        return;
    unsigned code = p - (unsigned)'0';
    aprs_add_integer(message, "beam_heading_deg", (letter ? h - 'A' + 10 : h - '0') * 10);
    aprs_add_integer(message, "erp_w", 10 * code * code);
}

static void locator_parse(const uint8_t *text, size_t length, struct message *message)
{
    struct position position = message->position;
    for (size_t n = 6; n >= 4; n -= 2) {
        /* Words may look like a locator; only symbol and end or space after it make it one. */
        if (length < n + 2 || !aprs_symbol_is_valid(text[n], text[n + 1]) ||
            (length > n + 2 && text[n + 2] != ' '))
            continue;
        uint16_t fields = message->field_count;
        if (aprs_maidenhead_parse(text, n, message) == n) {
            aprs_symbol_set(message, text[n], text[n + 1]);
            return;
        }
        message->field_count = fields;
        message->has_position = false;
        message->position = position;
    }
}

void aprs_status_parse(const struct aprs_packet *packet, struct message *message)
{
    const uint8_t *text = packet->info + 1;
    size_t length = packet->length - 1;
    message->kind = MESSAGE_STATUS;
    if (length >= 7 && text[6] == 'z' && aprs_time_parse(text, &message->position.time)) {
        text += 7;
        length -= 7;
    } else {
        locator_parse(text, length, message);
    }
    while (length && (text[length - 1] == ' ' || text[length - 1] == '\r' || text[length - 1] == '\n'))
        length--;
    aprs_add_text(message, "status", text, length);
    beam_parse(text, length, message);
}
