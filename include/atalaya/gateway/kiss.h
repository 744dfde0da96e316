/* SPDX-License-Identifier: Apache-2.0 */
/* The KISS framing of TNCs (Chepponis and Karn, 1987). Pure: bytes in, frames out. */
#ifndef ATALAYA_GATEWAY_KISS_H
#define ATALAYA_GATEWAY_KISS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KISS_FRAME_MAX = 1100 };

struct kiss_decoder {
    uint8_t frame[KISS_FRAME_MAX + 1]; /* type byte first */
    size_t length;
    bool in_frame, escaped, overflow;
    uint64_t malformed; /* frames dropped: too long, bad escape */
};

typedef void kiss_sink(void *context, unsigned port, unsigned command, const uint8_t *data, size_t length);

void kiss_reset(struct kiss_decoder *decoder);
void kiss_execute(struct kiss_decoder *decoder, const uint8_t *bytes, size_t count, kiss_sink *sink,
                  void *context);
/* Writes FEND, type, escaped data, FEND. Returns bytes written, or 0 when max is too small. */
size_t kiss_encode(unsigned port, unsigned command, const uint8_t *data, size_t length, uint8_t *out,
                   size_t max);

#endif
