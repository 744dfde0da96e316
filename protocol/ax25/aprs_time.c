/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 6, time formats: DHM zulu (092345z), DHM local (092345/), HMS zulu (234517h). */
#include "aprs_parts.h"

bool aprs_time_parse(const uint8_t text[7], struct partial_time *time)
{
    unsigned first, second, third;
    if (!aprs_digits_parse(text, 2, &first) || !aprs_digits_parse(text + 2, 2, &second) ||
        !aprs_digits_parse(text + 4, 2, &third))
        return false;
    if (text[6] == 'h') {
        if (first < 24 && second < 60 && third < 60) {
            time->hour = (int8_t)first;
            time->minute = (int8_t)second;
            time->second = (int8_t)third;
        }
        return true;
    }
    if (text[6] != 'z' && text[6] != '/')
        return false;
    if (first >= 1 && first <= 31 && second < 24 && third < 60) {
        time->day = (int8_t)first;
        time->hour = (int8_t)second;
        time->minute = (int8_t)third;
        time->local = text[6] == '/';
    }
    return true;
}
