/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 13: T#sss,a,a,a,a,a,bbbbbbbb and |ss1122334455bb| in a comment. */
#include "aprs_parts.h"

#include <string.h>

enum { ANALOG_CHANNELS = 5, DIGITAL_CHANNELS = 8 };

void aprs_telemetry_channels(struct message *message, const double *values, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        aprs_add_real(message, "telemetry.analog", values[i]);
        message_last_is_element(message);
    }
}

/* Base 91: the least significant bit is channel 1. */
static void bits_add(struct message *message, long value)
{
    char text[DIGITAL_CHANNELS];
    for (unsigned i = 0; i < DIGITAL_CHANNELS; i++)
        text[i] = value >> i & 1 ? '1' : '0';
    aprs_add_text(message, "telemetry.digital", text, sizeof text);
}

/* The last pair of bars around 4 to 14 base-91 characters. */
static bool bars_find(const struct aprs_comment *comment, size_t *from, size_t *to)
{
    for (size_t start = comment->length; start-- > 0;) {
        if (comment->bytes[start] != '|')
            continue;
        size_t end = start + 1;
        while (end < comment->length && aprs_is_base91(comment->bytes[end]))
            end++;
        size_t inside = end - start - 1;
        if (end < comment->length && comment->bytes[end] == '|' && inside >= 4 && inside <= 14 &&
            inside % 2 == 0) {
            *from = start;
            *to = end;
            return true;
        }
    }
    return false;
}

void aprs_telemetry_comment_parse(struct aprs_comment *comment, struct message *message)
{
    size_t from, to;
    /* Numbers from the obsolete Mic-E field came first and stay. */
    if (message_field(message, "telemetry.analog", 0) || !bars_find(comment, &from, &to))
        return;
    const uint8_t *text = comment->bytes + from + 1;
    unsigned pairs = (unsigned)((to - from - 1) / 2);
    aprs_add_integer(message, "telemetry.sequence", aprs_base91_parse(text, 2));
    double values[ANALOG_CHANNELS];
    unsigned count = pairs - 1 > ANALOG_CHANNELS ? ANALOG_CHANNELS : pairs - 1;
    for (unsigned i = 0; i < count; i++)
        values[i] = (double)aprs_base91_parse(text + 2 + i * 2, 2);
    aprs_telemetry_channels(message, values, count);
    if (pairs == ANALOG_CHANNELS + 2)
        bits_add(message, aprs_base91_parse(text + 2 + ANALOG_CHANNELS * 2, 2));
    aprs_comment_cut(comment, from, to + 1 - from);
}

/* One analog value up to its comma. Results: 1 taken, 0 no number starts here, -1 broken number. */
static int value_parse(const uint8_t *text, size_t length, size_t *used, double *value, bool *present)
{
    *used = 0;
    *present = false;
    if (length == 0 || text[0] == ',')
        return 1;
    *used = aprs_decimal_parse(text, length, value);
    *present = *used > 0;
    if (!*used)
        return text[0] == '-' || text[0] == '.' ? -1 : 0;
    return *used == length || text[*used] == ',' || text[*used] == ' ' ? 1 : -1;
}

/* Up to five values, each after a comma. Returns where they end; false: broken. */
static bool values_parse(const uint8_t *text, size_t length, size_t *end, struct message *message)
{
    double values[ANALOG_CHANNELS];
    unsigned channel[ANALOG_CHANNELS], count = 0;
    size_t at = 0;
    for (unsigned i = 0; i < ANALOG_CHANNELS && at < length && text[at] == ','; i++) {
        size_t used;
        bool present;
        int result = value_parse(text + at + 1, length - at - 1, &used, &values[count], &present);
        if (result < 0)
            return false;
        if (result == 0)
            break; /* a comment instead of further values */
        if (present)
            channel[count++] = i + 1;
        at += 1 + used;
    }
    aprs_telemetry_channels(message, values, count);
    if (count && channel[count - 1] != count)
        for (unsigned i = 0; i < count; i++) {
            aprs_add_integer(message, "telemetry.channel", channel[i]);
            message_last_is_element(message);
        }
    *end = at;
    return true;
}

/* Missing bits are 0. */
static size_t digital_parse(const uint8_t *text, size_t length, struct message *message)
{
    char bits[DIGITAL_CHANNELS];
    size_t count = 0;
    if (length == 0 || text[0] != ',')
        return 0;
    memset(bits, '0', sizeof bits);
    while (count < DIGITAL_CHANNELS && 1 + count < length &&
           (text[1 + count] == '0' || text[1 + count] == '1')) {
        bits[count] = (char)text[1 + count];
        count++;
    }
    if (!count)
        return 0;
    aprs_add_text(message, "telemetry.digital", bits, sizeof bits);
    return 1 + count;
}

void aprs_telemetry_parse(const struct aprs_packet *packet, struct message *message)
{
    const uint8_t *text = packet->info + 2;
    size_t length = packet->length - 2, at = 0, end = 0;
    message->kind = MESSAGE_TELEMETRY;
    unsigned sequence = 0;
    while (at < length && at < 9 && aprs_is_digit(text[at]))
        sequence = sequence * 10 + (text[at++] - '0');
    if (at)
        aprs_add_integer(message, "telemetry.sequence", sequence);
    bool mic = !at && length >= 3 && memcmp(text, "MIC", 3) == 0;
    if (mic)
        at = 3;
    bool comma = at < length && text[at] == ',';
    if (!at || (!comma && !mic)) {
        aprs_add_fault(message, "telemetry_invalid", "sequence number");
        return;
    }
    /* After MIC the comma may be missing; the parser of values wants one in front of each. */
    uint8_t copy[APRS_INFO_MAX];
    copy[0] = ',';
    size_t skip = at + comma, rest = length - skip; /* at most APRS_INFO_MAX - 2 bytes */
    memcpy(copy + 1, text + skip, rest);
    if (!values_parse(copy, rest + 1, &end, message)) {
        aprs_add_fault(message, "telemetry_invalid", "value");
        return;
    }
    end += digital_parse(copy + end, rest + 1 - end, message);
    if (end < rest + 1 && copy[end] == ',')
        end++;
    struct aprs_comment comment;
    aprs_comment_set(&comment, copy + end, rest + 1 - end);
    aprs_comment_parse(&comment, false, message);
}
