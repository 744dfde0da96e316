/* SPDX-License-Identifier: Apache-2.0 */
/* Chapter 5: the first byte says what the rest is. */
#include "aprs_parts.h"

#include <string.h>

enum { BURIED_POSITION_MAX = 40 }; /* chapter 5: "!" may stand anywhere up to the 40th byte */

void aprs_add_fault(struct message *message, const char *fault, const char *detail)
{
    if (!message->well_formed)
        return;
    message->well_formed = false;
    aprs_add_string(message, "fault", fault);
    if (detail)
        aprs_add_string(message, "fault_detail", detail);
}

/* ! = without, / @ with timestamp; = @ can receive messages. */
static void position_parse(const struct aprs_packet *packet, struct message *message)
{
    uint8_t type = packet->info[0];
    message->kind = MESSAGE_POSITION;
    aprs_add_flag(message, "messaging", type == '=' || type == '@');
    if (type == '!' && packet->length > 1 && packet->info[1] == '!') {
        aprs_ultimeter_parse(packet, message);
        return;
    }
    size_t at = 1;
    if (type == '/' || type == '@') {
        if (packet->length < 8) {
            aprs_add_fault(message, "too_short", NULL);
            return;
        }
        if (!aprs_time_parse(packet->info + 1, &message->position.time)) {
            aprs_add_fault(message, "time_invalid", NULL);
        }
        at = 8;
    }
    aprs_report_parse(packet->info + at, packet->length - at, message);
}

/* Text in front of a position comes from trackers that cannot leave it out. Everything else that no clause
 * describes is a beacon of something that is not APRS (chapter 20). */
static void unknown_parse(const struct aprs_packet *packet, struct message *message)
{
    size_t limit = packet->length < BURIED_POSITION_MAX ? packet->length : BURIED_POSITION_MAX;
    size_t at = aprs_find(packet->info, limit, "!");
    if (at < limit && at + 1 < packet->length) {
        uint8_t next = packet->info[at + 1];
        bool compressed =
            next == '/' || next == '\\' || (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'j');
        size_t need = aprs_is_digit(next) ? 19 : 13;
        if ((aprs_is_digit(next) || compressed) && packet->length - at - 1 >= need) {
            message->kind = MESSAGE_POSITION;
            aprs_add_flag(message, "messaging", false);
            aprs_report_parse(packet->info + at + 1, packet->length - at - 1, message);
            return;
        }
    }
    message->kind = MESSAGE_OTHER;
    aprs_add_text(message, "beacon", packet->info, packet->length);
    aprs_add_fault(message, "not_aprs", NULL);
}

/* $ is raw GPS or an Ultimeter. */
static void dollar_parse(const struct aprs_packet *packet, struct message *message)
{
    if (packet->length >= 5 && memcmp(packet->info, "$ULTW", 5) == 0)
        aprs_ultimeter_parse(packet, message);
    else
        aprs_nmea_parse(packet, message);
}

static void telemetry_parse(const struct aprs_packet *packet, struct message *message)
{
    if (packet->length > 1 && packet->info[1] == '#')
        aprs_telemetry_parse(packet, message);
    else
        unknown_parse(packet, message);
}

static const struct {
    uint8_t type;
    void (*parse)(const struct aprs_packet *packet, struct message *message);
} data_types[] = {
    {'!', position_parse},
    {'=', position_parse},
    {'/', position_parse},
    {'@', position_parse},
    {'`', aprs_mic_e_parse},
    {'\'', aprs_mic_e_parse},
    {0x1c, aprs_mic_e_parse},
    {0x1d, aprs_mic_e_parse},
    {';', aprs_object_parse},
    {')', aprs_item_parse},
    {':', aprs_message_parse},
    {'>', aprs_status_parse},
    {'T', telemetry_parse},
    {'_', aprs_positionless_parse},
    {'#', aprs_peet_parse},
    {'*', aprs_peet_parse},
    {'$', dollar_parse},
    {'?', aprs_query_parse},
    {'<', aprs_capabilities_parse},
    {'[', aprs_grid_parse},
    {'{', aprs_user_defined_parse},
    {',', aprs_test_data_parse},
    {'}', aprs_third_party_parse},
};

void aprs_packet_parse(const struct aprs_packet *packet, struct message *message)
{
    for (size_t i = 0; i < sizeof data_types / sizeof *data_types; i++)
        if (data_types[i].type == packet->info[0]) {
            data_types[i].parse(packet, message);
            return;
        }
    unknown_parse(packet, message);
}

enum atalaya_result aprs_parse(const char *destination, const uint8_t *info, size_t length,
                               struct message *message)
{
    if (length == 0 || length > APRS_INFO_MAX)
        return ATALAYA_E_LENGTH;
    /* Line ends are no part of the contents (chapter 5), but many radios send them. */
    while (length > 1 && (info[length - 1] == '\r' || info[length - 1] == '\n' || info[length - 1] == '\0'))
        length--;
    struct aprs_packet packet = {.destination = destination, .info = info, .length = length};
    aprs_packet_parse(&packet, message);
    return ATALAYA_OK;
}
