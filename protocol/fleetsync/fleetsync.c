/* SPDX-License-Identifier: Apache-2.0 */
/* FleetSync I and II: synchronisation and blocks. Line bit 1 is 1200 Hz; an inverted stream is understood. */
#include <ctype.h>
#include <string.h>

#include "atalaya/protocol/code_word.h"
#include "atalaya/protocol/ones.h"
#include "atalaya/protocol/protocol.h"
#include "content.h"
#include "robust.h"

#define PREAMBLE  UINT32_C(0xaaaa0000)
#define SYNC_MASK UINT64_C(0xffffffff)

enum {
    SYNC_BITS = 32,      /* with 16 of the preamble */
    SYNC_ERRORS_MAX = 7, /* before the doubts about the bits are known */
    SYNC_FAR_PERCENT =
        20, /* of all that was heard, when they are: FleetSync II bears it, and noise does not */
    SYNC_NEAR_PERCENT = 4, /* so near, a block of the first generation is looked for */
    SYNC_SURE_PERCENT = 3, /* so near, it may be repaired */
    REPAIR_EVENTS = 6,
    TAIL_BITS = 8,
    DEFAULT_PREAMBLE_BITS = 24,
    SETTLE = SOFT_HISTORY_SETTLE,
    SLOTS = 8
};
_Static_assert(SOFT_HISTORY_BITS > ROBUST_BITS + SETTLE + SYNC_BITS, "a block must be remembered whole");

/* All three were heard; what tells them apart is not known. */
static const uint16_t syncs[] = {0x23eb, 0x052b, 0x7650};
/* MPT1327's SYNC and SYNT (clauses 4.1, 4.2) come after the same preamble and before code words with the same
 * check: what is nearer to them is not ours. */
static const uint16_t others[] = {0xc4d7, 0x3b28};

enum { OURS = sizeof syncs / sizeof *syncs, OTHERS = sizeof others / sizeof *others };

struct slot {
    bool open, inverted, robust, guessed, near, sure;
    uint64_t start; /* first bit of the first block */
    uint64_t block; /* first bit of the block that is awaited */
    unsigned wrong; /* bits of the synchronisation */
    unsigned corrected;
    unsigned blocks; /* there */
};

struct fleetsync_state {
    struct soft_history history;
    uint64_t latest;
    struct slot slot[SLOTS];
    uint8_t octets[CONTENT_BLOCKS_MAX * CONTENT_BLOCK]; /* of the one slot that has blocks */
};

static void fleetsync_reset(void *state)
{
    memset(state, 0, sizeof(struct fleetsync_state));
}

static unsigned distance(const struct soft_history *history, const struct slot *slot, uint16_t sync)
{
    uint64_t word = slot->inverted ? ~(uint64_t)(PREAMBLE | sync) & SYNC_MASK : PREAMBLE | sync;
    return soft_history_distance(history, slot->start - SYNC_BITS, SYNC_BITS, word);
}

/* With all doubts known: is it still one of our words, and nobody else's? */
static void judge_sync(const struct soft_history *history, struct slot *slot)
{
    unsigned ours = 100, theirs = 100;
    for (unsigned i = 0; i < OURS; i++) {
        unsigned percent = distance(history, slot, syncs[i]);
        ours = percent < ours ? percent : ours;
    }
    for (unsigned i = 0; i < OTHERS; i++) {
        unsigned percent = distance(history, slot, others[i]);
        theirs = percent < theirs ? percent : theirs;
    }
    slot->open = ours <= SYNC_FAR_PERCENT && ours < theirs;
    slot->near = ours <= SYNC_NEAR_PERCENT;
    slot->sure = ours <= SYNC_SURE_PERCENT;
}

static void hand_over(const uint8_t *octets, struct slot *slot, struct protocol_output *output)
{
    struct message message;
    slot->open = false;
    message_reset(&message, "fleetsync", "kenwood");
    message.raw_length = (uint16_t)(slot->blocks * CONTENT_BLOCK);
    memcpy(message.raw, octets, message.raw_length);
    message.first_bit = slot->start - SYNC_BITS;
    message.end_bit = slot->block;
    message.bits_corrected = slot->corrected;
    message.guessed = slot->guessed;
    if (content_read(&message) != ATALAYA_OK) {
        output->counts.format++;
        return;
    }
    /* Another branch may have heard all of it. A call for help does not wait for that. */
    if (!message.well_formed && message.distress != DISTRESS_RAISED) {
        output->counts.length++;
        return;
    }
    (void)message_add_integer(&message, "generation", slot->robust ? 2 : 1);
    output->counts.messages++;
    output->counts.repaired += message.bits_corrected > 0;
    output->message(output->context, &message);
}

/* A block came: is the message whole? While it comes, its bits are no synchronisation of others. */
static void take_block(struct fleetsync_state *state, struct slot *slot, const struct code_word *word,
                       struct protocol_output *output)
{
    if (slot->blocks == 0)
        for (unsigned s = 0; s < SLOTS; s++)
            state->slot[s].open = &state->slot[s] == slot;
    memcpy(state->octets + (size_t)slot->blocks * CONTENT_BLOCK, word->octets, CONTENT_BLOCK);
    slot->blocks++;
    slot->block += slot->robust ? ROBUST_BITS : CODE_WORD_BITS;
    slot->corrected += word->corrected;
    slot->guessed = slot->guessed || (!slot->robust && word->corrected > 0);
    if (slot->blocks == content_blocks(state->octets, slot->blocks) || slot->blocks == CONTENT_BLOCKS_MAX)
        hand_over(state->octets, slot, output);
}

/* The first block of FleetSync I, unless it is the first quarter of one of FleetSync II. */
static bool read_first(const struct soft_history *history, const struct slot *slot, struct code_word *word)
{
    if (!slot->near ||
        !code_word_read(history, slot->block, slot->inverted, slot->sure ? REPAIR_EVENTS : 0, word))
        return false;
    return word->corrected == 0 || content_is_plausible(word->octets);
}

static bool read_next(const struct fleetsync_state *state, const struct slot *slot, struct code_word *word)
{
    const struct soft_history *history = &state->history;
    /* Where a message ends that does not say how long it is, nothing may be repaired. */
    unsigned events = content_blocks(state->octets, slot->blocks) ? REPAIR_EVENTS : 0;
    if (slot->robust)
        return robust_read(history, slot->block, slot->inverted, word);
    return code_word_read(history, slot->block, slot->inverted, events, word);
}

static void slot_execute(struct fleetsync_state *state, struct slot *slot, uint64_t end,
                         struct protocol_output *output)
{
    struct code_word word;
    if (!slot->open)
        return;
    if (slot->blocks == 0 && end == slot->start + SETTLE)
        judge_sync(&state->history, slot);
    if (slot->blocks == 0 && end == slot->block + CODE_WORD_BITS + SETTLE) {
        if (slot->open && read_first(&state->history, slot, &word))
            take_block(state, slot, &word, output);
        return;
    }
    unsigned width = slot->robust || slot->blocks == 0 ? ROBUST_BITS : CODE_WORD_BITS;
    if (!slot->open || end != slot->block + width + SETTLE)
        return;
    if (slot->blocks == 0)
        slot->robust = true;
    if (slot->blocks ? read_next(state, slot, &word)
                     : robust_read(&state->history, slot->block, slot->inverted, &word)) {
        take_block(state, slot, &word, output);
    } else if (slot->blocks) {
        hand_over(state->octets, slot, output);
    } else {
        output->counts.check += slot->near;
        slot->open = false;
    }
}

/* A free slot, else the one with most wrong bits; NULL while a message comes. */
static struct slot *find_slot(struct fleetsync_state *state)
{
    struct slot *worst = &state->slot[0];
    for (unsigned s = 0; s < SLOTS; s++)
        if (state->slot[s].open && state->slot[s].blocks)
            return NULL;
    for (unsigned s = 0; s < SLOTS; s++) {
        if (!state->slot[s].open)
            return &state->slot[s];
        if (state->slot[s].wrong > worst->wrong)
            worst = &state->slot[s];
    }
    return worst;
}

static void look_for_sync(struct fleetsync_state *state, uint64_t end)
{
    unsigned least = SYNC_BITS;
    bool inverted = false;
    for (unsigned i = 0; i < OURS; i++) {
        unsigned wrong = ones_count(state->latest ^ (PREAMBLE | syncs[i]));
        bool other_way = wrong > SYNC_BITS / 2;
        wrong = other_way ? SYNC_BITS - wrong : wrong;
        if (wrong >= least)
            continue;
        least = wrong;
        inverted = other_way;
    }
    struct slot *slot = least <= SYNC_ERRORS_MAX ? find_slot(state) : NULL;
    if (slot && (!slot->open || least < slot->wrong))
        *slot = (struct slot){.open = true, .inverted = inverted, .start = end, .block = end, .wrong = least};
}

static void fleetsync_execute(void *memory, const struct soft_run *run, struct protocol_output *output)
{
    struct fleetsync_state *state = memory;
    for (size_t i = 0; i < run->count; i++) {
        uint64_t end = run->first_bit + i + 1;
        soft_history_push(&state->history, run, i);
        state->latest = (state->latest << 1 | (run->soft[i] > 0)) & SYNC_MASK;
        for (unsigned s = 0; s < SLOTS; s++)
            slot_execute(state, &state->slot[s], end, output);
        if (end >= SYNC_BITS)
            look_for_sync(state, end);
    }
}

static size_t put(uint64_t value, unsigned count, uint8_t *bits, size_t at)
{
    while (count-- > 0)
        bits[at++] = value >> count & 1;
    return at;
}

static size_t fleetsync_transmit(const struct message *message, const struct protocol_transmit *how,
                                 uint8_t *bits, size_t max)
{
    bool robust = message_number(message, "generation", 1.0) > 1.5;
    size_t before = how->preamble_bits ? how->preamble_bits : DEFAULT_PREAMBLE_BITS, at = 0;
    size_t after = (how->tail_bits ? how->tail_bits : TAIL_BITS) + SETTLE;
    size_t width = robust ? ROBUST_BITS : CODE_WORD_BITS, blocks = message->raw_length / CONTENT_BLOCK;
    if (!content_is_whole(message->raw, message->raw_length))
        return 0;
    if (content_blocks(message->raw, (unsigned)blocks) == 0)
        after += width; /* its end shows by what follows */
    if (before > max || after > max || before + SYNC_BITS + blocks * width + after > max)
        return 0;
    for (; at < before; at++)
        bits[at] = (before - at) % 2 == 0;
    at = put(PREAMBLE | syncs[0], SYNC_BITS, bits, at);
    for (size_t n = 0; n < blocks; n++, at += width) {
        const uint8_t *octets = message->raw + n * CONTENT_BLOCK;
        if (robust)
            robust_write(octets, bits + at);
        else
            (void)put(code_word_write(octets), CODE_WORD_BITS, bits, at);
    }
    memset(bits + at, 0, after);
    return at + after;
}

/* "FE80 0100 2002", before it "II" when FleetSync II is meant. */
static enum atalaya_result fleetsync_from_text(struct message *message, const char *line, size_t length)
{
    size_t digits = 0, i = 0;
    while (i < length && isspace((unsigned char)line[i]))
        i++;
    bool robust = length - i > 2 && line[i] == 'I' && line[i + 1] == 'I';
    for (i += robust ? 2 : 0; i < length; i++) {
        char c = (char)toupper((unsigned char)line[i]);
        if (isspace((unsigned char)c))
            continue;
        if (!isxdigit((unsigned char)c) || digits == 2 * (size_t)CONTENT_BLOCKS_MAX * CONTENT_BLOCK)
            return ATALAYA_E_FORMAT;
        unsigned value = (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
        uint8_t *octet = &message->raw[digits / 2];
        *octet = (uint8_t)(digits % 2 ? *octet | value : value << 4);
        digits++;
    }
    if (digits % 2)
        return ATALAYA_E_LENGTH;
    message->raw_length = (uint16_t)(digits / 2);
    enum atalaya_result result = content_read(message);
    if (result == ATALAYA_OK)
        (void)message_add_integer(message, "generation", robust ? 2 : 1);
    return result;
}

static size_t fleetsync_to_text(const struct message *message, char *text, size_t size)
{
    static const char digit[] = "0123456789ABCDEF";
    size_t length = 0;
    if (message_number(message, "generation", 1.0) > 1.5 && size > 4) {
        memcpy(text, "II ", 3);
        length = 3;
    }
    for (size_t i = 0; i < message->raw_length && length + 4 <= size; i++) {
        if (i && i % 2 == 0)
            text[length++] = ' ';
        text[length++] = digit[message->raw[i] >> 4];
        text[length++] = digit[message->raw[i] & 15];
    }
    if (size)
        text[length] = '\0';
    return length;
}

const struct protocol protocol_fleetsync = {
    .address_space = "kenwood", /* a base radio tells the same ids on its serial port */
    .state_size = sizeof(struct fleetsync_state),
    .reset = fleetsync_reset,
    .execute = fleetsync_execute,
    .parse = content_read,
    .compose = content_write,
    .transmit = fleetsync_transmit,
    .text_form = "fleetsync",
    .from_text = fleetsync_from_text,
    .to_text = fleetsync_to_text,
};
