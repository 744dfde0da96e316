/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/tnc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/kiss.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/serial.h"

enum {
    READ_BYTES = 4096,
    READS_MAX = 16, /* 64 KiB a wake-up: a babbling port leaves time to the other work of the thread */
    CHECK_INTERVAL_US = 1000000,
    KISS_COMMAND_DATA = 0 /* Chepponis and Karn 1987: low nibble of the type byte */
};

struct tnc {
    struct config_source settings; /* a copy: a reload may free the original */
    tnc_frame *frame;
    void *context;
    sd_event *event;
    sd_event_source *timer, *input; /* input is NULL while the port is gone */
    struct serial *serial;
    struct kiss_decoder decoder;
    int64_t read_ns; /* when the bytes being decoded came */
    bool absence_logged;
    struct tnc_figures figures;
};

static void on_kiss(void *context, unsigned port, unsigned command, const uint8_t *data, size_t length)
{
    struct tnc *tnc = context;
    if (command != KISS_COMMAND_DATA || length == 0)
        return;
    tnc->figures.frames++;
    tnc->frame(tnc->context, port, data, length, tnc->read_ns);
}

/* A frame cut in two by the unplugging must not join with what comes after it. */
static void decoder_renew(struct tnc *tnc)
{
    tnc->figures.malformed += tnc->decoder.malformed;
    kiss_reset(&tnc->decoder);
    tnc->decoder.malformed = 0;
}

static void port_drop(struct tnc *tnc)
{
    tnc->input = sd_event_source_disable_unref(tnc->input);
    serial_close(tnc->serial);
    tnc->serial = NULL;
    decoder_renew(tnc);
}

/* The one line for a port that is not there, whether it went or never was. */
static void absence_log(struct tnc *tnc, const char *why)
{
    if (!tnc->absence_logged)
        log_warning("TNC '%s' on %s is gone (%s), trying every second", tnc->settings.name,
                    tnc->settings.device, why);
    tnc->absence_logged = true;
}

static void port_lost(struct tnc *tnc, const char *why)
{
    port_drop(tnc);
    absence_log(tnc, why);
}

/* Reads what is there, within bounds. False: the port is gone. */
static bool port_drain(struct tnc *tnc)
{
    uint8_t bytes[READ_BYTES];
    for (int i = 0; i < READS_MAX; i++) {
        size_t count;
        if (serial_read(tnc->serial, bytes, sizeof bytes, &count) != ATALAYA_OK)
            return false;
        if (count == 0)
            return true;
        tnc->figures.bytes += count;
        tnc->read_ns = clock_mono_ns();
        kiss_execute(&tnc->decoder, bytes, count, on_kiss, tnc);
    }
    return true;
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *context)
{
    struct tnc *tnc = context;
    (void)source;
    (void)fd;
    /* What came before a hang-up is still read; the hang-up itself stays signalled, so the port must go. */
    if (!port_drain(tnc) || (events & (EPOLLHUP | EPOLLERR)) != 0)
        port_lost(tnc, "unplugged");
    return 0;
}

static void port_try(struct tnc *tnc)
{
    char why[SERIAL_TEXT_MAX];
    if (serial_open(tnc->settings.device, tnc->settings.speed_bit_s, &tnc->serial, why) != ATALAYA_OK) {
        absence_log(tnc, why);
        return;
    }
    int error =
        sd_event_add_io(tnc->event, &tnc->input, serial_descriptor(tnc->serial), EPOLLIN, on_input, tnc);
    if (error < 0) {
        port_lost(tnc, strerror(-error));
        return;
    }
    if (!tnc->absence_logged) {
        log_info("TNC '%s' on %s is open at %u bit/s", tnc->settings.name, tnc->settings.device,
                 tnc->settings.speed_bit_s);
        return;
    }
    log_notice("TNC '%s' on %s is back", tnc->settings.name, tnc->settings.device);
    tnc->absence_logged = false;
    tnc->figures.reconnects++;
}

/* Once a second: open a port that is gone, or see whether an open one went without a word. */
static int on_timer(sd_event_source *source, uint64_t now_us, void *context)
{
    struct tnc *tnc = context;
    (void)now_us;
    if (tnc->serial == NULL)
        port_try(tnc);
    else if (!serial_is_present(tnc->serial))
        port_lost(tnc, "the path leads elsewhere");
    int error = sd_event_source_set_time_relative(source, CHECK_INTERVAL_US);
    return error < 0 ? error : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

enum atalaya_result tnc_create(sd_event *event, const struct config_source *settings, tnc_frame *frame,
                               void *context, struct tnc **out)
{
    *out = NULL;
    if (settings->type != SOURCE_KISS)
        return ATALAYA_E_ARGUMENT;
    struct tnc *tnc = calloc(1, sizeof *tnc);
    if (tnc == NULL)
        return ATALAYA_E_MEMORY;
    tnc->settings = *settings;
    tnc->frame = frame;
    tnc->context = context;
    tnc->event = sd_event_ref(event);
    kiss_reset(&tnc->decoder);
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
    figures->present = tnc->serial != NULL;
    figures->malformed += tnc->decoder.malformed;
}

void tnc_destroy(struct tnc *tnc)
{
    if (tnc == NULL)
        return;
    tnc->input = sd_event_source_disable_unref(tnc->input);
    tnc->timer = sd_event_source_disable_unref(tnc->timer);
    serial_close(tnc->serial);
    (void)sd_event_unref(tnc->event);
    free(tnc);
}
