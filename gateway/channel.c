/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

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

/* The modem `row`, if any protocol of the channel listens to it. */
static enum atalaya_result tap_create(struct channel *channel, const struct config_channel *settings,
                                      const struct modem_row *row, double rate_hz)
{
    unsigned listeners = count_listeners(settings, row);
    if (listeners == 0)
        return ATALAYA_OK;
    if (channel->tap_count == CHANNEL_TAPS_MAX)
        return ATALAYA_E_FULL;
    struct tap *tap = &channel->taps[channel->tap_count++];
    tap->channel = channel;
    tap->row = row;
    tap->streams = calloc((size_t)listeners * row->class->branches, sizeof *tap->streams);
    if (!tap->streams)
        return ATALAYA_E_MEMORY;
    for (size_t p = 0; p < protocol_table_size; p++) {
        if (!wants(settings, &protocol_table[p]) || !protocol_uses_modem(&protocol_table[p], row->id))
            continue;
        for (unsigned branch = 0; branch < row->class->branches; branch++) {
            enum atalaya_result result = stream_create(tap, &protocol_table[p], branch);
            if (result != ATALAYA_OK)
                return result;
        }
    }
    return row->class->create(&tap->modem, rate_hz, MODEM_AUDIO);
}

/* A waveform may be too fast for what the sound card gives; then the others still listen. */
static bool is_left_out(const struct channel *channel, const struct config_channel *settings,
                        const struct modem_row *row, double rate_hz)
{
    if (rate_hz >= row->class->least_rate_hz || count_listeners(settings, row) == 0)
        return false;
    log_info("channel %s: modem %s is left out: it needs a rate of %.0f Hz, not %.0f Hz", channel->name,
             row->id, row->class->least_rate_hz, rate_hz);
    return true;
}

enum atalaya_result channel_create(struct channel *channel, const struct config_channel *settings,
                                   double rate_hz, channel_found *found, void *owner)
{
    memset(channel, 0, sizeof *channel);
    memcpy(channel->name, settings->name, sizeof channel->name);
    channel->frequency_hz = settings->frequency_hz;
    channel->lane = settings->lane;
    channel->found = found;
    channel->owner = owner;
    unsigned left_out = 0;
    for (size_t m = 0; m < modem_table_size; m++) {
        if (is_left_out(channel, settings, &modem_table[m], rate_hz)) {
            left_out++;
            continue;
        }
        enum atalaya_result result = tap_create(channel, settings, &modem_table[m], rate_hz);
        if (result == ATALAYA_OK)
            continue;
        log_error("channel %s: modem %s at %.0f Hz: %s", channel->name, modem_table[m].id, rate_hz,
                  atalaya_result_text(result));
        channel_destroy(channel);
        return result;
    }
    if (left_out == 0 || channel->tap_count > 0)
        return ATALAYA_OK;
    log_error("channel %s: %.0f Hz is too slow for every modem of its protocols; raise the source's rate",
              channel->name, rate_hz);
    return ATALAYA_E_ARGUMENT;
}

/* The device lost samples: bursts in progress are torn, and sample counts start again. */
static void start_over(struct channel *channel, uint64_t first_frame)
{
    channel->base_frame = first_frame;
    for (unsigned t = 0; t < channel->tap_count; t++) {
        struct tap *tap = &channel->taps[t];
        tap->row->class->reset(tap->modem);
        for (unsigned i = 0; i < tap->stream_count; i++)
            tap->streams[i].row->protocol->reset(tap->streams[i].state);
    }
}

void channel_execute(struct channel *channel, const struct source_block *block, unsigned lanes)
{
    if (block->lost)
        start_over(channel, block->first_frame);
    const float *audio = block->samples;
    if (lanes > 1) {
        for (size_t i = 0; i < block->frames; i++)
            channel->audio[i] = block->samples[i * lanes + channel->lane];
        audio = channel->audio;
    }
    carriers_execute(&channel->ear, audio, block->frames);
    for (unsigned t = 0; t < channel->tap_count; t++)
        channel->taps[t].row->class->execute(channel->taps[t].modem, audio, block->frames, on_soft_bits,
                                             &channel->taps[t]);
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
}
