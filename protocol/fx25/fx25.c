/* SPDX-License-Identifier: Apache-2.0 */
/* The row "fx25": soft bits -> descrambler where the modem wants one -> NRZI -> correlation tag ->
 * Reed-Solomon block -> HDLC -> FCS -> frame, and the way back. The block holds a plain AX.25 transmission,
 * flags and all, so that those who know only AX.25 hear it too; for them see the row "ax25". */
#include <string.h>

#include "../ax25/tnc2.h"
#include "atalaya/protocol/ax25.h"
#include "atalaya/protocol/crc.h"
#include "atalaya/protocol/hdlc.h"
#include "atalaya/protocol/protocol.h"
#include "atalaya/protocol/scrambler.h"
#include "atalaya/protocol/soft_octets.h"
#include "format.h"

enum {
    PREAMBLE_BITS = 360, /* 300 ms at 1200 Bd, as in plain AX.25 */
    TAIL_BITS = 16,
    SLOTS = 2,            /* a block that is only noise must not hide the next one */
    EVENTS = 32,          /* remembered; a power of two above SCRAMBLED_REACH */
    SCRAMBLED_REACH = 18, /* data bits after a wrong line bit that it spoils */
    FILL_FLAGS = 64       /* between the data sizes of two formats */
};

/* A block being received. */
struct slot {
    const struct fx25_format *format; /* NULL: free */
    uint64_t first_bit;               /* after the tag */
    struct soft_octets soft;
};

struct fx25_state {
    bool level; /* of the line, one bit ago */
    struct scrambler descrambler;
    struct error_event event[EVENTS]; /* of the line bits, by their number modulo EVENTS */
    uint64_t latest;                  /* data bits, the newest one highest */
    struct slot slot[SLOTS];
    struct hdlc_deframer deframer;
};

static void fx25_reset(void *state)
{
    struct fx25_state *fx25 = state;
    fx25->level = false;
    fx25->descrambler = (struct scrambler){0};
    memset(fx25->event, 0, sizeof fx25->event);
    fx25->latest = 0;
    for (unsigned i = 0; i < SLOTS; i++)
        fx25->slot[i].format = NULL;
}

/* The first frame with a good FCS among the flags of the block's data. */
static bool frame_find(struct hdlc_deframer *deframer, const uint8_t *data, size_t length)
{
    hdlc_reset(deframer);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        if (hdlc_execute(deframer, data[bit / 8] >> bit % 8 & 1, bit) != HDLC_CANDIDATE ||
            deframer->stray_bits || deframer->length < AX25_FRAME_MIN + HDLC_FCS_SIZE)
            continue;
        if (crc16_x25(deframer->frame, deframer->length) == CRC16_X25_GOOD)
            return true;
    }
    return false;
}

struct inspection {
    struct hdlc_deframer *deframer;
    size_t data;
};

static bool block_accept(void *context, const uint8_t *word)
{
    const struct inspection *inspection = context;
    return frame_find(inspection->deframer, word, inspection->data);
}

/* Erasures alone: undoing events as well gains 0.03 dB for four times the work. A quarter of the check octets
 * stay for checking: with the FCS, a block that is beyond repair becomes a wrong frame about once in 10^7
 * attempts. */
static void block_judge(struct fx25_state *fx25, const struct slot *slot, struct protocol_output *output)
{
    const struct fx25_format *format = slot->format;
    const struct reed_solomon code = fx25_format_code(format);
    struct inspection inspection = {&fx25->deframer, format->data};
    const struct soft_octets_block block = {.length = (size_t)format->data + format->check,
                                            .erasures_max = format->check * 3U / 4,
                                            .accept = block_accept,
                                            .context = &inspection};
    uint8_t word[REED_SOLOMON_LENGTH_MAX];
    struct message found, *message = &found; /* not in the state: a hundred channels have thousands of them */
    int corrected = soft_octets_decode(&slot->soft, &code, &block, word);
    if (corrected < 0) {
        output->counts.check++;
        return;
    }
    message_reset(message, "fx25", "ax25");
    message->raw_length = (uint16_t)(fx25->deframer.length - HDLC_FCS_SIZE);
    memcpy(message->raw, fx25->deframer.frame, message->raw_length);
    message->first_bit = slot->first_bit + fx25->deframer.first_bit;
    message->end_bit = slot->first_bit + fx25->deframer.end_bit;
    message->bits_corrected = (unsigned)corrected;
    if (ax25_parse(message) != ATALAYA_OK) {
        output->counts.format++;
        return;
    }
    output->counts.messages++;
    output->counts.repaired += corrected > 0;
    output->message(output->context, message);
}

static void slot_execute(struct fx25_state *fx25, struct slot *slot, bool bit, struct data_doubt doubt,
                         struct protocol_output *output)
{
    soft_octets_push(&slot->soft, bit, doubt);
    if (slot->soft.bits < slot->soft.bits_max + SOFT_OCTETS_SETTLE)
        return;
    block_judge(fx25, slot, output);
    slot->format = NULL;
}

/* The tag ended with data bit number `index`. */
static void slot_open(struct fx25_state *fx25, const struct fx25_format *format, uint64_t index)
{
    struct slot *slot = fx25->slot;
    while (slot < fx25->slot + SLOTS && slot->format)
        slot++;
    if (slot == fx25->slot + SLOTS)
        return;
    slot->format = format;
    slot->first_bit = index + 1;
    soft_octets_reset(&slot->soft, false, format->data + (unsigned)format->check);
}

/* What line bit `index` and those before it say about the data bits: an event is told as soon as all the data
 * bits that it spoils have come. A wrong line bit spoils the data bit that it ends and the one that it
 * begins; if descrambled, the pairs 12 and 17 bits later, too. Bit z of the mask: the data bit z before the
 * newest. */
static struct data_doubt doubt_at(const struct fx25_state *fx25, uint64_t index, bool scrambled)
{
    const unsigned ago = scrambled ? SCRAMBLED_REACH : 1;
    const struct error_event *event = &fx25->event[(index - ago) % EVENTS];
    uint64_t mask = event->mask;
    if (scrambled)
        mask = mask << 17 ^ mask << 5 ^ mask;
    return (struct data_doubt){mask ^ mask << 1, event->reliability};
}

static void fx25_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    struct fx25_state *fx25 = state;
    const bool scrambled = run->scrambler == SCRAMBLER_G3RUH;
    for (size_t i = 0; i < run->count; i++) {
        bool level = run->soft[i] > 0;
        if (scrambled)
            level = scrambler_undo(&fx25->descrambler, level);
        bool bit = level == fx25->level;
        fx25->event[(run->first_bit + i) % EVENTS] = soft_octets_event(run, i);
        for (unsigned s = 0; s < SLOTS; s++)
            if (fx25->slot[s].format)
                slot_execute(fx25, &fx25->slot[s], bit, doubt_at(fx25, run->first_bit + i, scrambled),
                             output);
        fx25->level = level;
        fx25->latest = fx25->latest >> 1 | (uint64_t)bit << (FX25_TAG_BITS - 1);
        const struct fx25_format *format = fx25_format_find(fx25->latest);
        if (format)
            slot_open(fx25, format, run->first_bit + i);
    }
}

static size_t octet_put(uint8_t octet, uint8_t *bits, size_t at)
{
    for (unsigned i = 0; i < 8; i++)
        bits[at + i] = octet >> i & 1;
    return at + 8;
}

/* Flags, stuffed frame, flags to the end of the data; then the check octets. Returns NULL: too long. */
static const struct fx25_format *block_make(const struct message *message, uint8_t *word)
{
    uint8_t bits[8 * (FX25_DATA_MAX + FILL_FLAGS + 2)];
    size_t count = hdlc_encode(message->raw, message->raw_length, 1, 1, bits, 8 * (size_t)FX25_DATA_MAX);
    const struct fx25_format *format = count ? fx25_format_choose((count + 7) / 8) : NULL;
    if (!format)
        return NULL;
    const struct reed_solomon code = fx25_format_code(format);
    (void)hdlc_encode(message->raw, message->raw_length, 1, 1 + FILL_FLAGS, bits, sizeof bits);
    memset(word, 0, format->data);
    for (size_t i = 0; i < 8 * (size_t)format->data; i++)
        word[i / 8] |= (uint8_t)(bits[i] << i % 8);
    reed_solomon_encode(&code, word, format->data, word + format->data);
    return format;
}

static size_t fx25_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                            size_t max)
{
    enum { FLAG = 0x7e };
    uint8_t word[REED_SOLOMON_LENGTH_MAX], level = 0;
    struct scrambler scrambler = {0};
    if (message->raw_length < AX25_FRAME_MIN || message->raw_length > AX25_FRAME_MAX)
        return 0;
    const struct fx25_format *format = block_make(message, word);
    size_t before = (how->preamble_bits ? how->preamble_bits : PREAMBLE_BITS) / 8 + 1;
    size_t after = (how->tail_bits ? how->tail_bits : TAIL_BITS) / 8 + 1, at = 0;
    if (!format || before > max || after > max ||
        8 * (before + sizeof format->tag + format->data + format->check + after) > max)
        return 0;
    for (size_t i = 0; i < before; i++)
        at = octet_put(FLAG, bits, at);
    for (unsigned i = 0; i < FX25_TAG_BITS; i += 8)
        at = octet_put((uint8_t)(format->tag >> i), bits, at);
    for (size_t i = 0; i < (size_t)format->data + format->check; i++)
        at = octet_put(word[i], bits, at);
    for (size_t i = 0; i < after; i++)
        at = octet_put(FLAG, bits, at);
    for (size_t i = 0; i < at; i++) {
        level = bits[i] ? level : !level;
        bits[i] = how->scrambler == SCRAMBLER_G3RUH ? scrambler_execute(&scrambler, level) : level;
    }
    return at;
}

const struct protocol protocol_fx25 = {
    .address_space = "ax25",
    .state_size = sizeof(struct fx25_state),
    .reset = fx25_reset,
    .execute = fx25_execute,
    .stands_alone = true,
    .parse = ax25_parse,
    .compose = ax25_compose,
    .say = ax25_say,
    .transmit = fx25_transmit,
    .text_form = "tnc2",
    .from_text = tnc2_read,
    .self_test = "SELFT>APZATL:>TEST of the tower itself, not on air",
    .to_text = tnc2_write,
};
