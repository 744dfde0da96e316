/* SPDX-License-Identifier: Apache-2.0 */
#include "meaning.h"

#include <string.h>

enum {
    SINGLE = 4,
    DOUBLE = 8,
    CALL = 0x35, /* opens a double packet; so does CALL_OTHER */
    CALL_OTHER = 0x55,
    CALL_ARGUMENT = 0x89
};

/* Whose id the packet carries. */
enum whose { OF_SENDER, OF_ADDRESSEE };

/* Of a single packet the operation itself, of a double one that of its second block. */
struct operation {
    const char *meaning;
    uint8_t operation, argument;
    uint8_t mask; /* bits of the argument that must be so; what the others say is `number` */
    enum whose whose;
    enum message_kind kind;
    const char *number; /* field for the rest of the argument; NULL = none */
};

static const struct operation singles[] = {
    {"emergency", 0x00, 0x80, 0x80, OF_SENDER, MESSAGE_STATUS, NULL},
    {"emergency_acknowledge", 0x20, 0x00, 0xff, OF_ADDRESSEE, MESSAGE_ACKNOWLEDGE, NULL},
    {"ptt_begin", 0x01, 0x80, 0xff, OF_SENDER, MESSAGE_OTHER, NULL},
    {"ptt_end", 0x01, 0x00, 0xff, OF_SENDER, MESSAGE_OTHER, NULL},
    {"radio_check", 0x63, 0x85, 0xff, OF_ADDRESSEE, MESSAGE_QUERY, NULL},
    {"radio_check_acknowledge", 0x30, 0x00, 0xff, OF_SENDER, MESSAGE_ACKNOWLEDGE, NULL},
    {"status", 0x46, 0x00, 0xf0, OF_SENDER, MESSAGE_STATUS, "status"},
    {"message", 0x47, 0x00, 0xf0, OF_SENDER, MESSAGE_STATUS, "number"},
    {"message_unacknowledged", 0x07, 0x00, 0xf0, OF_SENDER, MESSAGE_STATUS, "number"},
    {"status_acknowledge", 0x23, 0x00, 0xff, OF_ADDRESSEE, MESSAGE_ACKNOWLEDGE, NULL},
    {"status_request", 0x22, 0x06, 0xff, OF_ADDRESSEE, MESSAGE_QUERY, NULL},
    {"status_reply", 0x06, 0x00, 0xf0, OF_SENDER, MESSAGE_STATUS, "status"},
    {"remote_monitor", 0x11, 0x8a, 0xff, OF_ADDRESSEE, MESSAGE_OTHER, NULL},
    {"inhibit", 0x2b, 0x00, 0xff, OF_ADDRESSEE, MESSAGE_OTHER, NULL},
    {"inhibit_acknowledge", 0x0b, 0x00, 0xff, OF_SENDER, MESSAGE_ACKNOWLEDGE, NULL},
    {"enable", 0x2b, 0x0c, 0xff, OF_ADDRESSEE, MESSAGE_OTHER, NULL},
    {"enable_acknowledge", 0x0b, 0x0c, 0xff, OF_SENDER, MESSAGE_ACKNOWLEDGE, NULL},
    {"request_to_talk", 0x40, 0x01, 0xff, OF_SENDER, MESSAGE_QUERY, NULL},
    {"request_to_talk", 0x41, 0x01, 0xff, OF_SENDER, MESSAGE_QUERY, NULL},
};

static const struct operation doubles[] = {
    {"call_alert", 0x83, 0x0d, 0xff, OF_SENDER, MESSAGE_QUERY, NULL},
    {"call_alert_unacknowledged", 0x81, 0x0d, 0xff, OF_SENDER, MESSAGE_QUERY, NULL},
    {"selective_call", 0x82, 0x05, 0xff, OF_SENDER, MESSAGE_QUERY, NULL},
    {"selective_call", 0x80, 0x15, 0xff, OF_SENDER, MESSAGE_QUERY, NULL},
    {"call_alert_acknowledge", 0xa0, 0x00, 0xff, OF_SENDER, MESSAGE_ACKNOWLEDGE, NULL},
};

enum { SINGLES = sizeof singles / sizeof *singles, DOUBLES = sizeof doubles / sizeof *doubles };

bool meaning_is_double(uint8_t operation)
{
    return operation == CALL || operation == CALL_OTHER;
}

static const struct operation *find_octets(const struct operation *table, unsigned count,
                                           const uint8_t *octets)
{
    for (unsigned i = 0; i < count; i++)
        if (table[i].operation == octets[0] && table[i].argument == (octets[1] & table[i].mask))
            return &table[i];
    return NULL;
}

static const struct operation *find_meaning(const struct operation *table, unsigned count,
                                            const char *meaning)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(table[i].meaning, meaning) == 0)
            return &table[i];
    return NULL;
}

static void write_id(const uint8_t *octets, char id[MESSAGE_ID_MAX])
{
    static const char digits[] = "0123456789ABCDEF";
    const char text[5] = {digits[octets[2] >> 4], digits[octets[2] & 15], digits[octets[3] >> 4],
                          digits[octets[3] & 15], '\0'};
    memcpy(id, text, sizeof text);
}

static bool read_id(const char *id, uint8_t *octets)
{
    unsigned value = 0;
    if (strlen(id) != 4)
        return false;
    for (unsigned i = 0; i < 4; i++) {
        char c = id[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                : 16;
        if (digit > 15)
            return false;
        value = value << 4 | digit;
    }
    octets[2] = (uint8_t)(value >> 8);
    octets[3] = (uint8_t)value;
    return true;
}

enum atalaya_result meaning_read(struct message *message)
{
    const uint8_t *raw = message->raw, *says = raw;
    const struct operation *operation;
    if (message->raw_length != (meaning_is_double(raw[0]) ? DOUBLE : SINGLE))
        return ATALAYA_E_FORMAT;
    message->payload_length = message->raw_length;
    if (message->raw_length == DOUBLE) {
        says = raw + SINGLE;
        write_id(raw, message->to);
        operation = find_octets(doubles, DOUBLES, says);
    } else {
        operation = find_octets(singles, SINGLES, says);
    }
    write_id(says, operation && operation->whose == OF_ADDRESSEE ? message->to : message->unit);
    (void)message_add_integer(message, "operation", says[0]);
    (void)message_add_integer(message, "argument", says[1]);
    if (!operation)
        return ATALAYA_OK;
    message->kind = operation->kind;
    (void)message_add_string(message, "meaning", operation->meaning);
    if (operation->number)
        (void)message_add_integer(message, operation->number, says[1] & ~operation->mask);
    if (operation == &singles[0])
        message->distress = DISTRESS_RAISED;
    return ATALAYA_OK;
}

/* What an operation that names none can only be. */
static const char *meaning_of(const struct message *message)
{
    const char *meaning = message_text(message, "meaning", NULL);
    if (meaning)
        return meaning;
    if (message->distress == DISTRESS_RAISED)
        return "emergency";
    if (message_field(message, "status", 0))
        return "status";
    return "";
}

enum atalaya_result meaning_write(struct message *message)
{
    const char *meaning = meaning_of(message);
    const struct operation *operation = find_meaning(singles, SINGLES, meaning);
    bool call = !operation;
    uint8_t octets[DOUBLE] = {CALL, CALL_ARGUMENT}, *says = call ? octets + SINGLE : octets;
    if (call)
        operation = find_meaning(doubles, DOUBLES, meaning);
    if (!operation || message->distress == DISTRESS_CANCELLED || message->has_position)
        return ATALAYA_E_UNSUPPORTED;
    double number = operation->number ? message_number(message, operation->number, -1.0) : 0.0;
    if (!(number >= 0.0 && number <= 15.0))
        return ATALAYA_E_UNSUPPORTED;
    /* Two rows of one meaning: keep what the message was read from. */
    double known = message_number(message, "operation", -1.0),
           argument = message_number(message, "argument", -1.0);
    says[0] = operation->operation;
    says[1] = (uint8_t)(operation->argument | (unsigned)number);
    if (known >= 0.0 && known <= 255.0 && argument >= 0.0 && argument <= 255.0) {
        const uint8_t same[2] = {(uint8_t)known, (uint8_t)argument};
        const struct operation *read =
            call ? find_octets(doubles, DOUBLES, same) : find_octets(singles, SINGLES, same);
        if (read && strcmp(read->meaning, meaning) == 0)
            memcpy(says, same, sizeof same);
    }
    if (!read_id(operation->whose == OF_ADDRESSEE ? message->to : message->unit, says) ||
        (call && !read_id(message->to, octets)))
        return ATALAYA_E_UNSUPPORTED;
    message->raw_length = call ? DOUBLE : SINGLE;
    memcpy(message->raw, octets, message->raw_length);
    message->payload_offset = 0;
    message->payload_length = message->raw_length;
    return ATALAYA_OK;
}
