/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 13: messages that say what telemetry means. The lists may stop at any entry. */
#include "aprs_parts.h"

#include <string.h>

enum { NAMES_MAX = 13, EQUATIONS_MAX = 15 };

static void list_parse(const uint8_t *text, size_t length, const char *name, bool numbers, unsigned max,
                       struct message *message)
{
    size_t at = 0;
    for (unsigned i = 0; i < max && at <= length; i++) {
        size_t span = aprs_find(text + at, length - at, ",");
        double value = 0;
        if (numbers && aprs_decimal_parse(text + at, span, &value) != span)
            value = 0; /* an empty or unreadable coefficient adds nothing */
        if (numbers)
            aprs_add_real(message, name, value);
        else
            aprs_add_text(message, name, text + at, span);
        message_last_is_element(message);
        at += span + 1;
    }
}

static void bits_parse(const uint8_t *text, size_t length, struct message *message)
{
    size_t count = 0;
    while (count < 8 && count < length && (text[count] == '0' || text[count] == '1'))
        count++;
    aprs_add_text(message, "telemetry.bit_sense", text, count);
    if (count < length && text[count] == ',')
        aprs_add_text(message, "telemetry.project", text + count + 1, length - count - 1);
}

bool aprs_telemetry_define_parse(const uint8_t *text, size_t length, struct message *message)
{
    if (length < 5 || text[4] != '.')
        return false;
    if (memcmp(text, "PARM", 4) == 0)
        list_parse(text + 5, length - 5, "telemetry.names", false, NAMES_MAX, message);
    else if (memcmp(text, "UNIT", 4) == 0)
        list_parse(text + 5, length - 5, "telemetry.units", false, NAMES_MAX, message);
    else if (memcmp(text, "EQNS", 4) == 0)
        list_parse(text + 5, length - 5, "telemetry.equations", true, EQUATIONS_MAX, message);
    else if (memcmp(text, "BITS", 4) == 0)
        bits_parse(text + 5, length - 5, message);
    else
        return false;
    message->kind = MESSAGE_TELEMETRY;
    return true;
}
