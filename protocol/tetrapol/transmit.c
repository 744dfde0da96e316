/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit.h"

#include <string.h>

#include "blocks.h"
#include "emergency.h"
#include "layer2.h"
#include "session.h"

enum {
    PREAMBLE_BITS = 64,
    TAIL_BITS = 400, /* the receiver hears that no frame follows */
    STARTS = 8,
    ENDS = 3,
    PATTERN_FRAMES = 25,
    SPEECH_BITS = 120,
    FRAMES_MOST = (PROTOCOL_LINE_BITS_MAX - PREAMBLE_BITS - TAIL_BITS) / TETRAPOL_FRAME_BITS,
    VOICE_MOST = FRAMES_MOST - STARTS - ENDS - 2
};

/* Line bits being written; full stays true once they did not fit. */
struct line {
    uint8_t *bits;
    size_t count, max;
    struct tetrapol_channel channel;
    bool full;
};

static uint8_t *frame_room(struct line *line)
{
    line->full = line->full || line->max - line->count < TETRAPOL_FRAME_BITS;
    if (line->full)
        return NULL;
    line->count += TETRAPOL_FRAME_BITS;
    return line->bits + line->count - TETRAPOL_FRAME_BITS;
}

static void put_link(struct line *line, const uint8_t *raw, size_t length, unsigned asb)
{
    struct tetrapol_block block[TETRAPOL_BLOCKS_MAX];
    unsigned n = tetrapol_blocks_split(raw, length, block);
    for (unsigned i = 0; i < n; i++) {
        uint8_t *to = frame_room(line);
        if (to)
            tetrapol_frame_write_data(block[i].byte, block[i].fn, asb, &line->channel, to);
    }
}

static void put_speech(struct line *line, uint8_t codop)
{
    const uint8_t raw[TETRAPOL_SPEECH_BYTES] = {0x7f,  0xff, TETRAPOL_UI_VCH,
                                                codop, 0,    codop == TETRAPOL_U_START_SPEECH};
    put_link(line, raw, sizeof raw, 0);
}

static void put_voice(struct line *line, unsigned frames)
{
    static const uint8_t silence[SPEECH_BITS];
    for (unsigned i = 0; i < frames; i++) {
        uint8_t *to = frame_room(line);
        if (to)
            tetrapol_frame_write_voice(silence, 0, &line->channel, to);
    }
}

/* How a transmission begins: U_START_SPEECH eight times, then who speaks. */
static void put_opening(struct line *line, const struct message *message)
{
    uint8_t caller[TETRAPOL_CALLER_BYTES];
    for (unsigned i = 0; i < STARTS; i++)
        put_speech(line, TETRAPOL_U_START_SPEECH);
    if (tetrapol_caller_write(message->unit, caller))
        put_link(line, caller, sizeof caller, 2);
}

static void put_burst(struct line *line, const struct message *message)
{
    double seconds = message_number(message, "transmission_s", 0.5);
    double frames = seconds * TETRAPOL_BIT_RATE / TETRAPOL_FRAME_BITS - STARTS - ENDS - 2;
    put_opening(line, message);
    put_voice(line, frames > 0 ? frames < VOICE_MOST ? (unsigned)frames : VOICE_MOST : 0);
    for (unsigned i = 0; i < ENDS; i++)
        put_speech(line, (uint8_t)(TETRAPOL_U_END_SPEECH + i));
}

static void put_alarm(struct line *line, const struct message *message)
{
    if (message->unit[0])
        put_opening(line, message);
    for (unsigned n = 0; n < PATTERN_FRAMES; n++) {
        uint8_t *to = frame_room(line);
        for (unsigned i = 0; to && i < TETRAPOL_FRAME_BITS; i++) {
            unsigned at = i % TETRAPOL_EMERGENCY_PERIOD;
            to[i] = TETRAPOL_EMERGENCY_PATTERN >> (TETRAPOL_EMERGENCY_PERIOD - 1 - at) & 1;
        }
    }
}

static bool event_is(const struct message *message, const char *event)
{
    const char *said = message_text(message, "event", NULL);
    return said && strcmp(said, event) == 0;
}

static struct tetrapol_channel channel_of(const struct message *message)
{
    const char *band = message_text(message, "band", NULL);
    double scr = message_number(message, "scr", 0);
    bool valid = scr >= 0 && scr < TETRAPOL_SCR_COUNT;
    return (struct tetrapol_channel){band && strcmp(band, "vhf") == 0 ? TETRAPOL_VHF : TETRAPOL_UHF,
                                     valid ? (unsigned)scr : 0};
}

/* Ones and zeros in turn, then the carrier as it is. */
static bool put_bits(struct line *line, size_t count, bool alternate)
{
    if (count > line->max - line->count)
        return false;
    for (size_t i = 0; i < count; i++)
        line->bits[line->count++] = alternate ? i / 2 % 2 : 0;
    return true;
}

size_t tetrapol_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                         size_t max)
{
    struct line line = {.bits = bits, .max = max, .channel = channel_of(message)};
    size_t before = how->preamble_bits ? how->preamble_bits : PREAMBLE_BITS;
    size_t after = how->tail_bits > TAIL_BITS ? how->tail_bits : TAIL_BITS;
    if (!put_bits(&line, before, true))
        return 0;
    if (event_is(message, "transmission"))
        put_burst(&line, message);
    else if (event_is(message, "emergency_pattern"))
        put_alarm(&line, message);
    else if (tetrapol_blocks_fits(message->raw_length))
        put_link(&line, message->raw, message->raw_length, 0);
    else
        return 0;
    return !line.full && put_bits(&line, after, false) ? line.count : 0;
}
