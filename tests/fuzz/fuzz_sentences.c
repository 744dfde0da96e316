/* SPDX-License-Identifier: Apache-2.0 */
/* A base radio's data port: hostile bytes never overrun, a frame is text without its ends, and it does not
 * matter how the bytes were cut into reads. */
#include <assert.h>
#include <string.h>

#include "atalaya/gateway/sentences.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    unsigned frames;
    uint64_t hash; /* FNV-1a of all frames */
};

static void on_frame(void *context, const uint8_t *frame, size_t length)
{
    struct seen *seen = context;
    assert(length > 0 && length <= SENTENCES_FRAME_MAX);
    seen->frames++;
    for (size_t i = 0; i < length; i++) {
        assert(frame[i] >= ' ' && frame[i] != 0x7f);
        seen->hash = (seen->hash ^ frame[i]) * 1099511628211u;
    }
    seen->hash = (seen->hash ^ 0x100) * 1099511628211u;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sentences_decoder whole, pieces;
    struct seen by_whole = {0, 14695981039346656037u}, by_pieces = by_whole;
    sentences_reset(&whole);
    sentences_execute(&whole, data, size, on_frame, &by_whole);
    sentences_reset(&pieces);
    for (size_t at = 0; at < size;) {
        size_t chunk = 1 + data[at] % 31;
        chunk = chunk < size - at ? chunk : size - at;
        sentences_execute(&pieces, data + at, chunk, on_frame, &by_pieces);
        at += chunk;
    }
    assert(memcmp(&by_whole, &by_pieces, sizeof by_whole) == 0 && whole.malformed == pieces.malformed);
    return 0;
}
