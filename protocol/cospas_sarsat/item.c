/* SPDX-License-Identifier: Apache-2.0 */
#include "item.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "baudot.h"
#include "country.h"

enum { TEXT_MAX = 24, BLANK_DIGIT = 10 };

void item_fault(struct message *message, const char *what)
{
    if (message->well_formed)
        (void)message_add_string(message, "fault", what);
    message->well_formed = false;
}

/* False: a code that is no character, or nothing but blanks. Blanks at the ends go; *astray: there were some
 * at the end where the standard has none. */
static bool read_baudot(const struct bit_frame *frame, unsigned first, unsigned count, bool left, char *text,
                        bool *astray)
{
    size_t length = 0, lead = 0;
    for (unsigned i = 0; i < count; i++) {
        char character = baudot_character((unsigned)bit_frame_get(frame, first + 6 * i, 6));
        if (!character)
            return false;
        if (character != ' ' || length)
            text[length++] = character;
        else
            lead++;
    }
    *astray = left ? lead > 0 : length > 0 && text[length - 1] == ' ';
    while (length && text[length - 1] == ' ')
        length--;
    text[length] = '\0';
    return length > 0;
}

static bool read_letters(const struct bit_frame *frame, const struct item *item, char *text)
{
    unsigned count = item->bits / 5;
    for (unsigned i = 0; i < count; i++) {
        text[i] = baudot_character(0x20U | (unsigned)bit_frame_get(frame, item->first + 5 * i, 5));
        if (text[i] < 'A')
            return false;
    }
    text[count] = '\0';
    return true;
}

/* T.001 A2.3: digits left-justified, 1010 where there is none. */
static bool read_call_sign(const struct bit_frame *frame, unsigned first, char *text, bool *astray)
{
    if (!read_baudot(frame, first, 4, true, text, astray))
        return false;
    size_t length = strlen(text);
    bool ended = length < 4;
    for (unsigned i = 0; i < 3; i++) {
        unsigned digit = (unsigned)bit_frame_get(frame, first + 24 + 4 * i, 4);
        if (digit > BLANK_DIGIT || (ended && digit != BLANK_DIGIT))
            return false;
        ended = digit == BLANK_DIGIT;
        if (!ended)
            text[length++] = (char)('0' + digit);
    }
    text[length] = '\0';
    return true;
}

static bool is_digits(const char *text, size_t length)
{
    return strlen(text) == length && strspn(text, "0123456789") == length;
}

static void add_mmsi(struct message *message, const struct item *item, uint64_t country, uint64_t tail)
{
    if (tail > 999999 || country < 200 || country > 799)
        item_fault(message, item->name);
    else
        (void)message_add_integer(message, item->name, (int64_t)(country * 1000000 + tail));
}

static void read_ship(struct message *message, const struct bit_frame *frame, const struct item *item,
                      uint64_t country)
{
    char text[TEXT_MAX];
    bool astray = false;
    if (!read_baudot(frame, item->first, 6, false, text, &astray)) {
        item_fault(message, "call_sign");
    } else if (is_digits(text, 6)) {
        uint64_t tail = 0;
        for (unsigned i = 0; i < 6; i++)
            tail = 10 * tail + (uint64_t)(text[i] - '0');
        add_mmsi(message, item, country, tail);
    } else {
        (void)message_add_string(message, "call_sign", text);
    }
    if (astray)
        item_fault(message, "call_sign not right-justified");
}

static void read_text(struct message *message, const struct bit_frame *frame, const struct item *item)
{
    char text[TEXT_MAX];
    bool astray = false, left = item->form == ITEM_BAUDOT_LEFT;
    bool good = item->form == ITEM_CALL_SIGN ? read_call_sign(frame, item->first, text, &astray)
                : item->form == ITEM_BAUDOT_5
                    ? read_letters(frame, item, text)
                    : read_baudot(frame, item->first, item->bits / 6U, left, text, &astray);
    if (good)
        (void)message_add_string(message, item->name, text);
    if (!good || astray)
        item_fault(message, item->name);
}

static void read_value(struct message *message, const struct item *item, uint64_t value, uint64_t country)
{
    char text[TEXT_MAX];
    int64_t scale = item->scale ? item->scale : 1;
    switch ((enum item_form)item->form) {
    case ITEM_COUNTRY:
        (void)message_add_integer(message, item->name, (int64_t)value);
        if (country_name((unsigned)value))
            (void)message_add_string(message, "country_name", country_name((unsigned)value));
        break;
    case ITEM_NUMBER:
        (void)message_add_integer(message, item->name, (int64_t)value * scale + item->bias);
        break;
    case ITEM_HEX:
        (void)snprintf(text, sizeof text, "%0*" PRIX64, (item->bits + 3) / 4, value);
        (void)message_add_string(message, item->name, text);
        break;
    case ITEM_WORD:
        if (item->words[value])
            (void)message_add_string(message, item->name, item->words[value]);
        break;
    case ITEM_FLAG:
        (void)message_add_boolean(message, item->name, value);
        break;
    case ITEM_MMSI:
        add_mmsi(message, item, country, value);
        break;
    default:
        break;
    }
}

static bool is_text(const struct item *item)
{
    return item->form == ITEM_CALL_SIGN || item->form == ITEM_BAUDOT || item->form == ITEM_BAUDOT_LEFT ||
           item->form == ITEM_BAUDOT_5;
}

static bool is_none(const struct item *item, const struct bit_frame *frame)
{
    unsigned width = is_text(item) ? item->form == ITEM_BAUDOT_5 ? 5 : 6 : item->bits;
    for (unsigned i = 0; i + width <= item->bits; i += width)
        if (bit_frame_get(frame, item->first + i, width) != item->none)
            return false;
    return item->has_none;
}

static void read_item(struct message *message, const struct bit_frame *frame, const struct item *item,
                      uint64_t country)
{
    uint64_t value = bit_frame_get(frame, item->first, item->bits);
    if (is_none(item, frame))
        return;
    if (item->form == ITEM_SHIP)
        read_ship(message, frame, item, country);
    else if (is_text(item))
        read_text(message, frame, item);
    else if ((item->form == ITEM_FIXED && value != item->low) ||
             (item->high && (value < item->low || value > item->high)))
        item_fault(message, item->name);
    else
        read_value(message, item, value, country);
}

void items_read(struct message *message, const struct bit_frame *frame, const struct item *items,
                size_t count, unsigned country_first)
{
    uint64_t country = bit_frame_get(frame, country_first, 10);
    for (size_t i = 0; i < count; i++)
        if (!items[i].if_bit || frame->bit[items[i].if_bit] == items[i].if_value)
            read_item(message, frame, &items[i], country);
}
