/* SPDX-License-Identifier: Apache-2.0 */
/* FleetSync I and II: synchronisation and blocks. Line bit 1 is 1200 Hz; an inverted stream is understood. */
#include <string.h>

#include "atalaya/protocol/code_word.h"
#include "atalaya/protocol/code_word_sync.h"
#include "atalaya/protocol/protocol.h"
#include "content.h"
#include "robust.h"
#include "say.h"
#include "send.h"

enum {
    /* In hundredths of all that was heard, when the doubts about its bits are known. */
    SYNC_FAR_PERCENT = 20, /* FleetSync II bears it, and noise does not */
    SYNC_NEAR_PERCENT = 4, /* so near, a block of the first generation is looked for */
    SYNC_SURE_PERCENT = 3, /* so near, it may be repaired */
    REPAIR_EVENTS = 6,
    SETTLE = SOFT_HISTORY_SETTLE,
    SLOTS = 8
};
_Static_assert(SOFT_HISTORY_BITS > ROBUST_BITS + SETTLE + SYNC_BITS, "a block must be remembered whole");

struct slot {
    struct code_word_sync sync; /* first */
    bool robust, guessed, near, sure;
    uint64_t block; /* first bit of the block that is awaited */
    unsigned corrected;
    unsigned blocks; /* there */
};

struct fleetsync_state {
    struct soft_history history;
    uint32_t latest;
    struct slot slot[SLOTS];
    uint8_t octets[CONTENT_BLOCKS_MAX * CONTENT_BLOCK]; /* of the one slot that has blocks */
};

static void fleetsync_reset(void *state)
{
    memset(state, 0, sizeof(struct fleetsync_state));
}

/* With all doubts known: is it still one of our words, and nobody else's? */
static void judge_sync(const struct soft_history *history, struct slot *slot)
{
    unsigned ours = sync_distance(history, &slot->sync, fleetsync_syncs, FLEETSYNC_SYNCS);
    unsigned theirs = sync_distance(history, &slot->sync, mpt1327_syncs, MPT1327_SYNCS);
    /* A block turned round is another block: what a squelch or a fade has left of a synchronisation must not
     * decide which way round it is. Radios send it upright. */
    slot->sync.open = ours <= (slot->sync.inverted ? SYNC_NEAR_PERCENT : SYNC_FAR_PERCENT) && ours < theirs;
    slot->near = ours <= SYNC_NEAR_PERCENT &&
                 soft_history_weight(history, slot->sync.start - SYNC_BITS, SYNC_BITS) >= SOFT_HISTORY_SENT;
    /* Turned round and one bit on, MPT1327's SYNC is one of our words, and the code is cyclic: MPT1327's
     * words are all but one or two bits of ours. So nothing is repaired, and little believed. */
    struct code_word_sync beside = {.start = slot->sync.start - 1, .inverted = false};
    slot->guessed = slot->sync.inverted &&
                    sync_distance(history, &beside, mpt1327_syncs, MPT1327_SYNCS) <= SYNC_NEAR_PERCENT;
    slot->sure = slot->near && ours <= SYNC_SURE_PERCENT && !slot->guessed;
}

static void hand_over(const uint8_t *octets, struct slot *slot, struct protocol_output *output)
{
    struct message message;
    slot->sync.open = false;
    message_reset(&message, "fleetsync", "kenwood");
    message.raw_length = (uint16_t)(slot->blocks * CONTENT_BLOCK);
    memcpy(message.raw, octets, message.raw_length);
    message.first_bit = slot->sync.start - SYNC_BITS;
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

/* A block came: is the message whole? What else awaited one was no synchronisation. */
static void take_block(struct fleetsync_state *state, struct slot *slot, const struct code_word *word,
                       struct protocol_output *output)
{
    if (slot->blocks == 0)
        for (unsigned s = 0; s < SLOTS; s++)
            state->slot[s].sync.open = &state->slot[s] == slot;
    slot->sync.taken = true;
    memcpy(state->octets + (size_t)slot->blocks * CONTENT_BLOCK, word->octets, CONTENT_BLOCK);
    slot->blocks++;
    slot->block += slot->robust ? ROBUST_BITS : CODE_WORD_BITS;
    slot->corrected += word->corrected;
    slot->guessed = slot->guessed || word->guessed;
    if (slot->blocks == content_blocks(state->octets, slot->blocks) || slot->blocks == CONTENT_BLOCKS_MAX)
        hand_over(state->octets, slot, output);
}

/* The first block of FleetSync I, unless it is the first quarter of one of FleetSync II. */
static bool read_first(const struct soft_history *history, const struct slot *slot, struct code_word *word)
{
    if (!slot->near ||
        !code_word_read(history, slot->block, slot->sync.inverted, slot->sure ? REPAIR_EVENTS : 0, word))
        return false;
    return word->corrected == 0 ||
           (content_is_plausible(word->octets) &&
            !code_word_is_others(history, slot->block - 1, slot->sync.inverted, word));
}

static bool read_next(const struct fleetsync_state *state, const struct slot *slot, struct code_word *word)
{
    const struct soft_history *history = &state->history;
    /* Where a message ends that does not say how long it is, nothing may be repaired. */
    unsigned events = content_blocks(state->octets, slot->blocks) ? REPAIR_EVENTS : 0;
    if (slot->robust)
        return robust_read(history, slot->block, slot->sync.inverted, word);
    return code_word_read(history, slot->block, slot->sync.inverted, events, word);
}

static void slot_execute(struct fleetsync_state *state, struct slot *slot, uint64_t end,
                         struct protocol_output *output)
{
    struct code_word word;
    if (!slot->sync.open)
        return;
    if (slot->blocks == 0 && end == slot->sync.start + SETTLE)
        judge_sync(&state->history, slot);
    if (slot->blocks == 0 && end == slot->block + CODE_WORD_BITS + SETTLE) {
        if (slot->sync.open && read_first(&state->history, slot, &word))
            take_block(state, slot, &word, output);
        return;
    }
    unsigned width = slot->robust || slot->blocks == 0 ? ROBUST_BITS : CODE_WORD_BITS;
    if (!slot->sync.open || end != slot->block + width + SETTLE)
        return;
    if (slot->blocks == 0)
        slot->robust = true;
    if (slot->blocks ? read_next(state, slot, &word)
                     : robust_read(&state->history, slot->block, slot->sync.inverted, &word)) {
        take_block(state, slot, &word, output);
    } else if (slot->blocks) {
        hand_over(state->octets, slot, output);
    } else {
        output->counts.check += slot->near;
        slot->sync.open = false;
    }
}

/* Then its bits are no synchronisation. */
static bool message_comes(const struct fleetsync_state *state)
{
    for (unsigned s = 0; s < SLOTS; s++)
        if (state->slot[s].sync.open && state->slot[s].sync.taken)
            return true;
    return false;
}

static void look_for_sync(struct fleetsync_state *state, uint64_t end)
{
    struct code_word_sync found = sync_nearest(state->latest, end, fleetsync_syncs, FLEETSYNC_SYNCS);
    struct slot *slot = sync_find_slot(&found, state->slot, sizeof *state->slot, SLOTS);
    if (slot && !message_comes(state))
        *slot = (struct slot){.sync = found, .block = end};
}

static void fleetsync_execute(void *memory, const struct soft_run *run, struct protocol_output *output)
{
    struct fleetsync_state *state = memory;
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

const struct protocol protocol_fleetsync = {
    .address_space = "kenwood", /* a base radio tells the same ids on its serial port */
    .state_size = sizeof(struct fleetsync_state),
    .reset = fleetsync_reset,
    .execute = fleetsync_execute,
    .stands_alone = true,
    .parse = content_read,
    .compose = content_write,
    .say = fleetsync_say,
    .transmit = fleetsync_transmit,
    .text_form = "fleetsync",
    .from_text = fleetsync_from_text,
    .self_test = "FE80 FAFA 0FA0",
    .to_text = fleetsync_to_text,
};
