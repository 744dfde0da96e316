/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include <string.h>

#include "short_data.h"

enum { SYSTEM_TAIL = 0xaaaa, NAMED_ALL = 8191, NUMBER_CLEAR = 282, REVERSALS_AT = 37, REVERSALS = 0xaaa };

bool mpt_is_address(const uint8_t octets[static CODE_WORD_OCTETS])
{
    return octets[0] >> 7;
}

bool mpt_is_tone(const uint8_t octets[static CODE_WORD_OCTETS])
{
    unsigned i = 0;
    while (i < CODE_WORD_OCTETS && octets[i] == 0xff)
        i++;
    return i == CODE_WORD_OCTETS;
}

bool mpt_is_system(const uint8_t octets[static CODE_WORD_OCTETS])
{
    return !mpt_is_address(octets) && octets[4] == (SYSTEM_TAIL & 0xff) && octets[5] == SYSTEM_TAIL >> 8;
}

bool mpt_is_plausible(const uint8_t octets[static CODE_WORD_OCTETS], bool from_system)
{
    const struct type *type = mpt_type_find(octets, from_system);
    unsigned ident = 0;
    if (!type || from_system)
        return type;
    switch ((enum type_parties)type->parties) {
    case PARTIES_CALL:
        ident = mpt_get(octets, IDENT2_AT, IDENT_BITS);
        break;
    case PARTIES_HEAD:
        ident = mpt_get(octets, LONG_IDENT_AT, IDENT_BITS);
        break;
    case PARTIES_ANSWER:
    case PARTIES_SELF:
        ident = mpt_get(octets, IDENT1_AT, IDENT_BITS);
        break;
    default:
        return mpt_get(octets, NUMBER_AT, NUMBER_BITS) == NUMBER_CLEAR &&
               mpt_get(octets, REVERSALS_AT, 12) == REVERSALS;
    }
    return ident >= 1 && ident <= IDENT_USER_MAX;
}

bool mpt_is_easily_false(const uint8_t octets[static CODE_WORD_OCTETS], bool from_system)
{
    const struct type *type = mpt_type_find(octets, from_system);
    return type && !from_system && type->distress == EMERGENCY_FLAGGED;
}

bool mpt_from_system(const struct message *message)
{
    return message_flag(message, "from_system");
}

unsigned mpt_appended(const uint8_t octets[static CODE_WORD_OCTETS], bool from_system, bool *at_most)
{
    const struct type *type = mpt_type_find(octets, from_system);
    bool interprefix = mpt_get(octets, IDENT2_AT, IDENT_BITS) == IDENT_INTERPREFIX;
    *at_most = false;
    switch (type ? (enum type_words)type->words : WORDS_NONE) {
    case WORDS_CALLER:
        return interprefix;
    case WORDS_FLAG:
        return interprefix || mpt_get(octets, APPENDED_AT, 1);
    case WORDS_LENGTH:
        return 1 + mpt_get(octets, LENGTH_AT, 2);
    case WORDS_SOME:
        *at_most = true;
        return CONTENT_APPENDED_MAX;
    default:
        return 0;
    }
}

static void put_digits(unsigned value, unsigned digits, char *text)
{
    for (unsigned i = digits; i-- > 0; value /= 10)
        text[i] = (char)('0' + value % 10);
}

/* "036-0264". Idents that no radio has: a field says which, and its name where it has one (clause 4.2). */
static void write_id(struct message *message, char id[MESSAGE_ID_MAX], const char *field, const char *named,
                     unsigned prefix, unsigned ident)
{
    static const char *const names[] = {"registration", "include",    "divert", "short_data",
                                        "interprefix",  "controller", "all"};
    enum { NAMES = sizeof names / sizeof *names };
    if (ident == 0)
        return;
    if (ident > IDENT_USER_MAX) {
        (void)message_add_integer(message, field, ident);
        if (ident > NAMED_ALL - NAMES)
            (void)message_add_string(message, named, names[ident - (NAMED_ALL - NAMES + 1)]);
        return;
    }
    put_digits(prefix, 3, id);
    id[3] = '-';
    put_digits(ident, 4, id + 4);
    id[8] = '\0';
}

static void write_caller(struct message *message, unsigned prefix, unsigned ident)
{
    const uint8_t *word = message->raw + CODE_WORD_OCTETS;
    if (ident == IDENT_INTERPREFIX && message->raw_length >= 2 * CODE_WORD_OCTETS) {
        prefix = mpt_get(word, LONG_PREFIX_AT, PREFIX_BITS);
        ident = mpt_get(word, LONG_IDENT_AT, IDENT_BITS);
    }
    write_id(message, message->unit, "from_ident", "from_named", prefix, ident);
}

static void read_parties(struct message *message, const struct type *type)
{
    const uint8_t *raw = message->raw;
    const unsigned prefix = mpt_get(raw, PREFIX_AT, PREFIX_BITS), first = mpt_get(raw, IDENT1_AT, IDENT_BITS);
    switch ((enum type_parties)type->parties) {
    case PARTIES_GTC:
        write_caller(message, prefix, mpt_get(raw, IDENT2_GTC_AT, IDENT_BITS));
        break;
    case PARTIES_HEAD:
        write_id(message, message->unit, "from_ident", "from_named",
                 mpt_get(raw, LONG_PREFIX_AT, PREFIX_BITS), mpt_get(raw, LONG_IDENT_AT, IDENT_BITS));
        break;
    case PARTIES_CALL:
        write_caller(message, prefix, mpt_get(raw, IDENT2_AT, IDENT_BITS));
        break;
    case PARTIES_ANSWER:
        if (!mpt_from_system(message))
            write_id(message, message->unit, "from_ident", "from_named", prefix, first);
        write_id(message, message->to, "to_ident", "to_named", prefix, mpt_get(raw, IDENT2_AT, IDENT_BITS));
        return;
    case PARTIES_SELF:
        write_id(message, message->unit, "from_ident", "from_named", prefix, first);
        return;
    case PARTIES_TO:
        break;
    default:
        return;
    }
    write_id(message, message->to, "to_ident", "to_named", prefix, first);
}

static void read_parameters(struct message *message, const struct type *type)
{
    for (const struct type_parameter *p = type->parameters; p && p->name; p++) {
        unsigned value = mpt_get(message->raw, p->at, p->bits);
        if (message_field(message, p->name, 0)) /* the system's code word has said it */
            continue;
        if (p->bits == 1)
            (void)message_add_boolean(message, p->name, value);
        else
            (void)message_add_integer(message, p->name, value);
    }
}

static bool is_emergency(const struct message *message, const struct type *type)
{
    if (type->distress == EMERGENCY_FLAGGED)
        return mpt_get(message->raw, EMERGENCY_AT, 1);
    return type->distress == EMERGENCY;
}

static void read_type(struct message *message, const struct type *type, unsigned appended)
{
    message->kind = (enum message_kind)type->kind;
    (void)message_add_string(message, "meaning", type->meaning);
    (void)message_add_string(message, "mnemonic", type->mnemonic);
    read_parties(message, type);
    read_parameters(message, type);
    if (is_emergency(message, type))
        message->distress = DISTRESS_RAISED;
    if (type->words == WORDS_LENGTH && short_data_read(message, message->raw + CODE_WORD_OCTETS, appended))
        message->kind = MESSAGE_TEXT;
}

/* Are the code words after the first such as can follow it? */
static bool is_sequence(const struct message *message)
{
    if (message->raw_length == 0 || message->raw_length % CODE_WORD_OCTETS ||
        message->raw_length > CONTENT_MAX || !mpt_is_address(message->raw) || mpt_is_tone(message->raw))
        return false;
    for (unsigned at = CODE_WORD_OCTETS; at < message->raw_length; at += CODE_WORD_OCTETS)
        if (mpt_is_address(message->raw + at))
            return false;
    return true;
}

/* How many data code words belong to the message and are not there; false: it is no message. */
static bool count_missing(const struct message *message, unsigned *missing)
{
    bool at_most;
    if (!is_sequence(message))
        return false;
    const unsigned there = message->raw_length / CODE_WORD_OCTETS - 1U;
    unsigned wanted = mpt_appended(message->raw, mpt_from_system(message), &at_most);
    for (unsigned i = 1; at_most && i <= there; i++)
        if (mpt_is_system(message->raw + (size_t)i * CODE_WORD_OCTETS))
            return false;
    *missing = at_most ? 0 : wanted - there;
    return there <= wanted;
}

bool mpt_is_whole(const struct message *message)
{
    unsigned missing;
    return count_missing(message, &missing) && missing == 0;
}

enum atalaya_result mpt_read(struct message *message)
{
    unsigned missing;
    if (!count_missing(message, &missing))
        return ATALAYA_E_FORMAT;
    const struct type *type = mpt_type_find(message->raw, mpt_from_system(message));
    message->payload_length = message->raw_length;
    (void)message_add_integer(message, "message_number", mpt_get(message->raw, NUMBER_AT, NUMBER_BITS));
    if (type)
        read_type(message, type, message->raw_length / CODE_WORD_OCTETS - 1U);
    if (missing) {
        message->well_formed = false;
        (void)message_add_string(message, "fault", "cut_short");
    }
    return ATALAYA_OK;
}
