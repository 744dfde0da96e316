/* SPDX-License-Identifier: Apache-2.0 */
#include "send.h"

#include <ctype.h>
#include <string.h>

#include "atalaya/protocol/code_word.h"
#include "atalaya/protocol/code_word_sync.h"
#include "atalaya/protocol/hex_text.h"
#include "atalaya/protocol/line_bits.h"
#include "content.h"

enum {
    DEFAULT_PREAMBLE_BITS = 16, /* and 16 that are counted to the synchronisation */
    TAIL_BITS = 1,              /* the hang-over bit (clause 3.2.4) */
    SYSTEMS = 1 << SYSTEM_BITS,
    SYSTEM_NONE = SYSTEMS
};

/* The system code word: its completion makes the check of what comes before it the next synchronisation word
 * (clause 3.3.1 and appendix 3). The code is cyclic but for its inverted bit and its parity, so that the
 * completion is the check of the word turned round by 31 bits; its first bit is what makes the parity right.
 */
static void make_system(unsigned system, uint8_t octets[CODE_WORD_OCTETS])
{
    uint8_t turned[CODE_WORD_OCTETS] = {0xaa, 0xaa};
    memset(octets, 0, CODE_WORD_OCTETS);
    mpt_put(octets, SYSTEM_AT, SYSTEM_BITS, system);
    octets[4] = octets[5] = 0xaa;
    mpt_put(turned, 17, 15, MPT1327_SYNC >> 1 ^ 1);
    mpt_put(turned, 33, SYSTEM_BITS, system);
    for (unsigned first = 0; first < 2; first++) {
        mpt_put(turned, 48, 1, first);
        mpt_put(octets, 17, 16, first << 15 | (crc15_mpt(turned, sizeof turned) ^ 1U));
        if (crc15_check_word(octets) == MPT1327_SYNC)
            return;
    }
}

static unsigned system_of(const struct message *message)
{
    double system = mpt_from_system(message) ? message_number(message, "system", -1.0) : -1.0;
    return system >= 0.0 && system < SYSTEMS ? (unsigned)system : SYSTEM_NONE;
}

size_t mpt1327_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                        size_t max)
{
    const uint16_t sync = message_flag(message, "traffic") ? MPT1327_SYNT : MPT1327_SYNC;
    const unsigned system = system_of(message);
    size_t before = how->preamble_bits ? how->preamble_bits : DEFAULT_PREAMBLE_BITS, at = 0;
    /* What may be followed by more must be followed by what is no code word. */
    size_t after = (how->tail_bits ? how->tail_bits : TAIL_BITS) + SOFT_HISTORY_SETTLE + CODE_WORD_BITS;
    const size_t words = message->raw_length / CODE_WORD_OCTETS,
                 fixed = SYNC_BITS + CODE_WORD_BITS + words * CODE_WORD_BITS;
    if (!mpt_is_whole(message) || before > max || after > max || before + fixed + after > max)
        return 0;
    for (; at < before; at++)
        bits[at] = (before - at) % 2 == 0;
    at = line_bits_put(SYNC_PREAMBLE | sync, SYNC_BITS, bits, at);
    if (system != SYSTEM_NONE) {
        uint8_t octets[CODE_WORD_OCTETS];
        make_system(system, octets);
        at = line_bits_put(code_word_write(octets), CODE_WORD_BITS, bits, at);
    }
    for (size_t n = 0; n < words; n++)
        at = line_bits_put(code_word_write(message->raw + n * CODE_WORD_OCTETS), CODE_WORD_BITS, bits, at);
    memset(bits + at, 0, after);
    return at + after;
}

enum atalaya_result mpt1327_from_text(struct message *message, const char *line, size_t length)
{
    uint8_t octets[CONTENT_MAX + CODE_WORD_OCTETS];
    size_t start = 0, skipped = 0, count;
    while (start < length && isspace((unsigned char)line[start]))
        start++;
    bool traffic = length - start > 4 && memcmp(line + start, "SYNT", 4) == 0;
    start += traffic ? 4 : 0;
    enum atalaya_result result = hex_text_read(line + start, length - start, octets, sizeof octets, &count);
    if (result != ATALAYA_OK)
        return result;
    if (traffic)
        (void)message_add_boolean(message, "traffic", true);
    else if (count > CODE_WORD_OCTETS && mpt_is_system(octets)) {
        (void)message_add_boolean(message, "from_system", true);
        (void)message_add_integer(message, "system", mpt_get(octets, SYSTEM_AT, SYSTEM_BITS));
        skipped = CODE_WORD_OCTETS;
    }
    message->raw_length = (uint16_t)(count - skipped);
    memcpy(message->raw, octets + skipped, message->raw_length);
    return mpt_read(message);
}

size_t mpt1327_to_text(const struct message *message, char *text, size_t size)
{
    size_t length = 0;
    const unsigned system = system_of(message);
    if (message_flag(message, "traffic") && size > 4) {
        memcpy(text, "SYNT", 4);
        length = 4;
    } else if (system != SYSTEM_NONE) {
        uint8_t octets[CODE_WORD_OCTETS];
        make_system(system, octets);
        length = hex_text_write(octets, sizeof octets, text, size, length);
    }
    return hex_text_write(message->raw, message->raw_length, text, size, length);
}
