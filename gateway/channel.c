/* SPDX-License-Identifier: Apache-2.0 */
/* A channel at work: samples -> modems -> soft bits -> protocols -> messages. */
#include "channel_private.h"

void channel_on_message(void *context, const struct message *message)
{
    const struct stream *stream = context;
    const struct modem_class *class = stream->tap->row->class;
    stream->tap->channel->found(stream->tap->channel, stream, message);
    if (class->satisfy)
        class->satisfy(stream->tap->modem, stream->branch, message->first_bit);
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

void channel_stream_reset(struct stream *stream)
{
    stream->row->protocol->reset(stream->state);
    if (stream->variants)
        stream->row->protocol->choose(stream->state, stream->variants);
}

static void feed_start_over(struct channel *channel, unsigned feed)
{
    if (channel->feeds[feed].discriminator)
        discriminator_reset(channel->feeds[feed].discriminator);
    for (unsigned t = 0; t < channel->tap_count; t++) {
        struct tap *tap = &channel->taps[t];
        if (tap->feed != feed)
            continue;
        tap->row->class->reset(tap->modem);
        for (unsigned i = 0; i < tap->stream_count; i++)
            channel_stream_reset(&tap->streams[i]);
    }
}

/* The device lost samples: bursts in progress are torn, and sample counts start again. */
static void start_over(struct channel *channel, uint64_t base_frame)
{
    if (channel->squelch)
        squelch_restart(channel->squelch, channel->squelched, channel);
    channel->base_frame = base_frame;
    for (unsigned f = 0; f < channel->feed_count; f++) {
        feed_start_over(channel, f);
        quiet_gate_reset(&channel->feeds[f].gate);
    }
}

/* Nothing follows for now: what modems and protocols still wait with comes out. */
static void feed_finish(struct channel *channel, unsigned feed)
{
    for (unsigned t = 0; t < channel->tap_count; t++) {
        struct tap *tap = &channel->taps[t];
        if (tap->feed == feed && tap->row->class->finish)
            tap->row->class->finish(tap->modem, on_soft_bits, tap);
    }
    for (unsigned t = 0; t < channel->tap_count; t++)
        for (unsigned i = 0; i < channel->taps[t].stream_count; i++) {
            struct stream *stream = &channel->taps[t].streams[i];
            if (channel->taps[t].feed == feed && stream->row->protocol->finish)
                stream->row->protocol->finish(stream->state, &stream->output);
        }
}

/* What listens to the channel itself, whether modems rest or not. */
static void watch(struct channel *channel, const float *audio, const float complex *iq, size_t count)
{
    if (!channel->squelch)
        return;
    if (channel->iq)
        squelch_execute_iq(channel->squelch, iq, count, channel->squelched, channel);
    else
        squelch_execute(channel->squelch, audio, count, channel->squelched, channel);
    carriers_execute(&channel->ear, channel->squelch);
}

/* For the modems that hear the feed's audio, or, of complex baseband, that of its discriminator. */
static void feed_audio(struct channel *channel, unsigned feed, const float *audio, size_t count)
{
    for (unsigned t = 0; t < channel->tap_count; t++) {
        struct tap *tap = &channel->taps[t];
        if (tap->feed == feed && tap->hears_audio == channel->iq)
            tap->row->class->execute(tap->modem, audio, count, on_soft_bits, tap);
    }
}

void channel_feed_iq(struct channel *channel, unsigned feed, const float complex *iq, size_t count)
{
    struct discriminator *discriminator = channel->feeds[feed].discriminator;
    float audio[DISCRIMINATOR_CHUNK_MAX];
    for (unsigned t = 0; t < channel->tap_count; t++) {
        struct tap *tap = &channel->taps[t];
        if (tap->feed == feed && !tap->hears_audio)
            tap->row->class->execute_iq(tap->modem, iq, count, on_soft_bits, tap);
    }
    while (discriminator && count > 0) {
        size_t taken, made = discriminator_execute(discriminator, iq, count, audio, &taken);
        feed_audio(channel, feed, audio, made);
        iq += taken;
        count -= taken;
    }
}

static void hear_audio(struct channel *channel, unsigned feed, struct tuner *tuner)
{
    size_t count;
    const float *audio = tuner_audio(tuner, channel->feeds[feed].number, &count);
    if (feed == 0)
        watch(channel, tuner_clean_audio(tuner, channel->feeds[feed].number), NULL, count);
    feed_audio(channel, feed, audio, count);
}

static void hear_iq(struct channel *channel, unsigned feed, struct tuner *tuner)
{
    struct feed *fed = &channel->feeds[feed];
    struct quiet_piece pieces[QUIET_PIECES_MAX];
    float power, floor;
    size_t count;
    bool fresh;
    const float complex *iq = tuner_iq(tuner, fed->number, &count);
    if (feed == 0)
        watch(channel, NULL, iq, count);
    tuner_level(tuner, fed->number, &power, &floor);
    bool was_open = quiet_gate_is_open(&fed->gate);
    unsigned made = quiet_gate_execute(&fed->gate, power, floor, iq, count, pieces, &fresh);
    if (was_open && !quiet_gate_is_open(&fed->gate))
        feed_finish(channel, feed);
    if (fresh)
        feed_start_over(channel, feed);
    for (unsigned p = 0; p < made; p++)
        channel_feed_iq(channel, feed, pieces[p].iq, pieces[p].count);
}

void channel_execute(struct channel *channel, struct tuner *tuner)
{
    if (channel->base_frame != tuner->base_frame)
        start_over(channel, tuner->base_frame);
    for (unsigned f = 0; f < channel->feed_count; f++)
        if (channel->iq)
            hear_iq(channel, f, tuner);
        else
            hear_audio(channel, f, tuner);
}

enum atalaya_result channel_measure(const struct stream *stream, const struct message *message,
                                    struct burst_figures *figures)
{
    const struct tap *tap = stream->tap;
    enum atalaya_result result =
        tap->row->class->measure(tap->modem, stream->branch, message->first_bit, message->end_bit, figures);
    if (result == ATALAYA_OK && tap->hears_audio)
        discriminator_tell(tap->channel->feeds[tap->feed].discriminator, 0.0, figures);
    return result;
}

double channel_frame(const struct channel *channel, const struct tuner *tuner, const struct tap *tap,
                     double sample)
{
    const struct feed *feed = &channel->feeds[tap->feed];
    return tuner_frame(tuner, feed->number, channel->iq ? quiet_gate_sample(&feed->gate, sample) : sample);
}

static enum atalaya_result squelch_make(struct channel *channel)
{
    if (channel->squelch || channel->feed_count == 0)
        return ATALAYA_OK;
    return squelch_create(&channel->squelch, channel->feeds[0].rate_hz, channel->iq);
}

enum atalaya_result channel_watch(struct channel *channel, squelch_sink *squelched)
{
    channel->squelched = squelched;
    return squelch_make(channel);
}

enum atalaya_result channel_watch_carrier(struct channel *channel, const struct config *config,
                                          unsigned index, struct carrier_board *board)
{
    if (channel->feed_count == 0)
        return ATALAYA_OK;
    enum atalaya_result result =
        carriers_listen(config, index, channel->feeds[0].rate_hz, channel->iq, board, &channel->ear);
    return result == ATALAYA_OK && channel->ear.board ? squelch_make(channel) : result;
}

void channel_finish(struct channel *channel)
{
    for (unsigned f = 0; f < channel->feed_count; f++)
        if (!channel->iq || quiet_gate_is_open(&channel->feeds[f].gate))
            feed_finish(channel, f);
}
