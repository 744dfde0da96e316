/* SPDX-License-Identifier: Apache-2.0 */
#include "aprs_out.h"

#include <math.h>
#include <string.h>

void aprs_put_bytes(struct aprs_out *out, const void *bytes, size_t length)
{
    if (length > out->max - out->length) {
        out->full = true;
        return;
    }
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
}

void aprs_put_char(struct aprs_out *out, char c)
{
    aprs_put_bytes(out, &c, 1);
}

void aprs_put_string(struct aprs_out *out, const char *text)
{
    aprs_put_bytes(out, text, strlen(text));
}

void aprs_put_unsigned(struct aprs_out *out, unsigned long value, unsigned width)
{
    char text[24];
    unsigned n = 0;
    do {
        text[sizeof text - ++n] = (char)('0' + value % 10);
        value /= 10;
    } while ((value || n < width) && n < sizeof text);
    aprs_put_bytes(out, text + sizeof text - n, n);
}

bool aprs_put_base91(struct aprs_out *out, long value, unsigned n)
{
    char text[4];
    for (unsigned i = n; i-- > 0; value /= 91)
        text[i] = (char)('!' + value % 91);
    if (value)
        return false;
    aprs_put_bytes(out, text, n);
    return true;
}

void aprs_put_decimal(struct aprs_out *out, double value, unsigned decimals)
{
    double scale = pow(10, decimals);
    if (!(fabs(value) < 1e10)) {
        out->bad = true;
        return;
    }
    double scaled = round(fabs(value) * scale);
    unsigned long fraction = (unsigned long)fmod(scaled, scale);
    if (value < 0 && scaled > 0)
        aprs_put_char(out, '-');
    aprs_put_unsigned(out, (unsigned long)(scaled / scale), 1);
    while (decimals && fraction % 10 == 0) {
        fraction /= 10;
        decimals--;
    }
    if (decimals) {
        aprs_put_char(out, '.');
        aprs_put_unsigned(out, fraction, decimals);
    }
}

void aprs_put_text(struct aprs_out *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        out->bad |= (uint8_t)text[i] < ' ' || text[i] == 0x7f;
    aprs_put_bytes(out, text, length);
}

bool aprs_put_field(struct aprs_out *out, const struct message *message, const char *name)
{
    size_t length;
    const char *text = message_text(message, name, &length);
    if (text)
        aprs_put_text(out, text, length);
    return text;
}

void aprs_put_padded(struct aprs_out *out, const char *text, size_t length, size_t n)
{
    aprs_put_text(out, text, length < n ? length : n);
    for (size_t i = length; i < n; i++)
        aprs_put_char(out, ' ');
}

double aprs_field_number(const struct field *field)
{
    if (field->type == FIELD_INTEGER)
        return (double)field->value.integer;
    return field->type == FIELD_REAL ? field->value.real : (double)NAN;
}

bool aprs_round(double value, long limit, long *rounded)
{
    if (!(value > -0.5) || !(value < (double)limit + 0.5))
        return false;
    *rounded = lround(value);
    return true;
}

bool aprs_time_is_known(const struct partial_time *time)
{
    return time->hour >= 0 && time->minute >= 0;
}

bool aprs_put_time(struct aprs_out *out, const struct partial_time *time)
{
    if (!aprs_time_is_known(time))
        return false;
    bool day = time->day >= 0;
    if (time->day == 0 || time->day > 31 || time->hour > 23 || time->minute > 59 || time->second > 59)
        return false;
    if (!day && (time->second < 0 || time->local))
        return false;
    if (day)
        aprs_put_unsigned(out, (unsigned long)time->day, 2);
    aprs_put_unsigned(out, (unsigned long)time->hour, 2);
    aprs_put_unsigned(out, (unsigned long)time->minute, 2);
    if (!day)
        aprs_put_unsigned(out, (unsigned long)time->second, 2);
    aprs_put_char(out, day ? (time->local ? '/' : 'z') : 'h');
    return true;
}
