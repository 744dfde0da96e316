/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 10, what follows the Mic-E position: obsolete telemetry, a radio's type code, altitude, text. */
#include "aprs_parts.h"

#include <string.h>

static size_t hex_pairs(const uint8_t *text, size_t length, unsigned max)
{
    size_t pairs = 0;
    while (pairs < max && pairs * 2 + 2 <= length && aprs_hex_parse(text + pairs * 2) >= 0)
        pairs++;
    return pairs;
}

/* Flag and two or five channels. Which flag means how many is told differently by documents and radios, and
 * the same characters begin today's type codes, so the number of hexadecimal digits decides. */
static size_t telemetry_parse(const uint8_t *text, size_t length, struct message *message)
{
    static const char quote[] = "\xe2\x80\x98"; /* the flag after a trip through a word processor */
    double values[5] = {0};
    size_t flag = length >= 3 && memcmp(text, quote, 3) == 0 ? 3 : 1;
    if (length < 1 || (flag == 1 && text[0] != '`' && text[0] != '\'' && text[0] != 0x1d))
        return 0;
    if (text[0] == 0x1d) {
        if (length < 6)
            return 0;
        for (unsigned i = 0; i < 5; i++)
            values[i] = text[1 + i];
        aprs_telemetry_channels(message, values, 5);
        return 6;
    }
    size_t pairs = hex_pairs(text + flag, length - flag, 5), end = flag + pairs * 2;
    if (pairs != 5 && (pairs != 2 || (end < length && text[end] != ' ')))
        return 0;
    for (unsigned i = 0; i < pairs; i++)
        values[i] = aprs_hex_parse(text + flag + i * 2);
    aprs_telemetry_channels(message, values, (unsigned)pairs);
    if (pairs == 2) { /* channels 1 and 3 */
        for (unsigned channel = 1; channel <= 3; channel += 2) {
            aprs_add_integer(message, "telemetry.channel", channel);
            message_last_is_element(message);
        }
    }
    return end;
}

/* xxx}: metres above a datum 10 km below the sea. It stands first; where older trackers put it elsewhere,
 * only a height that can be is believed, because any text may hold a brace. */
static void altitude_parse(struct aprs_comment *comment, struct message *message)
{
    for (size_t at = 0; at + 4 <= comment->length; at++) {
        long value = aprs_base91_parse(comment->bytes + at, 3);
        if (comment->bytes[at + 3] != '}' || value < 0)
            continue;
        long alt_m = value - 10000;
        if (at && (alt_m < -500 || alt_m > 60000))
            continue;
        message->position.alt_m = (float)alt_m;
        aprs_comment_cut(comment, at, 4);
        return;
    }
}

void aprs_mic_e_text_parse(const uint8_t *text, size_t length, struct message *message)
{
    size_t used = telemetry_parse(text, length, message);
    text += used;
    length -= used;
    if (!used) {
        uint8_t prefix = length ? text[0] : 0;
        const char *radio = aprs_radio_strip(&text, &length);
        if (radio)
            aprs_add_string(message, "radio", radio);
        if (prefix == '`' || prefix == '>' || prefix == ']')
            aprs_add_flag(message, "messaging", true);
        else if (prefix == '\'')
            aprs_add_flag(message, "messaging", false);
    }
    struct aprs_comment comment;
    aprs_comment_set(&comment, text, length);
    altitude_parse(&comment, message);
    aprs_comment_parse(&comment, false, message);
}
