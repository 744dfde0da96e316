/* SPDX-License-Identifier: Apache-2.0 */
/* Digital coded squelch: which code is on the channel, told when it begins and when it ends.
 *
 * Line bits come at twice the code's 134.4 bit/s: each bit of the code is two of them, and the tone that
 * turns receivers off at the end of a transmission is 1 0 1 0 ... A receiver cannot know its polarity: a code
 * and its inverse are the same waveform, so that both names are told.
 *
 * raw of the beginning: the code, two octets, the higher first; the end has none. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/protocol/ones.h"
#include "atalaya/protocol/protocol.h"
#include "atalaya/protocol/squelch.h"
#include "code.h"

enum {
    PERIOD = 2 * DCS_BITS, /* line bits of a word */
    REMEMBERED = 64,
    WRONG_MOST = 4,  /* bits of a word, before their doubts are weighed */
    WORDS_BEGIN = 4, /* one after the other; see LIKENESS */
    SLIP = 2, /* line bits by which a word may seem early or late: half a bit either way is alike in some
                 codes */
    PATIENCE = 2 * PERIOD + PERIOD / 2,
    TURN_OFF = 20, /* line bits in turn */
    WORDS_SENT = 10,
    TURN_OFF_SENT = 48 /* 180 ms */
};
/* Correlation of soft bits and word. White noise passes it for a given code 4 times in 10,000 bits, and with
 * four words of one code a period apart some times a year; two different codes correlate with 0.4 at most. */
#define LIKENESS 0.70F

struct dcs_state {
    uint32_t sent[DCS_CODES]; /* the word of each code */
    uint64_t now;
    int8_t soft[REMEMBERED];
    uint64_t last[DCS_CODES]; /* line bit after the code's newest word; 0 = none */
    uint8_t words[DCS_CODES]; /* how many without a gap */
    unsigned turns;           /* line bits in turn up to now */
    bool present;
    uint8_t code; /* place in dcs_codes */
};

static void dcs_reset(void *state)
{
    struct dcs_state *dcs = state;
    memset(dcs, 0, sizeof *dcs);
    for (unsigned code = 0; code < DCS_CODES; code++)
        dcs->sent[code] = dcs_word(dcs_codes[code]);
}

static void describe(struct message *message, unsigned place, bool present)
{
    struct squelch squelch = {.present = present};
    char code[8];
    (void)snprintf(squelch.name, sizeof squelch.name, "DCS %03o", (unsigned)dcs_codes[place]);
    squelch_write(message, &squelch);
    (void)message_add_string(message, "dcs", squelch.name + 4);
    (void)snprintf(code, sizeof code, "%03o", (unsigned)dcs_codes[dcs_inverse(place)]);
    (void)message_add_string(message, "dcs_inverted", code);
}

static void tell(const struct dcs_state *dcs, uint64_t from, bool present, struct protocol_output *output)
{
    struct message message;
    message_reset(&message, "dcs", "dcs");
    message.first_bit = from;
    message.end_bit = dcs->now;
    if (present) {
        message.raw[0] = (uint8_t)(dcs_codes[dcs->code] >> 8);
        message.raw[1] = (uint8_t)dcs_codes[dcs->code];
        message.raw_length = message.payload_length = 2;
    }
    describe(&message, dcs->code, present);
    if (!present)
        (void)message_add_boolean(&message, "turn_off", dcs->turns >= TURN_OFF);
    output->counts.messages++;
    output->message(output->context, &message);
}

static void end(struct dcs_state *dcs, struct protocol_output *output)
{
    if (dcs->present)
        tell(dcs, dcs->last[dcs->code], false, output);
    dcs->present = false;
    memset(dcs->words, 0, sizeof dcs->words);
}

/* The newest 23 bits, oldest first, without their mean: couplings and frequency control take it away. */
static uint32_t read_word(const struct dcs_state *dcs, float bits[DCS_BITS], float *power)
{
    float mean = 0.0F;
    uint32_t word = 0;
    for (unsigned i = 0; i < DCS_BITS; i++) {
        uint64_t at = dcs->now - PERIOD + 2 * (uint64_t)i;
        bits[i] = (float)(dcs->soft[at % REMEMBERED] + dcs->soft[(at + 1) % REMEMBERED]);
        mean += bits[i] / DCS_BITS;
    }
    *power = 0.0F;
    for (unsigned i = 0; i < DCS_BITS; i++) {
        bits[i] -= mean;
        *power += bits[i] * bits[i];
        word |= (uint32_t)(bits[i] > 0.0F) << i;
    }
    return word;
}

static bool is_like(const float bits[DCS_BITS], float power, uint32_t word)
{
    float sum = 0.0F;
    for (unsigned i = 0; i < DCS_BITS; i++)
        sum += word >> i & 1 ? bits[i] : -bits[i];
    return sum > LIKENESS * sqrtf(power * DCS_BITS);
}

/* A word of the code has just ended. */
static void on_word(struct dcs_state *dcs, unsigned code, struct protocol_output *output)
{
    uint64_t since = dcs->now - dcs->last[code];
    if (dcs->last[code] > 0 && since <= 2 * SLIP)
        return; /* the same one */
    bool next = dcs->last[code] > 0 && since >= PERIOD - SLIP && since <= PERIOD + SLIP;
    bool again = dcs->present && dcs->code == code && (since + SLIP) % PERIOD <= 2 * SLIP;
    if (dcs->present && dcs->code == code && !next && !again && since < PATIENCE)
        return; /* a likeness of the code with itself, turned */
    dcs->words[code] =
        next ? (uint8_t)(dcs->words[code] < WORDS_BEGIN ? dcs->words[code] + 1 : WORDS_BEGIN) : 1;
    dcs->last[code] = dcs->now;
    if (dcs->words[code] < WORDS_BEGIN || (dcs->present && dcs->code == code))
        return;
    end(dcs, output);
    dcs->present = true;
    dcs->code = (uint8_t)code;
    tell(dcs, dcs->now - WORDS_BEGIN * (uint64_t)PERIOD, true, output);
}

/* Is any code near? Without a branch for each, so that compilers find vectors. */
static bool any_near(const uint32_t words[DCS_CODES], uint32_t word)
{
    unsigned near = 0;
    for (unsigned code = 0; code < DCS_CODES; code++) {
        uint32_t bits = word ^ words[code];
        bits -= bits >> 1 & 0x55555555U;
        bits = (bits & 0x33333333U) + (bits >> 2 & 0x33333333U);
        bits = (bits + (bits >> 4)) & 0x0f0f0f0fU;
        bits += bits >> 8;
        bits = (bits + (bits >> 16)) & 0x3fU;
        near |= bits <= WRONG_MOST;
    }
    return near != 0;
}

static void on_bit(struct dcs_state *dcs, int8_t soft, struct protocol_output *output)
{
    float bits[DCS_BITS], power;
    int8_t before = dcs->soft[(dcs->now + REMEMBERED - 1) % REMEMBERED];
    dcs->turns = (soft > 0 && before < 0) || (soft < 0 && before > 0) ? dcs->turns + 1 : 0;
    dcs->soft[dcs->now % REMEMBERED] = soft;
    dcs->now++;
    if (dcs->present && (dcs->turns >= TURN_OFF || dcs->now > dcs->last[dcs->code] + PATIENCE))
        end(dcs, output);
    if (dcs->now < PERIOD)
        return;
    uint32_t word = read_word(dcs, bits, &power);
    if (!(power > 0.0F) || !any_near(dcs->sent, word))
        return;
    for (unsigned code = 0; code < DCS_CODES; code++)
        if (ones_count(word ^ dcs->sent[code]) <= WRONG_MOST && is_like(bits, power, dcs->sent[code]))
            on_word(dcs, code, output);
}

static void dcs_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    for (size_t i = 0; i < run->count; i++)
        on_bit(state, run->soft[i], output);
}

static void dcs_finish(void *state, struct protocol_output *output)
{
    end(state, output);
}

static unsigned place_of(const struct message *message)
{
    unsigned code = (unsigned)message->raw[0] << 8 | message->raw[1], place = 0;
    while (place < DCS_CODES && dcs_codes[place] != code)
        place++;
    return message->raw_length == 2 ? place : DCS_CODES;
}

static enum atalaya_result dcs_read(struct message *message)
{
    unsigned place = place_of(message);
    if (place == DCS_CODES)
        return ATALAYA_E_FORMAT;
    message->payload_length = message->raw_length;
    describe(message, place, true);
    return ATALAYA_OK;
}

/* Three octal digits. */
static enum atalaya_result dcs_from_text(struct message *message, const char *line, size_t length)
{
    unsigned code = 0;
    if (length != 3)
        return ATALAYA_E_LENGTH;
    for (size_t i = 0; i < length; i++) {
        if (line[i] < '0' || line[i] > '7')
            return ATALAYA_E_FORMAT;
        code = code << 3 | (unsigned)(line[i] - '0');
    }
    message->raw[0] = (uint8_t)(code >> 8);
    message->raw[1] = (uint8_t)code;
    message->raw_length = 2;
    return dcs_read(message);
}

static size_t dcs_to_text(const struct message *message, char *text, size_t size)
{
    unsigned place = place_of(message);
    if (size == 0)
        return 0;
    int length = snprintf(text, size, "%03o", place < DCS_CODES ? (unsigned)dcs_codes[place] : 0U);
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

static enum atalaya_result dcs_compose(struct message *message)
{
    size_t length;
    const char *code = message_text(message, "dcs", &length);
    struct message read;
    if (!code || message->unit[0] || message->distress != DISTRESS_NONE)
        return ATALAYA_E_UNSUPPORTED;
    message_reset(&read, message->protocol, message->address_space);
    if (dcs_from_text(&read, code, length) != ATALAYA_OK)
        return ATALAYA_E_UNSUPPORTED;
    memcpy(message->raw, read.raw, read.raw_length);
    message->raw_length = message->payload_length = read.raw_length;
    return ATALAYA_OK;
}

/* preamble_bits are the code's as well. */
static size_t dcs_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                           size_t max)
{
    unsigned place = place_of(message);
    if (place == DCS_CODES || how->preamble_bits > max || how->tail_bits > max)
        return 0;
    size_t coded = how->preamble_bits + (size_t)WORDS_SENT * PERIOD,
           count = coded + TURN_OFF_SENT + how->tail_bits;
    if (count > max)
        return 0;
    uint32_t word = dcs_word(dcs_codes[place]);
    for (size_t i = 0; i < count; i++)
        bits[i] = i < coded ? word >> (i / 2 % DCS_BITS) & 1 : i % 2;
    return count;
}

const struct protocol protocol_dcs = {
    .address_space = "dcs",
    .about_channel = true,
    .state_size = sizeof(struct dcs_state),
    .reset = dcs_reset,
    .execute = dcs_execute,
    .finish = dcs_finish,
    .parse = dcs_read,
    .compose = dcs_compose,
    .transmit = dcs_transmit,
    .text_form = "dcs",
    .from_text = dcs_from_text,
    .to_text = dcs_to_text,
};
