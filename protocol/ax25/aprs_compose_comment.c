/* SPDX-License-Identifier: Apache-2.0 */
/* Comments with what may hide in them, in the order that chapters 5 and 13 ask for. */
#include "aprs_out.h"

#include <math.h>
#include <string.h>

enum { ANALOG_CHANNELS = 5, DIGITAL_CHANNELS = 8 };

enum atalaya_result aprs_put_comment_telemetry(struct aprs_out *out, const struct message *message)
{
    long value = 0;
    unsigned count = 0;
    if (!message_field(message, "telemetry.sequence", 0))
        return ATALAYA_OK;
    aprs_put_char(out, '|');
    if (!aprs_round(message_number(message, "telemetry.sequence", -1), 8280, &value) ||
        !aprs_put_base91(out, value, 2))
        return ATALAYA_E_RANGE;
    for (; count < ANALOG_CHANNELS; count++) {
        const struct field *field = message_field(message, "telemetry.analog", count);
        if (!field)
            break;
        if (!aprs_round(aprs_field_number(field), 8280, &value) || !aprs_put_base91(out, value, 2))
            return ATALAYA_E_RANGE;
    }
    if (!count)
        return ATALAYA_E_ARGUMENT; /* at least one channel */
    size_t length;
    const char *bits = message_text(message, "telemetry.digital", &length);
    if (bits && (count != ANALOG_CHANNELS || length != DIGITAL_CHANNELS))
        return ATALAYA_E_RANGE;
    value = 0;
    for (unsigned i = 0; bits && i < DIGITAL_CHANNELS; i++)
        value |= (long)(bits[i] == '1') << i;
    if (bits && !aprs_put_base91(out, value, 2))
        return ATALAYA_E_RANGE;
    aprs_put_char(out, '|');
    return ATALAYA_OK;
}

enum atalaya_result aprs_put_dao(struct aprs_out *out, const struct message *message)
{
    enum aprs_dao dao = aprs_dao_kind(message);
    if (dao == APRS_DAO_NONE)
        return ATALAYA_OK;
    char datum = message_text(message, "dao_datum", NULL)[0];
    if (datum < '!' || datum > '{' || (dao != APRS_DAO_DATUM && (datum < 'A' || datum > 'Z')))
        return ATALAYA_E_RANGE;
    const double degrees[2] = {message->position.lat_deg, message->position.lon_deg};
    aprs_put_char(out, '!');
    aprs_put_char(out, dao == APRS_DAO_BASE91 ? (char)(datum - 'A' + 'a') : datum);
    for (unsigned i = 0; i < 2; i++) {
        double rest = aprs_angle_split(degrees[i], dao, 0).rest;
        if (dao == APRS_DAO_DATUM)
            aprs_put_char(out, ' ');
        else if (dao == APRS_DAO_DIGITS)
            aprs_put_char(out, (char)('0' + lround(rest * 10)));
        else
            aprs_put_char(out, (char)('!' + lround(rest * 91)));
    }
    aprs_put_char(out, '!');
    return ATALAYA_OK;
}

static enum atalaya_result altitude_put(struct aprs_out *out, double alt_m)
{
    double feet = round(alt_m / APRS_FOOT_M);
    if (!(feet >= -99999) || !(feet <= 999999))
        return ATALAYA_E_RANGE;
    aprs_put_string(out, feet < 0 ? "/A=-" : "/A=");
    aprs_put_unsigned(out, (unsigned long)fabs(feet), feet < 0 ? 5 : 6);
    return ATALAYA_OK;
}

enum atalaya_result aprs_put_comment(struct aprs_out *out, const struct message *message, bool altitude)
{
    enum atalaya_result result = ATALAYA_OK;
    size_t length;
    const char *comment = message_text(message, "comment", &length);
    bool weather = aprs_symbol_code(message) == '_';
    if (altitude && isfinite(message->position.alt_m))
        result = altitude_put(out, (double)message->position.alt_m);
    if (result == ATALAYA_OK && comment && comment[0]) {
        /* what could be read as an extension or as its delimiter gets a delimiter of its own */
        if (weather)
            aprs_put_char(out, ' ');
        else if (strchr("/.0123456789PRD", comment[0]))
            aprs_put_char(out, '/');
        aprs_put_text(out, comment, length);
    }
    if (result == ATALAYA_OK)
        result = aprs_put_comment_telemetry(out, message);
    return result == ATALAYA_OK ? aprs_put_dao(out, message) : result;
}
