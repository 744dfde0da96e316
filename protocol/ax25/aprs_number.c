/* SPDX-License-Identifier: Apache-2.0 */
#include "aprs_parts.h"

#include <string.h>

#include "atalaya/protocol/hex_text.h"

bool aprs_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

bool aprs_is_alphanumeric(uint8_t c)
{
    return aprs_is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool aprs_is_base91(uint8_t c)
{
    return c >= '!' && c <= '{';
}

bool aprs_digits_parse(const uint8_t *text, size_t n, unsigned *value)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!aprs_is_digit(text[i]))
            return false;
        sum = sum * 10 + (text[i] - '0');
    }
    *value = sum;
    return true;
}

int aprs_hex_parse(const uint8_t *text)
{
    int high = hex_digit((char)text[0]), low = hex_digit((char)text[1]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

long aprs_base91_parse(const uint8_t *text, size_t n)
{
    long sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!aprs_is_base91(text[i]))
            return -1;
        sum = sum * 91 + (text[i] - '!');
    }
    return sum;
}

size_t aprs_decimal_parse(const uint8_t *text, size_t length, double *value)
{
    size_t at = length && text[0] == '-';
    size_t whole = at;
    double sum = 0;
    for (; at < length && aprs_is_digit(text[at]); at++)
        sum = sum * 10 + (text[at] - '0');
    bool has_whole = at > whole;
    if (at + 1 < length && text[at] == '.' && aprs_is_digit(text[at + 1])) {
        double scale = 1;
        for (at++; at < length && aprs_is_digit(text[at]); at++) {
            sum = sum * 10 + (text[at] - '0');
            scale *= 10;
        }
        sum /= scale;
    } else if (!has_whole) {
        return 0;
    }
    *value = text[0] == '-' ? -sum : sum;
    return at;
}

size_t aprs_find(const uint8_t *text, size_t length, const char *needle)
{
    size_t n = strlen(needle);
    for (size_t at = 0; at + n <= length; at++)
        if (memcmp(text + at, needle, n) == 0)
            return at;
    return length;
}

void aprs_id_copy(char id[MESSAGE_ID_MAX], const uint8_t *text, size_t length)
{
    while (length && text[length - 1] == ' ')
        length--;
    if (length > MESSAGE_ID_MAX - 1)
        length = MESSAGE_ID_MAX - 1;
    for (size_t i = 0; i < length; i++) {
        uint8_t c = text[i];
        id[i] = aprs_is_alphanumeric(c) || c == '.' || c == '-' ? (char)c : '_';
    }
    id[length] = '\0';
}
