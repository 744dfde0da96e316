/* SPDX-License-Identifier: Apache-2.0 */
#include "source_private.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/serial.h"
#include "dial.h"
#include "level.h"

/* What answers there cannot be known before it hears something: a KISS modem does not greet. */
static bool host_probe(const struct config_source *settings, char *text, size_t size)
{
    char port[DIAL_PORT_MAX], why[SOURCE_TEXT_MAX];
    int fd;
    source_say(port, sizeof port, "%u", settings->port);
    if (dial(settings->host, port, DIAL_LOOKUP_MS, &fd, why, sizeof why) != ATALAYA_OK) {
        source_say(text, size, "%s; is a TNC running there?", why);
        return false;
    }
    (void)close(fd);
    source_say(text, size, "%s port %s takes connections", settings->host, port);
    return true;
}

static bool port_probe(const struct config_source *settings, char *text, size_t size)
{
    struct serial *serial;
    char why[SERIAL_TEXT_MAX];
    unsigned speed_bit_s = settings->speed_bit_s ? settings->speed_bit_s : 9600;
    if (*settings->host)
        return host_probe(settings, text, size);
    if (serial_open(settings->device, speed_bit_s, &serial, why) != ATALAYA_OK) {
        source_say(text, size, "%s", why);
        return false;
    }
    serial_close(serial);
    source_say(text, size, "serial port %s opens at %u bit/s", settings->device, speed_bit_s);
    return true;
}

/* Frames, not samples: the row is here so that `atalaya check` finds every kind in one place. */
static const struct source_kind source_kind_kiss = {
    .type = SOURCE_KISS, .name = "kiss", .live = true, .probe = port_probe};
static const struct source_kind source_kind_serial = {
    .type = SOURCE_SERIAL, .name = "serial", .live = true, .probe = port_probe};

static const struct source_kind *const kinds[] = {
    &source_kind_file,   &source_kind_stdin,   &source_kind_alsa, &source_kind_kiss,
    &source_kind_serial, &source_kind_rtl_tcp, &source_kind_soapy};

static const struct source_kind *kind_find(enum config_source_type type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i]->type == type)
            return kinds[i];
    return NULL;
}

const char *source_kind_text(enum config_source_type type)
{
    const struct source_kind *kind = kind_find(type);
    return kind ? kind->name : "unknown";
}

void source_say(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(text, size, format, arguments) < 0 && size > 0)
        text[0] = '\0';
    va_end(arguments);
}

enum atalaya_result source_base_init(struct source *source, const struct config_source *settings,
                                     double rate_hz, unsigned lanes, char *text, size_t size)
{
    if (!(rate_hz >= SOURCE_RATE_MIN_HZ && rate_hz <= SOURCE_RATE_MAX_HZ)) {
        source_say(text, size, "a rate of %g Hz cannot be used: %d to %d Hz", rate_hz, SOURCE_RATE_MIN_HZ,
                   SOURCE_RATE_MAX_HZ);
        return ATALAYA_E_UNSUPPORTED;
    }
    if (lanes < 1 || lanes > SOURCE_LANES_MAX) {
        source_say(text, size, "%u audio channels cannot be used: 1 to %d", lanes, SOURCE_LANES_MAX);
        return ATALAYA_E_UNSUPPORTED;
    }
    double frames = floor(rate_hz / SOURCE_BLOCK_RATE_MIN_HZ);
    source_say(source->name, sizeof source->name, "%s", settings->name);
    source->format.rate_hz = rate_hz;
    source->format.lanes = lanes;
    source->block_frames = frames < SOURCE_BLOCK_FRAMES ? (size_t)frames : SOURCE_BLOCK_FRAMES;
    return ATALAYA_OK;
}

enum atalaya_result source_base_set_iq(struct source *source, const struct config_source *settings,
                                       char *text, size_t size)
{
    if (source->format.lanes != 2) {
        source_say(text, size, "complex baseband has two channels, I and Q, not %u", source->format.lanes);
        return ATALAYA_E_UNSUPPORTED;
    }
    source->format.iq = true;
    source->format.centre_hz = settings->centre_hz > 0.0 ? settings->centre_hz : 0.0;
    return ATALAYA_OK;
}

const char *source_base_describe(const struct source *source, char *text, size_t size)
{
    const struct source_format *format = &source->format;
    if (!format->iq)
        source_say(text, size, "%g Hz, %u audio channel%s", format->rate_hz, format->lanes,
                   format->lanes == 1 ? "" : "s");
    else if (format->centre_hz > 0.0)
        source_say(text, size, "a band of %g kHz around %.6f MHz", format->rate_hz * 1e-3,
                   format->centre_hz * 1e-6);
    else
        source_say(text, size, "a band of %g kHz", format->rate_hz * 1e-3);
    return text;
}

enum atalaya_result source_open(const struct config_source *settings, struct source **source)
{
    char text[SOURCE_TEXT_MAX];
    return source_open_why(settings, source, text, sizeof text);
}

enum atalaya_result source_open_why(const struct config_source *settings, struct source **source, char *text,
                                    size_t size)
{
    *source = NULL;
    text[0] = '\0';
    const struct source_kind *kind = kind_find(settings->type);
    if (kind == NULL || kind->open == NULL) {
        log_error("source '%s' does not give samples", settings->name);
        return ATALAYA_E_ARGUMENT;
    }
    enum atalaya_result result = kind->open(settings, source, text, size);
    if (result != ATALAYA_OK) {
        log_error("source '%s': %s", settings->name, text);
        return result;
    }
    if ((*source)->kind == NULL)
        (*source)->kind = kind;
    log_info("source '%s': %s", settings->name, text);
    return ATALAYA_OK;
}

const struct source_format *source_format(const struct source *source)
{
    return &source->format;
}

bool source_is_live(const struct source *source)
{
    return source->kind->live;
}

enum atalaya_result source_read(struct source *source, struct source_block *block)
{
    memset(block, 0, sizeof *block);
    enum atalaya_result result = source->kind->read(source, block);
    if (result != ATALAYA_OK || block->frames == 0) {
        memset(block, 0, sizeof *block);
        block->first_frame = source->next_frame;
        return result;
    }
    source->lost_frames += block->lost;
    block->first_frame = source->next_frame + block->lost;
    source->next_frame = block->first_frame + block->frames;
    return ATALAYA_OK;
}

uint64_t source_lost_frames(const struct source *source)
{
    return source->lost_frames;
}

enum atalaya_result source_tune(struct source *source, double centre_hz)
{
    if (source->kind->tune == NULL)
        return ATALAYA_E_UNSUPPORTED;
    enum atalaya_result result = source->kind->tune(source, centre_hz);
    if (result == ATALAYA_OK)
        source->format.centre_hz = centre_hz;
    return result;
}

enum atalaya_result source_set_gain(struct source *source, double gain_db)
{
    return source->kind->set_gain ? source->kind->set_gain(source, gain_db) : ATALAYA_E_UNSUPPORTED;
}

void source_close(struct source *source)
{
    if (source != NULL)
        source->kind->close(source);
}

bool source_probe(const struct config_source *settings, char *text, size_t size)
{
    const struct source_kind *kind = kind_find(settings->type);
    if (kind == NULL) {
        source_say(text, size, "no such kind of source");
        return false;
    }
    if (kind->probe != NULL)
        return kind->probe(settings, text, size);
    struct source *source;
    if (kind->open(settings, &source, text, size) != ATALAYA_OK)
        return false;
    (source->kind != NULL ? source->kind : kind)->close(source);
    return true;
}

bool source_hear(const struct config_source *settings, double seconds, struct level *level, bool *iq)
{
    char text[SOURCE_TEXT_MAX];
    struct source *source;
    struct source_block block;
    const struct source_kind *kind = kind_find(settings->type);
    level_reset(level);
    if (kind == NULL || kind->open == NULL || kind->open(settings, &source, text, sizeof text) != ATALAYA_OK)
        return false;
    if (source->kind == NULL)
        source->kind = kind;
    *iq = source->format.iq;
    uint64_t heard = 0, wanted = (uint64_t)(seconds * source->format.rate_hz);
    const int64_t end_ns = clock_mono_ns() + (int64_t)(3e9 * seconds);
    while (heard < wanted && clock_mono_ns() < end_ns && source_read(source, &block) == ATALAYA_OK) {
        level_execute(level, block.samples, block.frames * source->format.lanes);
        heard += block.frames;
    }
    source_close(source);
    return heard > 0;
}
