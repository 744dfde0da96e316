/* SPDX-License-Identifier: Apache-2.0 */
/* Continuous tone coded squelch: which tone is on the channel, told when it begins and when it ends.
 *
 * raw of the beginning: its frequency in tenths of a Hz, two octets, the higher first; the end has none. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "atalaya/protocol/protocol.h"
#include "atalaya/protocol/squelch.h"
#include "atalaya/squelch_tones.h"

/* Voices have strong low tones too, but none that stays within a fraction of a per cent for long. */
enum {
    STEADY = 9, /* frames in a row; with the window that looks back 0.4 s */
    GONE = 4,
    SENT = 40 /* frames, 2 s */
};
#define SHARE_BEGIN       0.45F /* of the power below the voice */
#define SHARE_STAY        0.20F
#define DEVIATION_PERCENT 0.6F /* radios are within 0.5 % */
#define WANDER_PERCENT    0.2F /* from frame to frame while it begins */

struct ctcss_state {
    uint64_t frame; /* number of the one that is being filled */
    uint8_t filled;
    int8_t below; /* first value of a pair */
    uint8_t top;  /* the strongest tone so far */
    float share, deviation;
    uint8_t candidate, steady; /* the tone of the frames before, and how many they were */
    float before;              /* its deviation */
    bool present;
    uint8_t tone, absent;
};

static void ctcss_reset(void *state)
{
    memset(state, 0, sizeof(struct ctcss_state));
}

static void describe(struct message *message, unsigned tone, bool present)
{
    struct squelch squelch = {.present = present};
    unsigned tenths = squelch_tone_tenths(tone);
    (void)snprintf(squelch.name, sizeof squelch.name, "%u.%u Hz", tenths / 10, tenths % 10);
    squelch_write(message, &squelch);
    (void)message_add_real(message, "ctcss_hz", tenths / 10.0);
}

static void tell(const struct ctcss_state *ctcss, uint64_t from, bool present, struct protocol_output *output)
{
    struct message message;
    message_reset(&message, "ctcss", "ctcss");
    message.first_bit = from * SQUELCH_FRAME;
    message.end_bit = (ctcss->frame + 1) * SQUELCH_FRAME;
    if (present) {
        unsigned tenths = squelch_tone_tenths(ctcss->tone);
        message.raw[0] = (uint8_t)(tenths >> 8);
        message.raw[1] = (uint8_t)tenths;
        message.raw_length = message.payload_length = 2;
    }
    describe(&message, ctcss->tone, present);
    output->counts.messages++;
    output->message(output->context, &message);
}

static void end(struct ctcss_state *ctcss, struct protocol_output *output)
{
    if (ctcss->present)
        tell(ctcss, ctcss->frame > GONE ? ctcss->frame - GONE : 0, false, output);
    ctcss->present = false;
}

static void on_frame(struct ctcss_state *ctcss, struct protocol_output *output)
{
    bool tuned = fabsf(ctcss->deviation) <= DEVIATION_PERCENT;
    bool same = tuned && ctcss->share >= SHARE_BEGIN && ctcss->candidate == ctcss->top &&
                fabsf(ctcss->deviation - ctcss->before) <= WANDER_PERCENT;
    ctcss->steady = same ? (uint8_t)(ctcss->steady < STEADY ? ctcss->steady + 1 : STEADY) : 0;
    ctcss->candidate = ctcss->top;
    ctcss->before = ctcss->deviation;
    if (ctcss->present && ctcss->top == ctcss->tone && tuned && ctcss->share >= SHARE_STAY)
        ctcss->absent = 0;
    else if (ctcss->present && ++ctcss->absent >= GONE)
        end(ctcss, output);
    if (ctcss->steady < STEADY || (ctcss->present && ctcss->tone == ctcss->top))
        return;
    end(ctcss, output);
    ctcss->present = true;
    ctcss->tone = ctcss->top;
    ctcss->absent = 0;
    tell(ctcss, ctcss->frame > STEADY ? ctcss->frame - STEADY : 0, true, output);
}

/* Values come in pairs: tones.h. */
static void take(struct ctcss_state *ctcss, uint64_t bit, int8_t soft, struct protocol_output *output)
{
    unsigned at = (unsigned)(bit % SQUELCH_FRAME);
    if (at == 0) {
        ctcss->filled = 0;
        ctcss->share = ctcss->deviation = 0.0F;
    }
    if (at != ctcss->filled)
        return;
    ctcss->filled++;
    if (at % 2 == 0) {
        ctcss->below = soft > 0 ? soft : 0;
        return;
    }
    float below = ctcss->below, above = soft > 0 ? soft : 0, root = fminf((below + above) / 127.0F, 1.0F);
    if (root * root > ctcss->share) {
        ctcss->share = root * root;
        ctcss->deviation = (float)SQUELCH_REACH_PERCENT * (above - below) / (above + below);
        ctcss->top = (uint8_t)(at / 2);
    }
    if (at + 1 < SQUELCH_FRAME)
        return;
    ctcss->frame = bit / SQUELCH_FRAME;
    on_frame(ctcss, output);
}

static void ctcss_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    for (size_t i = 0; i < run->count; i++)
        take(state, run->first_bit + i, run->soft[i], output);
}

static void ctcss_finish(void *state, struct protocol_output *output)
{
    end(state, output);
}

static unsigned tone_of(const struct message *message)
{
    unsigned tenths = (unsigned)message->raw[0] << 8 | message->raw[1], tone = 0;
    while (tone < SQUELCH_TONE_COUNT && squelch_tone_tenths(tone) != tenths)
        tone++;
    return message->raw_length == 2 ? tone : SQUELCH_TONE_COUNT;
}

static enum atalaya_result ctcss_read(struct message *message)
{
    unsigned tone = tone_of(message);
    if (tone == SQUELCH_TONE_COUNT)
        return ATALAYA_E_FORMAT;
    message->payload_length = message->raw_length;
    describe(message, tone, true);
    return ATALAYA_OK;
}

static enum atalaya_result ctcss_compose(struct message *message)
{
    double tenths = 10.0 * message_number(message, "ctcss_hz", 0.0);
    if (message->unit[0] || message->distress != DISTRESS_NONE || !(tenths > 0.0 && tenths < 10000.0))
        return ATALAYA_E_UNSUPPORTED;
    unsigned value = (unsigned)lround(tenths);
    message->raw[0] = (uint8_t)(value >> 8);
    message->raw[1] = (uint8_t)value;
    message->raw_length = message->payload_length = 2;
    return tone_of(message) < SQUELCH_TONE_COUNT ? ATALAYA_OK : ATALAYA_E_UNSUPPORTED;
}

/* Two seconds of the tone. preamble_bits and tail_bits are silence before and after. */
static size_t ctcss_transmit(const struct message *message, const struct protocol_transmit *how,
                             uint8_t *bits, size_t max)
{
    unsigned tone = tone_of(message);
    if (tone == SQUELCH_TONE_COUNT || how->preamble_bits > max || how->tail_bits > max)
        return 0;
    size_t before = (how->preamble_bits + SQUELCH_FRAME - 1) / SQUELCH_FRAME;
    size_t frames = before + SENT + (how->tail_bits + SQUELCH_FRAME - 1) / SQUELCH_FRAME;
    if (frames > max / SQUELCH_FRAME)
        return 0;
    memset(bits, 0, frames * SQUELCH_FRAME);
    for (size_t frame = before; frame < before + SENT; frame++)
        memset(bits + frame * SQUELCH_FRAME + (size_t)2 * tone, 1, 2);
    return frames * SQUELCH_FRAME;
}

/* "123.0" */
static enum atalaya_result ctcss_from_text(struct message *message, const char *line, size_t length)
{
    unsigned value = 0, decimals = 0;
    bool point = false;
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '.' && !point)
            point = true;
        else if (line[i] >= '0' && line[i] <= '9' && value < 1000 && decimals < 1) {
            value = 10 * value + (unsigned)(line[i] - '0');
            decimals += point;
        } else
            return ATALAYA_E_FORMAT;
    }
    value *= decimals ? 1 : 10;
    message->raw[0] = (uint8_t)(value >> 8);
    message->raw[1] = (uint8_t)value;
    message->raw_length = 2;
    return ctcss_read(message);
}

static size_t ctcss_to_text(const struct message *message, char *text, size_t size)
{
    unsigned tone = tone_of(message);
    if (size == 0)
        return 0;
    text[0] = '\0';
    if (tone == SQUELCH_TONE_COUNT)
        return 0;
    unsigned tenths = squelch_tone_tenths(tone);
    int length = snprintf(text, size, "%u.%u", tenths / 10, tenths % 10);
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

const struct protocol protocol_ctcss = {
    .address_space = "ctcss",
    .about_channel = true,
    .state_size = sizeof(struct ctcss_state),
    .reset = ctcss_reset,
    .execute = ctcss_execute,
    .finish = ctcss_finish,
    .parse = ctcss_read,
    .compose = ctcss_compose,
    .transmit = ctcss_transmit,
    .text_form = "ctcss",
    .from_text = ctcss_from_text,
    .to_text = ctcss_to_text,
};
