/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 10: half of the position in the destination address, half in the information field.
 *
 *   destination  L L L L L L      latitude digits; 1-3 carry message bits A B C, 4 north, 5 +100 degrees, 6
 * west information  T d m h SP DC SE code table [text]
 */
#include "aprs_parts.h"

#include <math.h>
#include <string.h>

enum { MIC_E_LENGTH = 9, OFFSET = 28 };

struct address {
    unsigned digit[6]; /* 10 = left out */
    char bits[4];
    bool north, plus_100, west;
};

/* Table of chapter 10, destination address field encoding. bit: '0', '1' standard, '2' custom. */
static bool character_parse(char c, unsigned *digit, char *bit)
{
    if (c >= '0' && c <= '9') {
        *digit = (unsigned)(c - '0');
        *bit = '0';
    } else if (c >= 'A' && c <= 'K') {
        *digit = c == 'K' ? 10 : (unsigned)(c - 'A');
        *bit = '2';
    } else if (c >= 'P' && c <= 'Z') {
        *digit = c == 'Z' ? 10 : (unsigned)(c - 'P');
        *bit = '1';
    } else if (c == 'L') {
        *digit = 10;
        *bit = '0';
    } else {
        return false;
    }
    return true;
}

static bool address_parse(const char *text, struct address *address)
{
    char bit[6];
    for (unsigned i = 0; i < 6; i++)
        if (text[i] == '\0' || !character_parse(text[i], &address->digit[i], &bit[i]) ||
            (i >= 3 && bit[i] == '2'))
            return false;
    if (text[6] != '\0' && text[6] != '-')
        return false;
    memcpy(address->bits, bit, 3);
    address->bits[3] = '\0';
    address->north = bit[3] == '1';
    address->plus_100 = bit[4] == '1';
    address->west = bit[5] == '1';
    return true;
}

/* Chapter 10, position comment types; the bits as a number, A most significant. */
static void comment_type_parse(const char bits[4], struct message *message)
{
    static const char *const standard[] = {"emergency", "priority",   "special",  "committed",
                                           "returning", "in service", "en route", "off duty"};
    static const char *const custom[] = {"emergency", "custom-6", "custom-5", "custom-4",
                                         "custom-3",  "custom-2", "custom-1", "custom-0"};
    bool has_standard = strchr(bits, '1'), has_custom = strchr(bits, '2');
    unsigned number = (bits[0] != '0') * 4u + (bits[1] != '0') * 2u + (bits[2] != '0');
    aprs_add_string(message, "mic_e_bits", bits);
    if (has_standard && has_custom)
        aprs_add_string(message, "mic_e_message", "unknown");
    else
        aprs_add_string(message, "mic_e_message", has_custom ? custom[number] : standard[number]);
    if (number == 0)
        message->distress = DISTRESS_RAISED;
}

/* d, m and h bytes to hundredths of minutes; false if no table of chapter 10 holds them. */
static bool longitude_parse(const uint8_t *text, bool plus_100, unsigned *degrees, unsigned *hundredths)
{
    if (text[0] < 38 || text[0] > 127 || text[1] < 38 || text[1] > 97 || text[2] < OFFSET || text[2] > 127)
        return false;
    unsigned d = text[0] - OFFSET + (plus_100 ? 100u : 0), m = text[1] - OFFSET;
    if (d >= 190)
        d -= 190;
    else if (d >= 180)
        d -= 80;
    *degrees = d;
    *hundredths = (m >= 60 ? m - 60 : m) * 100 + (text[2] - OFFSET);
    return true;
}

static bool position_parse(const struct address *address, const uint8_t *text, struct message *message)
{
    unsigned digits = 0, ambiguity = 0, lon_deg, lon_hundredths;
    for (unsigned i = 0; i < 6; i++) {
        if (address->digit[i] > 9)
            ambiguity++;
        else if (ambiguity)
            return false; /* only the last digits may be left out */
        digits = digits * 10 + address->digit[i] % 10;
    }
    unsigned lat_deg = digits / 10000, lat_hundredths = digits % 10000;
    if (ambiguity > 4 || lat_hundredths >= 6000 || lat_deg * 6000 + lat_hundredths > 90 * 6000 ||
        !longitude_parse(text, address->plus_100, &lon_deg, &lon_hundredths) || lon_deg > 179)
        return false;
    double lat = aprs_degrees(lat_deg, lat_hundredths, ambiguity);
    double lon = aprs_degrees(lon_deg, lon_hundredths, ambiguity);
    aprs_position_set(message, address->north ? lat : -lat, address->west ? -lon : lon, ambiguity);
    return true;
}

static bool motion_parse(const uint8_t *text, struct message *message)
{
    for (unsigned i = 0; i < 3; i++)
        if (text[i] < OFFSET || text[i] > 127)
            return false;
    unsigned dc = text[1] - OFFSET, speed = (text[0] - OFFSET) * 10u + dc / 10;
    unsigned course = dc % 10 * 100 + (text[2] - OFFSET);
    if (speed >= 800)
        speed -= 800;
    if (course >= 400)
        course -= 400;
    message->position.speed_m_s = (float)(speed * APRS_KNOT_M_S);
    if (course >= 1 && course <= 360)
        message->position.course_deg = (float)course;
    return true;
}

/* Gateways of old turned the unprintable bytes of speed and course into spaces and runs of spaces into one:
 * then the symbol stands one byte early. Position and symbol are whole, course and speed are lost. */
static bool is_mangled(const uint8_t *info)
{
    return info[5] == ' ' && aprs_symbol_is_valid(info[7], info[6]);
}

void aprs_mic_e_parse(const struct aprs_packet *packet, struct message *message)
{
    const uint8_t *info = packet->info;
    struct address address;
    message->kind = MESSAGE_POSITION;
    if (packet->length < MIC_E_LENGTH) {
        aprs_add_fault(message, "too_short", "Mic-E");
        return;
    }
    if (!address_parse(packet->destination, &address)) {
        aprs_add_fault(message, "mic_e_invalid", "destination address");
        return;
    }
    aprs_add_string(message, "format", "mic-e");
    /* Before the rest is looked at: an emergency with an unreadable position is still one. */
    comment_type_parse(address.bits, message);
    size_t symbol = 7;
    if (!aprs_symbol_is_valid(info[8], info[7]) || info[5] > 125) {
        if (!is_mangled(info)) {
            aprs_add_fault(message, aprs_symbol_is_valid(info[8], '!') ? "mic_e_invalid" : "symbol_invalid",
                           NULL);
            return;
        }
        aprs_add_flag(message, "mic_e_mangled", true);
        symbol = 6;
    }
    if (!position_parse(&address, info + 1, message) || (symbol == 7 && !motion_parse(info + 4, message))) {
        message->has_position = false;
        aprs_add_fault(message, "position_invalid", NULL);
        return;
    }
    if (info[0] == '`' || info[0] == 0x1c)
        aprs_add_flag(message, "gps_fix", true);
    aprs_symbol_set(message, info[symbol + 1], info[symbol]);
    aprs_mic_e_text_parse(info + symbol + 2, packet->length - symbol - 2, message);
}
