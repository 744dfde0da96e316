/* SPDX-License-Identifier: Apache-2.0 */
/* A sound card's input. It never waits longer than SOURCE_WAIT_MS and comes back from overruns, sleep and
 * unplugging with the time of its frames intact. */
#include "alsa_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/library_time.h"
#include "atalaya/gateway/log.h"
#include "capture_clock.h"
#include "convert.h"

enum {
    RESTARTS_MAX = 20, /* in a row without a frame between them: then only opening it again can help */
    SILENCE_S = 5,     /* a running device that gives nothing for so long is dead, said or not */
    EMPTY_WAIT_MS = 5,
    EMPTY_WAIT_NS = EMPTY_WAIT_MS * 1000000
};
static const int64_t second_ns = 1000000000;

struct alsa_source {
    struct source base;
    snd_pcm_t *pcm;
    snd_pcm_status_t *status;
    struct alsa_setup setup;
    struct capture_clock clock;
    bool asleep;       /* suspended; resuming takes several tries */
    unsigned restarts; /* since the last frame */
    int64_t last_ns;   /* when frames came last */
    union {
        int16_t s16[SOURCE_BLOCK_FRAMES * SOURCE_LANES_MAX];
        int32_t s32[SOURCE_BLOCK_FRAMES * SOURCE_LANES_MAX];
        float f32[SOURCE_BLOCK_FRAMES * SOURCE_LANES_MAX];
    } in;
    float samples[SOURCE_BLOCK_FRAMES * SOURCE_LANES_MAX];
};

static void alsa_close(struct source *base)
{
    struct alsa_source *source = (struct alsa_source *)base;
    (void)snd_pcm_close(source->pcm);
    snd_pcm_status_free(source->status);
    free(source);
}

static enum atalaya_result alsa_open(const struct config_source *settings, struct source **out, char *text,
                                     size_t size)
{
    struct source checked = {0};
    enum atalaya_result result =
        source_base_init(&checked, settings, settings->rate_hz, settings->lanes, text, size);
    if (result != ATALAYA_OK)
        return result;
    struct alsa_source *source = calloc(1, sizeof *source);
    if (source == NULL || snd_pcm_status_malloc(&source->status) < 0) {
        free(source);
        source_say(text, size, "no memory to open device %s", settings->device);
        return ATALAYA_E_MEMORY;
    }
    result = alsa_setup_open(settings, &source->pcm, &source->setup, text, size);
    if (result != ATALAYA_OK) {
        snd_pcm_status_free(source->status);
        free(source);
        return result;
    }
    result =
        source_base_init(&source->base, settings, source->setup.rate_hz, source->setup.lanes, text, size);
    if (result != ATALAYA_OK) {
        alsa_close(&source->base);
        return result;
    }
    capture_clock_reset(&source->clock, source->setup.rate_hz);
    source->last_ns = clock_mono_ns();
    *out = &source->base;
    return ATALAYA_OK;
}

static enum atalaya_result gone(const struct alsa_source *source, const char *why)
{
    log_warning("source '%s': the sound device is gone: %s", source->base.name, why);
    return ATALAYA_E_GONE;
}

/* The stream stands still: start it again. What it missed shows in the time of the next block. */
static enum atalaya_result restart(struct alsa_source *source, int error)
{
    if (++source->restarts > RESTARTS_MAX)
        return gone(source, "it stops as often as it is started");
    int failed = snd_pcm_recover(source->pcm, error, 1);
    if (failed >= 0)
        failed = snd_pcm_start(source->pcm);
    if (failed < 0)
        return gone(source, snd_strerror(failed));
    capture_clock_break(&source->clock);
    return ATALAYA_OK;
}

/* snd_pcm_recover waits here by whole seconds; this takes one try a call, and gives up on a device that
 * cannot resume by starting it anew. */
static enum atalaya_result resume(struct alsa_source *source)
{
    const struct timespec wait = {.tv_nsec = EMPTY_WAIT_NS};
    int error = snd_pcm_resume(source->pcm);
    source->asleep = error == -EAGAIN;
    if (source->asleep) {
        (void)nanosleep(&wait, NULL);
        return ATALAYA_OK;
    }
    if (error < 0)
        return alsa_remedy_of(error) == ALSA_REOPEN && error != -ENOSYS ? gone(source, snd_strerror(error))
                                                                        : restart(source, -EPIPE);
    capture_clock_break(&source->clock);
    return ATALAYA_OK;
}

static enum atalaya_result fault(struct alsa_source *source, int error)
{
    switch (alsa_remedy_of(error)) {
    case ALSA_RETRY:
        return ATALAYA_OK;
    case ALSA_RESTART:
        log_warning("source '%s': overrun, samples were lost: the machine was busy for longer than the "
                    "buffer of %.0f ms",
                    source->base.name, (double)source->setup.buffer_frames * 1e3 / source->setup.rate_hz);
        return restart(source, error);
    case ALSA_RESUME:
        log_notice("source '%s': the system slept", source->base.name);
        return resume(source);
    case ALSA_REOPEN:
        break;
    }
    return gone(source, snd_strerror(error));
}

/* When the oldest frame in the buffer was at the input. The time stamp belongs to `delay`, where the driver
 * gives one; it is of CLOCK_MONOTONIC, our time counts sleep too. */
static int64_t oldest_ns(struct alsa_source *source)
{
    struct timespec mono = {0};
    snd_htimestamp_t stamp = {0};
    int64_t now_ns = clock_mono_ns(), late_ns = 0;
    if (snd_pcm_status(source->pcm, source->status) < 0)
        return now_ns;
    snd_pcm_status_get_htstamp(source->status, &stamp);
    snd_pcm_sframes_t delay = snd_pcm_status_get_delay(source->status);
    snd_pcm_sframes_t avail = (snd_pcm_sframes_t)snd_pcm_status_get_avail(source->status);
    if (delay < avail)
        delay = avail; /* plug-ins that do not know their delay say 0 */
    if (delay > (snd_pcm_sframes_t)source->setup.buffer_frames)
        delay = (snd_pcm_sframes_t)source->setup.buffer_frames;
    if (clock_gettime(CLOCK_MONOTONIC, &mono) == 0)
        late_ns = (mono.tv_sec - stamp.tv_sec) * second_ns + mono.tv_nsec - stamp.tv_nsec;
    if (late_ns < 0 || late_ns > second_ns)
        late_ns = 0; /* no stamp, or one of another clock */
    return now_ns - late_ns - source_frames_ns((double)delay, source->setup.rate_hz);
}

/* Nothing to read. A device that vanished may say so only in its state, or never. */
static enum atalaya_result idle(const struct alsa_source *source)
{
    const struct timespec wait = {.tv_nsec = EMPTY_WAIT_NS};
    if (snd_pcm_state(source->pcm) == SND_PCM_STATE_DISCONNECTED)
        return gone(source, "unplugged");
    if (clock_mono_ns() - source->last_ns > SILENCE_S * second_ns)
        return gone(source, "no samples for 5 s");
    (void)nanosleep(&wait, NULL); /* poll(2) may have said "ready" wrongly: never spin */
    return ATALAYA_OK;
}

static void convert(struct alsa_source *source, size_t count)
{
    if (source->setup.format == SND_PCM_FORMAT_S16)
        convert_s16(source->in.s16, source->samples, count);
    else if (source->setup.format == SND_PCM_FORMAT_S32)
        convert_s32(source->in.s32, source->samples, count);
    else
        memcpy(source->samples, source->in.f32, count * sizeof(float));
    convert_tame(source->samples, count);
}

static enum atalaya_result alsa_read(struct source *base, struct source_block *block)
{
    struct alsa_source *source = (struct alsa_source *)base;
    if (source->asleep)
        return resume(source);
    int ready = snd_pcm_wait(source->pcm, SOURCE_WAIT_MS - EMPTY_WAIT_MS);
    if (ready < 0)
        return fault(source, ready);
    snd_pcm_sframes_t count = snd_pcm_avail_update(source->pcm);
    if (count < 0)
        return fault(source, (int)count);
    if (count == 0)
        return idle(source);
    if ((size_t)count > base->block_frames)
        count = (snd_pcm_sframes_t)base->block_frames;
    int64_t measured_ns = oldest_ns(source);
    count = snd_pcm_readi(source->pcm, &source->in, (snd_pcm_uframes_t)count);
    if (count < 0)
        return fault(source, (int)count);
    if (count == 0)
        return idle(source);
    convert(source, (size_t)count * base->format.lanes);
    source->restarts = 0;
    source->last_ns = clock_mono_ns();
    block->samples = source->samples;
    block->frames = (size_t)count;
    block->lost = capture_clock_execute(&source->clock, measured_ns, (size_t)count, &block->first_mono_ns);
    return ATALAYA_OK;
}

const struct source_kind source_kind_alsa = {.type = SOURCE_ALSA,
                                             .name = "alsa",
                                             .live = true,
                                             .open = alsa_open,
                                             .read = alsa_read,
                                             .close = alsa_close};
