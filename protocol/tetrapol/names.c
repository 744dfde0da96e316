/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <stddef.h>

/* Commands whose last bit is the poll bit have it masked. */
static const struct tetrapol_name commands[] = {
    {0x00, 0x01, "I", NULL},      {0x01, 0x0f, "RR", NULL},       {0x05, 0x0f, "RNR", NULL},
    {0x09, 0x0f, "REJ", NULL},    {0x0d, 0x0f, "DACH_ACK", NULL}, {0xa3, 0xff, "UI_CD", NULL},
    {0xc3, 0xff, "UI_VCH", NULL}, {0x03, 0xef, "UI", NULL},       {0x83, 0xef, "SNRM", NULL},
    {0x43, 0xef, "DISC", NULL},   {0x53, 0xff, "UA", NULL},       {0x87, 0xef, "FRMR", NULL},
    {0x0f, 0xef, "DM", NULL},     {0x07, 0xef, "UI_P0", NULL},    {0x27, 0x2f, "U_RR", NULL},
};

static const struct tetrapol_name voice[] = {
    {0x00, 0xff, "CHANNEL_FREE", "channel_free"},
    {0x01, 0xff, "FORCED_LISTENING", "forced_listening"},
    {0x02, 0xff, "VOICE_STUFFING", "voice_stuffing"},
    {0x03, 0xff, "D_START_SPEECH", "transmission_start"},
    {0x04, 0xff, "VOICE_STUFFING", "voice_stuffing"},
    {0x10, 0xff, "U_START_SPEECH", "transmission_start"},
    {0x11, 0xff, "U_END_SPEECH_1", "transmission_end"},
    {0x12, 0xff, "U_END_SPEECH_2", "transmission_end"},
    {0x13, 0xff, "U_END_SPEECH_3", "transmission_end"},
    {0xff, 0xff, NULL, NULL}, /* before the range that holds it */
    {0xf0, 0xf0, "DIRECT_MODE_RESERVED", "direct_mode_signalling"},
};

static const struct tetrapol_name caller[] = {
    {0x01, 0xff, "TP_ADDRESS", "caller"},
    {0x02, 0xff, "TP_ALIAS", "caller_alias"},
    {0x03, 0xff, "AMBIENCE_LISTENING", "ambience_listening"},
};

static const struct tetrapol_name tsdu[] = {
    {0x81, 0xff, "U_EMERGENCY_REQ", "emergency"},
    {0x53, 0xff, "D_EMERGENCY_NOTIFICATION", "emergency"},
    {0x5f, 0xff, "D_EMERGENCY_ACK", "emergency_ack"},
    {0x80, 0xff, "D_EMERGENCY_NAK", "emergency_nak"},
    {0x54, 0xff, "U_ECH_SETUP", "emergency_channel"},
    {0x52, 0xff, "U_ECH_CLOSE", "emergency_channel"},
    {0x56, 0xff, "D_ECH_ACTIVATION", "emergency_channel"},
    {0x5d, 0xff, "D_CRISIS_NOTIFICATION", "crisis"},
    {0x55, 0xff, "D_GROUP_ACTIVATION", "group"},
    {0x57, 0xff, "D_GROUP_END", "group"},
    {0x58, 0xff, "D_GROUP_IDLE", "group"},
    {0x92, 0xff, "D_GROUP_LIST", "group"},
    {0x93, 0xff, "D_GROUP_COMPOSITION", "group"},
    {0x5b, 0xff, "D_GROUP_PAGING", "paging"},
    {0x88, 0xff, "D_OC_PAGING", "paging"},
    {0x90, 0xff, "D_SYSTEM_INFO", "broadcast"},
    {0x94, 0xff, "D_NEIGHBOURING_CELL", "broadcast"},
    {0x42, 0xff, "FUNCTIONAL_SHORT_DATA", "data"},
    {0x46, 0xff, "EXPLICIT_SHORT_DATA", "data"},
    {0x67, 0xff, "EXTENDED_STATUS", "data"},
    {0x4a, 0xff, "DATAGRAM", "data"},
    {0x20, 0xff, "U_REGISTRATION_REQ", "registration"},
    {0x22, 0xff, "D_REGISTRATION_ACK", "registration"},
};

static const struct tetrapol_name *find(const struct tetrapol_name *names, size_t count, uint8_t value)
{
    for (size_t i = 0; i < count; i++)
        if ((value & names[i].mask) == names[i].number)
            return names[i].name ? &names[i] : NULL;
    return NULL;
}

const struct tetrapol_name *tetrapol_command_find(uint8_t command)
{
    return find(commands, sizeof commands / sizeof *commands, command);
}

const struct tetrapol_name *tetrapol_voice_find(uint8_t codop)
{
    return find(voice, sizeof voice / sizeof *voice, codop);
}

const struct tetrapol_name *tetrapol_caller_find(uint8_t codop)
{
    return find(caller, sizeof caller / sizeof *caller, codop);
}

const struct tetrapol_name *tetrapol_tsdu_find(uint8_t codop)
{
    return find(tsdu, sizeof tsdu / sizeof *tsdu, codop);
}
