/* SPDX-License-Identifier: Apache-2.0 */
/* DTMF: keys that follow each other within PAUSE_MOST_MS are one call.
 *
 * raw: the keys as characters, 0 to 9, A to D, * and #. In unit ids, which know neither, * is E and # is F,
 * as in the numbering of the codes 0 to 15. */
#include <string.h>

#include "atalaya/protocol/protocol.h"
#include "keys.h"

enum {
    KEYS_LEAST = 3, /* fewer come out of voices and of tones that open repeaters */
    KEYS_MOST = 24,
    TONE_MS = 70, /* as sent; ETSI ES 201 235-2: 65 ms or more */
    PAUSE_MS = 70,
    PAUSE_MOST_MS = 1500, /* as received, from a key's end to the next one: fingers are slow */
    PATIENCE = PAUSE_MOST_MS / TONES_HOP_MS,
    DOUBT = 60 /* frames around a call in which a key that was nearly heard may be part of it */
};
static const char signs[DTMF_KEYS + 1] = "123A456B789C*0#D";

struct dtmf_state {
    struct tone_frames frames;
    struct dtmf_keys keys;
    uint64_t begin, end; /* frames of the first key and the last one */
    bool doubtful;       /* a key among them may have been missed */
    uint8_t count;
    char call[KEYS_MOST];
};

static void dtmf_reset(void *state)
{
    struct dtmf_state *dtmf = state;
    memset(dtmf, 0, sizeof *dtmf);
    dtmf_keys_reset(&dtmf->keys);
}

static enum atalaya_result dtmf_read(struct message *message)
{
    if (message->raw_length < KEYS_LEAST || message->raw_length > KEYS_MOST)
        return ATALAYA_E_LENGTH;
    for (unsigned i = 0; i < message->raw_length; i++) {
        char sign = (char)message->raw[i];
        if (!memchr(signs, sign, DTMF_KEYS))
            return ATALAYA_E_FORMAT;
        message->unit[i] = sign == '*' ? 'E' : sign;
        if (sign == '#')
            message->unit[i] = 'F';
    }
    message->unit[message->raw_length] = '\0';
    message->payload_length = message->raw_length;
    message->kind = MESSAGE_QUERY;
    (void)message_add_string(message, "meaning", "dtmf_call");
    return message_add_text(message, "code", message->raw, message->raw_length);
}

/* Was a key missed near the frame? A number with a key missing is somebody else's. */
static bool is_close(const struct dtmf_state *dtmf, uint64_t frame)
{
    uint64_t doubt = dtmf->keys.doubt;
    return doubt > 0 && doubt + DOUBT > frame && doubt < frame + DOUBT;
}

static void hand_over(struct dtmf_state *dtmf, struct protocol_output *output)
{
    struct message message;
    message_reset(&message, "dtmf", "dtmf");
    memcpy(message.raw, dtmf->call, dtmf->count);
    message.raw_length = dtmf->count;
    message.first_bit = dtmf->begin * TONES_FRAME;
    message.end_bit = dtmf->end * TONES_FRAME;
    dtmf->count = 0;
    if (dtmf->doubtful || is_close(dtmf, dtmf->end)) {
        output->counts.check++;
        return;
    }
    if (dtmf_read(&message) != ATALAYA_OK) {
        output->counts.length++;
        return;
    }
    output->counts.messages++;
    output->message(output->context, &message);
}

static void on_frame(struct dtmf_state *dtmf, const struct tone_frame *frame, struct protocol_output *output)
{
    unsigned key;
    bool pressed = dtmf_keys_take(&dtmf->keys, frame, &key);
    if (dtmf->count > 0 && dtmf->keys.key < DTMF_KEYS && dtmf->keys.told)
        dtmf->end = dtmf->keys.last + 1;
    bool over = pressed ? dtmf->keys.begin > dtmf->end + PATIENCE : dtmf->keys.now > dtmf->end + PATIENCE + 1;
    if (dtmf->count > 0 && (over || (pressed && dtmf->count == KEYS_MOST)))
        hand_over(dtmf, output);
    if (dtmf->count > 0 && dtmf_keys_glides(&dtmf->keys))
        dtmf->doubtful = true;
    if (!pressed)
        return;
    if (dtmf->count == 0) {
        dtmf->begin = dtmf->keys.begin;
        dtmf->doubtful = is_close(dtmf, dtmf->begin);
    } else if (dtmf->keys.doubt > dtmf->begin) {
        dtmf->doubtful = true;
    }
    dtmf->end = dtmf->keys.last + 1;
    dtmf->call[dtmf->count++] = signs[key];
}

static void dtmf_execute(void *state, const struct soft_run *run, struct protocol_output *output)
{
    struct dtmf_state *dtmf = state;
    struct tone_frame frame;
    bool whole;
    for (size_t i = 0; i < run->count;) {
        i += tone_frames_next(&dtmf->frames, run, i, &frame, &whole);
        if (whole)
            on_frame(dtmf, &frame, output);
    }
}

static void dtmf_finish(void *state, struct protocol_output *output)
{
    struct dtmf_state *dtmf = state;
    if (dtmf->count > 0)
        hand_over(dtmf, output);
}

static enum atalaya_result dtmf_compose(struct message *message)
{
    size_t length = strlen(message->unit);
    if (length < KEYS_LEAST || length > KEYS_MOST || message->to[0] || message->distress != DISTRESS_NONE)
        return ATALAYA_E_UNSUPPORTED;
    for (size_t i = 0; i < length; i++) {
        char sign = message->unit[i];
        sign = sign == 'E' ? '*' : sign == 'F' ? '#' : sign;
        if (!memchr(signs, sign, DTMF_KEYS))
            return ATALAYA_E_UNSUPPORTED;
        message->raw[i] = (uint8_t)sign;
    }
    message->raw_length = message->payload_length = (uint16_t)length;
    return ATALAYA_OK;
}

static size_t dtmf_transmit(const struct message *message, const struct protocol_transmit *how, uint8_t *bits,
                            size_t max)
{
    if (message->raw_length > KEYS_MOST || how->preamble_bits > max || how->tail_bits > max)
        return 0;
    size_t at = (how->preamble_bits + TONES_FRAME - 1) / TONES_FRAME;
    size_t after = (how->tail_bits + TONES_FRAME - 1) / TONES_FRAME;
    size_t frames = at + (size_t)message->raw_length * (TONE_MS + PAUSE_MS) / TONES_HOP_MS + after;
    if (frames > max / TONES_FRAME)
        return 0;
    memset(bits, 0, frames * TONES_FRAME);
    for (unsigned i = 0; i < message->raw_length; i++) {
        const char *sign = memchr(signs, message->raw[i], DTMF_KEYS);
        if (!sign)
            return 0;
        size_t end = at + TONE_MS / TONES_HOP_MS;
        tone_frames_put(bits, at, end, dtmf_row[(sign - signs) / DTMF_COLUMNS]);
        tone_frames_put(bits, at, end, dtmf_column[(sign - signs) % DTMF_COLUMNS]);
        at = end + PAUSE_MS / TONES_HOP_MS;
    }
    return frames * TONES_FRAME;
}

static enum atalaya_result dtmf_from_text(struct message *message, const char *line, size_t length)
{
    if (length > KEYS_MOST)
        return ATALAYA_E_LENGTH;
    memcpy(message->raw, line, length);
    message->raw_length = (uint16_t)length;
    return dtmf_read(message);
}

static size_t dtmf_to_text(const struct message *message, char *text, size_t size)
{
    size_t length = message->raw_length < size ? message->raw_length : size ? size - 1 : 0;
    memcpy(text, message->raw, length);
    if (size)
        text[length] = '\0';
    return length;
}

const struct protocol protocol_dtmf = {
    .address_space = "dtmf",
    .state_size = sizeof(struct dtmf_state),
    .reset = dtmf_reset,
    .execute = dtmf_execute,
    .finish = dtmf_finish,
    .parse = dtmf_read,
    .compose = dtmf_compose,
    .transmit = dtmf_transmit,
    .text_form = "dtmf",
    .from_text = dtmf_from_text,
    .self_test = "00000",
    .to_text = dtmf_to_text,
};
