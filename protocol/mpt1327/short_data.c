/* SPDX-License-Identifier: Apache-2.0 */
#include "short_data.h"

#include <string.h>

enum {
    PAYLOAD_AT = 3, /* bit 1 is zero, bit 2 reserves slots */
    PAYLOAD_BITS = 46,
    FORMAT_BITS = 4, /* 1: as MPT1343 says; three more say which format */
    FORMAT_TEXT = 8 | 3,
    CHARACTER_BITS = 7,
    CHARACTERS_MAX = 25,
    /* Bits of the 46 that the odd and the even data code words keep for themselves when they carry text */
    FIRST_KEPT = 5,
    THIRD_KEPT = 4
};

/* Code word and bit of the n-th bit of a text. */
static void find_place(unsigned n, unsigned *word, unsigned *at)
{
    static const uint8_t kept[CONTENT_APPENDED_MAX] = {FIRST_KEPT, 0, THIRD_KEPT, 0};
    for (*word = 0; *word + 1 < CONTENT_APPENDED_MAX && n >= PAYLOAD_BITS - (unsigned)kept[*word]; ++*word)
        n -= PAYLOAD_BITS - kept[*word];
    *at = PAYLOAD_AT + kept[*word] + n;
}

static unsigned characters_in(unsigned count)
{
    unsigned bits = count * PAYLOAD_BITS - FIRST_KEPT - (count > 2 ? THIRD_KEPT : 0);
    return bits / CHARACTER_BITS;
}

/* Readers differ about where the format stands: before the reserved bit or after it. */
static bool says_text(const uint8_t *word)
{
    return mpt_get(word, PAYLOAD_AT, FORMAT_BITS) == FORMAT_TEXT ||
           mpt_get(word, PAYLOAD_AT - 1, FORMAT_BITS) == FORMAT_TEXT;
}

static bool read_text(struct message *message, const uint8_t *words, unsigned count)
{
    char text[CHARACTERS_MAX + 1];
    unsigned length = characters_in(count);
    if (!says_text(words))
        return false;
    for (unsigned i = 0; i < length; i++) {
        unsigned c = 0;
        for (unsigned bit = 0; bit < CHARACTER_BITS; bit++) {
            unsigned word, at;
            find_place(i * CHARACTER_BITS + bit, &word, &at);
            c = c << 1 | mpt_get(words + (size_t)word * CODE_WORD_OCTETS, at, 1);
        }
        text[i] = (char)c;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\0'))
        length--;
    for (unsigned i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    if (length == 0)
        return false;
    (void)message_add_boolean(message, "unproven", true);
    (void)message_add_text(message, "text", text, length);
    return true;
}

bool short_data_read(struct message *message, const uint8_t *words, unsigned count)
{
    static const char digit[] = "0123456789abcdef";
    char text[(CONTENT_APPENDED_MAX * PAYLOAD_BITS + 3) / 4];
    const unsigned bits = count * PAYLOAD_BITS, digits = (bits + 3) / 4;
    if (count == 0)
        return false;
    for (unsigned d = 0; d < digits; d++) {
        unsigned value = 0;
        for (unsigned bit = 4 * d; bit < 4 * d + 4; bit++)
            value =
                value << 1 | (bit < bits ? mpt_get(words + (size_t)(bit / PAYLOAD_BITS) * CODE_WORD_OCTETS,
                                                   PAYLOAD_AT + bit % PAYLOAD_BITS, 1)
                                         : 0);
        text[d] = digit[value];
    }
    (void)message_add_text(message, "payload", text, digits);
    return read_text(message, words, count);
}

static unsigned write_text(const char *text, size_t length, uint8_t *words)
{
    unsigned count = 1;
    if (length == 0 || length > CHARACTERS_MAX)
        return 0;
    while (characters_in(count) < length)
        count++;
    mpt_put(words, PAYLOAD_AT, FORMAT_BITS, FORMAT_TEXT);
    for (unsigned i = 0; i < characters_in(count); i++) {
        unsigned c = i < length ? (unsigned char)text[i] : ' ';
        if (c < ' ' || c > '~')
            return 0;
        for (unsigned bit = 0; bit < CHARACTER_BITS; bit++) {
            unsigned word, at;
            find_place(i * CHARACTER_BITS + bit, &word, &at);
            mpt_put(words + (size_t)word * CODE_WORD_OCTETS, at, 1, c >> (CHARACTER_BITS - 1 - bit) & 1);
        }
    }
    return count;
}

static unsigned write_payload(const char *text, size_t length, uint8_t *words)
{
    unsigned count = 1;
    while (count < CONTENT_APPENDED_MAX && (count * PAYLOAD_BITS + 3) / 4 < length)
        count++;
    if ((count * PAYLOAD_BITS + 3) / 4 != length)
        return 0;
    for (unsigned bit = 0; bit < count * PAYLOAD_BITS; bit++) {
        const char c = text[bit / 4];
        unsigned value = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 16;
        if (value > 15)
            return 0;
        mpt_put(words + (size_t)(bit / PAYLOAD_BITS) * CODE_WORD_OCTETS, PAYLOAD_AT + bit % PAYLOAD_BITS, 1,
                value >> (3 - bit % 4) & 1);
    }
    return count;
}

unsigned short_data_write(const struct message *message, uint8_t *words)
{
    size_t length;
    memset(words, 0, (size_t)CONTENT_APPENDED_MAX * CODE_WORD_OCTETS);
    const char *text = message_text(message, "text", &length);
    if (text)
        return write_text(text, length, words);
    text = message_text(message, "payload", &length);
    return text ? write_payload(text, length, words) : 0;
}
