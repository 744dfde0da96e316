/* SPDX-License-Identifier: Apache-2.0 */
/* A band of any software radio that SoapySDR has a driver for. Reading waits at most SOURCE_WAIT_MS as far as
 * the driver keeps its word; one that does not stops this thread alone, which the watchdog sees. */
#include "soapy_private.h"

#include <SoapySDR/Constants.h>
#include <SoapySDR/Errors.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "convert.h"
#include "stream_clock.h"

enum {
    FRAMES_MAX = 8192, /* of one reading */
    FAULTS_MAX = 20,   /* in a row without a frame between them: then only opening it again can help */
    SILENCE_S = 4,     /* a running device that gives nothing for so long is dead, said or not */
    EMPTY_WAIT_MS = 5
};
static const int64_t second_ns = 1000000000, ms_ns = 1000000;
static const int64_t settle_ns = 150000000; /* buffers of the driver still hold the old frequency */
static const int64_t jump_ns = 60000000000; /* no gap is so long: the device's clock was set */
static const int64_t quiet_gap_ns =
    5000000; /* a gap that no overrun explains: below, the driver's stamps wobble */

struct soapy_source {
    struct source base;
    struct soapy_setup setup;
    struct stream_clock clock;
    bool stamped;       /* stamp_ns is known */
    bool overrun;       /* since the last frames */
    long long stamp_ns; /* of the device's clock: when the next frame is due */
    unsigned faults;    /* since the last frames */
    int64_t last_ns;    /* when frames came last */
    int64_t settled_ns; /* frames that come before are thrown away */
    uint64_t lost;      /* not yet told */
    size_t from, to;    /* frames read and not given out yet */
    int64_t arrival_ns; /* when the last of them came */
    union {
        uint8_t u8[FRAMES_MAX * SOAPY_FRAME_BYTES_MAX];
        int16_t s16[FRAMES_MAX * 2];
        float f32[FRAMES_MAX * 2];
    } in;
    float samples[SOURCE_BLOCK_FRAMES * 2];
};

static void soapy_close(struct source *base)
{
    struct soapy_source *source = (struct soapy_source *)base;
    soapy_setup_close(&source->setup);
    free(source);
}

static enum atalaya_result soapy_open(const struct config_source *settings, struct source **out, char *text,
                                      size_t size)
{
    char why[SOURCE_TEXT_MAX] = "";
    struct soapy_source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        source_say(text, size, "no memory for a receiver");
        return ATALAYA_E_MEMORY;
    }
    enum atalaya_result result = soapy_setup_open(settings, &source->setup, text, size);
    if (result != ATALAYA_OK) {
        free(source);
        return result;
    }
    result = source_base_init(&source->base, settings, source->setup.rate_hz, 2, why, sizeof why);
    if (result != ATALAYA_OK) {
        source_say(text, size, "%s", why);
        soapy_close(&source->base);
        return result;
    }
    source->base.format.iq = true;
    source->base.format.centre_hz = source->setup.centre_hz;
    stream_clock_reset(&source->clock, source->setup.rate_hz);
    source->last_ns = clock_mono_ns();
    *out = &source->base;
    return ATALAYA_OK;
}

static enum atalaya_result gone(const struct soapy_source *source, const char *why)
{
    log_warning("source '%s': the software radio is gone: %s", source->base.name, why);
    return ATALAYA_E_GONE;
}

/* Nothing to read. A device that vanished may say so never. */
static enum atalaya_result idle(const struct soapy_source *source)
{
    const struct timespec wait = {.tv_nsec = EMPTY_WAIT_MS * ms_ns};
    if (clock_mono_ns() - source->last_ns > SILENCE_S * second_ns)
        return gone(source, "no samples for 4 s");
    (void)nanosleep(&wait, NULL); /* a driver that does not wait as it should: never spin */
    return ATALAYA_OK;
}

static enum atalaya_result fault(struct soapy_source *source, int error)
{
    if (error == SOAPY_SDR_TIMEOUT)
        return idle(source);
    if (error == SOAPY_SDR_STREAM_ERROR || error == SOAPY_SDR_NOT_SUPPORTED || ++source->faults > FAULTS_MAX)
        return gone(source, SoapySDR_errToStr(error));
    source->overrun = true;
    if (error == SOAPY_SDR_OVERFLOW)
        log_warning("source '%s': overrun, samples were lost: the machine or its USB was too slow",
                    source->base.name);
    else
        log_warning("source '%s': samples were lost: %s", source->base.name, SoapySDR_errToStr(error));
    return ATALAYA_OK;
}

/* How many frames are missing before the ones just read, by the device's own clock where it has one;
 * otherwise the time of arrival tells. */
static void find_gap(struct soapy_source *source, int frames, int flags, long long stamp_ns)
{
    bool has_stamp = (flags & SOAPY_SDR_HAS_TIME) != 0;
    long long gap_ns = stamp_ns - source->stamp_ns;
    uint64_t missing = 0;
    bool told = has_stamp && source->stamped && gap_ns > -jump_ns && gap_ns < jump_ns;
    if (told && gap_ns > (source->overrun ? 0 : quiet_gap_ns))
        missing = (uint64_t)((double)gap_ns * 1e-9 * source->setup.rate_hz + 0.5);
    if (missing > 0) {
        source->lost += missing;
        stream_clock_skip(&source->clock, missing);
    } else if (source->overrun && !told) {
        stream_clock_break(&source->clock);
    }
    source->overrun = false;
    source->stamped = has_stamp;
    source->stamp_ns = stamp_ns + source_frames_ns(frames, source->setup.rate_hz);
}

static enum atalaya_result fill(struct soapy_source *source)
{
    void *const buffers[] = {&source->in};
    int flags = 0;
    long long stamp_ns = 0;
    int got = SoapySDRDevice_readStream(source->setup.device, source->setup.stream, buffers, FRAMES_MAX,
                                        &flags, &stamp_ns, (SOURCE_WAIT_MS - EMPTY_WAIT_MS) * 1000L);
    if (got < 0)
        return fault(source, got);
    if (got == 0)
        return idle(source);
    if (got > FRAMES_MAX)
        return gone(source, "its driver gives more than it was asked for");
    source->faults = 0;
    source->arrival_ns = source->last_ns = clock_mono_ns();
    find_gap(source, got, flags, stamp_ns);
    source->from = 0;
    source->to = (size_t)got;
    if (source->arrival_ns >= source->settled_ns)
        return ATALAYA_OK;
    source->lost += source->to;
    stream_clock_skip(&source->clock, source->to);
    source->to = 0;
    return ATALAYA_OK;
}

static void convert(struct soapy_source *source, size_t frames)
{
    size_t at = source->from * 2, count = frames * 2;
    /* In memory as this machine has them, of which the 8-bit ones are bytes. */
    if (source->setup.form == SAMPLE_CU8)
        convert_u8(source->in.u8 + at, source->samples, count);
    else if (source->setup.form == SAMPLE_CS8)
        convert_s8(source->in.u8 + at, source->samples, count);
    else if (source->setup.form == SAMPLE_CS16)
        convert_s16(source->in.s16 + at, source->samples, count);
    else
        memcpy(source->samples, source->in.f32 + at, count * sizeof(float));
    convert_tame(source->samples, count);
}

static enum atalaya_result soapy_read(struct source *base, struct source_block *block)
{
    struct soapy_source *source = (struct soapy_source *)base;
    if (source->from == source->to) {
        enum atalaya_result result = fill(source);
        if (result != ATALAYA_OK || source->from == source->to)
            return result;
    }
    size_t held = source->to - source->from, frames = held < base->block_frames ? held : base->block_frames;
    int64_t arrived_ns = source->arrival_ns - source_frames_ns((double)held, base->format.rate_hz);
    convert(source, frames);
    source->from += frames;
    block->lost =
        source->lost + stream_clock_execute(&source->clock, arrived_ns, frames, &block->first_mono_ns);
    source->lost = 0;
    block->samples = source->samples;
    block->frames = frames;
    return ATALAYA_OK;
}

static enum atalaya_result soapy_tune(struct source *base, double centre_hz)
{
    struct soapy_source *source = (struct soapy_source *)base;
    enum atalaya_result result = soapy_setup_tune(&source->setup, centre_hz);
    if (result != ATALAYA_OK)
        return result;
    source->lost += source->to - source->from;
    stream_clock_skip(&source->clock, source->to - source->from);
    source->from = source->to = 0;
    source->settled_ns = clock_mono_ns() + settle_ns;
    return ATALAYA_OK;
}

static enum atalaya_result soapy_set_gain(struct source *base, double gain_db)
{
    return soapy_setup_gain(&((struct soapy_source *)base)->setup, gain_db);
}

/* What `atalaya check` says of a device that is not there should say which ones are. */
static bool soapy_probe(const struct config_source *settings, char *text, size_t size)
{
    struct source *source;
    char found[SOURCE_TEXT_MAX] = "", why[SOURCE_TEXT_MAX] = "";
    enum atalaya_result result = soapy_open(settings, &source, why, sizeof why);
    if (result == ATALAYA_OK)
        soapy_close(source);
    else if (result == ATALAYA_E_GONE)
        soapy_setup_list(found, sizeof found);
    source_say(text, size, "%s%s%s", why, found[0] ? "; SoapySDR finds: " : "", found);
    return result == ATALAYA_OK;
}

const struct source_kind source_kind_soapy = {.type = SOURCE_SOAPY,
                                              .name = "soapy",
                                              .live = true,
                                              .open = soapy_open,
                                              .read = soapy_read,
                                              .close = soapy_close,
                                              .tune = soapy_tune,
                                              .set_gain = soapy_set_gain,
                                              .probe = soapy_probe};
