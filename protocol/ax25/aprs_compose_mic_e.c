/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 10 the other way. */
#include "aprs_out.h"

#include <math.h>
#include <string.h>

enum { OFFSET = 28 };

/* Bits A B C of a position comment: '0', '1' standard, '2' custom; NULL for a name that is none. */
static const char *bits_find(const struct message *message)
{
    static const struct {
        const char *name, *bits;
    } types[] = {{"emergency", "000"}, {"off duty", "111"},  {"en route", "110"}, {"in service", "101"},
                 {"returning", "100"}, {"committed", "011"}, {"special", "010"},  {"priority", "001"},
                 {"custom-0", "222"},  {"custom-1", "220"},  {"custom-2", "202"}, {"custom-3", "200"},
                 {"custom-4", "022"},  {"custom-5", "020"},  {"custom-6", "002"}};
    const char *name = message_text(message, "mic_e_message", NULL);
    bool emergency = message->distress == DISTRESS_RAISED;
    if (!name)
        name = emergency ? "emergency" : "off duty";
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return emergency && i != 0 ? NULL : types[i].bits;    /* never hide an emergency */
    const char *bits = message_text(message, "mic_e_bits", NULL); /* a mixture has no name */
    return bits && strlen(bits) == 3 && strspn(bits, "012") == 3 && strcmp(bits, "000") != 0 ? bits : NULL;
}

static bool destination_put(const struct message *message, char destination[10], const struct aprs_angle *lat,
                            const struct aprs_angle *lon, unsigned ambiguity)
{
    const char *bits = bits_find(message), *dash = strchr(destination, '-');
    if (!bits)
        return false;
    char ssid[4] = ""; /* the SSID that the caller chose, a generic path, stays */
    if (dash && strlen(dash) < sizeof ssid)
        strcpy(ssid, dash);
    unsigned digits = lat->degrees * 10000 + lat->hundredths;
    bool plus_100 = lon->degrees < 10 || lon->degrees >= 100;
    const bool high[3] = {!lat->negative, plus_100, lon->negative};
    for (unsigned i = 6; i-- > 0; digits /= 10) {
        unsigned digit = digits % 10;
        bool blank = i >= 6 - ambiguity;
        char kind = i < 3 ? bits[i] : high[i - 3] ? '1' : '0';
        if (kind == '0')
            destination[i] = blank ? 'L' : (char)('0' + digit);
        else if (kind == '1')
            destination[i] = blank ? 'Z' : (char)('P' + digit);
        else
            destination[i] = blank ? 'K' : (char)('A' + digit);
    }
    strcpy(destination + 6, ssid);
    return true;
}

/* d, m, h: tables of chapter 10. */
static void longitude_put(struct aprs_out *out, const struct aprs_angle *lon)
{
    unsigned d = lon->degrees, m = lon->hundredths / 100;
    if (d < 10)
        d += 90;
    else if (d >= 110)
        d -= 100;
    else if (d >= 100)
        d -= 20;
    aprs_put_char(out, (char)(d + OFFSET));
    aprs_put_char(out, (char)((m < 10 ? m + 60 : m) + OFFSET));
    aprs_put_char(out, (char)(lon->hundredths % 100 + OFFSET));
}

/* SP, DC, SE in the variant whose bytes are printable. */
static bool motion_put(struct aprs_out *out, const struct position *p)
{
    long speed = 0, course = 0;
    if ((isfinite(p->speed_m_s) && !aprs_round((double)p->speed_m_s / APRS_KNOT_M_S, 799, &speed)) ||
        (isfinite(p->course_deg) && !aprs_round((double)p->course_deg, 360, &course)))
        return false;
    if (isfinite(p->course_deg) && course == 0)
        course = 360;
    aprs_put_char(out, (char)((speed < 200 ? speed / 10 + 80 : speed / 10) + OFFSET));
    aprs_put_char(out, (char)(speed % 10 * 10 + course / 100 + 4 + OFFSET));
    aprs_put_char(out, (char)(course % 100 + OFFSET));
    return true;
}

static enum atalaya_result text_put(struct aprs_out *out, const struct message *message)
{
    char prefix = '\0';
    const char *suffix = "", *radio = message_text(message, "radio", NULL);
    size_t length;
    const char *comment = message_text(message, "comment", &length);
    if (radio && !aprs_radio_find(radio, &prefix, &suffix))
        return ATALAYA_E_RANGE;
    if (!prefix && message_field(message, "messaging", 0))
        prefix = message_flag(message, "messaging") ? '`' : '\'';
    if (prefix)
        aprs_put_char(out, prefix);
    if (isfinite(message->position.alt_m)) {
        long value;
        if (!aprs_round((double)message->position.alt_m + 10000, 753570, &value) ||
            !aprs_put_base91(out, value, 3))
            return ATALAYA_E_RANGE;
        aprs_put_char(out, '}');
    }
    if (comment && length && !prefix && !isfinite(message->position.alt_m) &&
        strchr("`'>]\x1d\xe2", comment[0]))
        aprs_put_char(out, ' '); /* or it would be taken for a type code */
    if (comment)
        aprs_put_text(out, comment, length);
    enum atalaya_result result = aprs_put_comment_telemetry(out, message);
    if (result == ATALAYA_OK)
        result = aprs_put_dao(out, message);
    aprs_put_string(out, suffix);
    return result;
}

enum atalaya_result aprs_put_mic_e(struct aprs_out *out, const struct message *message, char destination[10])
{
    size_t length;
    const char *symbol = message_text(message, "symbol", &length);
    const struct position *p = &message->position;
    double ambiguity = message_number(message, "position_ambiguity", 0);
    if (!symbol || length != 2 || (!message->has_position && message->distress != DISTRESS_RAISED))
        return ATALAYA_E_ARGUMENT;
    /* An emergency without a position goes out with the null position of chapter 6. */
    double lat_deg = message->has_position ? p->lat_deg : 0, lon_deg = message->has_position ? p->lon_deg : 0;
    if (!(fabs(lat_deg) <= 90) || !(fabs(lon_deg) < 180) || !(ambiguity >= 0) || ambiguity > 4 ||
        !aprs_symbol_is_valid((uint8_t)symbol[0], (uint8_t)symbol[1]))
        return ATALAYA_E_RANGE;
    unsigned spaces = (unsigned)ambiguity;
    struct aprs_angle lat = aprs_angle_split(lat_deg, aprs_dao_kind(message), spaces);
    struct aprs_angle lon = aprs_angle_split(lon_deg, aprs_dao_kind(message), spaces);
    if (lon.degrees > 179 || !destination_put(message, destination, &lat, &lon, spaces))
        return ATALAYA_E_RANGE;
    static const unsigned step[] = {1, 10, 100, 1000, 6000};
    lon.hundredths -=
        lon.hundredths % step[spaces]; /* the withheld digits of the longitude stay at home too */
    aprs_put_char(out, message_flag(message, "gps_fix") ? '`' : '\'');
    longitude_put(out, &lon);
    if (!motion_put(out, p))
        return ATALAYA_E_RANGE;
    aprs_put_char(out, symbol[1]);
    aprs_put_char(out, symbol[0]);
    return text_put(out, message);
}
