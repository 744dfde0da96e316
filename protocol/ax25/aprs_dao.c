/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 5, precision and datum option: !DAO! anywhere in a comment, the last one counts.
 * Upper-case datum: A and O are thousandths of a minute. Lower case: base 91, 1/91 of 0.01'. */
#include "aprs_parts.h"

#include <math.h>

enum { DAO_LENGTH = 5 };

static void position_refine(struct message *message, double lat_min, double lon_min, double resolution_m)
{
    /* Digits next to an ambiguous position would claim what its sender withheld. */
    if (!message->has_position || message_number(message, "position_ambiguity", 0) > 0)
        return;
    message->position.lat_deg += copysign(lat_min / 60, message->position.lat_deg);
    message->position.lon_deg += copysign(lon_min / 60, message->position.lon_deg);
    for (uint16_t i = 0; i < message->field_count; i++)
        if (message_field(message, "resolution_m", 0) == &message->field[i])
            message->field[i].value.real = resolution_m;
    message->position.accuracy_m = (float)(resolution_m / 2);
}

static bool option_parse(const uint8_t *text, struct message *message)
{
    uint8_t datum = text[0];
    if (datum < '!' || datum > '{')
        return false;
    bool spaces = text[1] == ' ' && text[2] == ' ', lower = datum >= 'a' && datum <= 'z';
    if (spaces) {
        /* a datum without further digits */
    } else if (datum >= 'A' && datum <= 'Z' && aprs_is_digit(text[1]) && aprs_is_digit(text[2])) {
        position_refine(message, (text[1] - '0') * 0.001, (text[2] - '0') * 0.001, 1.852);
    } else if (lower && aprs_is_base91(text[1]) && aprs_is_base91(text[2])) {
        position_refine(message, (text[1] - '!') / 91.0 * 0.01, (text[2] - '!') / 91.0 * 0.01, 0.1852);
    } else {
        return false;
    }
    uint8_t upper = lower ? (uint8_t)(datum - 'a' + 'A') : datum;
    aprs_add_text(message, "dao_datum", &upper, 1);
    if (!spaces)
        aprs_add_flag(message, "dao_base91", lower);
    return true;
}

void aprs_dao_parse(struct aprs_comment *comment, struct message *message)
{
    for (size_t at = comment->length; at-- > 0;) {
        const uint8_t *text = comment->bytes + at;
        if (at + DAO_LENGTH > comment->length || text[0] != '!' || text[DAO_LENGTH - 1] != '!')
            continue;
        if (option_parse(text + 1, message)) {
            aprs_comment_cut(comment, at, DAO_LENGTH);
            return;
        }
    }
}
