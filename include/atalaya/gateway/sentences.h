/* SPDX-License-Identifier: Apache-2.0 */
/* The framing of base radios' data ports: a line that begins with '$', or what stands between STX and ETX.
 * Pure: bytes in, frames out. */
#ifndef ATALAYA_GATEWAY_SENTENCES_H
#define ATALAYA_GATEWAY_SENTENCES_H

#include <stddef.h>
#include <stdint.h>

enum { SENTENCES_FRAME_MAX = 512 };

struct sentences_decoder {
    uint8_t frame[SENTENCES_FRAME_MAX];
    size_t length;
    uint8_t end;        /* what ends the frame: '\n' or ETX; 0 = not in one */
    uint64_t malformed; /* frames dropped: too long, torn, not printable */
};

/* A frame without line end, STX and ETX [size: length]. */
typedef void sentences_sink(void *context, const uint8_t *frame, size_t length);

void sentences_reset(struct sentences_decoder *decoder);
void sentences_execute(struct sentences_decoder *decoder, const uint8_t *bytes, size_t count,
                       sentences_sink *sink, void *context);

#endif
