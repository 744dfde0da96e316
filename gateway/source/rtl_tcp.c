/* SPDX-License-Identifier: Apache-2.0 */
/* A band of an RTL-SDR through librtlsdr's server rtl_tcp, on this machine or another. */
#include "rtl_tcp_private.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "convert.h"
#include "dial.h"
#include "stream_clock.h"

enum {
    BYTES_MAX = 65536,
    FRAME_BYTES = 2,
    GREETING_MS = 3000,
    POLL_MS = SOURCE_WAIT_MS - 5,
    SILENCE_S = 4 /* a server that sends nothing for so long has lost its device, or is gone */
};
static const int64_t second_ns = 1000000000, ms_ns = 1000000;
static const int64_t settle_ns = 300000000; /* buffers of the server, and what is on its way */
static const int64_t rate_check_ns = 30000000000;
static const double rate_error_max =
    0.03; /* the first lump, of half a second at low rates, counts too much */

struct rtl_tcp_source {
    struct source base;
    int fd;
    struct stream_clock clock;
    int64_t settled_ns; /* what arrives before is thrown away */
    int64_t last_ns;    /* when bytes came last */
    int64_t first_ns;   /* when the first ones came that counted; 0 = not yet */
    uint64_t frames;    /* since then */
    bool rate_checked;
    uint64_t lost;      /* thrown away after tuning */
    size_t from, to;    /* bytes not given out yet */
    size_t queued;      /* bytes in the socket when those came */
    int64_t arrival_ns; /* when those came */
    uint8_t bytes[BYTES_MAX];
    float samples[SOURCE_BLOCK_FRAMES * FRAME_BYTES];
};

static void rtl_tcp_close(struct source *base)
{
    struct rtl_tcp_source *source = (struct rtl_tcp_source *)base;
    (void)close(source->fd);
    free(source);
}

/* Commands are few and short: a socket that has no room for them is broken. */
static bool send_all(int fd, const uint8_t *bytes, size_t length)
{
    return send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

enum atalaya_result rtl_tcp_adopt(const struct config_source *settings, int fd, int64_t settle,
                                  struct source **out, char *text, size_t size)
{
    struct rtl_tcp_source *source = calloc(1, sizeof *source);
    uint8_t words[RTL_TCP_COMMANDS_MAX * RTL_TCP_COMMAND_BYTES];
    enum atalaya_result result = ATALAYA_E_MEMORY;
    if (source == NULL)
        source_say(text, size, "no memory for a receiver");
    else
        result = source_base_init(&source->base, settings, settings->rate_hz, 2, text, size);
    if (result == ATALAYA_OK && !send_all(fd, words, rtl_tcp_settings_write(settings, words))) {
        source_say(text, size, "the server takes no commands: %s", strerror(errno));
        result = ATALAYA_E_GONE;
    }
    if (result != ATALAYA_OK) {
        (void)close(fd);
        free(source);
        return result;
    }
    source->base.format.iq = true;
    source->base.format.centre_hz = settings->centre_hz;
    source->fd = fd;
    source->last_ns = clock_mono_ns();
    source->settled_ns = source->last_ns + settle;
    stream_clock_reset(&source->clock, settings->rate_hz);
    *out = &source->base;
    return ATALAYA_OK;
}

/* The server greets at once, unless it serves another client: it knows only one. */
static enum atalaya_result greet(int fd, struct rtl_tcp_greeting *greeting, char *text, size_t size)
{
    uint8_t bytes[RTL_TCP_GREETING_BYTES];
    size_t length = 0;
    int64_t until_ns = clock_mono_ns() + GREETING_MS * ms_ns, left_ms;
    while (length < sizeof bytes && (left_ms = (until_ns - clock_mono_ns()) / ms_ns) > 0) {
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        if (poll(&poller, 1, (int)left_ms) <= 0)
            continue;
        ssize_t got = recv(fd, bytes + length, sizeof bytes - length, 0);
        if (got > 0)
            length += (size_t)got;
        else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            source_say(text, size, "hangs up: does it have a device?");
            return ATALAYA_E_GONE;
        }
    }
    if (length < sizeof bytes) {
        source_say(text, size, "says nothing: it serves one client at a time; does another program use it?");
        return ATALAYA_E_GONE;
    }
    if (rtl_tcp_greeting_read(bytes, greeting))
        return ATALAYA_OK;
    source_say(text, size, "is no rtl_tcp: it does not greet with RTL0");
    return ATALAYA_E_FORMAT;
}

static enum atalaya_result rtl_tcp_open(const struct config_source *settings, struct source **out, char *text,
                                        size_t size)
{
    char host[DIAL_HOST_MAX], port[DIAL_PORT_MAX], why[SOURCE_TEXT_MAX] = "";
    struct rtl_tcp_greeting greeting = {0};
    int fd;
    if (dial_split(settings->device, "127.0.0.1", "1234", host, port) != ATALAYA_OK) {
        source_say(text, size, "device \"%s\" is no address of an rtl_tcp; write host:port",
                   settings->device);
        return ATALAYA_E_ARGUMENT;
    }
    enum atalaya_result result = dial(host, port, DIAL_LOOKUP_MS, &fd, why, sizeof why);
    if (result != ATALAYA_OK) {
        source_say(text, size, "%s; is rtl_tcp running there?", why);
        return result;
    }
    result = greet(fd, &greeting, why, sizeof why);
    if (result != ATALAYA_OK)
        (void)close(fd);
    else
        result = rtl_tcp_adopt(settings, fd, settle_ns, out, why, sizeof why);
    if (result != ATALAYA_OK)
        source_say(text, size, "the server at %s port %s %s", host, port, why);
    else
        source_say(text, size, "rtl_tcp at %s port %s: tuner %s, %g samples/s around %.6f MHz", host, port,
                   rtl_tcp_tuner_text(greeting.tuner), settings->rate_hz, settings->centre_hz * 1e-6);
    return result;
}

static enum atalaya_result gone(const struct rtl_tcp_source *source, const char *why)
{
    log_warning("source '%s': the rtl_tcp server is gone: %s", source->base.name, why);
    return ATALAYA_E_GONE;
}

static enum atalaya_result fill(struct rtl_tcp_source *source)
{
    struct pollfd poller = {.fd = source->fd, .events = POLLIN};
    int queued = 0, ready = poll(&poller, 1, POLL_MS);
    ssize_t got = ready > 0 ? recv(source->fd, source->bytes + source->to, BYTES_MAX - source->to, 0) : -1;
    if (ready > 0 && got == 0)
        return gone(source, "it hung up");
    if (got <= 0) {
        if (ready != 0 && errno != EAGAIN && errno != EINTR)
            return gone(source, strerror(errno));
        return clock_mono_ns() - source->last_ns > SILENCE_S * second_ns ? gone(source, "no samples for 4 s")
                                                                         : ATALAYA_OK;
    }
    if (ioctl(source->fd, FIONREAD, &queued) != 0 || queued < 0)
        queued = 0;
    source->arrival_ns = source->last_ns = clock_mono_ns();
    source->queued = (size_t)queued;
    source->to += (size_t)got;
    return ATALAYA_OK;
}

/* Nobody answers a command: a rate that the device does not know shows only in how fast samples come. */
static void check_rate(struct rtl_tcp_source *source, size_t frames)
{
    if (source->first_ns == 0)
        source->first_ns = source->arrival_ns;
    source->frames += frames;
    int64_t passed_ns = source->arrival_ns - source->first_ns;
    if (source->rate_checked || passed_ns < rate_check_ns)
        return;
    double rate_hz = (double)source->frames / ((double)passed_ns * 1e-9),
           asked_hz = source->base.format.rate_hz;
    source->rate_checked = true;
    if (fabs(rate_hz / asked_hz - 1) > rate_error_max)
        log_error("source '%s': samples come at %.0f a second instead of %.0f: the device does not know that "
                  "rate, or the network is too slow; little will be decoded",
                  source->base.name, rate_hz, asked_hz);
}

static enum atalaya_result rtl_tcp_read(struct source *base, struct source_block *block)
{
    struct rtl_tcp_source *source = (struct rtl_tcp_source *)base;
    if (source->to - source->from < FRAME_BYTES) {
        memmove(source->bytes, source->bytes + source->from, source->to - source->from);
        source->to -= source->from;
        source->from = 0;
        enum atalaya_result result = fill(source);
        if (result != ATALAYA_OK || source->to < FRAME_BYTES)
            return result;
    }
    size_t frames = (source->to - source->from) / FRAME_BYTES;
    if (source->arrival_ns < source->settled_ns) {
        source->lost += base->next_frame > 0 ? frames : 0;
        source->from += frames * FRAME_BYTES;
        return ATALAYA_OK;
    }
    frames = frames < base->block_frames ? frames : base->block_frames;
    size_t behind = source->to - source->from + source->queued; /* the last of these has just arrived */
    int64_t arrived_ns =
        source->arrival_ns - source_frames_ns((double)(behind / FRAME_BYTES), base->format.rate_hz);
    convert_u8(source->bytes + source->from, source->samples, frames * FRAME_BYTES);
    source->from += frames * FRAME_BYTES;
    check_rate(source, frames);
    stream_clock_skip(&source->clock, source->lost);
    block->lost =
        source->lost + stream_clock_execute(&source->clock, arrived_ns, frames, &block->first_mono_ns);
    if (block->lost > source->lost)
        log_warning("source '%s': %.0f ms of samples were lost on the way", base->name,
                    (double)(block->lost - source->lost) * 1e3 / base->format.rate_hz);
    source->lost = 0;
    block->samples = source->samples;
    block->frames = frames;
    return ATALAYA_OK;
}

static enum atalaya_result order(struct rtl_tcp_source *source, enum rtl_tcp_command command, double value)
{
    uint8_t bytes[RTL_TCP_COMMAND_BYTES];
    rtl_tcp_command_write(command, (uint32_t)(int64_t)llround(value), bytes);
    return send_all(source->fd, bytes, sizeof bytes) ? ATALAYA_OK : gone(source, strerror(errno));
}

static enum atalaya_result rtl_tcp_tune(struct source *base, double centre_hz)
{
    struct rtl_tcp_source *source = (struct rtl_tcp_source *)base;
    if (!(centre_hz >= 0 && centre_hz <= UINT32_MAX))
        return ATALAYA_E_RANGE;
    source->settled_ns = clock_mono_ns() + settle_ns;
    return order(source, RTL_TCP_FREQUENCY, centre_hz);
}

static enum atalaya_result rtl_tcp_set_gain(struct source *base, double gain_db)
{
    struct rtl_tcp_source *source = (struct rtl_tcp_source *)base;
    bool manual = isfinite(gain_db);
    enum atalaya_result result = order(source, RTL_TCP_GAIN_MODE, manual);
    return result == ATALAYA_OK && manual ? order(source, RTL_TCP_GAIN, gain_db * 10) : result;
}

const struct source_kind source_kind_rtl_tcp = {.type = SOURCE_RTL_TCP,
                                                .name = "rtl_tcp",
                                                .live = true,
                                                .open = rtl_tcp_open,
                                                .read = rtl_tcp_read,
                                                .close = rtl_tcp_close,
                                                .tune = rtl_tcp_tune,
                                                .set_gain = rtl_tcp_set_gain};
