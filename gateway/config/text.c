/* SPDX-License-Identifier: Apache-2.0 */
#include "config/text.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "utf8.h"

bool text_is_name(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return *text && text[strspn(text, allowed)] == '\0';
}

bool text_is_utf8(const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        uint32_t point;
        size_t length = utf8_read(text, left, &point);
        if (length == 0 || point < 0x20 || point == 0x7f)
            return false;
        text += length;
        left -= length;
    }
    return true;
}

bool parse_number(const char *text, double *value)
{
    if (!*text || text[strspn(text, "0123456789+-.eE")] != '\0')
        return false;
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end || !isfinite(number))
        return false;
    *value = number;
    return true;
}

bool parse_frequency(const char *text, double *hz)
{
    static const char letters[] = "kMG", *const powers[] = {"e3", "e6", "e9"};
    char number[48];
    size_t length = strlen(text);
    const char *letter = length > 1 ? strchr(letters, text[length - 1]) : NULL;
    if (!letter || length >= sizeof number - 2)
        return parse_number(text, hz);
    /* 144.39 times 1e6 need not be 144390000 to the last bit; 144.39e6 is */
    memcpy(number, text, length - 1);
    strcpy(number + length - 1, powers[letter - letters]);
    return parse_number(number, hz);
}

bool text_is_host(const char *host)
{
    const char *colon = strchr(host, ':');
    if (!colon)
        return strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
               strlen(host);
    return strchr(colon + 1, ':') && strspn(host, "ABCDEFabcdef0123456789:.") == strcspn(host, "%");
}

static const struct {
    const char *name;
    double factor;
} byte_units[] = {
    {"", 1},
    {"B", 1},
    {"K", 1024.0},
    {"KiB", 1024.0},
    {"kB", 1e3},
    {"M", 1048576.0},
    {"MiB", 1048576.0},
    {"MB", 1e6},
    {"G", 1073741824.0},
    {"GiB", 1073741824.0},
    {"GB", 1e9},
    {"T", 1099511627776.0},
    {"TiB", 1099511627776.0},
    {"TB", 1e12},
};

bool parse_bytes(const char *text, double *bytes)
{
    char number[32];
    size_t length = strspn(text, "0123456789.");
    if (!length || length >= sizeof number)
        return false;
    memcpy(number, text, length);
    number[length] = '\0';
    const char *unit = text + length + strspn(text + length, " ");
    double value;
    if (!parse_number(number, &value))
        return false;
    for (size_t i = 0; i < sizeof byte_units / sizeof *byte_units; i++)
        if (strcasecmp(unit, byte_units[i].name) == 0) {
            *bytes = floor(value * byte_units[i].factor);
            return true;
        }
    return false;
}

void format_bytes(double bytes, char text[static 32])
{
    static const char *const names[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    while (unit < 4 && bytes >= 1024 && fmod(bytes, 1024) == 0) {
        bytes /= 1024;
        unit++;
    }
    snprintf(text, 32, "%.15g %s", bytes, names[unit]);
}
