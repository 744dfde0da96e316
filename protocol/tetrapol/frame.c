/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <string.h>

#include "code.h"

enum {
    FIRST_CODED = 2 * TETRAPOL_FIRST_BITS,
    DATA_AT = 3, /* after D and FN */
    ASB_AT = 67,
    CRC5_AT = 69,
    CRC3_AT = 23,
    SPEECH_FIRST = 20,
    DATA_WRONG_MAX = 20, /* where the evidence is used up: noise lies 17 to 24 from the nearest code word */
    VOICE_WRONG_MAX = 5
};

/* log2 of the words within t errors of one code word, rounded up: sum of C(152, 0..t), of C(52, 0..t). */
static const uint8_t data_ball[DATA_WRONG_MAX + 1] = {0,  8,  14, 20, 25, 30, 34, 39, 43, 47, 51,
                                                      55, 58, 62, 65, 68, 71, 74, 77, 80, 83};
static const uint8_t voice_ball[VOICE_WRONG_MAX + 1] = {0, 6, 11, 15, 19, 22};

static int16_t soft_at(const int8_t *body, const struct tetrapol_channel *channel, unsigned j)
{
    return (int16_t)(tetrapol_scrambler(channel->scr, j) ? -body[j] : body[j]);
}

/* Coded bits [from, to). */
static void soften(const int8_t *body, const struct tetrapol_channel *channel, bool is_data, unsigned from,
                   unsigned to, int16_t *coded)
{
    for (unsigned i = from; i < to; i++) {
        const unsigned j = tetrapol_position(channel->band, is_data, i);
        const unsigned back = tetrapol_precoding(channel->band, j);
        coded[i] = soft_at(body, channel, j);
        if (back == 0)
            continue;
        /* The sum of two bits is 1 when they differ, and as sure as the less sure of them. */
        int16_t a = coded[i], b = soft_at(body, channel, j - back);
        int16_t size_a = (int16_t)(a < 0 ? -a : a), size_b = (int16_t)(b < 0 ? -b : b);
        int16_t size = size_a < size_b ? size_a : size_b;
        coded[i] = (int16_t)((a < 0) == (b < 0) ? -size : size);
    }
}

static void judge_data(struct tetrapol_frame *frame)
{
    const uint8_t *bits = frame->bits;
    uint8_t crc = 0;
    for (unsigned i = 0; i < 5; i++)
        crc = (uint8_t)(crc << 1 | bits[CRC5_AT + i]);
    frame->fn = (uint8_t)(bits[1] | bits[2] << 1);
    frame->asb = (uint8_t)(bits[ASB_AT] << 1 | bits[ASB_AT + 1]);
    memset(frame->block, 0, sizeof frame->block);
    for (unsigned i = 0; i < 8 * TETRAPOL_BLOCK_BYTES; i++)
        frame->block[i / 8] |= (uint8_t)(bits[DATA_AT + i] << i % 8);
    frame->good = crc == tetrapol_crc5(bits, CRC5_AT) && frame->corrected <= DATA_WRONG_MAX;
    /* 152 coded bits for 74 that are free (two are zero), five of them the CRC. */
    unsigned spare = TETRAPOL_BODY_BITS - (TETRAPOL_DATA_BITS - 2) + 5;
    frame->evidence_bits = frame->good ? spare - data_ball[frame->corrected] : 0;
}

static void judge_voice(struct tetrapol_frame *frame)
{
    const uint8_t *bits = frame->bits;
    uint8_t crc = (uint8_t)(bits[CRC3_AT] << 2 | bits[CRC3_AT + 1] << 1 | bits[CRC3_AT + 2]);
    frame->asb = (uint8_t)(bits[SPEECH_FIRST + 1] << 1 | bits[SPEECH_FIRST + 2]);
    frame->good = crc == tetrapol_crc3(bits, CRC3_AT) && frame->corrected <= VOICE_WRONG_MAX;
    unsigned spare = FIRST_CODED - TETRAPOL_FIRST_BITS + 3;
    frame->evidence_bits = frame->good ? spare - voice_ball[frame->corrected] : 0;
}

static void plain_take(const int16_t *coded, struct tetrapol_frame *frame)
{
    for (unsigned j = FIRST_CODED; j < TETRAPOL_BODY_BITS; j++)
        frame->bits[TETRAPOL_FIRST_BITS + j - FIRST_CODED] = coded[j] > 0;
}

static void second_take(const int16_t *coded, struct tetrapol_frame *frame)
{
    frame->corrected += tetrapol_code_decode(coded + FIRST_CODED, TETRAPOL_SECOND_BITS, false,
                                             frame->bits + TETRAPOL_FIRST_BITS);
    judge_data(frame);
}

static void first_take(const int16_t *coded, struct tetrapol_frame *frame)
{
    memset(frame, 0, sizeof *frame);
    frame->corrected = tetrapol_code_decode(coded, TETRAPOL_FIRST_BITS, true, frame->bits);
    frame->is_data = frame->bits[0];
}

static void rest_take(const int16_t *coded, struct tetrapol_frame *frame)
{
    if (frame->is_data) {
        second_take(coded, frame);
        return;
    }
    plain_take(coded, frame);
    judge_voice(frame);
}

void tetrapol_frame_read_coded(const int16_t *coded, struct tetrapol_frame *frame)
{
    first_take(coded, frame);
    rest_take(coded, frame);
}

void tetrapol_frame_read(const int8_t *body, const struct tetrapol_channel *channel,
                         struct tetrapol_frame *frame)
{
    int16_t coded[TETRAPOL_BODY_BITS];
    soften(body, channel, false, 0, FIRST_CODED, coded);
    first_take(coded, frame);
    soften(body, channel, frame->is_data, FIRST_CODED, TETRAPOL_BODY_BITS, coded);
    rest_take(coded, frame);
}

bool tetrapol_frame_is(const int8_t *body, const struct tetrapol_channel *channel, bool is_data,
                       struct tetrapol_frame *frame)
{
    int16_t coded[TETRAPOL_BODY_BITS];
    soften(body, channel, false, 0, FIRST_CODED, coded);
    first_take(coded, frame);
    if (frame->is_data != is_data)
        return false;
    if (!is_data) {
        judge_voice(frame);
        if (!frame->good)
            return false;
    }
    soften(body, channel, is_data, FIRST_CODED, TETRAPOL_BODY_BITS, coded);
    rest_take(coded, frame);
    return true;
}

static void line_make(const uint8_t *coded, bool is_data, const struct tetrapol_channel *channel,
                      uint8_t *line)
{
    uint8_t *body = line + TETRAPOL_SYNC_BITS, x[TETRAPOL_BODY_BITS];
    for (unsigned i = 0; i < TETRAPOL_SYNC_BITS; i++)
        line[i] = TETRAPOL_SYNC >> (TETRAPOL_SYNC_BITS - 1 - i) & 1;
    for (unsigned j = 0; j < TETRAPOL_BODY_BITS; j++)
        x[tetrapol_position(channel->band, is_data, j)] = coded[j];
    for (unsigned j = 0; j < TETRAPOL_BODY_BITS; j++) { /* precode, then scramble */
        unsigned back = tetrapol_precoding(channel->band, j);
        x[j] ^= back ? x[j - back] : 0;
        body[j] = x[j] ^ tetrapol_scrambler(channel->scr, j);
    }
}

void tetrapol_frame_write_data(const uint8_t block[TETRAPOL_BLOCK_BYTES], unsigned fn, unsigned asb,
                               const struct tetrapol_channel *channel, uint8_t *line)
{
    uint8_t bits[TETRAPOL_DATA_BITS] = {1, fn & 1, fn >> 1 & 1}, coded[TETRAPOL_BODY_BITS];
    for (unsigned i = 0; i < 8 * TETRAPOL_BLOCK_BYTES; i++)
        bits[DATA_AT + i] = block[i / 8] >> i % 8 & 1;
    bits[ASB_AT] = asb >> 1 & 1;
    bits[ASB_AT + 1] = asb & 1;
    uint8_t crc = tetrapol_crc5(bits, CRC5_AT);
    for (unsigned i = 0; i < 5; i++)
        bits[CRC5_AT + i] = crc >> (4 - i) & 1;
    tetrapol_code_encode(bits, TETRAPOL_FIRST_BITS, true, coded);
    tetrapol_code_encode(bits + TETRAPOL_FIRST_BITS, TETRAPOL_SECOND_BITS, false, coded + FIRST_CODED);
    line_make(coded, true, channel, line);
}

void tetrapol_frame_write_voice(const uint8_t *speech, unsigned asb, const struct tetrapol_channel *channel,
                                uint8_t *line)
{
    uint8_t bits[TETRAPOL_FIRST_BITS] = {0}, coded[TETRAPOL_BODY_BITS];
    memcpy(bits + 1, speech, SPEECH_FIRST);
    bits[SPEECH_FIRST + 1] = asb >> 1 & 1;
    bits[SPEECH_FIRST + 2] = asb & 1;
    uint8_t crc = tetrapol_crc3(bits, CRC3_AT);
    for (unsigned i = 0; i < 3; i++)
        bits[CRC3_AT + i] = crc >> (2 - i) & 1;
    tetrapol_code_encode(bits, TETRAPOL_FIRST_BITS, true, coded);
    memcpy(coded + FIRST_CODED, speech + SPEECH_FIRST, TETRAPOL_PLAIN_BITS);
    line_make(coded, false, channel, line);
}
