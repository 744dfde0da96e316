/* SPDX-License-Identifier: Apache-2.0 */
/* Raw samples on standard input: a pipe from a software radio, or a file turned towards us. Not live: a
 * pipe's writer can wait, and nothing is lost by that. */
#include "source_private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "convert.h"

enum {
    SAMPLE_BYTES_MAX = 4,
    /* What the pace may have waited already (one block) is kept off the promise of source_read. */
    POLL_MS = SOURCE_WAIT_MS - 1000 / SOURCE_BLOCK_RATE_MIN_HZ
};

struct raw_source {
    struct source base;
    struct source_pace pace; /* starts with the first sample: the writer may take its time */
    enum config_sample_format format;
    size_t frame_bytes;
    size_t held; /* bytes of an unfinished frame at the front of `bytes` */
    uint8_t bytes[SOURCE_BLOCK_FRAMES * SOURCE_LANES_MAX * SAMPLE_BYTES_MAX];
    float samples[SOURCE_BLOCK_FRAMES * SOURCE_LANES_MAX];
};

static const char *format_text(enum config_sample_format format)
{
    return format == SAMPLE_S16 ? "s16" : "f32";
}

static enum atalaya_result raw_open(const struct config_source *settings, struct source **out, char *text,
                                    size_t size)
{
    if (isatty(STDIN_FILENO) == 1) {
        source_say(text, size, "standard input is a terminal: pipe %s samples into it",
                   format_text(settings->format));
        return ATALAYA_E_ARGUMENT;
    }
    struct raw_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        source_say(text, size, "no memory to read standard input");
        return ATALAYA_E_MEMORY;
    }
    enum atalaya_result result =
        source_base_init(&source->base, settings, settings->rate_hz, settings->lanes, text, size);
    if (result != ATALAYA_OK) {
        free(source);
        return result;
    }
    source->format = settings->format;
    source->frame_bytes = (source->format == SAMPLE_S16 ? 2U : 4U) * settings->lanes;
    source->pace.on = settings->pace;
    source->pace.rate_hz = settings->rate_hz;
    source_say(text, size, "standard input: %s, %g Hz, %u audio channel%s", format_text(source->format),
               settings->rate_hz, settings->lanes, settings->lanes == 1 ? "" : "s");
    *out = &source->base;
    return ATALAYA_OK;
}

static void raw_close(struct source *base)
{
    free(base);
}

/* The last frame read arrived now, but for what still waits in the pipe. */
static int64_t arrival_ns(const struct raw_source *source, size_t frames)
{
    int queued = 0;
    if (ioctl(STDIN_FILENO, FIONREAD, &queued) != 0 || queued < 0)
        queued = 0;
    double later = (double)frames + (double)queued / (double)source->frame_bytes;
    return clock_mono_ns() - source_frames_ns(later, source->base.format.rate_hz);
}

static enum atalaya_result raw_end(const struct raw_source *source)
{
    if (source->held > 0)
        log_warning(
            "source '%s': standard input ended inside a frame (%zu of %zu bytes): are format and lanes "
            "right?",
            source->base.name, source->held, source->frame_bytes);
    return ATALAYA_END;
}

/* One read(2) after poll: it does not wait, though the descriptor, which others may share, stays blocking. */
static enum atalaya_result raw_fill(struct raw_source *source, size_t *count)
{
    struct pollfd poller = {.fd = STDIN_FILENO, .events = POLLIN};
    size_t room = source->base.block_frames * source->frame_bytes - source->held;
    *count = 0;
    int ready = poll(&poller, 1, POLL_MS);
    if (ready == 0 || (ready < 0 && errno == EINTR))
        return ATALAYA_OK;
    ssize_t got = ready < 0 ? -1 : read(STDIN_FILENO, source->bytes + source->held, room);
    if (got == 0)
        return raw_end(source);
    if (got > 0) {
        *count = (size_t)got;
        return ATALAYA_OK;
    }
    if (errno == EAGAIN || errno == EINTR)
        return ATALAYA_OK;
    log_error("source '%s': cannot read standard input: %s", source->base.name, strerror(errno));
    return ATALAYA_E_IO;
}

static enum atalaya_result raw_read(struct source *base, struct source_block *block)
{
    struct raw_source *source = (struct raw_source *)base;
    size_t count;
    bool begun = source->pace.origin_ns != 0;
    if (begun && !source_pace_wait(&source->pace, base->next_frame + base->block_frames))
        return ATALAYA_OK;
    enum atalaya_result result = raw_fill(source, &count);
    if (result != ATALAYA_OK)
        return result;
    count += source->held;
    size_t frames = count / source->frame_bytes, samples = frames * base->format.lanes;
    if (source->format == SAMPLE_S16)
        convert_s16_le(source->bytes, source->samples, samples);
    else
        convert_f32_le(source->bytes, source->samples, samples);
    convert_tame(source->samples, samples);
    source->held = count - frames * source->frame_bytes;
    memmove(source->bytes, source->bytes + frames * source->frame_bytes, source->held);
    if (frames == 0)
        return ATALAYA_OK;
    if (!begun)
        source->pace.origin_ns = arrival_ns(source, frames);
    block->samples = source->samples;
    block->frames = frames;
    block->first_mono_ns =
        source->pace.on ? source_pace_mono_ns(&source->pace, base->next_frame) : arrival_ns(source, frames);
    return ATALAYA_OK;
}

/* `atalaya check` runs without the pipe that `atalaya run` will have: only the settings can be judged. */
static bool raw_probe(const struct config_source *settings, char *text, size_t size)
{
    struct source base = {0};
    if (source_base_init(&base, settings, settings->rate_hz, settings->lanes, text, size) != ATALAYA_OK)
        return false;
    source_say(text, size, "%s samples at %g Hz are expected on standard input",
               format_text(settings->format), settings->rate_hz);
    return true;
}

const struct source_kind source_kind_stdin = {.type = SOURCE_STDIN,
                                              .name = "stdin",
                                              .live = false,
                                              .open = raw_open,
                                              .read = raw_read,
                                              .close = raw_close,
                                              .probe = raw_probe};
