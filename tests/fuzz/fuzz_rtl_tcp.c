/* SPDX-License-Identifier: Apache-2.0 */
/* What an rtl_tcp server may send, in pieces of any size: the whole source reads it from a socket. Frames
 * come out one for every two bytes, finite and in range, however the bytes were cut. */
#include <assert.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../gateway/source/rtl_tcp_private.h"
#include "atalaya/gateway/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t drain(struct source *source, enum atalaya_result *result)
{
    struct source_block block;
    size_t frames = 0;
    memset(&block, 0, sizeof block);
    *result = source_kind_rtl_tcp.read(source, &block);
    assert(*result == ATALAYA_OK || *result == ATALAYA_E_GONE);
    frames = *result == ATALAYA_OK ? block.frames : 0;
    for (size_t i = 0; i < frames * 2; i++)
        assert(fabsf(block.samples[i]) <= 1.0F);
    return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_source settings = {.name = "fuzz", .type = SOURCE_RTL_TCP, .rate_hz = 240000, .lanes = 1};
    struct rtl_tcp_greeting greeting;
    struct source *source;
    enum atalaya_result result = ATALAYA_OK;
    char text[SOURCE_TEXT_MAX];
    int pair[2];
    log_set_level(LOG_LEVEL_ERROR);
    if (size < RTL_TCP_GREETING_BYTES || size > 60000)
        return 0;
    if (rtl_tcp_greeting_read(data, &greeting))
        assert(*rtl_tcp_tuner_text(greeting.tuner));
    data += RTL_TCP_GREETING_BYTES;
    size -= RTL_TCP_GREETING_BYTES;
    assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    assert(rtl_tcp_adopt(&settings, pair[0], 0, &source, text, sizeof text) == ATALAYA_OK);
    size_t frames = 0, sent = 0;
    while (sent < size) {
        size_t chunk = 1 + data[sent] * 7U;
        chunk = chunk < size - sent ? chunk : size - sent;
        ssize_t count = send(pair[1], data + sent, chunk, 0);
        if (count < 0)
            break;
        sent += (size_t)count;
        frames += drain(source, &result);
    }
    (void)close(pair[1]);
    while (result == ATALAYA_OK)
        frames += drain(source, &result);
    assert(frames == sent / 2);
    source_kind_rtl_tcp.close(source);
    return 0;
}
