/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/tnc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/kiss.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/sentences.h"
#include "poll_list.h"
#include "port.h"
#include "source/caller.h"

enum {
    READ_BYTES = 4096,
    STRANGE_BYTES = 48, /* so many without one sentence among them: the speed is another */
    UNREAD_MOST = 1024, /* so many without a frame among them, at any speed: it is something else */
    WRITE_BYTES = 4096,
    READS_MAX = 16, /* 64 KiB a wake-up: a babbling port leaves time to the other work of the thread */
    CHECK_INTERVAL_US = 1000000,
    CALL_PAUSE_MAX_S = 4, /* between calls of a TNC on the network; a serial port is tried every second */
    STEADY_S = 10,        /* a connection that stood so long was a good one */
    KISS_COMMAND_DATA = 0 /* Chepponis and Karn 1987: low nibble of the type byte */
};

/* Kenwood's own setting first. */
static const unsigned usual_bit_s[] = {9600, 4800, 19200, 38400, 57600, 115200};

struct tnc {
    struct config_source settings; /* a copy: a reload may free the original */
    tnc_frame *frame;
    void *context;
    sd_event *event;
    char place[CONFIG_TEXT_MAX + CONFIG_PATH_MAX]; /* the device, or host and TCP port */
    sd_event_source *timer, *input;                /* input is NULL while the port is gone */
    struct port port;
    struct caller *caller;    /* NULL: a serial port */
    unsigned pause_s, wait_s; /* the caller's: between calls, and until the next */
    unsigned stood_s;         /* so long is the connection open */
    bool settled;             /* the port is open, and was said to be */
    struct kiss_decoder kiss; /* the one that the source's type asks for is used */
    struct sentences_decoder sentences;
    unsigned speed_bit_s, usual; /* of the open port; index of usual_bit_s while it is being found out */
    uint64_t strange_bytes;      /* since it was opened, as long as no frame came */
    uint64_t unread_bytes;       /* since the last frame, or since there was a port */
    bool speed_known;
    int64_t read_ns; /* when the bytes being decoded came */
    bool absence_logged;
    struct base_radio *radio; /* who is asked for things through the port; NULL for KISS */
    struct poll_list *polls;  /* NULL: none are asked for */
    uint8_t out[WRITE_BYTES]; /* what the port has not taken yet */
    size_t out_count;
    unsigned losses; /* of the port, with what was not written yet */
    struct tnc_figures figures;
};

static bool frame_hand_over(struct tnc *tnc, unsigned port, const uint8_t *data, size_t length)
{
    struct protocol_counts *counts = &tnc->figures.counts;
    tnc->figures.frames++;
    enum atalaya_result result = tnc->frame(tnc->context, port, data, length, tnc->read_ns);
    counts->messages += result == ATALAYA_OK;
    counts->check += result == ATALAYA_E_CHECK;
    counts->length += result == ATALAYA_E_LENGTH;
    counts->format += result != ATALAYA_OK && result != ATALAYA_E_CHECK && result != ATALAYA_E_LENGTH;
    return result == ATALAYA_OK;
}

static const char *device_text(const struct tnc *tnc)
{
    return tnc->settings.type == SOURCE_KISS ? "TNC" : "base radio";
}

/* Something sensible came: what was said of strange bytes is over. */
static void make_sense(struct tnc *tnc)
{
    if (tnc->unread_bytes >= UNREAD_MOST)
        log_notice("%s '%s' makes sense now", device_text(tnc), tnc->settings.name);
    tnc->unread_bytes = 0;
    if (tnc->settled)
        tnc->figures.fault[0] = '\0';
}

/* A modem in command mode, a wrong speed, another device: it is there, and will never be heard. */
static void notice_nonsense(struct tnc *tnc, size_t count)
{
    bool before = tnc->unread_bytes >= UNREAD_MOST;
    tnc->unread_bytes += count;
    if (before || tnc->unread_bytes < UNREAD_MOST)
        return;
    (void)snprintf(
        tnc->figures.fault, sizeof tnc->figures.fault, "%s",
        tnc->settings.type == SOURCE_KISS
            ? "bytes come, but no AX.25 in KISS: is the TNC in KISS mode, and is speed_bit_s right?"
            : "bytes come, but no sentences: is it the data port of the radio, and is speed_bit_s right?");
    log_warning("%s '%s' on %s: %s", device_text(tnc), tnc->settings.name, tnc->place, tnc->figures.fault);
}

/* The first address: six letters or digits, shifted by one bit. */
static bool looks_like_ax25(const uint8_t *data, size_t length)
{
    for (unsigned i = 0; i < 6 && length > 14; i++) {
        uint8_t sign = data[i] >> 1;
        bool letter = (sign >= 'A' && sign <= 'Z') || (sign >= '0' && sign <= '9') || sign == ' ';
        if ((data[i] & 1) != 0 || !letter)
            return false;
    }
    return length > 14;
}

static void on_kiss(void *context, unsigned port, unsigned command, const uint8_t *data, size_t length)
{
    struct tnc *tnc = context;
    if (command != KISS_COMMAND_DATA || length == 0)
        return;
    if (frame_hand_over(tnc, port, data, length) || looks_like_ax25(data, length))
        make_sense(tnc);
}

static void on_sentence(void *context, const uint8_t *data, size_t length)
{
    struct tnc *tnc = context;
    if (!frame_hand_over(tnc, 0, data, length))
        return;
    make_sense(tnc);
    if (!tnc->speed_known)
        log_info("base radio '%s' speaks at %u bit/s", tnc->settings.name, tnc->speed_bit_s);
    tnc->speed_known = true;
    base_radio_hear(tnc->radio, data, length);
}

static void decode(struct tnc *tnc, const uint8_t *bytes, size_t count)
{
    notice_nonsense(tnc, count);
    if (tnc->settings.type == SOURCE_KISS) {
        kiss_execute(&tnc->kiss, bytes, count, on_kiss, tnc);
        return;
    }
    tnc->strange_bytes += count;
    sentences_execute(&tnc->sentences, bytes, count, on_sentence, tnc);
}

/* A frame cut in two by the unplugging must not join with what comes after it. */
static void decoder_renew(struct tnc *tnc)
{
    tnc->figures.malformed += tnc->kiss.malformed + tnc->sentences.malformed;
    kiss_reset(&tnc->kiss);
    sentences_reset(&tnc->sentences);
    tnc->strange_bytes = 0;
}

static void port_drop(struct tnc *tnc)
{
    tnc->input = sd_event_source_disable_unref(tnc->input);
    port_close(&tnc->port);
    tnc->settled = false;
    tnc->out_count = 0;
    tnc->unread_bytes = 0;
    tnc->losses++;
    decoder_renew(tnc);
    if (tnc->radio)
        base_radio_lost(tnc->radio);
}

/* The one line for a port that is not there, whether it went or never was. */
static void absence_log(struct tnc *tnc, const char *why)
{
    if (!tnc->absence_logged)
        log_warning("%s '%s' on %s is gone (%s), trying %s", device_text(tnc), tnc->settings.name, tnc->place,
                    why, tnc->caller ? "again and again" : "every second");
    tnc->absence_logged = true;
    tnc->figures.starting = false;
    (void)snprintf(tnc->figures.fault, sizeof tnc->figures.fault, "%.*s", TNC_TEXT_MAX - 1, why);
}

/* The next call comes soon after a good connection, ever later after bad ones. */
static void call_put_off(struct tnc *tnc, bool was_good)
{
    if (was_good)
        tnc->pause_s = 1;
    tnc->wait_s = tnc->pause_s;
    tnc->pause_s = 2 * tnc->pause_s < CALL_PAUSE_MAX_S ? 2 * tnc->pause_s : CALL_PAUSE_MAX_S;
}

static void port_lost(struct tnc *tnc, const char *why)
{
    char words[PORT_TEXT_MAX];
    size_t unsent = tnc->out_count + port_unconfirmed(&tnc->port);
    (void)snprintf(words, sizeof words, "%s", why);
    if (unsent > 0)
        (void)snprintf(words, sizeof words, "%s; %zu bytes to be sent are lost", why, unsent);
    port_drop(tnc);
    absence_log(tnc, words);
    call_put_off(tnc, tnc->stood_s >= STEADY_S);
}

/* What opens is not yet there: some servers take a connection and end it at once, which is no news. */
static void port_settle(struct tnc *tnc)
{
    if (tnc->settled)
        return;
    tnc->settled = true;
    tnc->figures.starting = false;
    tnc->figures.fault[0] = '\0';
    if (tnc->absence_logged)
        log_notice("%s '%s' on %s is back", device_text(tnc), tnc->settings.name, tnc->place);
    else if (tnc->caller)
        log_info("TNC '%s' on %s is connected", tnc->settings.name, tnc->place);
    else
        log_info("%s '%s' on %s is open at %u bit/s", device_text(tnc), tnc->settings.name, tnc->place,
                 tnc->speed_bit_s);
    tnc->figures.reconnects += tnc->absence_logged;
    tnc->absence_logged = false;
}

enum drained { DRAINED_ALL, DRAINED_SOME, DRAINED_GONE };

/* Reads what is there, within bounds. */
static enum drained port_drain(struct tnc *tnc)
{
    uint8_t bytes[READ_BYTES];
    for (int i = 0; i < READS_MAX; i++) {
        size_t count;
        if (port_read(&tnc->port, bytes, sizeof bytes, &count) != ATALAYA_OK)
            return DRAINED_GONE;
        if (count == 0)
            return DRAINED_ALL;
        port_settle(tnc);
        tnc->figures.bytes += count;
        tnc->read_ns = clock_mono_ns();
        decode(tnc, bytes, count);
    }
    return DRAINED_SOME;
}

/* Writes what the port takes now; the loop says when it takes more. False: the port is gone. */
static bool port_flush(struct tnc *tnc)
{
    size_t taken;
    if (port_write(&tnc->port, tnc->out, tnc->out_count, &taken) != ATALAYA_OK)
        return false;
    tnc->out_count -= taken;
    memmove(tnc->out, tnc->out + taken, tnc->out_count);
    return sd_event_source_set_io_events(tnc->input, EPOLLIN | (tnc->out_count > 0 ? EPOLLOUT : 0U)) >= 0;
}

static enum atalaya_result on_write(void *context, const uint8_t *bytes, size_t size)
{
    struct tnc *tnc = context;
    if (tnc->input == NULL || !tnc->speed_known)
        return ATALAYA_E_GONE;
    if (size > sizeof tnc->out - tnc->out_count)
        return ATALAYA_E_FULL;
    memcpy(tnc->out + tnc->out_count, bytes, size);
    tnc->out_count += size;
    (void)port_flush(tnc); /* a port that is gone is found out by the loop */
    return ATALAYA_OK;
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tnc *tnc = context;
    (void)source;
    (void)fd;
    /* What came before a hang-up is still read; the hang-up itself stays signalled, so the port must go. */
    bool over = (events & (EPOLLHUP | EPOLLERR)) != 0;
    if ((events & EPOLLOUT) != 0 && !over && !port_flush(tnc))
        over = true;
    enum drained drained = port_drain(tnc);
    if (drained == DRAINED_GONE || (over && drained == DRAINED_ALL))
        port_lost(tnc, port_fault(&tnc->port));
    return 0;
}

/* Of a port that is open since now. */
static void port_watch(struct tnc *tnc)
{
    tnc->stood_s = 0;
    int error = sd_event_add_io(tnc->event, &tnc->input, port_descriptor(&tnc->port), EPOLLIN, on_input, tnc);
    if (error < 0)
        port_lost(tnc, strerror(-error));
    else if (!tnc->caller)
        port_settle(tnc);
}

static void on_called(void *context, int fd, const char *why)
{
    struct tnc *tnc = context;
    if (fd < 0) {
        absence_log(tnc, why);
        call_put_off(tnc, false);
        return;
    }
    port_adopt(&tnc->port, fd);
    port_watch(tnc);
}

static void port_try(struct tnc *tnc)
{
    char why[PORT_TEXT_MAX];
    if (tnc->caller) {
        if (tnc->wait_s <= 1)
            caller_call(tnc->caller);
        else
            tnc->wait_s--;
        return;
    }
    if (!tnc->speed_known)
        tnc->speed_bit_s = usual_bit_s[tnc->usual];
    if (port_open(&tnc->port, tnc->settings.device, tnc->speed_bit_s, why) == ATALAYA_OK)
        port_watch(tnc);
    else
        absence_log(tnc, why);
}

/* The radio talks, but not one sentence came of it. */
static void speed_change(struct tnc *tnc)
{
    tnc->usual = (tnc->usual + 1) % (sizeof usual_bit_s / sizeof *usual_bit_s);
    port_drop(tnc);
    port_try(tnc);
}

/* Once a second: open a port that is gone, or see whether an open one went without a word. */
static int on_timer(sd_event_source *source, uint64_t now_us, void *context)
{
    struct tnc *tnc = context;
    (void)now_us;
    tnc->stood_s++;
    if (!port_is_open(&tnc->port))
        port_try(tnc);
    else if (!port_is_present(&tnc->port))
        port_lost(tnc, "the path leads elsewhere");
    else if (!tnc->speed_known && tnc->strange_bytes >= STRANGE_BYTES)
        speed_change(tnc);
    else if (tnc->stood_s > 1)
        port_settle(tnc);
    int error = sd_event_source_set_time_relative(source, CHECK_INTERVAL_US);
    return error < 0 ? error : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static enum atalaya_result radio_create(struct tnc *tnc)
{
    enum atalaya_result result =
        base_radio_create(tnc->event, tnc->settings.answer_s, on_write, tnc, &tnc->radio);
    if (result == ATALAYA_OK && tnc->settings.poll_unit_count > 0)
        result = poll_list_create(tnc->event, &tnc->settings, tnc->radio, &tnc->polls);
    return result;
}

enum atalaya_result tnc_send(struct tnc *tnc, unsigned port, const uint8_t *frame, size_t length)
{
    uint8_t bytes[2 * KISS_FRAME_MAX + 4];
    if (tnc->settings.type != SOURCE_KISS)
        return ATALAYA_E_UNSUPPORTED;
    size_t size = kiss_encode(port, KISS_COMMAND_DATA, frame, length, bytes, sizeof bytes);
    return size == 0 ? ATALAYA_E_LENGTH : on_write(tnc, bytes, size);
}

/* Who opens the port: this thread, or a caller. */
static enum atalaya_result caller_make(struct tnc *tnc)
{
    const struct config_source *settings = &tnc->settings;
    if (!settings->host[0]) {
        (void)snprintf(tnc->place, sizeof tnc->place, "%s", settings->device);
        return ATALAYA_OK;
    }
    (void)snprintf(tnc->place, sizeof tnc->place, "%s port %u", settings->host, settings->port);
    tnc->pause_s = 1;
    return caller_create(tnc->event, settings->host, settings->port, on_called, tnc, &tnc->caller);
}

bool tnc_is_flushed(const struct tnc *tnc)
{
    return tnc->out_count == 0 && port_unconfirmed(&tnc->port) == 0;
}

unsigned tnc_losses(const struct tnc *tnc)
{
    return tnc->losses;
}

struct base_radio *tnc_base_radio(struct tnc *tnc)
{
    return tnc->radio;
}

enum atalaya_result tnc_create(sd_event *event, const struct config_source *settings, tnc_frame *frame,
                               void *context, struct tnc **out)
{
    *out = NULL;
    if (settings->type != SOURCE_KISS && settings->type != SOURCE_SERIAL)
        return ATALAYA_E_ARGUMENT;
    struct tnc *tnc = calloc(1, sizeof *tnc);
    if (tnc == NULL)
        return ATALAYA_E_MEMORY;
    tnc->settings = *settings;
    tnc->frame = frame;
    tnc->context = context;
    tnc->event = sd_event_ref(event);
    tnc->figures.starting = true;
    port_reset(&tnc->port);
    tnc->speed_bit_s = settings->speed_bit_s;
    tnc->speed_known = settings->type == SOURCE_KISS || settings->speed_bit_s != 0;
    decoder_renew(tnc);
    enum atalaya_result result = caller_make(tnc);
    if (result == ATALAYA_OK && settings->type == SOURCE_SERIAL)
        result = radio_create(tnc);
    if (result != ATALAYA_OK) {
        tnc_destroy(tnc);
        return result;
    }
    int error =
        sd_event_add_time_relative(event, &tnc->timer, CLOCK_MONOTONIC, CHECK_INTERVAL_US, 0, on_timer, tnc);
    if (error < 0) {
        log_error("TNC '%s': no timer: %s", settings->name, strerror(-error));
        tnc_destroy(tnc);
        return ATALAYA_E_IO;
    }
    port_try(tnc);
    *out = tnc;
    return ATALAYA_OK;
}

void tnc_figures(const struct tnc *tnc, struct tnc_figures *figures)
{
    *figures = tnc->figures;
    figures->present = tnc->settled;
    figures->malformed += tnc->kiss.malformed + tnc->sentences.malformed;
    figures->counts.format += figures->malformed;
}

void tnc_destroy(struct tnc *tnc)
{
    if (tnc == NULL)
        return;
    poll_list_destroy(tnc->polls);
    base_radio_destroy(tnc->radio);
    tnc->input = sd_event_source_disable_unref(tnc->input);
    tnc->timer = sd_event_source_disable_unref(tnc->timer);
    port_close(&tnc->port);
    caller_destroy(tnc->caller);
    (void)sd_event_unref(tnc->event);
    free(tnc);
}
