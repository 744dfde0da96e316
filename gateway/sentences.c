/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/sentences.h"

#include <stdbool.h>

enum { STX = 0x02, ETX = 0x03, LINE_END = '\n' };

void sentences_reset(struct sentences_decoder *decoder)
{
    decoder->length = 0;
    decoder->end = 0;
    decoder->malformed = 0;
}

static void frame_begin(struct sentences_decoder *decoder, uint8_t end)
{
    decoder->malformed += decoder->end != 0; /* another began before it ended */
    decoder->end = end;
    decoder->length = 0;
}

static void frame_drop(struct sentences_decoder *decoder)
{
    decoder->malformed++;
    decoder->end = 0;
}

static bool is_text(uint8_t byte)
{
    return byte >= ' ' && byte != 0x7f; /* texts may hold letters with accents */
}

void sentences_execute(struct sentences_decoder *decoder, const uint8_t *bytes, size_t count,
                       sentences_sink *sink, void *context)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = bytes[i];
        bool line = decoder->end == LINE_END;
        if (byte == STX) {
            frame_begin(decoder, ETX);
        } else if (byte == '$' && decoder->end != ETX) {
            frame_begin(decoder, LINE_END);
            decoder->frame[decoder->length++] = byte;
        } else if (decoder->end == 0) {
            continue;
        } else if (byte == decoder->end || (line && byte == '\r')) {
            if (decoder->length > 0)
                sink(context, decoder->frame, decoder->length);
            decoder->end = 0;
        } else if (!is_text(byte) || decoder->length == sizeof decoder->frame) {
            frame_drop(decoder);
        } else {
            decoder->frame[decoder->length++] = byte;
        }
    }
}
