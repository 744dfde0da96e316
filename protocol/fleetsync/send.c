/* SPDX-License-Identifier: Apache-2.0 */
#include "send.h"

#include <ctype.h>
#include <string.h>

#include "atalaya/protocol/code_word_sync.h"
#include "atalaya/protocol/hex_text.h"
#include "atalaya/protocol/line_bits.h"
#include "content.h"
#include "robust.h"

enum { TAIL_BITS = 8, DEFAULT_PREAMBLE_BITS = 24 };

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
    at = line_bits_put(SYNC_PREAMBLE | FLEETSYNC_SYNC, SYNC_BITS, bits, at);
    for (size_t n = 0; n < blocks; n++, at += width) {
        const uint8_t *octets = message->raw + n * CONTENT_BLOCK;
        if (robust)
            robust_write(octets, bits + at);
        else
            (void)line_bits_put(code_word_write(octets), CODE_WORD_BITS, bits, at);
    }
    memset(bits + at, 0, after);
    return at + after;
}

enum atalaya_result fleetsync_from_text(struct message *message, const char *line, size_t length)
{
    size_t start = 0, count;
    while (start < length && isspace((unsigned char)line[start]))
        start++;
    bool robust = length - start > 2 && line[start] == 'I' && line[start + 1] == 'I';
    start += robust ? 2 : 0;
    enum atalaya_result result = hex_text_read(line + start, length - start, message->raw,
                                               (size_t)CONTENT_BLOCKS_MAX * CONTENT_BLOCK, &count);
    if (result != ATALAYA_OK)
        return result;
    message->raw_length = (uint16_t)count;
    result = content_read(message);
    if (result == ATALAYA_OK)
        (void)message_add_integer(message, "generation", robust ? 2 : 1);
    return result;
}

size_t fleetsync_to_text(const struct message *message, char *text, size_t size)
{
    size_t length = 0;
    if (message_number(message, "generation", 1.0) > 1.5 && size > 4) {
        memcpy(text, "II", 2);
        length = 2;
    }
    return hex_text_write(message->raw, message->raw_length, text, size, length);
}
