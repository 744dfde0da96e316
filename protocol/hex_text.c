/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/hex_text.h"

#include <ctype.h>
#include <string.h>

int hex_digit(char digit)
{
    static const char digits[] = "0123456789ABCDEF0123456789abcdef";
    const char *found = digit ? strchr(digits, digit) : NULL;
    return found ? (int)(found - digits) & 15 : -1;
}

enum atalaya_result hex_text_read(const char *line, size_t length, uint8_t *octets, size_t max, size_t *count)
{
    size_t digits = 0;
    for (size_t i = 0; i < length; i++) {
        int value = hex_digit(line[i]);
        if (isspace((unsigned char)line[i]))
            continue;
        if (value < 0 || digits == 2 * max)
            return ATALAYA_E_FORMAT;
        uint8_t *octet = &octets[digits / 2];
        *octet = (uint8_t)(digits % 2 ? *octet | value : value << 4);
        digits++;
    }
    *count = digits / 2;
    return digits % 2 ? ATALAYA_E_LENGTH : ATALAYA_OK;
}

size_t hex_text_write(const uint8_t *octets, size_t count, char *text, size_t size, size_t length)
{
    static const char digit[] = "0123456789ABCDEF";
    for (size_t i = 0; i < count && length + 4 <= size; i++) {
        if (length && i % 2 == 0)
            text[length++] = ' ';
        text[length++] = digit[octets[i] >> 4];
        text[length++] = digit[octets[i] & 15];
    }
    if (length < size)
        text[length] = '\0';
    return length;
}
