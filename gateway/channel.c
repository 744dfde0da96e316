/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/log.h"

static void on_message(void *context, const struct message *message)
{
    const struct stream *stream = context;
    stream->tap->channel->found(stream->tap->channel, stream, message);
}

static void on_soft_bits(void *context, const struct soft_run *run)
{
    struct tap *tap = context;
    for (unsigned i = 0; i < tap->stream_count; i++) {
        struct stream *stream = &tap->streams[i];
        if (stream->branch == run->branch)
            stream->row->protocol->execute(stream->state, run, &stream->output);
    }
}

static bool wants(const struct config_channel *settings, const struct protocol_row *row)
{
    for (unsigned i = 0; i < settings->protocol_count; i++)
        if (strcmp(settings->protocols[i], row->id) == 0)
            return true;
    return false;
}

static enum atalaya_result stream_create(struct tap *tap, const struct protocol_row *row, unsigned branch)
{
    struct stream *stream = &tap->streams[tap->stream_count];
    stream->state = calloc(1, row->protocol->state_size);
    if (!stream->state)
        return ATALAYA_E_MEMORY;
    tap->stream_count++;
    stream->tap = tap;
    stream->branch = branch;
    stream->row = row;
    stream->output = (struct protocol_output){.message = on_message, .context = stream};
    row->protocol->reset(stream->state);
    return ATALAYA_OK;
}

static unsigned count_listeners(const struct config_channel *settings, const struct modem_row *row)
{
    unsigned listeners = 0;
    for (size_t p = 0; p < protocol_table_size; p++)
        if (wants(settings, &protocol_table[p]) && protocol_uses_modem(&protocol_table[p], row->id))
            listeners++;
    return listeners;
}

/* The feed at the rate that the modem asks for. */
static enum atalaya_result feed_find(struct channel *channel, const struct source_format *format,
                                     const struct modem_row *row, unsigned *index)
{
    double wanted_hz = channel->iq ? row->class->iq_rate_hz : 0.0;
    double rate_hz = tuner_rate_hz(format, wanted_hz);
    for (*index = 0; *index < channel->feed_count; ++*index)
        if (channel->feeds[*index].rate_hz == rate_hz)
            return ATALAYA_OK;
    if (channel->feed_count == CHANNEL_FEEDS_MAX)
        return ATALAYA_E_FULL;
    channel->feeds[channel->feed_count++] = (struct feed){.wanted_hz = wanted_hz, .rate_hz = rate_hz};
    return ATALAYA_OK;
}

/* A waveform may be too fast for what the source gives, or not exist as sound or as IQ. */
static enum atalaya_result modem_create(const struct channel *channel, const struct modem_row *row,
                                        double rate_hz, struct modem **modem)
{
    const struct modem_class *class = row->class;
    if (channel->iq ? !class->execute_iq : !class->execute)
        return ATALAYA_E_UNSUPPORTED;
    if (!channel->iq && !(rate_hz >= class->least_rate_hz))
        return ATALAYA_E_ARGUMENT;
    return class->create(modem, rate_hz, channel->iq ? MODEM_IQ : MODEM_AUDIO);
}

static enum atalaya_result streams_create(struct tap *tap, const struct config_channel *settings,
                                          unsigned listeners)
{
    unsigned branches = tap->row->class->branches;
    tap->streams = calloc((size_t)listeners * branches, sizeof *tap->streams);
    if (!tap->streams)
        return ATALAYA_E_MEMORY;
    for (size_t p = 0; p < protocol_table_size; p++) {
        if (!wants(settings, &protocol_table[p]) || !protocol_uses_modem(&protocol_table[p], tap->row->id))
            continue;
        for (unsigned branch = 0; branch < branches; branch++) {
            enum atalaya_result result = stream_create(tap, &protocol_table[p], branch);
            if (result != ATALAYA_OK)
                return result;
        }
    }
    return ATALAYA_OK;
}

/* The modem `row` and what listens to it. *left_out: it cannot work here, and the others still listen. */
static enum atalaya_result tap_create(struct channel *channel, const struct config_channel *settings,
                                      const struct source_format *format, const struct modem_row *row,
                                      bool *left_out)
{
    unsigned listeners = count_listeners(settings, row);
    struct tap *tap = &channel->taps[channel->tap_count];
    *left_out = false;
    if (listeners == 0)
        return ATALAYA_OK;
    if (channel->tap_count == CHANNEL_TAPS_MAX)
        return ATALAYA_E_FULL;
    enum atalaya_result result = feed_find(channel, format, row, &tap->feed);
    if (result != ATALAYA_OK)
        return result;
    double rate_hz = channel->feeds[tap->feed].rate_hz;
    result = modem_create(channel, row, rate_hz, &tap->modem);
    if (result == ATALAYA_E_ARGUMENT || result == ATALAYA_E_UNSUPPORTED) {
        log_info("channel %s: modem %s is left out: it cannot work on %s of %.0f Hz", channel->name, row->id,
                 channel->iq ? "complex baseband" : "audio", rate_hz);
        tap->modem = NULL;
        *left_out = true;
        return ATALAYA_OK;
    }
    if (result != ATALAYA_OK)
        return result;
    tap->channel = channel;
    tap->row = row;
    channel->tap_count++;
    return streams_create(tap, settings, listeners);
}

/* Modems that are left out may leave a feed that nobody hears. */
static void drop_idle_feeds(struct channel *channel)
{
    for (unsigned f = channel->feed_count; f-- > 0;) {
        bool used = false;
        for (unsigned t = 0; t < channel->tap_count; t++)
            used = used || channel->taps[t].feed == f;
        if (used)
            continue;
        channel->feed_count--;
        memmove(&channel->feeds[f], &channel->feeds[f + 1],
                (channel->feed_count - f) * sizeof channel->feeds[0]);
        for (unsigned t = 0; t < channel->tap_count; t++)
            channel->taps[t].feed -= channel->taps[t].feed > f;
    }
}

enum atalaya_result channel_create(struct channel *channel, const struct config_channel *settings,
                                   const struct source_format *format, channel_found *found, void *owner)
{
    memset(channel, 0, sizeof *channel);
    memcpy(channel->name, settings->name, sizeof channel->name);
    channel->iq = format->iq;
    channel->frequency_hz = tuner_frequency_hz(format, settings);
    channel->offset_hz = tuner_offset_hz(format, settings);
    channel->found = found;
    channel->owner = owner;
    bool left_out, any_left_out = false;
    for (size_t m = 0; m < modem_table_size; m++) {
        enum atalaya_result result = tap_create(channel, settings, format, &modem_table[m], &left_out);
        any_left_out = any_left_out || left_out;
        if (result == ATALAYA_OK)
            continue;
        log_error("channel %s: modem %s at %.0f Hz: %s", channel->name, modem_table[m].id, format->rate_hz,
                  atalaya_result_text(result));
        channel_destroy(channel);
        return result;
    }
    drop_idle_feeds(channel);
    for (unsigned f = 0; f < channel->feed_count && !channel->iq; f++)
        channel->feeds[f].number = settings->lane;
    if (!any_left_out || channel->tap_count > 0)
        return ATALAYA_OK;
    log_error("channel %s: no modem of its protocols can work at %.0f Hz; raise the source's rate",
              channel->name, format->rate_hz);
    return ATALAYA_E_ARGUMENT;
}

/* The device lost samples: bursts in progress are torn, and sample counts start again. */
static void start_over(struct channel *channel, uint64_t base_frame)
{
    if (channel->squelch)
        squelch_restart(channel->squelch, channel->squelched, channel);
    channel->base_frame = base_frame;
    for (unsigned t = 0; t < channel->tap_count; t++) {
        struct tap *tap = &channel->taps[t];
        tap->row->class->reset(tap->modem);
        for (unsigned i = 0; i < tap->stream_count; i++)
            tap->streams[i].row->protocol->reset(tap->streams[i].state);
    }
}

enum atalaya_result channel_watch(struct channel *channel, squelch_sink *squelched)
{
    channel->squelched = squelched;
    return channel->feed_count ? squelch_create(&channel->squelch, channel->feeds[0].rate_hz, channel->iq)
                               : ATALAYA_OK;
}

static void watch(struct channel *channel, const float *audio, const float complex *iq, size_t count)
{
    if (channel->iq)
        squelch_execute_iq(channel->squelch, iq, count, channel->squelched, channel);
    else
        squelch_execute(channel->squelch, audio, count, channel->squelched, channel);
}

void channel_execute(struct channel *channel, struct tuner *tuner)
{
    if (channel->base_frame != tuner->base_frame)
        start_over(channel, tuner->base_frame);
    for (unsigned f = 0; f < channel->feed_count; f++) {
        const float complex *iq = NULL;
        const float *audio = NULL;
        size_t count;
        if (channel->iq)
            iq = tuner_iq(tuner, channel->feeds[f].number, &count);
        else
            audio = tuner_audio(tuner, channel->feeds[f].number, &count);
        if (f == 0)
            carriers_execute(&channel->ear, channel->iq ? (const float *)iq : audio,
                             channel->iq ? 2 * count : count);
        if (f == 0 && channel->squelch)
            watch(channel, audio, iq, count);
        for (unsigned t = 0; t < channel->tap_count; t++) {
            struct tap *tap = &channel->taps[t];
            if (tap->feed != f)
                continue;
            if (channel->iq)
                tap->row->class->execute_iq(tap->modem, iq, count, on_soft_bits, tap);
            else
                tap->row->class->execute(tap->modem, audio, count, on_soft_bits, tap);
        }
    }
}

/* Complex baseband is as loud as its carrier: I and Q one after the other are taken as audio at twice the
 * rate. */
enum atalaya_result channel_watch_carrier(struct channel *channel, const struct config *config,
                                          unsigned index, struct carrier_board *board)
{
    if (channel->feed_count == 0)
        return ATALAYA_OK;
    double rate_hz = channel->feeds[0].rate_hz * (channel->iq ? 2 : 1);
    return carriers_listen(config, index, rate_hz, channel->iq, board, &channel->ear);
}

double channel_patience_s(const struct channel *channel)
{
    double longest_s = 0.0;
    for (unsigned t = 0; t < channel->tap_count; t++)
        for (unsigned i = 0; i < channel->taps[t].stream_count; i++)
            longest_s = fmax(longest_s, channel->taps[t].streams[i].row->protocol->patience_s);
    return longest_s;
}

void channel_destroy(struct channel *channel)
{
    for (unsigned t = 0; t < channel->tap_count; t++) {
        struct tap *tap = &channel->taps[t];
        for (unsigned i = 0; i < tap->stream_count; i++)
            free(tap->streams[i].state);
        free(tap->streams);
        if (tap->modem)
            tap->row->class->destroy(tap->modem);
    }
    channel->tap_count = 0;
    carriers_deafen(&channel->ear);
    squelch_destroy(channel->squelch);
    channel->squelch = NULL;
}
