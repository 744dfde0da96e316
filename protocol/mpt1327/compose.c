/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "content.h"
#include "short_data.h"

struct address {
    unsigned prefix, ident;
    bool given;
};

static bool read_digits(const char *text, unsigned count, unsigned *value)
{
    *value = 0;
    for (unsigned i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (unsigned)(text[i] - '0');
    }
    return true;
}

/* "036-0264", or of nobody in particular the ident that a field tells. */
static bool read_address(const struct message *message, const char *id, const char *field,
                         struct address *address)
{
    double ident = message_number(message, field, 0.0);
    *address = (struct address){.given = *id != '\0'};
    if (!address->given) {
        if (!(ident >= 0.0 && ident < 1 << IDENT_BITS) || (ident > 0.0 && ident <= IDENT_USER_MAX))
            return false;
        address->ident = (unsigned)ident;
        return true;
    }
    return strlen(id) == 8 && id[3] == '-' && read_digits(id, 3, &address->prefix) &&
           read_digits(id + 4, 4, &address->ident) && address->prefix < 1 << PREFIX_BITS &&
           address->ident >= 1 && address->ident <= IDENT_USER_MAX;
}

/* The first ident and, `second_at` not 0, the other, which share a prefix. */
static bool put_pair(uint8_t *raw, const struct address *first, const struct address *second,
                     unsigned second_at)
{
    if (first->given && second->given && first->prefix != second->prefix)
        return false;
    mpt_put(raw, PREFIX_AT, PREFIX_BITS, second->given ? second->prefix : first->prefix);
    mpt_put(raw, IDENT1_AT, IDENT_BITS, first->ident);
    mpt_put(raw, second_at, IDENT_BITS, second->ident);
    return true;
}

static bool write_parties(struct message *message, const struct type *type)
{
    uint8_t *raw = message->raw;
    struct address from, to;
    if (!read_address(message, message->unit, "from_ident", &from) ||
        !read_address(message, message->to, "to_ident", &to))
        return false;
    switch ((enum type_parties)type->parties) {
    case PARTIES_CALL:
        return put_pair(raw, &to, &from, IDENT2_AT);
    case PARTIES_GTC:
        return put_pair(raw, &to, &from, IDENT2_GTC_AT);
    case PARTIES_ANSWER:
        return put_pair(raw, &from, &to, IDENT2_AT);
    case PARTIES_HEAD:
        mpt_put(raw, LONG_PREFIX_AT, PREFIX_BITS, from.prefix);
        mpt_put(raw, LONG_IDENT_AT, IDENT_BITS, from.ident);
        mpt_put(raw, PREFIX_AT, PREFIX_BITS, to.prefix);
        mpt_put(raw, IDENT1_AT, IDENT_BITS, to.ident);
        return true;
    case PARTIES_SELF:
        mpt_put(raw, PREFIX_AT, PREFIX_BITS, from.prefix);
        mpt_put(raw, IDENT1_AT, IDENT_BITS, from.ident);
        return !to.given;
    default:
        return !to.given && !from.given;
    }
}

static bool write_parameters(struct message *message, const struct type *type)
{
    for (const struct type_parameter *p = type->parameters; p && p->name; p++) {
        double value =
            p->bits == 1 ? (double)message_flag(message, p->name) : message_number(message, p->name, -1.0);
        if (!(value >= 0.0 && value < (double)(1U << p->bits)))
            return false;
        mpt_put(message->raw, p->at, p->bits, (unsigned)value);
    }
    return true;
}

/* What a message that does not say its meaning can only be. */
static const char *meaning_of(const struct message *message)
{
    const char *meaning = message_text(message, "meaning", NULL);
    if (meaning)
        return meaning;
    if (message->distress == DISTRESS_RAISED)
        return "emergency";
    switch (message->kind) {
    case MESSAGE_TEXT:
    case MESSAGE_TELEMETRY:
        return "short_data";
    case MESSAGE_ACKNOWLEDGE:
        return "acknowledge";
    default:
        return message_field(message, "status", 0) ? "status" : "";
    }
}

static bool write_words(struct message *message, const struct type *type)
{
    unsigned count = 0;
    if (type->words == WORDS_LENGTH) {
        count = short_data_write(message, message->raw + CODE_WORD_OCTETS);
        if (count == 0)
            return false;
        mpt_put(message->raw, LENGTH_AT, 2, count - 1);
    }
    message->raw_length = (uint16_t)((1 + count) * CODE_WORD_OCTETS);
    return true;
}

/* Would it be read as it is meant? */
static bool agrees(const struct message *message, const struct type *type)
{
    bool at_most;
    unsigned appended = message->raw_length / CODE_WORD_OCTETS - 1U;
    if (mpt_appended(message->raw, false, &at_most) != appended && !at_most)
        return false;
    bool flagged = type->distress == EMERGENCY_FLAGGED && mpt_get(message->raw, EMERGENCY_AT, 1);
    bool raised = flagged || type->distress == EMERGENCY;
    return (message->distress == DISTRESS_RAISED) == raised && !message->has_position;
}

enum atalaya_result mpt_write(struct message *message)
{
    const struct type *type = mpt_type_of_meaning(meaning_of(message));
    if (!type || mpt_from_system(message))
        return ATALAYA_E_UNSUPPORTED;
    memset(message->raw, 0, CONTENT_MAX);
    mpt_put(message->raw, 1, 1, 1);
    mpt_put(message->raw, NUMBER_AT, NUMBER_BITS, type->number);
    if (type->also_bits)
        mpt_put(message->raw, type->also_at, type->also_bits, type->also_value);
    if (!write_parties(message, type) || !write_parameters(message, type) || !write_words(message, type) ||
        !agrees(message, type))
        return ATALAYA_E_UNSUPPORTED;
    message->payload_offset = 0;
    message->payload_length = message->raw_length;
    return ATALAYA_OK;
}
