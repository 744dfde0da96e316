/* SPDX-License-Identifier: Apache-2.0 */
/* Building a channel from the two tables and the words of its configuration. */
#include "channel_private.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/log.h"

enum { STATE_ALIGN = _Alignof(max_align_t) };

/* How long modems go on when a signal has ended. */
#define HOLD_S       0.3  /* outlasts a fade, and what they still hold back */
#define WAITS_HOLD_S 12.0 /* what belongs together on the air is over */

static bool wants(const struct config_channel *settings, const struct protocol_row *row)
{
    for (unsigned i = 0; i < settings->protocol_count; i++)
        if (strcmp(settings->protocols[i], row->id) == 0)
            return true;
    return false;
}

static bool wants_modem(const struct config_channel *settings, const struct modem_row *row)
{
    for (unsigned i = 0; i < settings->modem_count; i++)
        if (strcmp(settings->modems[i], row->id) == 0)
            return true;
    return settings->modem_count == 0;
}

/* The variants that the channel names; 0: it names none of this protocol. */
static uint32_t chosen_variants(const struct config_channel *settings, const struct protocol *protocol)
{
    uint32_t chosen = 0;
    for (unsigned i = 0; i < settings->variant_count; i++)
        chosen |= protocol_variant(protocol, settings->variants[i]);
    return chosen;
}

static void stream_init(struct stream *stream, struct tap *tap, const struct config_channel *settings,
                        const struct protocol_row *row, unsigned branch, void *state)
{
    stream->tap = tap;
    stream->branch = branch;
    stream->row = row;
    stream->state = state;
    stream->output = (struct protocol_output){.message = channel_on_message, .context = stream};
    stream->variants = chosen_variants(settings, row->protocol);
    channel_stream_reset(stream);
}

static unsigned count_listeners(const struct config_channel *settings, const struct modem_row *row)
{
    unsigned listeners = 0;
    for (size_t p = 0; p < protocol_table_size && wants_modem(settings, row); p++)
        if (wants(settings, &protocol_table[p]) && protocol_uses_modem(&protocol_table[p], row->id))
            listeners++;
    return listeners;
}

static bool has_memory(const struct config_channel *settings, const struct modem_row *row)
{
    for (size_t p = 0; p < protocol_table_size; p++)
        if (wants(settings, &protocol_table[p]) && protocol_uses_modem(&protocol_table[p], row->id) &&
            !protocol_table[p].protocol->stands_alone)
            return true;
    return false;
}

/* The feed at the rate that the modem asks for; protocols that wait have one of their own. */
static enum atalaya_result feed_find(struct channel *channel, const struct config_channel *settings,
                                     const struct source_format *format, const struct modem_row *row,
                                     unsigned *index)
{
    bool waits = channel->iq && has_memory(settings, row);
    double wanted_hz = channel->iq ? row->class->iq_rate_hz : 0.0;
    double rate_hz = tuner_rate_hz(format, wanted_hz);
    for (*index = 0; *index < channel->feed_count; ++*index)
        if (channel->feeds[*index].rate_hz == rate_hz && channel->feeds[*index].waits == waits)
            return ATALAYA_OK;
    if (channel->feed_count == CHANNEL_FEEDS_MAX)
        return ATALAYA_E_FULL;
    channel->feeds[channel->feed_count++] =
        (struct feed){.wanted_hz = wanted_hz, .rate_hz = rate_hz, .waits = waits};
    return ATALAYA_OK;
}

/* A waveform may be too fast for what the source gives, or not exist as sound. */
enum atalaya_result channel_modem_create(const struct modem_class *class, double rate_hz, bool iq,
                                         struct modem **modem, bool *hears_audio)
{
    *hears_audio = iq && !class->execute_iq;
    if (iq && !*hears_audio)
        return class->create(modem, rate_hz, MODEM_IQ);
    if (!class->execute)
        return ATALAYA_E_UNSUPPORTED;
    if (*hears_audio)
        rate_hz = discriminator_rate_hz(rate_hz);
    if (!(rate_hz >= class->least_rate_hz))
        return ATALAYA_E_ARGUMENT;
    return class->create(modem, rate_hz, MODEM_AUDIO);
}

/* The first modem that wants audio of a feed of complex baseband has its discriminator made. */
static enum atalaya_result modem_create(struct channel *channel, const struct modem_row *row, struct tap *tap)
{
    struct feed *feed = &channel->feeds[tap->feed];
    enum atalaya_result result =
        channel_modem_create(row->class, feed->rate_hz, channel->iq, &tap->modem, &tap->hears_audio);
    if (result != ATALAYA_OK || !tap->hears_audio || feed->discriminator)
        return result;
    result = discriminator_create(&feed->discriminator, feed->rate_hz);
    if (result != ATALAYA_OK)
        row->class->destroy(tap->modem);
    return result;
}

static size_t state_size(const struct protocol_row *row)
{
    return (row->protocol->state_size + STATE_ALIGN - 1) / STATE_ALIGN * STATE_ALIGN;
}

static bool listens(const struct config_channel *settings, const struct protocol_row *row,
                    const struct tap *tap)
{
    return wants(settings, row) && protocol_uses_modem(row, tap->row->id);
}

/* The states lie in one piece of memory: in many small ones the library would clear what nobody ever uses,
 * and a hundred channels would fill a small machine. */
static enum atalaya_result streams_create(struct tap *tap, const struct config_channel *settings,
                                          unsigned listeners)
{
    unsigned branches = tap->row->class->branches;
    size_t size = 0;
    for (size_t p = 0; p < protocol_table_size; p++)
        if (listens(settings, &protocol_table[p], tap))
            size += branches * state_size(&protocol_table[p]);
    tap->streams = calloc((size_t)listeners * branches, sizeof *tap->streams);
    tap->states = calloc(1, size);
    if (!tap->streams || !tap->states)
        return ATALAYA_E_MEMORY;
    char *state = tap->states;
    for (size_t p = 0; p < protocol_table_size; p++)
        for (unsigned branch = 0; branch < branches && listens(settings, &protocol_table[p], tap); branch++) {
            stream_init(&tap->streams[tap->stream_count++], tap, settings, &protocol_table[p], branch, state);
            state += state_size(&protocol_table[p]);
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
    enum atalaya_result result = feed_find(channel, settings, format, row, &tap->feed);
    if (result != ATALAYA_OK)
        return result;
    result = modem_create(channel, row, tap);
    if (result == ATALAYA_E_ARGUMENT || result == ATALAYA_E_UNSUPPORTED) {
        log_info("channel %s: modem %s is left out: it cannot work on %s of %.0f Hz", channel->name, row->id,
                 channel->iq ? "complex baseband" : "audio", channel->feeds[tap->feed].rate_hz);
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

/* Waveforms that ask for a rate of their own may be heard below the noise of a voice channel: they are spared
 * nothing. */
static enum atalaya_result feeds_prepare(struct channel *channel, const struct config_channel *settings,
                                         const struct source_format *format)
{
    for (unsigned f = 0; f < channel->feed_count; f++) {
        struct feed *feed = &channel->feeds[f];
        feed->number = settings->lane;
        if (!channel->iq)
            continue;
        bool always = feed->wanted_hz > 0.0 || settings->always_on;
        double hold_s = feed->waits ? WAITS_HOLD_S : HOLD_S;
        if (quiet_gate_create(&feed->gate, feed->rate_hz, tuner_piece_s(format), hold_s, always) !=
            ATALAYA_OK)
            return ATALAYA_E_MEMORY;
    }
    return ATALAYA_OK;
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
    enum atalaya_result result = feeds_prepare(channel, settings, format);
    if (result != ATALAYA_OK) {
        channel_destroy(channel);
        return result;
    }
    if (!any_left_out || channel->tap_count > 0)
        return ATALAYA_OK;
    log_error("channel %s: no modem of its protocols can work at %.0f Hz; raise the source's rate",
              channel->name, format->rate_hz);
    return ATALAYA_E_ARGUMENT;
}

void channel_destroy(struct channel *channel)
{
    for (unsigned t = 0; t < channel->tap_count; t++) {
        struct tap *tap = &channel->taps[t];
        free(tap->streams);
        free(tap->states);
        if (tap->modem)
            tap->row->class->destroy(tap->modem);
    }
    for (unsigned f = 0; f < channel->feed_count; f++) {
        quiet_gate_destroy(&channel->feeds[f].gate);
        discriminator_destroy(channel->feeds[f].discriminator);
    }
    channel->tap_count = channel->feed_count = 0;
    squelch_destroy(channel->squelch);
    channel->squelch = NULL;
}
