/* SPDX-License-Identifier: Apache-2.0 */
/* MDC-1200: line bits to message bits, synchronisation, blocks. A message bit that differs from the one
 * before it is a bit of 1800 Hz (line bit 0), an equal one of 1200 Hz (line bit 1). */
#include <string.h>

#include "atalaya/protocol/hex_text.h"
#include "atalaya/protocol/line_bits.h"
#include "atalaya/protocol/ones.h"
#include "atalaya/protocol/protocol.h"
#include "block.h"
#include "meaning.h"
#include "say.h"

#define SYNC      UINT64_C(0x07092a446f)
#define SYNC_MASK UINT64_C(0xffffffffff)

enum {
    SYNC_BITS = 40,
    /* White noise passes these and the gate 53 times an hour, all branches together (measured over an hour);
     * in a thousand of these blocks 41 words are near enough to be tried, and one in 65,536 passes its
     * CRC-16: one false packet in some years of noise. Of bursts too weak to be read one in a thousand
     * becomes another, and is marked as guessed, unless it is the likeliest word that passes: one in some
     * thousands. */
    SYNC_ERRORS_MAX = 8,   /* before the doubts about the bits are known */
    SYNC_FAR_PERCENT = 14, /* of all that was heard, when they are */
    SETTLE = 32,           /* bits after which nothing more is learnt of a bit: the reach of an error event */
    REMEMBERED = 512,
    PREAMBLE_BITS = 56,
    TAIL_BITS = 8,
    RELIABILITY_PER_SOFT = 32, /* as modems make soft values of reliabilities */
    SLOTS = 2
};
_Static_assert(REMEMBERED > 2 * BLOCK_BITS + 2 * SETTLE, "a double packet must be remembered whole");

struct slot {
    bool open, inverted, second, guessed;
    uint64_t start; /* first bit of the first block */
    unsigned corrected;
    uint8_t octets[BLOCK_OCTETS]; /* of a double packet the first block */
};

struct mdc1200_state {
    bool level; /* the newest message bit */
    uint64_t latest;
    uint8_t bit[REMEMBERED], weight[REMEMBERED];
    struct slot slot[SLOTS];
};

static void mdc1200_reset(void *state)
{
    memset(state, 0, sizeof(struct mdc1200_state));
}

/* A wrong line bit turns all message bits after it round; the errors of a sequence detector come in even
 * numbers, so that a stretch of message bits is wrong. */
static void doubt(struct mdc1200_state *mdc, uint64_t index, const struct error_event *event)
{
    unsigned weight = event->reliability / RELIABILITY_PER_SOFT;
    bool wrong = false;
    for (unsigned back = SETTLE; back-- > 0;) {
        wrong = wrong != (event->mask >> back & 1);
        uint8_t *known = &mdc->weight[(index - back) % REMEMBERED];
        if (wrong && weight < *known)
            *known = (uint8_t)weight;
    }
}

static int8_t recall(const struct mdc1200_state *mdc, const struct slot *slot, uint64_t index)
{
    uint64_t at = index % REMEMBERED;
    return (int8_t)(mdc->bit[at] != slot->inverted ? mdc->weight[at] : -mdc->weight[at]);
}

static bool sync_is_believable(const struct mdc1200_state *mdc, const struct slot *slot)
{
    int against = 0, total = 0;
    for (unsigned i = 0; i < SYNC_BITS; i++) {
        int8_t soft = recall(mdc, slot, slot->start - SYNC_BITS + i);
        bool one = SYNC >> (SYNC_BITS - 1 - i) & 1;
        total += block_weight(soft);
        against += (soft > 0) != one ? block_weight(soft) : 0;
    }
    return against * 100 <= total * SYNC_FAR_PERCENT;
}

static bool read_block(const struct mdc1200_state *mdc, const struct slot *slot, uint64_t start,
                       struct block *block)
{
    int8_t soft[BLOCK_BITS];
    for (unsigned i = 0; i < BLOCK_BITS; i++)
        soft[i] = recall(mdc, slot, start + i);
    return block_decode(soft, block);
}

static void hand_over(struct slot *slot, uint64_t end, const struct block *last,
                      struct protocol_output *output)
{
    struct message message;
    message_reset(&message, "mdc1200", "mdc1200");
    if (slot->second)
        memcpy(message.raw, slot->octets, BLOCK_OCTETS);
    memcpy(message.raw + (slot->second ? BLOCK_OCTETS : 0), last->octets, BLOCK_OCTETS);
    message.raw_length = slot->second ? 2 * BLOCK_OCTETS : BLOCK_OCTETS;
    message.first_bit = slot->start - SYNC_BITS;
    message.end_bit = end;
    message.bits_corrected = slot->corrected;
    message.guessed = slot->guessed;
    if (meaning_read(&message) != ATALAYA_OK) {
        output->counts.format++;
        return;
    }
    output->counts.messages++;
    output->counts.repaired += message.bits_corrected > 0;
    output->message(output->context, &message);
}

static void slot_execute(struct mdc1200_state *mdc, struct slot *slot, uint64_t index,
                         struct protocol_output *output)
{
    struct block block;
    uint64_t start = slot->start + (slot->second ? BLOCK_BITS : 0), end = start + BLOCK_BITS;
    if (slot->open && index + 1 == slot->start + SETTLE)
        slot->open = sync_is_believable(mdc, slot);
    if (!slot->open || index + 1 < end + SETTLE)
        return;
    if (!read_block(mdc, slot, start, &block)) {
        output->counts.check++;
        slot->open = false;
        return;
    }
    slot->corrected += block.corrected;
    slot->guessed = slot->guessed || block.guessed;
    if (!slot->second && meaning_is_double(block.octets[0])) {
        memcpy(slot->octets, block.octets, BLOCK_OCTETS);
        slot->second = true;
        return;
    }
    hand_over(slot, end, &block, output);
    slot->open = false;
}

/* The synchronisation word ended with bit `index`. */
static void slot_open(struct mdc1200_state *mdc, uint64_t index, bool inverted)
{
    for (unsigned s = 0; s < SLOTS; s++)
        if (!mdc->slot[s].open) {
            mdc->slot[s] = (struct slot){.open = true, .inverted = inverted, .start = index + 1};
            return;
        }
}

static void mdc1200_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    struct mdc1200_state *mdc = state;
    for (size_t i = 0; i < run->count; i++) {
        uint64_t index = run->first_bit + i;
        mdc->level = mdc->level != (run->soft[i] <= 0);
        mdc->bit[index % REMEMBERED] = mdc->level;
        mdc->weight[index % REMEMBERED] = run->event ? INT8_MAX : (uint8_t)block_weight(run->soft[i]);
        if (run->event)
            doubt(mdc, index, &run->event[i]);
        mdc->latest = (mdc->latest << 1 | mdc->level) & SYNC_MASK;
        for (unsigned s = 0; s < SLOTS; s++)
            slot_execute(mdc, &mdc->slot[s], index, output);
        unsigned wrong = ones_count(mdc->latest ^ SYNC);
        if (index + 1 >= SYNC_BITS && (wrong <= SYNC_ERRORS_MAX || wrong >= SYNC_BITS - SYNC_ERRORS_MAX))
            slot_open(mdc, index, wrong > SYNC_ERRORS_MAX);
    }
}

static size_t mdc1200_transmit(const struct message *message, const struct protocol_transmit *how,
                               uint8_t *bits, size_t max)
{
    size_t before = how->preamble_bits ? how->preamble_bits : PREAMBLE_BITS, at = 0;
    size_t after = (how->tail_bits ? how->tail_bits : TAIL_BITS) + SETTLE,
           blocks = message->raw_length / BLOCK_OCTETS;
    if (blocks < 1 || blocks > 2 || message->raw_length % BLOCK_OCTETS || before > max || after > max ||
        before + SYNC_BITS + blocks * BLOCK_BITS + after > max)
        return 0;
    for (; at < before; at++)
        bits[at] = at % 2; /* 55 hexadecimal */
    at = line_bits_put(SYNC, SYNC_BITS, bits, at);
    for (size_t n = 0; n < blocks; n++, at += BLOCK_BITS)
        block_encode(message->raw + n * BLOCK_OCTETS, bits + at);
    for (size_t i = 0; i < after; i++)
        bits[at++] = 0;
    for (size_t i = at; i-- > 1;)
        bits[i] = bits[i] == bits[i - 1];
    bits[0] = 1;
    return at;
}

/* "0080 1234", or of a double packet "3589 5678 830D 1234". */
static enum atalaya_result mdc1200_from_text(struct message *message, const char *line, size_t length)
{
    size_t count;
    enum atalaya_result result = hex_text_read(line, length, message->raw, 2 * BLOCK_OCTETS, &count);
    if (result != ATALAYA_OK)
        return result;
    if (count != BLOCK_OCTETS && count != 2 * BLOCK_OCTETS)
        return ATALAYA_E_LENGTH;
    message->raw_length = (uint16_t)count;
    return meaning_read(message);
}

static size_t mdc1200_to_text(const struct message *message, char *text, size_t size)
{
    return hex_text_write(message->raw, message->raw_length, text, size, 0);
}

const struct protocol protocol_mdc1200 = {
    .address_space = "mdc1200",
    .state_size = sizeof(struct mdc1200_state),
    .reset = mdc1200_reset,
    .execute = mdc1200_execute,
    .stands_alone = true,
    .parse = meaning_read,
    .compose = meaning_write,
    .say = mdc1200_say,
    .transmit = mdc1200_transmit,
    .text_form = "mdc1200",
    .from_text = mdc1200_from_text,
    .self_test = "0180 0000",
    .to_text = mdc1200_to_text,
};
