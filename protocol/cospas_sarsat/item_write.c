/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "baudot.h"
#include "hex.h"
#include "item.h"

enum { BLANK = 36, BLANK_DIGIT = 10, DIGITS_MAX = 3 };

static enum atalaya_result write_baudot(struct bit_frame *frame, unsigned first, unsigned count,
                                        const char *text, size_t length, bool left)
{
    if (length == 0 || length > count)
        return ATALAYA_E_LENGTH;
    for (unsigned i = 0; i < count; i++) {
        size_t skipped = left ? 0 : count - length;
        int code = i >= skipped && i < skipped + length ? baudot_code(text[i - skipped]) : BLANK;
        if (code < 0)
            return ATALAYA_E_RANGE;
        bit_frame_put(frame, first + 6 * i, 6, (uint64_t)code);
    }
    return ATALAYA_OK;
}

static enum atalaya_result write_letters(struct bit_frame *frame, const struct item *item, const char *text,
                                         size_t length)
{
    if (length != item->bits / 5U)
        return ATALAYA_E_LENGTH;
    for (unsigned i = 0; i < length; i++) {
        int code = text[i] >= 'A' && text[i] <= 'Z' ? baudot_code(text[i]) : -1;
        if (code < 0)
            return ATALAYA_E_RANGE;
        bit_frame_put(frame, item->first + 5 * i, 5, (uint64_t)code & 0x1f);
    }
    return ATALAYA_OK;
}

/* T.001 A2.3: digits may only follow the fourth character. */
static enum atalaya_result write_call_sign(struct bit_frame *frame, unsigned first, const char *text,
                                           size_t length)
{
    size_t head = length < 4 ? length : 4;
    if (length > 4 + DIGITS_MAX)
        return ATALAYA_E_LENGTH;
    enum atalaya_result result = write_baudot(frame, first, 4, text, head, true);
    for (size_t i = 0; i < DIGITS_MAX && result == ATALAYA_OK; i++) {
        char digit = 4 + i < length ? text[4 + i] : '0' + BLANK_DIGIT;
        if (digit < '0' || digit > '0' + BLANK_DIGIT || (4 + i < length && digit > '9'))
            return ATALAYA_E_RANGE;
        bit_frame_put(frame, first + 24 + 4 * (unsigned)i, 4, (uint64_t)(digit - '0'));
    }
    return result;
}

static enum atalaya_result write_mmsi(const struct message *message, struct bit_frame *frame,
                                      const struct item *item, uint64_t country)
{
    double mmsi = message_number(message, item->name, -1);
    if (!(mmsi >= 0 && mmsi <= 999999999) || (uint64_t)mmsi / 1000000 != country)
        return ATALAYA_E_RANGE;
    uint64_t tail = (uint64_t)mmsi % 1000000;
    if (item->form == ITEM_MMSI) {
        bit_frame_put(frame, item->first, item->bits, tail);
        return ATALAYA_OK;
    }
    for (unsigned i = 6; i-- > 0; tail /= 10)
        bit_frame_put(frame, item->first + 6 * i, 6, (uint64_t)baudot_code((char)('0' + tail % 10)));
    return ATALAYA_OK;
}

static enum atalaya_result write_text(const struct message *message, struct bit_frame *frame,
                                      const struct item *item, uint64_t country)
{
    size_t length;
    bool ship = item->form == ITEM_SHIP;
    const char *text = message_text(message, ship ? "call_sign" : item->name, &length);
    if (ship && message_field(message, item->name, 0))
        return write_mmsi(message, frame, item, country);
    if (!text && item->has_none) {
        unsigned width = item->form == ITEM_BAUDOT_5 ? 5 : 6;
        for (unsigned i = 0; i + width <= item->bits; i += width)
            bit_frame_put(frame, item->first + i, width, item->none);
        return ATALAYA_OK;
    }
    if (!text)
        return ATALAYA_E_FORMAT;
    if (item->form == ITEM_CALL_SIGN)
        return write_call_sign(frame, item->first, text, length);
    if (item->form == ITEM_BAUDOT_5)
        return write_letters(frame, item, text, length);
    return write_baudot(frame, item->first, item->bits / 6U, text, length, item->form == ITEM_BAUDOT_LEFT);
}

static bool find_word(const struct item *item, const char *text, uint64_t *value)
{
    for (*value = 0; *value < UINT64_C(1) << item->bits; ++*value)
        if (item->words[*value] && strcmp(item->words[*value], text) == 0)
            return true;
    return false;
}

static bool read_hex(const char *text, size_t length, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < length && i < 16; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0)
            return false;
        *value = *value << 4 | (uint64_t)digit;
    }
    return length > 0 && length <= 16;
}

/* What the bits shall be; without a field: what says "not known", else zero. */
static enum atalaya_result find_value(const struct message *message, const struct item *item, uint64_t *value)
{
    size_t length;
    const struct field *field = message_field(message, item->name, 0);
    const char *text = message_text(message, item->name, &length);
    *value = item->none;
    if (item->form == ITEM_FIXED)
        *value = item->low;
    else if (item->form == ITEM_PRESENT)
        *value = field != NULL;
    else if (!field)
        return item->low && !item->has_none ? ATALAYA_E_FORMAT : ATALAYA_OK;
    else if (item->form == ITEM_FLAG)
        *value = message_flag(message, item->name);
    else if (item->form == ITEM_WORD)
        return text && find_word(item, text, value) ? ATALAYA_OK : ATALAYA_E_RANGE;
    else if (item->form == ITEM_HEX)
        return text && read_hex(text, length, value) ? ATALAYA_OK : ATALAYA_E_FORMAT;
    else {
        double scaled =
            (message_number(message, item->name, -1e18) - item->bias) / (item->scale ? item->scale : 1);
        if (!(scaled > -0.5 && scaled < 1e15))
            return ATALAYA_E_RANGE;
        *value = (uint64_t)(scaled + 0.5);
    }
    return ATALAYA_OK;
}

static enum atalaya_result write_item(const struct message *message, struct bit_frame *frame,
                                      const struct item *item, uint64_t country)
{
    uint64_t value;
    if (item->form == ITEM_MMSI && item->has_none && !message_field(message, item->name, 0)) {
        bit_frame_put(frame, item->first, item->bits, item->none);
        return ATALAYA_OK;
    }
    if (item->form == ITEM_MMSI)
        return write_mmsi(message, frame, item, country);
    if (item->form >= ITEM_BAUDOT)
        return write_text(message, frame, item, country);
    enum atalaya_result result = find_value(message, item, &value);
    if (result != ATALAYA_OK)
        return result;
    bool unknown = item->has_none && value == item->none;
    if (value >> item->bits || (item->high && !unknown && (value < item->low || value > item->high)))
        return ATALAYA_E_RANGE;
    bit_frame_put(frame, item->first, item->bits, value);
    return ATALAYA_OK;
}

enum atalaya_result items_write(const struct message *message, struct bit_frame *frame,
                                const struct item *items, size_t count, unsigned country_first)
{
    uint64_t country = bit_frame_get(frame, country_first, 10);
    enum atalaya_result result = ATALAYA_OK;
    for (size_t i = 0; i < count && result == ATALAYA_OK; i++)
        if (!items[i].if_bit || frame->bit[items[i].if_bit] == items[i].if_value)
            result = write_item(message, frame, &items[i], country);
    return result;
}
