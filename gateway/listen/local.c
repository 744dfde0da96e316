/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/local.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "atalaya/dsp/spectrum.h"
#include "atalaya/dsp/squelch.h"
#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/receiver.h"
#include "level.h"

enum { BINS = 2048 };
static const int64_t retry_ns = 1000000000, nap_ns = 50000000;
static const double gain_usual_db = 20; /* where turning begins when it was automatic */

struct local {
    const struct source_options *options;
    struct config *config;
    struct listen_model *model;
    local_line *line;
    void *context;
    struct source *source;     /* NULL: not open */
    struct receiver *receiver; /* NULL: none of its channels is in the band */
    struct spectrum *spectrum;
    bool own_channels; /* of the configuration; false: follow the source */
    bool was_open;
    int64_t tried_ns;
    uint64_t lost_before;
    double gain_db;
    struct level level, now; /* since local_level and local_refresh */
    float power[BINS];
};

static void on_reception(void *context, const struct reception *reception)
{
    struct local *local = context;
    char text[LISTEN_TEXT_MAX];
    listen_hear_reception(local->model, reception);
    listen_describe(reception, text);
    local->line(local->context, text);
}

static void on_activity(void *context, const struct activity *activity)
{
    struct local *local = context;
    char text[LISTEN_TEXT_MAX];
    listen_hear_activity(local->model, activity);
    if (activity->state != ACTIVITY_ENDED)
        return;
    int length =
        snprintf(text, sizeof text, "%s on the air for %.1f s", activity->channel, activity->duration_s);
    if (isfinite(activity->level_dbfs))
        length += snprintf(text + length, sizeof text - (size_t)length, ", %.0f dBFS",
                           (double)activity->level_dbfs);
    if (isfinite(activity->snr_db))
        length += snprintf(text + length, sizeof text - (size_t)length, ", %.0f dB over noise",
                           (double)activity->snr_db);
    if (isfinite(activity->offset_hz))
        (void)snprintf(text + length, sizeof text - (size_t)length, ", %+.0f Hz off",
                       (double)activity->offset_hz);
    local->line(local->context, text);
}

static void close_all(struct local *local)
{
    if (local->source)
        local->lost_before += source_lost_frames(local->source);
    receiver_destroy(local->receiver);
    spectrum_destroy(local->spectrum);
    source_close(local->source);
    local->receiver = NULL;
    local->spectrum = NULL;
    local->source = NULL;
}

/* After tuning elsewhere no channel may be left: then there is a spectrum alone. */
static enum atalaya_result make_receiver(struct local *local)
{
    const struct source_format *format = source_format(local->source);
    receiver_destroy(local->receiver);
    local->receiver = NULL;
    for (unsigned i = 0; i < local->model->channel_count; i++) /* until they are heard again */
        listen_level(local->model, &local->model->channels[i], false, NAN, NAN);
    if (!local->own_channels) {
        local->config->channel_count = 0;
        source_options_channels(local->options, format, local->config);
    }
    enum atalaya_result result =
        receiver_create(local->config, 0, local->source, on_reception, local, &local->receiver);
    if (result == ATALAYA_OK && receiver_channel_count(local->receiver) == 0) {
        receiver_destroy(local->receiver);
        local->receiver = NULL;
        return ATALAYA_OK;
    }
    if (result == ATALAYA_OK)
        result = receiver_watch(local->receiver, on_activity, local);
    if (result != ATALAYA_OK) {
        receiver_destroy(local->receiver);
        local->receiver = NULL;
    }
    return result;
}

enum atalaya_result local_create(const struct source_options *options, struct config *config,
                                 struct listen_model *model, local_line *line, void *context,
                                 struct local **local)
{
    struct local *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->options = options;
    made->config = config;
    made->model = model;
    made->line = line;
    made->context = context;
    made->own_channels = config->channel_count > 0;
    made->gain_db = config->source[0].gain_db;
    made->tried_ns = -retry_ns;
    level_reset(&made->level);
    level_reset(&made->now);
    *local = made;
    return ATALAYA_OK;
}

static enum atalaya_result open_all(struct local *local)
{
    const struct timespec nap = {.tv_nsec = nap_ns};
    if (clock_mono_ns() - local->tried_ns < retry_ns) {
        (void)nanosleep(&nap, NULL);
        return ATALAYA_OK;
    }
    local->tried_ns = clock_mono_ns();
    enum atalaya_result result = source_open(&local->config->source[0], &local->source);
    if (result != ATALAYA_OK) /* said so already */
        return local->was_open ? ATALAYA_OK : result;
    local->was_open = source_is_live(local->source);
    result = spectrum_create(&local->spectrum, BINS, source_format(local->source)->iq);
    if (result == ATALAYA_OK)
        result = make_receiver(local);
    if (result != ATALAYA_OK)
        close_all(local);
    return result;
}

static void look(struct local *local, const struct source_block *block)
{
    const struct source_format *format = source_format(local->source);
    level_execute(&local->now, block->samples, block->frames * format->lanes);
    level_execute(&local->level, block->samples, block->frames * format->lanes);
    if (format->iq || format->lanes == 1)
        spectrum_execute(local->spectrum, block->samples, block->frames);
    else /* of several lanes the first */
        for (size_t i = 0; i < block->frames; i++)
            spectrum_execute(local->spectrum, block->samples + i * format->lanes, 1);
}

enum atalaya_result local_step(struct local *local)
{
    struct source_block block = {0};
    if (!local->source)
        return open_all(local);
    enum atalaya_result result =
        local->receiver ? receiver_step(local->receiver) : source_read(local->source, &block);
    if (result == ATALAYA_OK) {
        look(local, local->receiver ? receiver_block(local->receiver) : &block);
        return ATALAYA_OK;
    }
    if (result != ATALAYA_E_GONE)
        return result;
    close_all(local);
    local->tried_ns = clock_mono_ns();
    return ATALAYA_OK;
}

double local_rate_hz(const struct local *local)
{
    return local->source ? source_format(local->source)->rate_hz : 0.0;
}

static void refresh_channels(struct local *local)
{
    for (unsigned i = 0; local->receiver && i < receiver_channel_count(local->receiver); i++) {
        struct squelch_figures figures;
        double frequency_hz;
        const char *name = receiver_channel(local->receiver, i, &frequency_hz, &figures);
        struct listen_channel *channel = listen_channel(local->model, name);
        if (!channel)
            continue;
        channel->frequency_hz = frequency_hz;
        listen_level(local->model, channel, figures.open, figures.level_dbfs, figures.floor_dbfs);
    }
}

void local_refresh(struct local *local, unsigned columns)
{
    struct listen_model *model = local->model;
    const struct config_source *settings = &local->config->source[0];
    if (!local->source) {
        snprintf(model->state, sizeof model->state, "%s: not there; tried again",
                 source_kind_text(settings->type));
        return;
    }
    const struct source_format *format = source_format(local->source);
    double left_hz = format->iq ? format->centre_hz - format->rate_hz / 2 : 0.0;
    double right_hz = format->iq ? format->centre_hz + format->rate_hz / 2 : format->rate_hz / 2;
    char gain[32] = "";
    if (settings->type == SOURCE_RTL_TCP || settings->type == SOURCE_SOAPY)
        snprintf(gain, sizeof gain, isfinite(local->gain_db) ? ", gain %g dB" : ", gain automatic",
                 local->gain_db);
    if (format->iq)
        snprintf(model->state, sizeof model->state, "%s: %g kHz around %.6f MHz%s",
                 source_kind_text(settings->type), format->rate_hz * 1e-3, format->centre_hz * 1e-6, gain);
    else
        snprintf(model->state, sizeof model->state, "%s: %g Hz, %u lanes", source_kind_text(settings->type),
                 format->rate_hz, format->lanes);
    refresh_channels(local);
    listen_peak(model, level_peak(&local->now));
    model->dead = local->now.count > 0 && local->now.most <= local->now.least;
    level_reset(&local->now);
    model->lost_frames = local->lost_before + source_lost_frames(local->source);
    if (columns > 0 && spectrum_take(local->spectrum, local->power) > 0)
        listen_spectrum(model, local->power, BINS, columns, left_hz, right_hz);
}

bool local_level(struct local *local, char *text)
{
    bool grave, any = local->level.count > 0;
    const char *advice =
        level_advice(&local->level, local->source && source_format(local->source)->iq, &grave);
    snprintf(text, LISTEN_TEXT_MAX, "peak %.3f%s%s", (double)level_peak(&local->level), advice ? ": " : "",
             advice ? advice : "");
    level_reset(&local->level);
    return any;
}

void local_tune(struct local *local, double by_hz)
{
    if (!local->source)
        return;
    double centre_hz = source_format(local->source)->centre_hz + by_hz;
    enum atalaya_result result = source_tune(local->source, centre_hz);
    if (result != ATALAYA_OK) {
        listen_say(local->model, "cannot tune to %.6f MHz: %s", centre_hz * 1e-6,
                   atalaya_result_text(result));
        return;
    }
    local->config->source[0].centre_hz = centre_hz; /* where it is opened again, too */
    spectrum_reset(local->spectrum);
    result = make_receiver(local);
    if (result != ATALAYA_OK)
        listen_say(local->model, "no receiver at %.6f MHz: %s", centre_hz * 1e-6,
                   atalaya_result_text(result));
}

void local_gain(struct local *local, double by_db)
{
    if (!local->source)
        return;
    double gain_db =
        isfinite(by_db) ? (isfinite(local->gain_db) ? local->gain_db : gain_usual_db) + by_db : by_db;
    enum atalaya_result result = source_set_gain(local->source, gain_db);
    if (result == ATALAYA_OK)
        local->config->source[0].gain_db = local->gain_db = gain_db;
    else
        listen_say(local->model, "the gain cannot be changed: %s", atalaya_result_text(result));
}

void local_destroy(struct local *local)
{
    if (!local)
        return;
    close_all(local);
    free(local);
}
