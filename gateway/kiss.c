/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/kiss.h"

enum { FEND = 0xc0, FESC = 0xdb, TFEND = 0xdc, TFESC = 0xdd };

void kiss_reset(struct kiss_decoder *decoder)
{
    decoder->length = 0;
    decoder->in_frame = decoder->escaped = decoder->overflow = false;
    decoder->malformed = 0;
}

/* A FEND ends what stood before it and opens what follows; two in a row are no frame. */
static void frame_end(struct kiss_decoder *decoder, kiss_sink *sink, void *context)
{
    if (decoder->overflow || decoder->escaped)
        decoder->malformed++;
    else if (decoder->in_frame && decoder->length)
        sink(context, decoder->frame[0] >> 4, decoder->frame[0] & 0x0f, decoder->frame + 1,
             decoder->length - 1);
    decoder->length = 0;
    decoder->in_frame = true;
    decoder->escaped = decoder->overflow = false;
}

static void byte_append(struct kiss_decoder *decoder, uint8_t byte)
{
    if (decoder->escaped) {
        decoder->escaped = false;
        if (byte != TFEND && byte != TFESC) {
            decoder->overflow = true; /* not what was sent, whatever it was: dropped at its end */
            return;
        }
        byte = byte == TFEND ? FEND : FESC;
    } else if (byte == FESC) {
        decoder->escaped = true;
        return;
    }
    if (decoder->length == sizeof decoder->frame)
        decoder->overflow = true;
    else
        decoder->frame[decoder->length++] = byte;
}

void kiss_execute(struct kiss_decoder *decoder, const uint8_t *bytes, size_t count, kiss_sink *sink,
                  void *context)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == FEND)
            frame_end(decoder, sink, context);
        else if (decoder->in_frame && !decoder->overflow)
            byte_append(decoder, bytes[i]);
    }
}

static size_t byte_put(uint8_t *out, size_t max, size_t at, uint8_t byte)
{
    if (at < max)
        out[at] = byte;
    return at + 1;
}

static size_t byte_escape(uint8_t *out, size_t max, size_t at, uint8_t byte)
{
    if (byte != FEND && byte != FESC)
        return byte_put(out, max, at, byte);
    at = byte_put(out, max, at, FESC);
    return byte_put(out, max, at, byte == FEND ? TFEND : TFESC);
}

size_t kiss_encode(unsigned port, unsigned command, const uint8_t *data, size_t length, uint8_t *out,
                   size_t max)
{
    if (port > 15 || command > 15 || length > KISS_FRAME_MAX)
        return 0;
    size_t at = byte_put(out, max, 0, FEND);
    at = byte_escape(out, max, at, (uint8_t)(port << 4 | command)); /* port 12, command 0 looks like a FEND */
    for (size_t i = 0; i < length; i++)
        at = byte_escape(out, max, at, data[i]);
    at = byte_put(out, max, at, FEND);
    return at <= max ? at : 0;
}
