/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdio.h>
#include <string.h>

#include "atalaya/protocol/ones.h"
#include "blocks.h"
#include "layer2.h"
#include "search.h"

enum { FRAMES_MAX = 64, SURE = 100, ANY = -1 };

enum form { FORM_NONE, FORM_AIR, FORM_LINE, FORM_BODY, FORM_CODED };

struct words {
    enum form form;
    const char *bits;
    size_t count;
    int scr, band;
};

static bool is_key(const char *word, size_t length, const char *key)
{
    return length > strlen(key) && memcmp(word, key, strlen(key)) == 0;
}

static bool take_number(const char *text, size_t length, int *number)
{
    int value = 0;
    if (length < 1 || length > 3)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = 10 * value + text[i] - '0';
    }
    *number = value;
    return value < TETRAPOL_SCR_COUNT;
}

static bool take_word(struct words *words, const char *word, size_t length)
{
    static const char *const forms[] = {NULL, "air=", "line=", "body=", "coded="};
    if (is_key(word, length, "scr="))
        return take_number(word + 4, length - 4, &words->scr);
    if (is_key(word, length, "band=")) {
        words->band = length == 8 && memcmp(word + 5, "vhf", 3) == 0 ? TETRAPOL_VHF : TETRAPOL_UHF;
        return length == 8 && (words->band == TETRAPOL_VHF || memcmp(word + 5, "uhf", 3) == 0);
    }
    for (unsigned form = FORM_AIR; form <= FORM_CODED; form++) {
        if (!is_key(word, length, forms[form]))
            continue;
        size_t key = strlen(forms[form]);
        words->form = (enum form)form;
        words->bits = word + key;
        words->count = length - key;
        for (size_t i = 0; i < words->count; i++)
            if (words->bits[i] != '0' && words->bits[i] != '1')
                return false;
        return true;
    }
    return false;
}

static enum atalaya_result split_words(struct words *words, const char *line, size_t length)
{
    *words = (struct words){.scr = ANY, .band = ANY};
    for (size_t at = 0; at < length;) {
        size_t end = at;
        while (end < length && line[end] != ' ' && line[end] != '\t' && line[end] != '\r')
            end++;
        if (end > at && !take_word(words, line + at, end - at))
            return ATALAYA_E_FORMAT;
        at = end + 1;
    }
    size_t unit =
        words->form == FORM_AIR || words->form == FORM_LINE ? TETRAPOL_FRAME_BITS : TETRAPOL_BODY_BITS;
    if (words->form == FORM_NONE)
        return ATALAYA_E_FORMAT;
    bool single = unit == TETRAPOL_BODY_BITS;
    return words->count == 0 || words->count % unit || words->count / unit > (single ? 1 : FRAMES_MAX)
               ? ATALAYA_E_LENGTH
               : ATALAYA_OK;
}

/* Body n as soft bits, turned so that its sync word is right. *before: the line before it (air only). */
static void body_take(const struct words *words, size_t n, bool *before, int8_t body[TETRAPOL_BODY_BITS])
{
    bool whole = words->form == FORM_AIR || words->form == FORM_LINE;
    uint8_t line[TETRAPOL_FRAME_BITS], word = 0;
    size_t unit = whole ? TETRAPOL_FRAME_BITS : TETRAPOL_BODY_BITS, head = unit - TETRAPOL_BODY_BITS;
    for (size_t i = 0; i < unit; i++) {
        bool bit = words->bits[n * unit + i] == '1';
        line[i] = words->form == FORM_AIR ? bit != *before : bit;
        *before = line[i];
        if (i < head)
            word = (uint8_t)(word << 1 | line[i]);
    }
    bool turned = whole && ones_count(word ^ (unsigned)TETRAPOL_SYNC) > 4;
    for (size_t i = 0; i < TETRAPOL_BODY_BITS; i++)
        body[i] = line[head + i] != turned ? SURE : -SURE;
}

/* Reads one frame; a channel that was searched for once is known for the next. */
static bool frame_read(struct words *words, const struct tetrapol_search *search, const int8_t *body,
                       struct tetrapol_frame *frame)
{
    if (words->form == FORM_CODED) {
        int16_t coded[TETRAPOL_BODY_BITS];
        for (unsigned i = 0; i < TETRAPOL_BODY_BITS; i++)
            coded[i] = body[i];
        tetrapol_frame_read_coded(coded, frame);
        return frame->good;
    }
    struct tetrapol_channel channel = {words->band == ANY ? TETRAPOL_UHF : (enum tetrapol_band)words->band,
                                       words->scr == ANY ? 0 : (unsigned)words->scr};
    if (words->scr != ANY) {
        tetrapol_frame_read(body, &channel, frame);
        struct tetrapol_frame other;
        channel.band = TETRAPOL_VHF;
        if (words->band != ANY)
            return frame->good;
        tetrapol_frame_read(body, &channel, &other);
        words->band = other.evidence_bits > frame->evidence_bits ? TETRAPOL_VHF : TETRAPOL_UHF;
        if (words->band == TETRAPOL_VHF)
            *frame = other;
        return frame->good;
    }
    memset(frame, 0, sizeof *frame);
    if (tetrapol_search_execute(search, body, &channel, frame) == 0 ||
        (words->band != ANY && channel.band != (enum tetrapol_band)words->band))
        return false;
    words->scr = (int)channel.scr;
    words->band = (int)channel.band;
    return frame->good;
}

static void describe(struct message *message, const struct words *words, const struct tetrapol_frame *frame)
{
    char text[TETRAPOL_DATA_BITS + 1];
    (void)message_add_string(message, "frame", frame->is_data ? "data" : "voice");
    (void)message_add_integer(message, "asb", frame->asb);
    (void)message_add_integer(message, "coded_bits_corrected", message->bits_corrected);
    if (words->form != FORM_CODED) {
        (void)message_add_integer(message, "scr", words->scr);
        (void)message_add_string(message, "band", tetrapol_band_text((enum tetrapol_band)words->band));
    }
    if (!frame->is_data)
        return; /* what was spoken is nobody's business */
    (void)message_add_integer(message, "fn", frame->fn);
    for (unsigned i = 0; i < TETRAPOL_DATA_BITS; i++)
        text[i] = (char)('0' + frame->bits[i]);
    (void)message_add_text(message, "bits", text, TETRAPOL_DATA_BITS);
    for (unsigned i = 0; i < TETRAPOL_BLOCK_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", frame->block[i]);
    (void)message_add_string(message, "block", text);
}

enum atalaya_result tetrapol_text_read(struct message *message, const char *line, size_t length)
{
    struct words words;
    struct tetrapol_search search;
    struct tetrapol_blocks blocks;
    struct tetrapol_link_frame made;
    struct tetrapol_frame frame, best = {0};
    enum atalaya_result result = split_words(&words, line, length);
    if (result != ATALAYA_OK)
        return result;
    bool before = false, whole = false;
    tetrapol_search_reset(&search);
    tetrapol_blocks_reset(&blocks);
    size_t unit = words.count % TETRAPOL_FRAME_BITS ? TETRAPOL_BODY_BITS : TETRAPOL_FRAME_BITS;
    for (size_t n = 0; n < words.count / unit && !whole; n++) {
        int8_t body[TETRAPOL_BODY_BITS];
        body_take(&words, n, &before, body);
        if (frame_read(&words, &search, body, &frame))
            best = frame;
        message->bits_corrected += frame.good ? frame.corrected : 0;
        if (frame.is_data || !frame.good)
            whole = tetrapol_blocks_push(&blocks, &frame, &made) == TETRAPOL_BLOCKS_FRAME && !made.idle;
    }
    if (!best.good)
        return ATALAYA_E_CHECK;
    if (whole) {
        message->raw_length = (uint16_t)(made.length - TETRAPOL_FCS_BYTES);
        memcpy(message->raw, made.byte, message->raw_length);
        (void)tetrapol_parse(message); /* its length is right */
    }
    describe(message, &words, &best);
    return ATALAYA_OK;
}
