/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 14: ":ADDRESSEE:text{number", acknowledgements, rejections, bulletins. */
#include "aprs_parts.h"

#include <string.h>

enum { ADDRESSEE = 9, TEXT_AT = 11, NUMBER_MAX = 5 };

/* "mm", "mm}" or "mm}aa" up to the end of text, trailing spaces apart. */
struct number {
    const uint8_t *id, *reply;
    size_t id_length, reply_length; /* reply NULL: no "}" */
};

static bool number_parse(const uint8_t *text, size_t length, struct number *number)
{
    while (length && text[length - 1] == ' ')
        length--;
    size_t n = 0;
    while (n < length && aprs_is_alphanumeric(text[n]))
        n++;
    *number = (struct number){.id = text, .id_length = n};
    if (n == 0 || n > NUMBER_MAX)
        return false;
    if (n == length)
        return true;
    if (text[n] != '}')
        return false;
    number->reply = text + n + 1;
    number->reply_length = length - n - 1;
    for (size_t i = 0; i < number->reply_length; i++)
        if (!aprs_is_alphanumeric(number->reply[i]))
            return false;
    return number->reply_length <= NUMBER_MAX;
}

static void number_add(const struct number *number, const char *field, struct message *message)
{
    aprs_add_text(message, field, number->id, number->id_length);
    if (number->reply)
        aprs_add_text(message, "reply_ack", number->reply, number->reply_length);
}

static void bulletin_parse(const char *to, struct message *message)
{
    if (strncmp(to, "BLN", 3) != 0 || !aprs_is_alphanumeric((uint8_t)to[3]))
        return;
    aprs_add_text(message, "bulletin_id", to + 3, 1);
    if (to[4])
        aprs_add_string(message, "bulletin_group", to + 4);
}

/* ack or rej and a number */
static bool answer_parse(const uint8_t *text, size_t length, struct number *number)
{
    return length > 3 && (memcmp(text, "ack", 3) == 0 || memcmp(text, "rej", 3) == 0) &&
           number_parse(text + 3, length - 3, number);
}

/* The last brace, if a number follows it. */
static bool brace_parse(const uint8_t *text, size_t length, size_t *brace, struct number *number)
{
    for (size_t i = length; i-- > 0;)
        if (text[i] == '{') {
            *brace = i;
            return number_parse(text + i + 1, length - i - 1, number);
        }
    return false;
}

bool aprs_text_is_plain(const uint8_t *text, size_t length, bool numbered)
{
    struct number number;
    size_t brace;
    bool query = length && text[0] == '?';
    return !query && (numbered ||
                      (!answer_parse(text, length, &number) && !brace_parse(text, length, &brace, &number)));
}

static void text_parse(const uint8_t *text, size_t length, struct message *message)
{
    struct number number;
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] == 0x7f) {
            aprs_add_fault(message, "text_invalid", "control character");
            break;
        }
    if (answer_parse(text, length, &number)) {
        message->kind = MESSAGE_ACKNOWLEDGE;
        number_add(&number, text[0] == 'a' ? "ack_id" : "reject_id", message);
        return;
    }
    if (length && text[0] == '?') {
        aprs_query_directed_parse(text, length, message);
        return;
    }
    size_t brace = length;
    bool numbered = brace_parse(text, length, &brace, &number);
    size_t end = numbered ? brace : length;
    aprs_add_text(message, "text", text, end);
    if (numbered)
        number_add(&number, "message_id", message);
    (void)aprs_telemetry_define_parse(text, end, message); /* plain text otherwise */
}

void aprs_message_parse(const struct aprs_packet *packet, struct message *message)
{
    const uint8_t *info = packet->info;
    message->kind = MESSAGE_TEXT;
    if (packet->length < TEXT_AT || info[TEXT_AT - 1] != ':') {
        aprs_add_fault(message, "message_invalid", "no addressee of nine characters between colons");
        return;
    }
    aprs_id_copy(message->to, info + 1, ADDRESSEE);
    if (!message->to[0])
        aprs_add_fault(message, "message_invalid", "no addressee");
    bulletin_parse(message->to, message);
    text_parse(info + TEXT_AT, packet->length - TEXT_AT, message);
}
