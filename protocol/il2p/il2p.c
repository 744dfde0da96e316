/* SPDX-License-Identifier: Apache-2.0 */
/* The row "il2p": line bits, most significant first and of either polarity -> sync word -> header -> payload
 * blocks -> CRC -> AX.25 frame, and the way back. */
#include <string.h>

#include "../ax25/tnc2.h"
#include "atalaya/protocol/ax25.h"
#include "atalaya/protocol/crc.h"
#include "atalaya/protocol/protocol.h"
#include "atalaya/protocol/soft_octets.h"
#include "block.h"
#include "header.h"

enum {
    SYNC = 0xf15e48,
    SYNC_BITS = 24,
    SYNC_MASK = 0xffffff,
    PREAMBLE_BITS = 360, /* 300 ms at 1200 Bd, as in plain AX.25 */
    TAIL_BITS = 16,
    SLOTS = 2,        /* a sync word in noise must not hide the next one */
    CANDIDATES = 4,   /* headers that one reception may mean */
    HEADER_FLIPS = 4, /* two check octets correct one octet: the header is what fails first */
    START_SIZE = IL2P_HEADER_SIZE + IL2P_HEADER_CHECK
};

struct candidate {
    struct il2p_header header;
    bool as_heard; /* not a bit was corrected */
    unsigned end;  /* data bits from the header on, CRC included */
};

/* A transmission being received. */
struct slot {
    bool open, inverted, read; /* read: the candidates are known */
    uint64_t first_bit;        /* of the header */
    unsigned candidates;
    struct candidate candidate[CANDIDATES];
    struct soft_octets soft;
};

struct il2p_state {
    uint32_t latest; /* line bits, the newest one lowest */
    struct slot slot[SLOTS];
    uint8_t payload[IL2P_PAYLOAD_MAX];
};

static void il2p_reset(void *state)
{
    struct il2p_state *il2p = state;
    il2p->latest = 0;
    for (unsigned i = 0; i < SLOTS; i++)
        il2p->slot[i].open = false;
}

/* Unless it is known already or there is no more room. */
static void candidate_add(struct slot *slot, const struct candidate *found)
{
    const struct il2p_header *header = &found->header;
    if (slot->candidates == CANDIDATES)
        return;
    struct candidate *candidate = &slot->candidate[slot->candidates];
    const struct il2p_layout layout = il2p_layout_make(header->payload, header->most_check);
    *candidate = *found;
    candidate->end = 8 * (unsigned)(START_SIZE + il2p_layout_size(&layout, header->payload) + IL2P_CRC_SIZE);
    for (unsigned i = 0; i < slot->candidates; i++)
        if (candidate->end == slot->candidate[i].end &&
            memcmp(header->ax25, slot->candidate[i].header.ax25, header->ax25_size) == 0)
            return;
    slot->candidates++;
}

/* One more header that the received one could be; likeliest first. The bit that asks for 16 check octets came
 * to mean nothing with draft 0.6, which always has 16: without it both are tried. */
static bool header_collect(void *context, const uint8_t *word)
{
    struct slot *slot = context;
    struct candidate found;
    uint8_t octets[IL2P_HEADER_SIZE];
    memcpy(octets, word, sizeof octets);
    il2p_descramble(octets, sizeof octets);
    if (!il2p_header_read(octets, &found.header))
        return false;
    found.as_heard = memcmp(word, slot->soft.octet, START_SIZE) == 0;
    if (!found.header.translated && !found.header.blank && !found.as_heard)
        return false;
    bool few_too = !found.header.most_check;
    found.header.most_check = true;
    candidate_add(slot, &found);
    found.header.most_check = false;
    if (few_too)
        candidate_add(slot, &found);
    return slot->candidates == CANDIDATES;
}

static void headers_read(struct slot *slot)
{
    const struct reed_solomon code = {.first_root = 0, .roots = IL2P_HEADER_CHECK};
    const struct soft_octets_block block = {
        .length = START_SIZE, .flips = HEADER_FLIPS, .accept = header_collect, .context = slot};
    uint8_t word[START_SIZE];
    slot->read = true;
    slot->candidates = 0;
    (void)soft_octets_decode(&slot->soft, &code, &block, word);
    slot->open = slot->candidates > 0;
}

/* Payload of a candidate; -1 or the bits corrected. *sound: every block has a check octet or more to spare
 * even without a CRC, so that a wrong block passes at most as often as a wrong FCS. */
static int payload_read(struct il2p_state *il2p, const struct slot *slot, const struct il2p_header *header,
                        bool *sound)
{
    const struct il2p_layout layout = il2p_layout_make(header->payload, header->most_check);
    const struct reed_solomon code = {.first_root = 0, .roots = layout.roots};
    uint8_t word[REED_SOLOMON_LENGTH_MAX], *to = il2p->payload;
    struct soft_octets_block block = {.first = START_SIZE};
    int corrected = 0;
    *sound = true;
    for (size_t n = 0; n < layout.blocks; n++, block.first += block.length) {
        size_t data = il2p_layout_data(&layout, n);
        block.length = data + layout.roots;
        block.erasures_max = 0;
        int changed = soft_octets_decode(&slot->soft, &code, &block, word);
        int octets = 0;
        for (size_t i = 0; changed > 0 && i < block.length; i++)
            octets += word[i] != slot->soft.octet[block.first + i];
        *sound = *sound && changed >= 0 && octets <= layout.roots / 2 - 1;
        block.erasures_max = layout.roots / 2;
        if (changed < 0)
            changed = soft_octets_decode(&slot->soft, &code, &block, word);
        if (changed < 0)
            return -1;
        corrected += changed;
        memcpy(to, word, data);
        il2p_descramble(to, data);
        to += data;
    }
    return corrected;
}

/* The CRC is of the frame as it was before translation, which has one C bit for the two of AX.25: where both
 * were the same, as old stations have them, only the CRC knows. */
static bool crc_fits(struct message *message, bool translated, uint16_t crc)
{
    enum { MARK = 0x80 };
    uint8_t *to = &message->raw[AX25_CALL_SIZE], *from = to + AX25_ADDRESS_SIZE;
    uint8_t heard_to = *to, heard_from = *from;
    for (unsigned way = 0; way < (translated ? 3U : 1U); way++) {
        *to = way == 0 ? heard_to : (uint8_t)((heard_to & ~MARK) | (way == 2 ? MARK : 0));
        *from = way == 0 ? heard_from : (uint8_t)((heard_from & ~MARK) | (way == 2 ? MARK : 0));
        if (crc16_x25(message->raw, message->raw_length) == crc)
            return true;
    }
    *to = heard_to;
    *from = heard_from;
    return false;
}

/* A frame with a CRC must have it right. What follows a frame without one looks like no code words: then all
 * blocks must be sound and a translated header as heard. */
static bool frame_checked(const struct slot *slot, const struct candidate *candidate, struct message *message,
                          bool sound, bool *without_crc)
{
    unsigned exact;
    uint16_t crc = il2p_crc_read(&slot->soft.octet[candidate->end / 8 - IL2P_CRC_SIZE], &exact);
    *without_crc = !crc_fits(message, candidate->header.translated, crc);
    if (!*without_crc)
        return true;
    return exact < 3 && sound && (candidate->as_heard || candidate->header.blank);
}

static bool candidate_judge(struct il2p_state *il2p, struct slot *slot, const struct candidate *candidate,
                            struct protocol_output *output)
{
    const struct il2p_header *header = &candidate->header;
    struct message judged,
        *message = &judged; /* not in the state: a hundred channels have thousands of them */
    bool sound, without_crc;
    int corrected = payload_read(il2p, slot, header, &sound);
    if (corrected < 0)
        return false;
    message_reset(message, "il2p", "ax25");
    memcpy(message->raw, header->ax25, header->ax25_size);
    memcpy(message->raw + header->ax25_size, il2p->payload, header->payload);
    message->raw_length = (uint16_t)(header->ax25_size + header->payload);
    if (!frame_checked(slot, candidate, message, sound, &without_crc))
        return false;
    message->first_bit = slot->first_bit - SYNC_BITS;
    message->end_bit = slot->first_bit + candidate->end - (without_crc ? 8 * IL2P_CRC_SIZE : 0);
    /* Header corrections are not counted bit by bit: an octet is. */
    message->bits_corrected = (unsigned)corrected + !candidate->as_heard;
    if (ax25_parse(message) != ATALAYA_OK) {
        output->counts.format++;
        return true;
    }
    if (without_crc) {
        (void)message_add_string(message, "check", "reed_solomon");
        message->guessed = true; /* nothing confirms what the code made of it */
    }
    output->counts.messages++;
    output->counts.repaired += message->bits_corrected > 0;
    output->message(output->context, message);
    return true;
}

static void slot_execute(struct il2p_state *il2p, struct slot *slot, bool bit, struct data_doubt doubt,
                         struct protocol_output *output)
{
    bool more = false;
    soft_octets_push(&slot->soft, bit != slot->inverted, doubt);
    if (!slot->read) {
        if (slot->soft.bits == 8 * START_SIZE + SOFT_OCTETS_SETTLE)
            headers_read(slot);
        return;
    }
    for (unsigned i = 0; i < slot->candidates && slot->open; i++) {
        unsigned end = slot->candidate[i].end + SOFT_OCTETS_SETTLE;
        if (slot->soft.bits == end && candidate_judge(il2p, slot, &slot->candidate[i], output))
            slot->open = false;
        more = more || slot->soft.bits < end;
    }
    if (slot->open && !more) {
        output->counts.check++;
        slot->open = false;
    }
}

/* The sync word ended with line bit number `index`. */
static void slot_open(struct il2p_state *il2p, bool inverted, uint64_t index)
{
    struct slot *slot = il2p->slot;
    while (slot < il2p->slot + SLOTS && slot->open)
        slot++;
    if (slot == il2p->slot + SLOTS)
        return;
    slot->open = true;
    slot->read = false;
    slot->inverted = inverted;
    slot->first_bit = index + 1;
    soft_octets_reset(&slot->soft, true, SOFT_OCTETS_MAX);
}

static bool at_most_one(uint32_t wrong)
{
    return (wrong & (wrong - 1)) == 0;
}

static void il2p_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    struct il2p_state *il2p = state;
    for (size_t i = 0; i < run->count; i++) {
        bool bit = run->soft[i] > 0;
        for (unsigned s = 0; s < SLOTS; s++)
            if (il2p->slot[s].open) {
                const struct error_event event = soft_octets_event(run, i);
                const struct data_doubt doubt = {event.mask, event.reliability};
                slot_execute(il2p, &il2p->slot[s], bit, doubt, output);
            }
        il2p->latest = (il2p->latest << 1 | bit) & SYNC_MASK;
        uint32_t wrong = il2p->latest ^ SYNC;
        if (at_most_one(wrong) || at_most_one(wrong ^ SYNC_MASK))
            slot_open(il2p, !at_most_one(wrong), run->first_bit + i);
    }
}

/* Scrambled block with its check octets; returns their number. */
static size_t block_put(const uint8_t *data, size_t length, uint8_t roots, uint8_t *to)
{
    const struct reed_solomon code = {.first_root = 0, .roots = roots};
    memcpy(to, data, length);
    il2p_scramble(to, length);
    reed_solomon_encode(&code, to, length, to + length);
    return length + roots;
}

/* Header, payload and CRC; 0: too long. */
static size_t octets_make(const struct message *message, uint8_t octets[SOFT_OCTETS_MAX])
{
    uint8_t header[IL2P_HEADER_SIZE];
    size_t from;
    if (!il2p_header_write(message->raw, message->raw_length, header, &from))
        return 0;
    const struct il2p_layout layout = il2p_layout_make(message->raw_length - from, true);
    size_t at = block_put(header, sizeof header, IL2P_HEADER_CHECK, octets);
    for (size_t n = 0; n < layout.blocks; n++) {
        size_t data = il2p_layout_data(&layout, n);
        at += block_put(message->raw + from, data, layout.roots, octets + at);
        from += data;
    }
    il2p_crc_write(crc16_x25(message->raw, message->raw_length), octets + at);
    return at + IL2P_CRC_SIZE;
}

static size_t il2p_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                            size_t max)
{
    uint8_t octets[SOFT_OCTETS_MAX];
    size_t before = how->preamble_bits ? how->preamble_bits : PREAMBLE_BITS, at = 0;
    size_t after = (how->tail_bits ? how->tail_bits : TAIL_BITS) + SOFT_OCTETS_SETTLE;
    if (message->raw_length < AX25_FRAME_MIN || message->raw_length > AX25_FRAME_MAX)
        return 0;
    size_t count = octets_make(message, octets);
    if (count == 0 || before > max || after > max || before + SYNC_BITS + 8 * count + after > max)
        return 0;
    while (at < before) {
        bits[at] = at % 2;
        at++;
    }
    for (unsigned i = SYNC_BITS; i-- > 0;)
        bits[at++] = SYNC >> i & 1;
    for (size_t i = 0; i < 8 * count; i++)
        bits[at++] = octets[i / 8] >> (7 - i % 8) & 1;
    for (size_t i = 0; i < after; i++)
        bits[at++] = i % 2;
    return at;
}

const struct protocol protocol_il2p = {
    .address_space = "ax25",
    .state_size = sizeof(struct il2p_state),
    .reset = il2p_reset,
    .execute = il2p_execute,
    .stands_alone = true,
    .parse = ax25_parse,
    .compose = ax25_compose,
    .say = ax25_say,
    .transmit = il2p_transmit,
    .text_form = "tnc2",
    .from_text = tnc2_read,
    .self_test = "SELFT>APZATL:>TEST of the tower itself, not on air",
    .to_text = tnc2_write,
};
