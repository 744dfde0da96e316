/* SPDX-License-Identifier: Apache-2.0 */
#include "types.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
#define PARAMETERS(...) .parameters = (const struct type_parameter[]){__VA_ARGS__, {NULL, 0, 0}}
#define CHANNEL {"channel_number", 31, 10}
#define SYSTEM {"system", 7, 15}
#define STATUS PARAMETERS({"status", 44, 5})
#define ALOHA .sender = SENDER_SYSTEM, PARAMETERS({"wait_slots", 35, 3}, {"address_bits", 40, 5}, {"frame_slots", 45, 4})
#define QUALIFIER PARAMETERS({"qualifier", 44, 1})
#define EMERGENCY_CALL {"emergency_call", EMERGENCY_AT, 1}
/* clang-format on */
#define ANSWER  .parties = PARTIES_ANSWER, .kind = MESSAGE_ACKNOWLEDGE, QUALIFIER
#define REQUEST .sender = SENDER_RADIO, .parties = PARTIES_CALL
#define AHOY    .sender = SENDER_SYSTEM, .parties = PARTIES_CALL
#define MAINTENANCE                                                                                          \
    .number = 281, .parties = PARTIES_SELF, PARAMETERS(CHANNEL), .also_at = 41, .also_bits = 3, .also_value
#define BROADCAST .number = 284, .sender = SENDER_SYSTEM, .also_at = 2, .also_bits = 5, .also_value

static const struct type types[] = {
    {"GTC", "go_to_channel", .mask = 0x100, .parties = PARTIES_GTC, .kind = MESSAGE_QUERY,
     PARAMETERS({"data", 23, 1}, {"channel_number", 24, 10})},

    /* Clause 5.5.3.1: which radios may call, and about what */
    {"ALH", "aloha", .number = 256, ALOHA},
    {"ALHS", "aloha_no_standard_data", .number = 257, ALOHA},
    {"ALHD", "aloha_no_simple_calls", .number = 258, ALOHA},
    {"ALHE", "aloha_emergency_only", .number = 259, ALOHA},
    {"ALHR", "aloha_emergency_or_registration", .number = 260, ALOHA},
    {"ALHX", "aloha_no_registration", .number = 261, ALOHA},
    {"ALHF", "aloha_fall_back", .number = 262, ALOHA},

    {"ACK", "acknowledge", .number = 264, ANSWER},
    {"ACKI", "acknowledge_more_to_follow", .number = 265, ANSWER},
    {"ACKQ", "acknowledge_queued", .number = 266, ANSWER},
    {"ACKX", "acknowledge_rejected", .number = 267, ANSWER},
    {"ACKV", "acknowledge_unavailable", .number = 268, ANSWER},
    /* The controller has taken a call for help that may never have been heard here. */
    {"ACKE", "emergency_acknowledge", .number = 269, .parties = PARTIES_CALL, .distress = EMERGENCY,
     .kind = MESSAGE_ACKNOWLEDGE, QUALIFIER},
    {"ACKT", "acknowledge_other_address", .number = 270, .words = WORDS_SOME, ANSWER},
    {"ACKB", "acknowledge_call_back", .number = 271, ANSWER},

    {"RQS", "call_request", .number = 272, .kind = MESSAGE_QUERY, REQUEST,
     PARAMETERS({"data", 44, 1}, {"priority", 45, 1}, {"extended_address", 46, 1})},
    {"RQX", "cancel_request", .number = 274, REQUEST},
    {"RQT", "divert_request", .number = 275, REQUEST},
    {"RQE", "emergency", .number = 276, .distress = EMERGENCY, .kind = MESSAGE_STATUS, REQUEST,
     PARAMETERS({"data", 44, 1}, {"extended_address", 46, 1})},
    {"RQR", "register", .number = 277, .sender = SENDER_RADIO, .parties = PARTIES_SELF,
     PARAMETERS({"information", 31, 15})},
    {"RQQ", "status", .number = 278, .words = WORDS_CALLER, .kind = MESSAGE_STATUS, REQUEST, STATUS},
    {"RQC", "short_data_request", .number = 279, REQUEST,
     PARAMETERS({"slots", 44, 2}, {"extended_address", 46, 1})},
    {"AHY", "call", .number = 272, .words = WORDS_FLAG, .distress = EMERGENCY_FLAGGED, AHOY,
     PARAMETERS({"data", 44, 1}, EMERGENCY_CALL)},
    {"AHYX", "cancel", .number = 274, AHOY},
    {"AHYP", "presence_check", .number = 277, AHOY},
    {"AHYQ", "status", .number = 278, .words = WORDS_CALLER, .kind = MESSAGE_STATUS, AHOY, STATUS},
    {"AHYC", "short_data_invitation", .number = 279, AHOY,
     PARAMETERS({"slots", 44, 2}, {"descriptor", 46, 3})},

    {"MARK", "control_channel_marker", .number = 280, .sender = SENDER_SYSTEM, PARAMETERS(SYSTEM)},
    {"MAINT", "ptt_begin", MAINTENANCE = 0},
    {"MAINT", "ptt_end", MAINTENANCE = 1},
    {"MAINT", "still_talking", MAINTENANCE = 2},
    {"MAINT", "disconnect", MAINTENANCE = 3},
    {"MAINT", "maintenance_spare", MAINTENANCE = 4},
    {"MAINT", "maintenance_reserved", MAINTENANCE = 5},
    {"MAINT", "leave_channel", MAINTENANCE = 6},
    {"MAINT", "disable", MAINTENANCE = 7},
    {"CLEAR", "clear_channel", .number = 282,
     PARAMETERS({"channel_number", 2, 10}, {"control_channel_number", 12, 10})},
    {"MOVE", "move_to_control_channel", .number = 283, .sender = SENDER_SYSTEM,
     PARAMETERS({"control_channel_number", 31, 10})},
    {"BCAST", "control_channel_announced", BROADCAST = 0, PARAMETERS(SYSTEM, CHANNEL)},
    {"BCAST", "control_channel_withdrawn", BROADCAST = 1, PARAMETERS(SYSTEM, CHANNEL)},
    {"BCAST", "call_maintenance_parameters", BROADCAST = 2, PARAMETERS(SYSTEM, {"interval", 32, 5})},
    {"BCAST", "registration_parameters", BROADCAST = 3, PARAMETERS(SYSTEM)},
    {"BCAST", "neighbour_site", BROADCAST = 4, PARAMETERS(SYSTEM, CHANNEL, {"site", 45, 4})},
    {"BCAST", "vote_now", BROADCAST = 5, PARAMETERS(SYSTEM, CHANNEL, {"site", 45, 4})},

    /* Clause 5.5.4: single address messages, and the head of short data */
    {"SAMO", "single_address_message", .number = 288, .mask = 0x1f0, .sender = SENDER_SYSTEM,
     .parties = PARTIES_TO},
    {"SAMIS", "single_address_answer", .number = 288, .mask = 0x1f8, .sender = SENDER_RADIO,
     .words = WORDS_SOME, PARAMETERS({"descriptor", 28, 3})},
    {"SAMIU", "single_address_message", .number = 296, .mask = 0x1f8, .sender = SENDER_RADIO,
     .parties = PARTIES_SELF},
    {"HEAD", "short_data", .number = 304, .mask = 0x1f0, .parties = PARTIES_HEAD, .words = WORDS_LENGTH,
     .kind = MESSAGE_TELEMETRY},

    /* Standard data: who asks whom; what is carried is not followed */
    {"RQD", "data_request", .number = 336, .mask = 0x1f0, .distress = EMERGENCY_FLAGGED, REQUEST,
     PARAMETERS(EMERGENCY_CALL)},
    {"AHYD", "data_call", .number = 336, .mask = 0x1f0, .words = WORDS_FLAG, .distress = EMERGENCY_FLAGGED,
     AHOY, PARAMETERS(EMERGENCY_CALL)},
    {"GTT", "go_to_transaction", .number = 320, .mask = 0x1f0, .sender = SENDER_SYSTEM, .parties = PARTIES_TO,
     PARAMETERS({"channel_number", 27, 10})},
    {"DRUGI", "data_information", .number = 320, .mask = 0x1f0, .sender = SENDER_RADIO,
     .parties = PARTIES_SELF},
    {"DACK", "data_acknowledge", .number = 416, .mask = 0x1fc},
    {"DACKZ", "data_acknowledge", .number = 420},
    {"DACKD", "data_acknowledge", .number = 421},
    {"DAHY", "data_ahoy", .number = 424},
    {"DRQG", "data_repeat_request", .number = 426},
    {"DAHYZ", "data_expedited", .number = 428},
    {"DAHYX", "data_close", .number = 430},
    {"RLA", "data_repeat_acknowledge", .number = 431},
    {"SACK", "data_selective_acknowledge", .number = 432, .mask = 0x1f8},
    {"SITH", "data_item", .number = 440, .mask = 0x1f8},
};

enum { TYPES = sizeof types / sizeof *types, WHOLE_NUMBER = 0x1ff };

unsigned mpt_get(const uint8_t octets[static CODE_WORD_OCTETS], unsigned at, unsigned bits)
{
    unsigned value = 0;
    for (unsigned bit = at - 1; bit < at - 1 + bits; bit++)
        value = value << 1 | (octets[bit / 8] >> (7 - bit % 8) & 1U);
    return value;
}

void mpt_put(uint8_t octets[static CODE_WORD_OCTETS], unsigned at, unsigned bits, unsigned value)
{
    for (unsigned bit = at - 1 + bits; bit-- > at - 1; value >>= 1) {
        unsigned mask = 0x80U >> bit % 8;
        octets[bit / 8] = (uint8_t)(value & 1 ? octets[bit / 8] | mask : octets[bit / 8] & ~mask);
    }
}

const struct type *mpt_type_find(const uint8_t octets[static CODE_WORD_OCTETS], bool from_system)
{
    const unsigned number = mpt_get(octets, NUMBER_AT, NUMBER_BITS);
    const enum type_sender not_sent_by = from_system ? SENDER_RADIO : SENDER_SYSTEM;
    const struct type *second = NULL;
    for (unsigned i = 0; i < TYPES; i++) {
        const struct type *type = &types[i];
        if (type->number != (number & (type->mask ? type->mask : WHOLE_NUMBER)) ||
            (type->also_bits && mpt_get(octets, type->also_at, type->also_bits) != type->also_value))
            continue;
        if (type->sender != not_sent_by)
            return type;
        second = second ? second : type;
    }
    return second; /* whoever sent it, it means nothing else */
}

const struct type *mpt_type_of_meaning(const char *meaning)
{
    for (unsigned i = 0; i < TYPES; i++)
        if (types[i].sender != SENDER_SYSTEM && strcmp(types[i].meaning, meaning) == 0)
            return &types[i];
    return NULL;
}
