/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/channelizer.h"
#include "atalaya/dsp/spectrum.h"
#include "atalaya/gateway/receiver.h"
#include "listen/detect.h"

enum { SIGNALS_MAX = 1024, BINS_MIN = 256, BINS_MAX = 32768 };
static const double bin_hz = 300.0, look_s = 0.03;
static const double usable = 0.8;            /* of the rate: beyond, the device's filter falls off */
static const double margin_hz = 10e3;        /* parts look so far into each other */
static const double same_hz = 3000.0;        /* nearer signals are one */
static const double raster_near_hz = 1000.0; /* a channel of the raster, a little off */
static const double spur_hz = 3000.0;        /* no modulation is so narrow */

struct sweep {
    const struct sweep_setting *setting;
    struct source *source;
    struct spectrum *spectrum;
    struct detect *detect;
    unsigned bins;
    float *power;
    double rate_hz, centre_hz;
    unsigned count, told;
    struct sweep_signal signals[SIGNALS_MAX]; /* lowest first */
};

static struct sweep_signal *near_signal(struct sweep *s, double hz, double within_hz)
{
    struct sweep_signal *nearest = NULL;
    for (unsigned i = 0; i < s->count; i++) {
        double off = fabs(s->signals[i].frequency_hz - hz);
        if (off <= within_hz && (!nearest || off < fabs(nearest->frequency_hz - hz)))
            nearest = &s->signals[i];
    }
    return nearest;
}

static void add(struct sweep *s, const struct detect_signal *seen)
{
    double hz = s->centre_hz + seen->offset_hz, raster_hz = s->setting->raster_hz;
    struct sweep_signal found = {.frequency_hz = hz,
                                 .raster_hz = round(hz / raster_hz) * raster_hz,
                                 .level_db = seen->level_db,
                                 .over_noise_db = seen->level_db - seen->noise_db,
                                 .width_hz = seen->width_hz,
                                 .busy = seen->busy,
                                 .middle = fabs(seen->offset_hz) < 2.0 * s->rate_hz / s->bins &&
                                           seen->width_hz < spur_hz};
    struct sweep_signal *known = near_signal(s, hz, same_hz);
    if (known) {
        double busy = fmax(known->busy, found.busy);
        if (found.level_db > known->level_db) {
            memcpy(found.kind, known->kind, sizeof found.kind);
            *known = found;
        }
        known->busy = busy;
        return;
    }
    if (s->count == SIGNALS_MAX)
        return;
    unsigned at = s->count++;
    for (; at > s->told && s->signals[at - 1].frequency_hz > hz; at--)
        s->signals[at] = s->signals[at - 1];
    s->signals[at] = found;
}

/* Range of the present part, as offsets. */
static void part_range(const struct sweep *s, double *from_hz, double *to_hz)
{
    double reach_hz = s->rate_hz * usable / 2 + margin_hz;
    *from_hz = -fmin(reach_hz, s->rate_hz / 2);
    *to_hz = -*from_hz;
    if (s->setting->to_hz > 0) {
        *from_hz = fmax(*from_hz, s->setting->from_hz - s->centre_hz);
        *to_hz = fmin(*to_hz, s->setting->to_hz - s->centre_hz);
    }
}

static void take_signals(struct sweep *s)
{
    static struct detect_signal seen[DETECT_SIGNALS_MAX];
    double from_hz, to_hz;
    part_range(s, &from_hz, &to_hz);
    unsigned count = detect_take(s->detect, from_hz, to_hz, seen);
    for (unsigned i = 0; i < count; i++)
        add(s, &seen[i]);
}

/* Looks for so long, or to the end. */
static enum atalaya_result look(struct sweep *s, double length_s)
{
    uint64_t frames = 0, looked = 0;
    struct source_block block;
    enum atalaya_result result = ATALAYA_OK;
    spectrum_reset(s->spectrum);
    while ((double)frames < length_s * s->rate_hz && s->setting->goes_on(s->setting->context) &&
           (result = source_read(s->source, &block)) == ATALAYA_OK) {
        spectrum_execute(s->spectrum, block.samples, block.frames);
        frames += block.frames;
        if ((double)(frames - looked) < look_s * s->rate_hz)
            continue;
        looked = frames;
        if (spectrum_take(s->spectrum, s->power) > 0 && !detect_look(s->detect, s->power)) {
            take_signals(s);
            (void)detect_look(s->detect, s->power);
        }
    }
    take_signals(s);
    return result;
}

static void on_reception(void *context, const struct reception *reception)
{
    struct sweep *s = context;
    struct sweep_signal *signal = near_signal(s, reception->frequency_hz, 2 * same_hz);
    if (signal && !signal->kind[0])
        snprintf(signal->kind, sizeof signal->kind, "%s (%s)", reception->modem ? reception->modem : "?",
                 reception->message.protocol);
}

/* A channel for every signal of the part that is not named yet; returns their number. */
static unsigned make_channels(struct sweep *s)
{
    struct config *config = s->setting->config;
    config->channel_count = 0;
    for (unsigned i = s->told; i < s->count && config->channel_count < CONFIG_CHANNELS_MAX; i++) {
        const struct sweep_signal *signal = &s->signals[i];
        bool on_raster = fabs(signal->raster_hz - signal->frequency_hz) < raster_near_hz;
        double hz = on_raster ? signal->raster_hz : signal->frequency_hz;
        if (!signal->kind[0] && !signal->middle && channelizer_reaches(s->rate_hz, hz - s->centre_hz))
            (void)source_options_add_channel(s->setting->options, hz, config);
    }
    return config->channel_count;
}

/* The modems on what was found, for so long or to the end. */
static enum atalaya_result recognise(struct sweep *s, double length_s)
{
    struct receiver *receiver;
    if (!(length_s > 0) || make_channels(s) == 0)
        return ATALAYA_OK;
    enum atalaya_result result =
        receiver_create(s->setting->config, 0, s->source, on_reception, s, &receiver);
    if (result != ATALAYA_OK)
        return result;
    double begin_s = -1.0;
    while ((begin_s < 0.0 || receiver_seconds(receiver) - begin_s < length_s) &&
           s->setting->goes_on(s->setting->context) && (result = receiver_step(receiver)) == ATALAYA_OK)
        if (begin_s < 0.0 && receiver_seconds(receiver) > 0.0)
            begin_s = receiver_seconds(receiver);
    receiver_destroy(receiver);
    return result;
}

static void tell(struct sweep *s, double below_hz)
{
    while (s->told < s->count && s->signals[s->told].frequency_hz < below_hz)
        s->setting->found(s->setting->context, &s->signals[s->told++]);
}

/* A software radio: tuned, looked at, listened to, part by part. */
static enum atalaya_result sweep_parts(struct sweep *s)
{
    const struct sweep_setting *setting = s->setting;
    double width_hz = s->rate_hz * usable, begin_hz = setting->from_hz;
    if (setting->to_hz - setting->from_hz < width_hz) /* one part: its middle beside what is looked for */
        begin_hz = (setting->from_hz + setting->to_hz - width_hz) / 2;
    enum atalaya_result result = ATALAYA_OK;
    for (; begin_hz < setting->to_hz && setting->goes_on(setting->context); begin_hz += width_hz) {
        s->centre_hz = begin_hz + width_hz / 2;
        result = source_tune(s->source, s->centre_hz);
        if (result == ATALAYA_OK)
            result = look(s, setting->dwell_s);
        if (result == ATALAYA_OK)
            result = recognise(s, setting->listen_s);
        if (result != ATALAYA_OK)
            return result;
        tell(s, begin_hz + width_hz - margin_hz);
    }
    return ATALAYA_OK;
}

/* A recording: twice over, once to look and once to listen. */
static enum atalaya_result sweep_recording(struct sweep *s)
{
    enum atalaya_result result = look(s, (double)INFINITY);
    if (result != ATALAYA_END)
        return result;
    if (!(s->setting->listen_s > 0))
        return ATALAYA_OK;
    source_close(s->source);
    s->source = NULL;
    result = source_open(&s->setting->config->source[0], &s->source);
    if (result == ATALAYA_OK)
        result = recognise(s, (double)INFINITY);
    return result == ATALAYA_END ? ATALAYA_OK : result;
}

static enum atalaya_result make(struct sweep *s)
{
    enum atalaya_result result = source_open(&s->setting->config->source[0], &s->source);
    if (result != ATALAYA_OK)
        return result;
    const struct source_format *format = source_format(s->source);
    if (!format->iq || !(format->centre_hz > 0))
        return ATALAYA_E_UNSUPPORTED;
    s->rate_hz = format->rate_hz;
    s->centre_hz = format->centre_hz;
    bool beside = s->setting->to_hz < s->centre_hz - s->rate_hz / 2 ||
                  s->setting->from_hz > s->centre_hz + s->rate_hz / 2;
    if (!source_is_live(s->source) && s->setting->to_hz > 0 && beside)
        return ATALAYA_E_RANGE;
    for (s->bins = BINS_MIN; s->bins < BINS_MAX && s->rate_hz / s->bins > bin_hz; s->bins *= 2)
        continue;
    s->power = calloc(s->bins, sizeof *s->power);
    if (!s->power)
        return ATALAYA_E_MEMORY;
    result = spectrum_create(&s->spectrum, s->bins, true);
    return result == ATALAYA_OK ? detect_create(&s->detect, s->bins, s->rate_hz / s->bins) : result;
}

enum atalaya_result sweep_run(const struct sweep_setting *setting)
{
    struct sweep *s = calloc(1, sizeof *s);
    if (!s)
        return ATALAYA_E_MEMORY;
    s->setting = setting;
    enum atalaya_result result = make(s);
    if (result == ATALAYA_OK)
        result = source_is_live(s->source) ? sweep_parts(s) : sweep_recording(s);
    tell(s, (double)INFINITY);
    source_close(s->source);
    spectrum_destroy(s->spectrum);
    detect_destroy(s->detect);
    free(s->power);
    free(s);
    return result;
}
