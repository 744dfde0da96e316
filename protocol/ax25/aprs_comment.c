/* SPDX-License-Identifier: Apache-2.0 */
/* Chapters 5 and 6: a comment may hide an altitude, telemetry and finer position digits. */
#include "aprs_parts.h"

#include <string.h>

enum { ALTITUDE_LENGTH = 9 }; /* /A=aaaaaa or /A=-aaaaa, feet */

void aprs_comment_set(struct aprs_comment *comment, const uint8_t *text, size_t length)
{
    comment->length = length > sizeof comment->bytes ? sizeof comment->bytes : length;
    memcpy(comment->bytes, text, comment->length);
}

void aprs_comment_cut(struct aprs_comment *comment, size_t from, size_t length)
{
    memmove(comment->bytes + from, comment->bytes + from + length, comment->length - from - length);
    comment->length -= length;
}

static void altitude_parse(struct aprs_comment *comment, struct message *message)
{
    for (size_t at = 0; at + ALTITUDE_LENGTH <= comment->length; at++) {
        const uint8_t *text = comment->bytes + at;
        unsigned feet;
        if (memcmp(text, "/A=", 3) != 0)
            continue;
        bool below = text[3] == '-';
        if (!aprs_digits_parse(text + 3 + below, 6 - below, &feet))
            continue;
        message->position.alt_m = (float)((below ? -(double)feet : feet) * APRS_FOOT_M);
        aprs_comment_cut(comment, at, ALTITUDE_LENGTH);
        return;
    }
}

/* Control characters have no place in a comment; bytes above 127 may be UTF-8. */
static void clean(struct aprs_comment *comment)
{
    size_t kept = 0;
    for (size_t i = 0; i < comment->length; i++)
        if (comment->bytes[i] >= ' ' && comment->bytes[i] != 0x7f)
            comment->bytes[kept++] = comment->bytes[i];
    while (kept && comment->bytes[kept - 1] == ' ')
        kept--;
    comment->length = kept;
    size_t spaces = 0;
    while (spaces < kept && comment->bytes[spaces] == ' ')
        spaces++;
    aprs_comment_cut(comment, 0, spaces);
}

void aprs_comment_parse(struct aprs_comment *comment, bool delimited, struct message *message)
{
    altitude_parse(comment, message);
    aprs_telemetry_comment_parse(comment, message); /* before !DAO!, which it may resemble */
    aprs_dao_parse(comment, message);
    if (delimited && comment->length && comment->bytes[0] == '/')
        aprs_comment_cut(comment, 0, 1);
    clean(comment);
    if (comment->length)
        aprs_add_text(message, "comment", comment->bytes, comment->length);
}
