/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mqtt/line.h"

static const double peak_hold_s = 3.0;
static const float clipping = 0.98F; /* a converter's last step, in whatever form it comes */

void listen_reset(struct listen_model *model)
{
    memset(model, 0, sizeof *model);
    model->clip_s = -1.0;
}

struct listen_channel *listen_channel(struct listen_model *model, const char *name)
{
    for (unsigned i = 0; i < model->channel_count; i++)
        if (strcmp(model->channels[i].name, name) == 0)
            return &model->channels[i];
    if (model->channel_count == LISTEN_CHANNELS_MAX)
        return NULL;
    struct listen_channel *channel = &model->channels[model->channel_count++];
    memset(channel, 0, sizeof *channel);
    memcpy(channel->name, name, strnlen(name, sizeof channel->name - 1));
    channel->frequency_hz = (double)NAN;
    channel->level_dbfs = channel->floor_dbfs = channel->peak_dbfs = NAN;
    channel->snr_db = channel->offset_hz = channel->deviation_hz = NAN;
    channel->heard_s = -1.0;
    return channel;
}

static void name_unit(struct listen_channel *channel, const char *unit)
{
    struct line line;
    char text[CONFIG_TEXT_MAX + 64];
    line_begin(&line, text, sizeof text);
    line_put_foreign(&line, unit, strlen(unit), CONFIG_NAME_MAX);
    memcpy(channel->unit, text, strnlen(text, sizeof channel->unit - 1) + 1);
    channel->unit[sizeof channel->unit - 1] = '\0';
}

void listen_hear_activity(struct listen_model *model, const struct activity *activity)
{
    struct listen_channel *channel = listen_channel(model, activity->channel);
    if (!channel)
        return;
    channel->frequency_hz = activity->frequency_hz;
    channel->open = activity->state != ACTIVITY_ENDED;
    if (activity->state != ACTIVITY_ENDED)
        return;
    channel->transmissions++;
    channel->heard_s = model->now_s;
    if (isfinite(activity->snr_db) && activity->bursts == 0)
        channel->snr_db = activity->snr_db;
    if (isfinite(activity->offset_hz))
        channel->offset_hz = activity->offset_hz;
}

void listen_describe(const struct reception *reception, char *text)
{
    static const char *const words[] = {"text", "status", "comment", "meaning", "mnemonic"};
    const struct message *message = &reception->message;
    struct line line;
    line_begin(&line, text, LISTEN_TEXT_MAX);
    line_put(&line, "%s ", reception->channel);
    line_put_foreign(&line, message->unit, strlen(message->unit), CONFIG_NAME_MAX);
    line_put(&line, " %s", message->protocol);
    if (message->distress != DISTRESS_NONE)
        line_put(&line, " DISTRESS");
    if (message->has_position)
        line_put(&line, " %.5f %.5f", message->position.lat_deg, message->position.lon_deg);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = 0;
        const char *value = message_text(message, words[i], &length);
        if (!value || length == 0)
            continue;
        line_put(&line, " ");
        line_put_foreign(&line, value, length, 80);
        break;
    }
}

void listen_hear_reception(struct listen_model *model, const struct reception *reception)
{
    char text[LISTEN_TEXT_MAX];
    struct listen_channel *channel = listen_channel(model, reception->channel);
    if (channel) {
        channel->bursts++;
        channel->heard_s = model->now_s;
        channel->snr_db = reception->snr_db;
        if (isfinite(reception->offset_hz))
            channel->offset_hz = reception->offset_hz;
        channel->deviation_hz = reception->deviation_hz;
        if (reception->message.unit[0])
            name_unit(channel, reception->message.unit);
    }
    listen_describe(reception, text);
    listen_say(model, "%s", text);
}

void listen_level(struct listen_model *model, struct listen_channel *channel, bool open, float level_dbfs,
                  float floor_dbfs)
{
    channel->open = open;
    channel->level_dbfs = level_dbfs;
    channel->floor_dbfs = floor_dbfs;
    if (!(level_dbfs < channel->peak_dbfs) || model->now_s - channel->peak_s > peak_hold_s) {
        channel->peak_dbfs = level_dbfs;
        channel->peak_s = model->now_s;
    }
}

void listen_peak(struct listen_model *model, float peak)
{
    model->clip_peak = peak;
    if (peak >= clipping)
        model->clip_s = model->now_s;
}

void listen_say(struct listen_model *model, const char *format, ...)
{
    va_list arguments;
    memmove(model->heard[1], model->heard[0], sizeof model->heard - sizeof model->heard[0]);
    va_start(arguments, format);
    if (vsnprintf(model->heard[0], sizeof model->heard[0], format, arguments) < 0)
        model->heard[0][0] = '\0';
    va_end(arguments);
    model->heard_count += model->heard_count < LISTEN_HEARD_MAX;
}

void listen_spectrum(struct listen_model *model, const float *power, unsigned bins, unsigned columns,
                     double left_hz, double right_hz)
{
    columns = columns < LISTEN_COLUMNS_MAX ? columns : LISTEN_COLUMNS_MAX;
    bool moved = columns != model->columns || left_hz < model->left_hz || left_hz > model->left_hz;
    if (moved)
        model->waterfall_count = 0;
    else if (model->columns) {
        memmove(model->waterfall_db[1], model->waterfall_db[0],
                sizeof model->waterfall_db - sizeof model->waterfall_db[0]);
        memcpy(model->waterfall_db[0], model->column_db, sizeof model->column_db);
        model->waterfall_count += model->waterfall_count < LISTEN_WATERFALL_MAX;
    }
    for (unsigned c = 0; c < columns; c++) {
        /* The strongest bin of a column: a narrow carrier must not drown in its neighbours. */
        unsigned from = (unsigned)((uint64_t)c * bins / columns);
        unsigned to = (unsigned)((uint64_t)(c + 1) * bins / columns);
        float most = 1e-20F;
        for (unsigned b = from; b < (to > from ? to : from + 1) && b < bins; b++)
            most = power[b] > most ? power[b] : most;
        model->column_db[c] = 10.0F * log10f(most);
    }
    model->columns = columns;
    model->left_hz = left_hz;
    model->right_hz = right_hz;
}
