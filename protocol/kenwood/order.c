/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "atalaya/protocol/kenwood.h"

enum { SHORT_TEXT_MAX = 48, FLEET_DIGITS = 3, UNIT_DIGITS = 4, NEXEDGE_DIGITS = 5 };

static bool all_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

static bool is_fleetsync(const char *unit)
{
    return strlen(unit) == FLEET_DIGITS + 1 + UNIT_DIGITS && unit[FLEET_DIGITS] == '-' &&
           all_digits(unit, FLEET_DIGITS) && all_digits(unit + FLEET_DIGITS + 1, UNIT_DIGITS);
}

static bool is_nexedge(const char *unit)
{
    return unit[0] == 'U' && strlen(unit) == 1 + NEXEDGE_DIGITS && all_digits(unit + 1, NEXEDGE_DIGITS);
}

/* The order's word and whom it is for: "F1001001" or "gFU01001". */
static size_t begin(const char *unit, const char *word, char order[KENWOOD_ORDER_MAX])
{
    size_t at = 0, length = strlen(word);
    if (is_nexedge(unit))
        order[at++] = 'g';
    else if (!is_fleetsync(unit))
        return 0;
    memcpy(order + at, word, length);
    at += length;
    for (const char *c = unit; *c; c++)
        if (*c != '-')
            order[at++] = *c;
    order[at] = '\0';
    return at;
}

bool kenwood_is_everybody(const char *unit)
{
    return strcmp(unit, "000-0000") == 0;
}

size_t kenwood_order_text(const char *unit, const char *text, size_t length, char order[KENWOOD_ORDER_MAX])
{
    if (length == 0 || length > KENWOOD_TEXT_MAX)
        return 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return 0;
    size_t at = begin(unit, length > SHORT_TEXT_MAX ? "G" : "F", order);
    if (at == 0)
        return 0;
    memcpy(order + at, text, length);
    order[at + length] = '\0';
    return at + length;
}

size_t kenwood_order_poll(const char *unit, char order[KENWOOD_ORDER_MAX])
{
    return kenwood_is_everybody(unit) ? 0 : begin(unit, "R3", order);
}

bool kenwood_is_place_of(const char *unit, const char *sentence, size_t length)
{
    char mark[KENWOOD_MARK_MAX] = ",";
    if (strlen(unit) + 2 > sizeof mark || length < 3 || memcmp(sentence, "$PK", 3) != 0)
        return false;
    strcpy(mark + 1, unit);
    if (is_fleetsync(unit))
        mark[1 + FLEET_DIGITS] = ',';
    size_t wanted = strlen(mark);
    for (size_t i = 0; i + wanted <= length; i++)
        if (memcmp(sentence + i, mark, wanted) == 0 &&
            (i + wanted == length || sentence[i + wanted] == ',' || sentence[i + wanted] == '*'))
            return true;
    return false;
}
