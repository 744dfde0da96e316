/* SPDX-License-Identifier: Apache-2.0 */
/* KISS: hostile bytes never overrun, and whatever the decoder gave encodes and decodes to the same. */
#include <assert.h>
#include <string.h>

#include "atalaya/gateway/kiss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct copy {
    unsigned frames, port, command;
    size_t length;
    uint8_t data[KISS_FRAME_MAX];
};

static void keep(void *context, unsigned port, unsigned command, const uint8_t *data, size_t length)
{
    struct copy *copy = context;
    assert(length <= KISS_FRAME_MAX);
    assert(port < 16 && command < 16);
    copy->frames++;
    copy->port = port;
    copy->command = command;
    copy->length = length;
    memcpy(copy->data, data, length);
}

static void round_trip(void *context, unsigned port, unsigned command, const uint8_t *data, size_t length)
{
    static uint8_t bytes[2 * KISS_FRAME_MAX + 4];
    static struct kiss_decoder decoder;
    static struct copy copy;
    (void)context;
    size_t count = kiss_encode(port, command, data, length, bytes, sizeof bytes);
    assert(count >= length + 3);
    copy.frames = 0;
    kiss_reset(&decoder);
    kiss_execute(&decoder, bytes, count, keep, &copy);
    assert(copy.frames == 1 && decoder.malformed == 0);
    assert(copy.port == port && copy.command == command && copy.length == length);
    assert(memcmp(copy.data, data, length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct kiss_decoder decoder;
    kiss_reset(&decoder);
    for (size_t at = 0; at < size;) {
        size_t chunk = 1 + data[at] % 31;
        chunk = chunk < size - at ? chunk : size - at;
        kiss_execute(&decoder, data + at, chunk, round_trip, NULL);
        assert(decoder.length <= sizeof decoder.frame);
        at += chunk;
    }
    /* The same as one frame's data, however it looks. */
    if (size && size <= KISS_FRAME_MAX)
        round_trip(NULL, data[0] >> 4, data[0] & 15, data, size);
    return 0;
}
