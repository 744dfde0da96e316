/* SPDX-License-Identifier: Apache-2.0 */
/* Raw samples, on standard input (a pipe from a software radio, or a file turned towards us) or in a file of
 * their own. Not live: a pipe's writer can wait, and nothing is lost by that. */
#include "raw.h"

#include <errno.h>
#include <math.h>
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
    struct source_pace pace; /* on a pipe it starts with the first sample: the writer may take its time */
    const struct sample_form *form;
    struct raw_input input;
    size_t frame_bytes;
    size_t held;          /* bytes of an unfinished frame at the front of `bytes` */
    uint64_t pass_frames; /* given since the beginning or the last turn of the loop */
    uint8_t bytes[SOURCE_BLOCK_FRAMES * SOURCE_LANES_MAX * SAMPLE_BYTES_MAX];
    float samples[SOURCE_BLOCK_FRAMES * SOURCE_LANES_MAX];
};

static const char *input_text(const struct raw_source *source)
{
    return source->input.is_file ? "the file" : "standard input";
}

static enum atalaya_result raw_init(struct source *base, const struct config_source *settings, char *text,
                                    size_t size)
{
    bool iq = sample_form_find(settings->format)->iq;
    enum atalaya_result result =
        source_base_init(base, settings, settings->rate_hz, iq ? 2 : settings->lanes, text, size);
    return result == ATALAYA_OK && (iq || settings->iq) ? source_base_set_iq(base, settings, text, size)
                                                        : result;
}

static void raw_close(struct source *base)
{
    struct raw_source *source = (struct raw_source *)base;
    if (source->input.is_file)
        (void)close(source->input.fd);
    free(source);
}

enum atalaya_result raw_create(const struct config_source *settings, const struct raw_input *input,
                               struct source **out, char *text, size_t size)
{
    struct raw_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        source_say(text, size, "no memory to read samples");
        return ATALAYA_E_MEMORY;
    }
    enum atalaya_result result = raw_init(&source->base, settings, text, size);
    if (result != ATALAYA_OK) {
        free(source);
        return result;
    }
    source->base.kind = input->is_file ? &source_kind_raw_file : &source_kind_stdin;
    source->form = sample_form_find(settings->format);
    source->input = *input;
    source->frame_bytes = source->form->bytes * source->base.format.lanes;
    source->pace.on = settings->pace;
    source->pace.rate_hz = settings->rate_hz;
    source->pace.origin_ns = input->is_file ? clock_mono_ns() : 0;
    char what[SOURCE_TEXT_MAX];
    source_say(text, size, "%s: %s, %s", input->is_file ? settings->path : "standard input",
               source->form->name, source_base_describe(&source->base, what, sizeof what));
    *out = &source->base;
    return ATALAYA_OK;
}

static enum atalaya_result stdin_open(const struct config_source *settings, struct source **out, char *text,
                                      size_t size)
{
    const struct raw_input input = {.fd = STDIN_FILENO};
    if (isatty(STDIN_FILENO) == 1) {
        source_say(text, size, "standard input is a terminal: pipe %s samples into it",
                   sample_form_find(settings->format)->name);
        return ATALAYA_E_ARGUMENT;
    }
    return raw_create(settings, &input, out, text, size);
}

/* The last frame read arrived now, but for what still waits in the pipe. */
static int64_t arrival_ns(const struct raw_source *source, size_t frames)
{
    int queued = 0;
    if (source->input.is_file)
        return clock_mono_ns();
    if (ioctl(STDIN_FILENO, FIONREAD, &queued) != 0 || queued < 0)
        queued = 0;
    double later = (double)frames + (double)queued / (double)source->frame_bytes;
    return clock_mono_ns() - source_frames_ns(later, source->base.format.rate_hz);
}

/* The end, or the turn of the loop. An empty pass ends even a loop, lest it spin. */
static enum atalaya_result raw_end(struct raw_source *source)
{
    if (source->held > 0)
        log_warning("source '%s': %s ended inside a frame (%zu of %zu bytes): are format and lanes right?",
                    source->base.name, input_text(source), source->held, source->frame_bytes);
    source->held = 0;
    if (!source->input.loop || source->pass_frames == 0)
        return ATALAYA_END;
    source->pass_frames = 0;
    if (lseek(source->input.fd, source->input.offset, SEEK_SET) == source->input.offset)
        return ATALAYA_OK;
    log_error("source '%s': cannot wind back: %s", source->base.name, strerror(errno));
    return ATALAYA_E_IO;
}

/* One read(2), of a pipe after poll: it does not wait, though the descriptor, which others may share, stays
 * blocking. */
static enum atalaya_result raw_fill(struct raw_source *source, size_t *count)
{
    struct pollfd poller = {.fd = source->input.fd, .events = POLLIN};
    size_t room = source->base.block_frames * source->frame_bytes - source->held;
    *count = 0;
    int ready = source->input.is_file ? 1 : poll(&poller, 1, POLL_MS);
    if (ready == 0 || (ready < 0 && errno == EINTR))
        return ATALAYA_OK;
    ssize_t got = ready < 0 ? -1 : read(source->input.fd, source->bytes + source->held, room);
    if (got == 0)
        return raw_end(source);
    if (got > 0) {
        *count = (size_t)got;
        return ATALAYA_OK;
    }
    if (errno == EAGAIN || errno == EINTR)
        return ATALAYA_OK;
    log_error("source '%s': cannot read %s: %s", source->base.name, input_text(source), strerror(errno));
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
    source->form->convert(source->bytes, source->samples, samples);
    convert_tame(source->samples, samples);
    source->held = count - frames * source->frame_bytes;
    memmove(source->bytes, source->bytes + frames * source->frame_bytes, source->held);
    source->pass_frames += frames;
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
static bool stdin_probe(const struct config_source *settings, char *text, size_t size)
{
    struct source base = {0};
    if (raw_init(&base, settings, text, size) != ATALAYA_OK)
        return false;
    source_say(text, size, "%s samples at %g Hz are expected on standard input",
               sample_form_find(settings->format)->name, settings->rate_hz);
    return true;
}

const struct source_kind source_kind_stdin = {.type = SOURCE_STDIN,
                                              .name = "stdin",
                                              .live = false,
                                              .open = stdin_open,
                                              .read = raw_read,
                                              .close = raw_close,
                                              .probe = stdin_probe};

const struct source_kind source_kind_raw_file = {
    .type = SOURCE_FILE, .name = "file", .live = false, .read = raw_read, .close = raw_close};
