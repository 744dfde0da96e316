/* SPDX-License-Identifier: Apache-2.0 */
/* MPT1327: synchronisation and code words, of control and of traffic channels. Line bit 1 is 1200 Hz; an
 * inverted stream is understood: the preamble and the first bit of an address code word settle which it is,
 * for the two synchronisation words are each other's inverse (clauses 3.2.2, 3.2.3). */
#include <string.h>

#include "atalaya/protocol/code_word.h"
#include "atalaya/protocol/code_word_sync.h"
#include "atalaya/protocol/protocol.h"
#include "content.h"
#include "send.h"

enum {
    BARE_BITS = 16,   /* a synchronisation without its preamble: a transmitter or a squelch that came late */
    BARE_WEIGHT = 42, /* mean weight of those, all of them right: of voices not one in a hundred has half */
    /* In hundredths of all that was heard, when the doubts about its bits are known. Nine of the branches
     * (the tenth came later) hear four words that are near enough in an hour of white noise, sixty in an hour
     * of voices (measured). A code word passes by chance once in 65,536, repaired once in 2,979, in half of
     * them no address code word, and of repaired ones one in nine is plausible: of a thousand hours of voices
     * two false messages, one of 60 years a call for help. */
    SYNC_NEAR_PERCENT = 4,
    SYNC_SURE_PERCENT = 3, /* so near, the code word may be repaired */
    REPAIR_EVENTS = 6,
    SETTLE = SOFT_HISTORY_SETTLE,
    SLOT_BITS = 2 * CODE_WORD_BITS, /* of a control channel: a system code word and another */
    SLOTS_REMEMBERED = 16, /* for so long it is the same control channel without a system code word */
    SLOTS = 8
};
_Static_assert(SOFT_HISTORY_BITS > (2 + CONTENT_APPENDED_MAX) * CODE_WORD_BITS + SETTLE + SYNC_BITS,
               "a message and the system code word before it must be remembered whole");

struct slot {
    struct code_word_sync sync; /* first */
    bool traffic, from_system;
    bool bare, sure, guessed;
    unsigned corrected, words, appended;
    bool at_most;
    uint8_t octets[CONTENT_MAX];
};

struct mpt1327_state {
    struct soft_history history;
    uint32_t latest;
    uint64_t busy_until; /* before this bit a message lies that has begun */
    bool system_known;
    unsigned system;
    uint64_t system_at; /* first bit of the code word after a system code word */
    struct slot slot[SLOTS];
};

static void mpt1327_reset(void *state)
{
    memset(state, 0, sizeof(struct mpt1327_state));
}

/* The synchronisation alone, without its preamble. Whether it is inverted, the code word will tell. */
static bool is_bare_sync(const struct soft_history *history, uint64_t start)
{
    uint64_t word = soft_history_word(history, start - BARE_BITS, BARE_BITS, false);
    return (word == MPT1327_SYNC || word == MPT1327_SYNT) &&
           soft_history_weight(history, start - BARE_BITS, BARE_BITS) >= BARE_WEIGHT;
}

/* With all doubts known: is it still our word, and nobody else's? */
static void judge_sync(const struct soft_history *history, struct slot *slot)
{
    unsigned control = sync_distance(history, &slot->sync, &mpt1327_syncs[0], 1);
    unsigned traffic = sync_distance(history, &slot->sync, &mpt1327_syncs[1], 1);
    unsigned theirs = sync_distance(history, &slot->sync, fleetsync_syncs, FLEETSYNC_SYNCS);
    unsigned ours = traffic < control ? traffic : control;
    slot->traffic = traffic < control;
    slot->sync.open =
        ours <= SYNC_NEAR_PERCENT && ours < theirs &&
        soft_history_weight(history, slot->sync.start - SYNC_BITS, SYNC_BITS) >= SOFT_HISTORY_SENT;
    slot->sure = slot->sync.open && ours <= SYNC_SURE_PERCENT;
    slot->bare = !slot->sync.open && is_bare_sync(history, slot->sync.start);
    slot->sync.open = slot->sync.open || slot->bare;
}

/* The first bit of an address code word is one (clause 3.2.3). */
static void settle_polarity(const struct soft_history *history, struct slot *slot)
{
    uint64_t word = soft_history_word(history, slot->sync.start - BARE_BITS, BARE_BITS, false);
    slot->sync.inverted = soft_history_word(history, slot->sync.start, 1, false) == 0;
    slot->traffic = (word == MPT1327_SYNT) != slot->sync.inverted;
}

/* A control channel's code word is preceded by a system code word in most slots, and no radio sends them. */
static void look_for_system(struct mpt1327_state *state, struct slot *slot)
{
    struct code_word word;
    if (!slot->traffic && slot->sync.start >= CODE_WORD_BITS &&
        code_word_read(&state->history, slot->sync.start - CODE_WORD_BITS, slot->sync.inverted, 0, &word) &&
        mpt_is_system(word.octets)) {
        state->system_known = true;
        state->system = mpt_get(word.octets, SYSTEM_AT, SYSTEM_BITS);
        state->system_at = slot->sync.start;
    }
    uint64_t since = slot->sync.start - state->system_at;
    slot->from_system = state->system_known && !slot->traffic && slot->sync.start >= state->system_at &&
                        since % SLOT_BITS == 0 && since <= (uint64_t)SLOT_BITS * SLOTS_REMEMBERED;
    slot->sure = slot->sure || (slot->from_system && since == 0);
}

static void hand_over(const struct mpt1327_state *state, struct slot *slot, struct protocol_output *output)
{
    struct message message;
    slot->sync.open = false;
    message_reset(&message, "mpt1327", "mpt1327");
    message.raw_length = (uint16_t)(slot->words * CODE_WORD_OCTETS);
    memcpy(message.raw, slot->octets, message.raw_length);
    message.first_bit = slot->sync.start - SYNC_BITS;
    message.end_bit = slot->sync.start + (uint64_t)slot->words * CODE_WORD_BITS;
    message.bits_corrected = slot->corrected;
    message.guessed = slot->guessed || mpt_is_easily_false(message.raw, slot->from_system);
    if (slot->traffic)
        (void)message_add_boolean(&message, "traffic", true);
    if (slot->from_system) {
        (void)message_add_boolean(&message, "from_system", true);
        (void)message_add_integer(&message, "system", state->system);
    }
    if (mpt_read(&message) != ATALAYA_OK) {
        output->counts.format++;
        return;
    }
    /* Another branch may have heard all of it. A call for help does not wait for that. */
    if (!message.well_formed && message.distress != DISTRESS_RAISED) {
        output->counts.length++;
        return;
    }
    output->counts.messages++;
    output->counts.repaired += message.bits_corrected > 0;
    output->message(output->context, &message);
}

static void take_word(struct slot *slot, const struct code_word *word)
{
    memcpy(slot->octets + (size_t)slot->words * CODE_WORD_OCTETS, word->octets, CODE_WORD_OCTETS);
    slot->words++;
    slot->sync.taken = true;
    slot->corrected += word->corrected;
    slot->guessed = slot->guessed || word->corrected > 0;
}

/* The first bit of a system code word is a zero: behind a bare synchronisation it looks like an address
 * turned round, which the code allows.
 */
static bool is_system_upright(const struct soft_history *history, const struct slot *slot)
{
    struct code_word word;
    return slot->bare && slot->sync.inverted && code_word_read(history, slot->sync.start, false, 0, &word) &&
           mpt_is_system(word.octets);
}

static void read_address(struct mpt1327_state *state, struct slot *slot, struct protocol_output *output)
{
    struct code_word word;
    slot->sync.open = false;
    if (slot->bare)
        settle_polarity(&state->history, slot);
    look_for_system(state, slot);
    if (!code_word_read(&state->history, slot->sync.start, slot->sync.inverted,
                        slot->sure ? REPAIR_EVENTS : 0, &word)) {
        output->counts.check++;
        return;
    }
    if (mpt_is_tone(word.octets)) {
        output->counts.format++;
        return;
    }
    if (!mpt_is_address(word.octets) ||
        (word.corrected && !mpt_is_plausible(word.octets, slot->from_system)) ||
        code_word_is_others(&state->history, slot->sync.start + 1, slot->sync.inverted, &word) ||
        is_system_upright(&state->history, slot))
        return;
    for (unsigned s = 0; s < SLOTS; s++) /* what seemed to be a synchronisation inside of it is none */
        if (state->slot[s].sync.start > slot->sync.start &&
            state->slot[s].sync.start <= slot->sync.start + CODE_WORD_BITS)
            state->slot[s].sync.open = false;
    take_word(slot, &word);
    slot->appended = mpt_appended(word.octets, slot->from_system, &slot->at_most);
    state->busy_until =
        slot->sync.start + (slot->at_most ? 1U : 1U + slot->appended) * (uint64_t)CODE_WORD_BITS;
    slot->sync.open = slot->appended > 0;
    if (!slot->sync.open)
        hand_over(state, slot, output);
}

static void read_appended(struct mpt1327_state *state, struct slot *slot, struct protocol_output *output)
{
    struct code_word word;
    uint64_t at = slot->sync.start + (uint64_t)slot->words * CODE_WORD_BITS;
    /* Where a message ends that does not say how long it is, nothing may be repaired. */
    bool there =
        code_word_read(&state->history, at, slot->sync.inverted, slot->at_most ? 0 : REPAIR_EVENTS, &word) &&
        !mpt_is_address(word.octets) && !mpt_is_system(word.octets);
    if (there)
        take_word(slot, &word);
    if (!there || slot->words == 1 + slot->appended)
        hand_over(state, slot, output);
}

static void slot_execute(struct mpt1327_state *state, struct slot *slot, uint64_t end,
                         struct protocol_output *output)
{
    if (slot->sync.open && slot->words == 0 && end == slot->sync.start + SETTLE)
        judge_sync(&state->history, slot);
    if (!slot->sync.open || end != slot->sync.start + (uint64_t)(1 + slot->words) * CODE_WORD_BITS + SETTLE)
        return;
    if (slot->words == 0)
        read_address(state, slot, output);
    else
        read_appended(state, slot, output);
}

static void look_for_sync(struct mpt1327_state *state, uint64_t end)
{
    struct code_word_sync found = sync_nearest(state->latest, end, mpt1327_syncs, MPT1327_SYNCS);
    const unsigned bare = state->latest & 0xffff;
    if ((bare == MPT1327_SYNC || bare == MPT1327_SYNT) && found.wrong > SYNC_ERRORS_MAX)
        found.wrong = SYNC_ERRORS_MAX;
    struct slot *slot = sync_find_slot(&found, state->slot, sizeof *state->slot, SLOTS);
    if (slot && end >= state->busy_until)
        *slot = (struct slot){.sync = found};
}

static void mpt1327_execute(void *memory, const struct soft_run *run, struct protocol_output *output)
{
    struct mpt1327_state *state = memory;
    for (size_t i = 0; i < run->count; i++) {
        uint64_t end = run->first_bit + i + 1;
        soft_history_push(&state->history, run, i);
        state->latest = state->latest << 1 | (run->soft[i] > 0);
        for (unsigned s = 0; s < SLOTS; s++)
            slot_execute(state, &state->slot[s], end, output);
        if (end >= SYNC_BITS)
            look_for_sync(state, end);
    }
}

const struct protocol protocol_mpt1327 = {
    .address_space = "mpt1327",
    .state_size = sizeof(struct mpt1327_state),
    .reset = mpt1327_reset,
    .execute = mpt1327_execute,
    .parse = mpt_read,
    .compose = mpt_write,
    .transmit = mpt1327_transmit,
    .text_form = "mpt1327",
    .from_text = mpt1327_from_text,
    .self_test = "FFFA 0C5B E801",
    .to_text = mpt1327_to_text,
};
