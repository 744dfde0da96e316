/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/line.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

enum { ESCAPES_ROOM = 32 };

void line_begin(struct line *line, char *text, size_t size)
{
    *line = (struct line){.text = text, .size = size - ESCAPES_ROOM};
    text[0] = '\0';
}

void line_put(struct line *line, const char *format, ...)
{
    if (line->used + 1 >= line->size)
        return;
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line->text + line->used, line->size - line->used, format, arguments);
    va_end(arguments);
    if (n < 0)
        return;
    size_t room = line->size - line->used - 1, added = (size_t)n < room ? (size_t)n : room;
    line->used += added;
    line->width += (unsigned)added;
}

/* C0, DEL and C1 steer terminals; the rest hides or reorders what a dispatcher reads. */
static bool is_harmless(uint32_t point)
{
    return !(point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0xad || point == 0x61c ||
             (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
             (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
             (point >= 0xfff0 && point <= 0xffff) || (point >= 0xe0000 && point <= 0xe0fff));
}

static const char *xml_name_of(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    default:
        return NULL;
    }
}

static void put_foreign(struct line *line, const char *text, size_t length, unsigned most, bool xml)
{
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t i = 0; i < length && most > 0; most--) {
        uint32_t point = 0;
        size_t n = utf8_read(bytes + i, length - i, &point);
        const char *written = n > 0 && is_harmless(point) ? text + i : "?";
        const char *name = xml ? xml_name_of(*written) : NULL;
        size_t size = name ? strlen(name) : *written == '?' ? 1 : n;
        if (line->used + size + 1 >= line->size)
            return;
        memcpy(line->text + line->used, name ? name : written, size);
        line->used += size;
        line->text[line->used] = '\0';
        line->width++;
        i += n ? n : 1;
    }
}

void line_put_foreign(struct line *line, const char *text, size_t length, unsigned most)
{
    put_foreign(line, text, length, most, false);
}

void line_put_xml(struct line *line, const char *text, size_t length, unsigned most)
{
    put_foreign(line, text, length, most, true);
}

void line_column(struct line *line, unsigned column)
{
    line_put(line, "%*s", line->width < column ? (int)(column - line->width) : 1, "");
}

void line_escape(struct line *line, const char *sequence)
{
    size_t length = strlen(sequence);
    if (line->used + length >= line->size + ESCAPES_ROOM)
        return;
    memcpy(line->text + line->used, sequence, length + 1);
    line->used += length;
}
