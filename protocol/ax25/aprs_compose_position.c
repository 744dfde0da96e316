/* SPDX-License-Identifier: Apache-2.0 */
/* Chapters 6 to 9 the other way: plain and compressed places, extensions, comments. */
#include "aprs_out.h"

#include <math.h>
#include <string.h>

enum aprs_dao aprs_dao_kind(const struct message *message)
{
    if (!message_text(message, "dao_datum", NULL))
        return APRS_DAO_NONE;
    if (!message_field(message, "dao_base91", 0))
        return APRS_DAO_DATUM;
    return message_flag(message, "dao_base91") ? APRS_DAO_BASE91 : APRS_DAO_DIGITS;
}

struct aprs_angle aprs_angle_split(double degrees, enum aprs_dao dao, unsigned ambiguity)
{
    struct aprs_angle angle = {.negative = signbit(degrees)};
    double steps = dao == APRS_DAO_BASE91 ? 91 : dao == APRS_DAO_DIGITS ? 10 : 1; /* in 0.01' */
    double units = fabs(degrees) * 6000 * steps;
    /* An ambiguous position is the middle of its span: cut, do not round, or it would move to the next. */
    units = ambiguity ? floor(units + 1e-6) : round(units);
    double hundredths = floor(units / steps);
    angle.rest = (units - hundredths * steps) / steps;
    angle.degrees = (unsigned)(hundredths / 6000);
    angle.hundredths = (unsigned)(hundredths - angle.degrees * 6000.0);
    return angle;
}

/* mm.hh with the last `ambiguity` digits as spaces. */
static void minutes_put(struct aprs_out *out, unsigned hundredths, unsigned ambiguity)
{
    char text[5] = {(char)('0' + hundredths / 1000), (char)('0' + hundredths / 100 % 10), '.',
                    (char)('0' + hundredths / 10 % 10), (char)('0' + hundredths % 10)};
    static const uint8_t digit_at[4] = {4, 3, 1, 0};
    for (unsigned i = 0; i < ambiguity; i++)
        text[digit_at[i]] = ' ';
    aprs_put_bytes(out, text, sizeof text);
}

static enum atalaya_result plain_put(struct aprs_out *out, const struct message *message)
{
    size_t length;
    const char *symbol = message_text(message, "symbol", &length);
    double ambiguity = message_number(message, "position_ambiguity", 0);
    if (!symbol || length != 2 || !message->has_position)
        return ATALAYA_E_ARGUMENT;
    if (!(fabs(message->position.lat_deg) <= 90) || !(fabs(message->position.lon_deg) <= 180) ||
        !(ambiguity >= 0) || ambiguity > 4 || !aprs_symbol_is_valid((uint8_t)symbol[0], (uint8_t)symbol[1]))
        return ATALAYA_E_RANGE;
    unsigned spaces = (unsigned)ambiguity;
    enum aprs_dao dao = aprs_dao_kind(message);
    struct aprs_angle lat = aprs_angle_split(message->position.lat_deg, dao, spaces);
    struct aprs_angle lon = aprs_angle_split(message->position.lon_deg, dao, spaces);
    aprs_put_unsigned(out, lat.degrees, 2);
    minutes_put(out, lat.hundredths, spaces);
    aprs_put_char(out, lat.negative ? 'S' : 'N');
    aprs_put_char(out, symbol[0]);
    aprs_put_unsigned(out, lon.degrees, 3);
    minutes_put(out, lon.hundredths, spaces);
    aprs_put_char(out, lon.negative ? 'W' : 'E');
    aprs_put_char(out, symbol[1]);
    return ATALAYA_OK;
}

/* c and s: course and speed before range before altitude; what is left goes into the comment. */
static enum atalaya_result extra_put(struct aprs_out *out, const struct message *message)
{
    const struct position *p = &message->position;
    bool fix = message_field(message, "gps_fix", 0);
    long type = fix && !message_flag(message, "gps_fix") ? 0x02 : 0x22; /* made by software */
    double range_miles = message_number(message, "range_km", (double)NAN) / APRS_MILE_KM;
    long value;
    if (isfinite(p->speed_m_s) && isfinite(p->course_deg)) {
        if (!aprs_round(log1p((double)p->speed_m_s / APRS_KNOT_M_S) / log(1.08), 90, &value) ||
            !(p->course_deg >= 0) || !(p->course_deg <= 360))
            return ATALAYA_E_RANGE;
        aprs_put_char(out, (char)('!' + lround((double)p->course_deg / 4) % 90));
        aprs_put_char(out, (char)('!' + value));
        type |= 0x18;
    } else if (isfinite(range_miles)) {
        if (!aprs_round(log(fmax(range_miles, 2) / 2) / log(1.08), 90, &value))
            return ATALAYA_E_RANGE;
        aprs_put_char(out, '{');
        aprs_put_char(out, (char)('!' + value));
    } else if (isfinite(p->alt_m) && (double)p->alt_m >= APRS_FOOT_M) {
        if (!aprs_round(log((double)p->alt_m / APRS_FOOT_M) / log(1.002), 8280, &value) ||
            !aprs_put_base91(out, value, 2))
            return ATALAYA_E_RANGE;
        type |= 0x10;
    } else {
        /* A T byte counts only behind a c that is no space. */
        aprs_put_string(out, fix ? "! " : " s");
    }
    aprs_put_char(out, (char)('!' + type));
    return ATALAYA_OK;
}

enum atalaya_result aprs_put_compressed(struct aprs_out *out, const struct message *message)
{
    size_t length;
    const char *symbol = message_text(message, "symbol", &length);
    if (!symbol || length != 2 || !message->has_position)
        return ATALAYA_E_ARGUMENT;
    long y, x;
    /* 91^4 - 1 is the largest value */
    if (!aprs_symbol_is_valid((uint8_t)symbol[0], (uint8_t)symbol[1]) ||
        !aprs_round((90 - message->position.lat_deg) * 380926, 68574960, &y) ||
        !aprs_round((180 + message->position.lon_deg) * 190463, 68574960, &x))
        return ATALAYA_E_RANGE;
    aprs_put_char(out, aprs_is_digit((uint8_t)symbol[0]) ? (char)(symbol[0] - '0' + 'a') : symbol[0]);
    if (!aprs_put_base91(out, y, 4) || !aprs_put_base91(out, x, 4))
        return ATALAYA_E_RANGE;
    aprs_put_char(out, symbol[1]);
    return extra_put(out, message);
}

static bool is_compressed(const struct message *message)
{
    const char *format = message_text(message, "format", NULL);
    return format && strcmp(format, "compressed") == 0;
}

enum atalaya_result aprs_put_location(struct aprs_out *out, const struct message *message)
{
    return is_compressed(message) ? aprs_put_compressed(out, message) : plain_put(out, message);
}

enum atalaya_result aprs_put_report(struct aprs_out *out, const struct message *message)
{
    enum atalaya_result result = aprs_put_location(out, message);
    bool compressed = is_compressed(message);
    if (result != ATALAYA_OK)
        return result;
    if (aprs_symbol_code(message) == '_' && message_text(message, "weather.software", NULL))
        return aprs_put_weather(out, message, !compressed);
    if (aprs_symbol_code(message) == '_')
        result = aprs_put_weather(out, message, !compressed);
    else if (!compressed)
        result = aprs_put_extension(out, message);
    if (result != ATALAYA_OK)
        return result;
    /* the altitude found room in c and s only where neither motion nor range did */
    bool coded = compressed && !isfinite(message->position.speed_m_s * message->position.course_deg) &&
                 !message_field(message, "range_km", 0) && (double)message->position.alt_m >= APRS_FOOT_M;
    return aprs_put_comment(out, message, !coded);
}

static enum atalaya_result bearing_put(struct aprs_out *out, const struct message *message)
{
    double hits = message_number(message, "df_hits", 0);
    long bearing, range = 0, quality = 0;
    if (!message_field(message, "df_bearing_deg", 0))
        return ATALAYA_OK;
    double miles = message_number(message, "df_range_km", APRS_MILE_KM) / APRS_MILE_KM;
    if (!aprs_round(message_number(message, "df_bearing_deg", 0), 999, &bearing) || !(hits >= 0) ||
        hits > 9 || !aprs_round(log2(miles), 9, &range) ||
        !aprs_round(message_number(message, "df_quality", 0), 9, &quality))
        return ATALAYA_E_RANGE;
    aprs_put_char(out, '/');
    aprs_put_unsigned(out, (unsigned long)bearing, 3);
    aprs_put_char(out, '/');
    aprs_put_unsigned(out, (unsigned long)hits, 1);
    aprs_put_unsigned(out, (unsigned long)range, 1);
    aprs_put_unsigned(out, (unsigned long)quality, 1);
    return ATALAYA_OK;
}

static enum atalaya_result area_put(struct aprs_out *out, const struct message *message)
{
    long shape, color, yy, xx;
    if (!aprs_round(message_number(message, "area_type", -1), 9, &shape) ||
        !aprs_round(message_number(message, "area_color", -1), 15, &color) ||
        !aprs_round(sqrt(message_number(message, "area_lat_offset_deg", -1) * 1500), 99, &yy) ||
        !aprs_round(sqrt(message_number(message, "area_lon_offset_deg", -1) * 1500), 99, &xx))
        return ATALAYA_E_RANGE;
    aprs_put_unsigned(out, (unsigned long)shape, 1);
    aprs_put_unsigned(out, (unsigned long)yy, 2);
    aprs_put_char(out, color > 9 ? '1' : '/');
    aprs_put_unsigned(out, (unsigned long)color % 10, 1);
    aprs_put_unsigned(out, (unsigned long)xx, 2);
    return ATALAYA_OK;
}

enum atalaya_result aprs_put_extension(struct aprs_out *out, const struct message *message)
{
    const struct position *p = &message->position;
    long course = 0, speed = 0, miles;
    if (message_field(message, "area_type", 0))
        return area_put(out, message);
    if (isfinite(p->speed_m_s) || isfinite(p->course_deg) || message_field(message, "df_bearing_deg", 0)) {
        bool has_speed = isfinite(p->speed_m_s);
        if ((isfinite(p->course_deg) && !aprs_round((double)p->course_deg, 360, &course)) ||
            (has_speed && !aprs_round((double)p->speed_m_s / APRS_KNOT_M_S, 999, &speed)))
            return ATALAYA_E_RANGE;
        aprs_put_unsigned(out, isfinite(p->course_deg) && course == 0 ? 360 : (unsigned long)course, 3);
        aprs_put_char(out, '/');
        if (has_speed)
            aprs_put_unsigned(out, (unsigned long)speed, 3);
        else
            aprs_put_string(out, "...");
        return bearing_put(out, message);
    }
    size_t length;
    const char *digits = message_text(message, "phg", &length);
    bool phg = digits;
    if (!digits)
        digits = message_text(message, "dfs", &length);
    if (digits) {
        if (length != 4 && !(phg && length == 5))
            return ATALAYA_E_RANGE;
        aprs_put_string(out, phg ? "PHG" : "DFS");
        aprs_put_bytes(out, digits, length);
        if (length == 5)
            aprs_put_char(out, '/');
        return ATALAYA_OK;
    }
    if (message_field(message, "range_km", 0)) {
        if (!aprs_round(message_number(message, "range_km", -1) / APRS_MILE_KM, 9999, &miles))
            return ATALAYA_E_RANGE;
        aprs_put_string(out, "RNG");
        aprs_put_unsigned(out, (unsigned long)miles, 4);
    }
    return ATALAYA_OK;
}
