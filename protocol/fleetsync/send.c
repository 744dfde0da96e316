/* SPDX-License-Identifier: Apache-2.0 */
#include "send.h"

#include <ctype.h>
#include <string.h>

#include "atalaya/protocol/code_word_sync.h"
#include "content.h"
#include "robust.h"

enum { TAIL_BITS = 8, DEFAULT_PREAMBLE_BITS = 24 };

static size_t put(uint64_t value, unsigned count, uint8_t *bits, size_t at)
{
    while (count-- > 0)
        bits[at++] = value >> count & 1;
    return at;
}

size_t fleetsync_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                          size_t max)
{
    bool robust = message_number(message, "generation", 1.0) > 1.5;
    size_t before = how->preamble_bits ? how->preamble_bits : DEFAULT_PREAMBLE_BITS, at = 0;
    size_t after = (how->tail_bits ? how->tail_bits : TAIL_BITS) + SOFT_HISTORY_SETTLE;
    size_t width = robust ? ROBUST_BITS : CODE_WORD_BITS, blocks = message->raw_length / CONTENT_BLOCK;
    if (!content_is_whole(message->raw, message->raw_length))
        return 0;
    if (content_blocks(message->raw, (unsigned)blocks) == 0)
        after += width; /* its end shows by what follows */
    if (before > max || after > max || before + SYNC_BITS + blocks * width + after > max)
        return 0;
    for (; at < before; at++)
        bits[at] = (before - at) % 2 == 0;
    at = put(SYNC_PREAMBLE | FLEETSYNC_SYNC, SYNC_BITS, bits, at);
    for (size_t n = 0; n < blocks; n++, at += width) {
        const uint8_t *octets = message->raw + n * CONTENT_BLOCK;
        if (robust)
            robust_write(octets, bits + at);
        else
            (void)put(code_word_write(octets), CODE_WORD_BITS, bits, at);
    }
    memset(bits + at, 0, after);
    return at + after;
}

enum atalaya_result fleetsync_from_text(struct message *message, const char *line, size_t length)
{
    size_t digits = 0, i = 0;
    while (i < length && isspace((unsigned char)line[i]))
        i++;
    bool robust = length - i > 2 && line[i] == 'I' && line[i + 1] == 'I';
    for (i += robust ? 2 : 0; i < length; i++) {
        char c = (char)toupper((unsigned char)line[i]);
        if (isspace((unsigned char)c))
            continue;
        if (!isxdigit((unsigned char)c) || digits == 2 * (size_t)CONTENT_BLOCKS_MAX * CONTENT_BLOCK)
            return ATALAYA_E_FORMAT;
        unsigned value = (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
        uint8_t *octet = &message->raw[digits / 2];
        *octet = (uint8_t)(digits % 2 ? *octet | value : value << 4);
        digits++;
    }
    if (digits % 2)
        return ATALAYA_E_LENGTH;
    message->raw_length = (uint16_t)(digits / 2);
    enum atalaya_result result = content_read(message);
    if (result == ATALAYA_OK)
        (void)message_add_integer(message, "generation", robust ? 2 : 1);
    return result;
}

size_t fleetsync_to_text(const struct message *message, char *text, size_t size)
{
    static const char digit[] = "0123456789ABCDEF";
    size_t length = 0;
    if (message_number(message, "generation", 1.0) > 1.5 && size > 4) {
        memcpy(text, "II ", 3);
        length = 3;
    }
    for (size_t i = 0; i < message->raw_length && length + 4 <= size; i++) {
        if (i && i % 2 == 0)
            text[length++] = ' ';
        text[length++] = digit[message->raw[i] >> 4];
        text[length++] = digit[message->raw[i] & 15];
    }
    if (size)
        text[length] = '\0';
    return length;
}
