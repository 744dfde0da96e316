/* SPDX-License-Identifier: Apache-2.0 */
/* The path of a burst, whole: receiver_step reads it from the source to the hand-over. */
#include "atalaya/gateway/receiver.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "activity.h"
#include "channel.h"
#include "collapse.h"
#include "guard/ear.h"
#include "guard/self_test.h"
#include "resident.h"
#include "tuner.h"

struct receiver {
    struct source *source;
    struct source_format format;
    struct source_block block;
    int64_t block_read_mono_ns;
    char source_name[CONFIG_NAME_MAX];
    double seconds;
    bool has_run_out;       /* see run_out */
    struct reception heard; /* room for the one being measured */
    struct tuner tuner;
    struct collapse collapse;
    receiver_sink *sink; /* behind collapse */
    void *context;
    struct activity_tracker *activity; /* one a channel; NULL: nobody watches */
    struct guard_ear *ears;            /* likewise */
    struct self_test *test;            /* under way; NULL: none */
    unsigned tested;                   /* its channel */
    unsigned channel_count;
    struct channel channel[];
};

static void on_found(struct channel *channel, const struct stream *stream, const struct message *message);
static void run_out(struct receiver *receiver);
static const struct source_block *with_test(struct receiver *receiver);

enum atalaya_result receiver_step(struct receiver *receiver)
{
    enum atalaya_result result = source_read(receiver->source, &receiver->block);
    if (result == ATALAYA_END)
        run_out(receiver);
    if (result != ATALAYA_OK)
        return result;
    receiver->block_read_mono_ns = clock_mono_ns();
    receiver->seconds =
        (double)(receiver->block.first_frame + receiver->block.frames) / receiver->format.rate_hz;

    /* Each channel: its lane of the audio, or itself out of the band -> each modem once -> soft bits -> each
     * protocol -> on_found. */
    const struct source_block *block = with_test(receiver);
    for (size_t done = 0; tuner_execute(&receiver->tuner, block, &done);)
        for (unsigned i = 0; i < receiver->channel_count; i++)
            channel_execute(&receiver->channel[i], &receiver->tuner);

    /* What several branches, protocols and channels heard of one burst goes to the sink once. */
    collapse_flush(&receiver->collapse, receiver->seconds);
    for (unsigned i = 0; receiver->activity && i < receiver->channel_count; i++)
        activity_tick(&receiver->activity[i], receiver->seconds);
    for (unsigned i = 0; receiver->ears && i < receiver->channel_count; i++)
        guard_ear_execute(&receiver->ears[i], &receiver->block, &receiver->format,
                          receiver->channel[i].feeds[0].number, receiver->channel[i].squelch);
    return ATALAYA_OK;
}

/* The block as the channels get it: while the site tests itself, with its own burst in it. */
static const struct source_block *with_test(struct receiver *receiver)
{
    const struct source_block *block = &receiver->block;
    if (receiver->test)
        block = self_test_execute(receiver->test, block, receiver->channel[receiver->tested].squelch,
                                  receiver->seconds);
    receiver->tuner.clean = block == &receiver->block ? NULL : &receiver->block;
    return block;
}

/* The block that follows this one, as long as `frames`. */
static void block_advance(struct source_block *block, double rate_hz, size_t frames)
{
    block->first_frame += block->frames;
    block->first_mono_ns += llround((double)block->frames / rate_hz * 1e9);
    block->frames = frames;
}

/* A recording may end with a burst's last bit: some silence brings out what filters and detectors still hold.
 */
static void run_out(struct receiver *receiver)
{
    static const float silence[SOURCE_BLOCK_FRAMES];
    const double rate_hz = receiver->format.rate_hz;
    const double length_s = 0.12 + 2.0 * tuner_delay_s(&receiver->tuner);
    if (receiver->has_run_out || receiver->format.lanes > SOURCE_BLOCK_FRAMES)
        return;
    receiver->has_run_out = true;
    struct source_block *block = &receiver->block;
    size_t frames = SOURCE_BLOCK_FRAMES / receiver->format.lanes;
    uint64_t end_frame = (uint64_t)((receiver->seconds + length_s) * rate_hz);
    block->samples = silence;
    block->lost = 0;
    for (block_advance(block, rate_hz, frames); block->first_frame < end_frame;
         block_advance(block, rate_hz, frames))
        for (size_t done = 0; tuner_execute(&receiver->tuner, block, &done);)
            for (unsigned i = 0; i < receiver->channel_count; i++)
                channel_execute(&receiver->channel[i], &receiver->tuner);
    for (unsigned i = 0; i < receiver->channel_count; i++)
        channel_finish(&receiver->channel[i]);
    collapse_flush(&receiver->collapse, INFINITY);
    for (unsigned i = 0; receiver->activity && i < receiver->channel_count; i++)
        activity_finish(&receiver->activity[i], receiver->seconds);
}

/* What collapse lets through: who it was belongs to the transmission, too. */
static void on_reception(void *context, const struct reception *reception)
{
    struct receiver *receiver = context;
    for (unsigned i = 0; receiver->activity && i < receiver->channel_count; i++)
        if (strcmp(receiver->channel[i].name, reception->channel) == 0)
            activity_hear_burst(&receiver->activity[i], reception);
    receiver->sink(receiver->context, reception);
}

/* What begins while the site tests the channel is the test, to its end: nobody is told. */
static bool is_own_doing(const struct receiver *receiver, const struct channel *channel, bool open)
{
    struct guard_ear *ear = receiver->ears ? &receiver->ears[channel - receiver->channel] : NULL;
    if (!ear)
        return false;
    bool own = open ? receiver->test && self_test_hides(receiver->test, ear->channel) : ear->hides;
    ear->hides = own && open;
    return own;
}

/* The channel's samples count from its base, which a loss is about to move. */
static void on_squelch(void *context, const struct squelch_event *event)
{
    const struct channel *channel = context;
    const struct receiver *receiver = channel->owner;
    if (!receiver->activity || is_own_doing(receiver, channel, event->open))
        return;
    const double rate_hz = receiver->format.rate_hz;
    const double base = (double)channel->base_frame - (double)receiver->tuner.base_frame;
    const unsigned feed = channel->feeds[0].number;
    double first = base + tuner_frame(&receiver->tuner, feed, event->first_sample);
    double end = base + tuner_frame(&receiver->tuner, feed, event->end_sample);
    const struct activity_squelch heard = {
        .open = event->open,
        .start_s = first / rate_hz,
        .end_s = end / rate_hz,
        .start_mono_ns = receiver->block.first_mono_ns +
                         llround((first - (double)receiver->block.first_frame) / rate_hz * 1e9),
        .level_dbfs = event->level_dbfs,
        .floor_dbfs = event->floor_dbfs,
        .snr_db = event->snr_db,
        .offset_hz = event->offset_hz,
    };
    activity_hear_squelch(&receiver->activity[channel - receiver->channel], &heard);
}

enum atalaya_result receiver_watch(struct receiver *receiver, activity_sink *sink, void *context)
{
    receiver->activity = calloc(receiver->channel_count + 1, sizeof *receiver->activity);
    enum atalaya_result result = receiver->activity ? ATALAYA_OK : ATALAYA_E_MEMORY;
    for (unsigned i = 0; i < receiver->channel_count && result == ATALAYA_OK; i++) {
        struct channel *channel = &receiver->channel[i];
        activity_reset(&receiver->activity[i], receiver->source_name, channel->name, channel->frequency_hz,
                       sink, context);
        result = channel_watch(channel, on_squelch);
    }
    return result;
}

enum atalaya_result receiver_guard(struct receiver *receiver, const struct config *config,
                                   struct noise_watch *watches)
{
    receiver->ears = calloc(receiver->channel_count + 1, sizeof *receiver->ears);
    enum atalaya_result result = receiver->ears ? ATALAYA_OK : ATALAYA_E_MEMORY;
    for (unsigned i = 0; i < receiver->channel_count && result == ATALAYA_OK; i++) {
        struct channel *channel = &receiver->channel[i];
        for (unsigned c = 0; c < config->channel_count; c++)
            if (strcmp(config->channel[c].name, channel->name) == 0) {
                receiver->ears[i].watch = &watches[c];
                receiver->ears[i].channel = c;
            }
        if (receiver->ears[i].watch)
            noise_watch_open(receiver->ears[i].watch, receiver->format.iq);
        if (!channel->squelch)
            result = channel_watch(channel, on_squelch);
    }
    return result;
}

bool receiver_test(struct receiver *receiver, struct self_test *test)
{
    receiver->test = NULL;
    for (unsigned i = 0; test && receiver->ears && i < receiver->channel_count; i++)
        if (receiver->ears[i].channel == self_test_channel(test) && receiver->channel[i].squelch) {
            receiver->test = test;
            receiver->tested = i;
        }
    return !test || receiver->test;
}

/* A message and the facts of its reception. */
static void on_found(struct channel *channel, const struct stream *stream, const struct message *message)
{
    struct receiver *receiver = channel->owner;
    struct reception *heard = &receiver->heard;
    struct burst_figures figures;
    if (receiver->test &&
        self_test_hear(receiver->test, receiver->ears[channel - receiver->channel].channel, message))
        return;

    reception_reset(heard);
    heard->message = *message;
    heard->dedupe = message_dedupe(message);
    heard->modem = stream->tap->row->id;
    memcpy(heard->source, receiver->source_name, sizeof heard->source);
    memcpy(heard->channel, channel->name, sizeof heard->channel);
    heard->frequency_hz = channel->frequency_hz;
    heard->heard_mono_ns = receiver->block_read_mono_ns;
    heard->mono_ns = receiver->block.first_mono_ns;
    heard->duration_s = (double)(message->end_bit - message->first_bit) / stream->tap->row->bit_rate;
    heard->time_s = receiver->seconds - heard->duration_s;
    if (collapse_knows(&receiver->collapse, heard))
        return;
    heard->duration_s = (double)NAN;
    heard->time_s = receiver->seconds;
    if (channel_measure(stream, message, &figures) == ATALAYA_OK) {
        double rate_hz = receiver->format.rate_hz;
        double frame = channel_frame(channel, &receiver->tuner, stream->tap, figures.first_sample);
        double end = channel_frame(channel, &receiver->tuner, stream->tap, figures.end_sample);
        heard->time_s = frame / rate_hz;
        heard->duration_s = (end - frame) / rate_hz;
        heard->mono_ns += llround((frame - (double)receiver->block.first_frame) / rate_hz * 1e9);
        heard->rssi_dbfs = figures.level_dbfs;
        heard->snr_db = figures.snr_db;
        heard->offset_hz = figures.offset_hz;
        heard->deviation_hz = figures.deviation_hz;
        heard->peak = figures.peak;
    }
    collapse_offer(&receiver->collapse, heard);
}

static unsigned count_channels(const struct config *config, unsigned source_index)
{
    unsigned count = 0;
    for (unsigned i = 0; i < config->channel_count; i++)
        count += config->channel[i].source == source_index;
    return count;
}

/* The channels of the source that it has; of the others a word. */
static enum atalaya_result create_channels(struct receiver *r, const struct config *config,
                                           unsigned source_index)
{
    char why[200];
    for (unsigned i = 0; i < config->channel_count; i++) {
        const struct config_channel *settings = &config->channel[i];
        if (settings->source != source_index)
            continue;
        if (!tuner_reaches(&r->format, settings, why, sizeof why)) {
            log_warning("channel %s of source %s: %s; the channel stays silent", settings->name,
                        r->source_name, why);
            continue;
        }
        enum atalaya_result result =
            channel_create(&r->channel[r->channel_count], settings, &r->format, on_found, r);
        if (result != ATALAYA_OK)
            return result;
        r->channel_count++;
    }
    return tuner_create(&r->tuner, &r->format, r->channel, r->channel_count);
}

enum atalaya_result receiver_create(const struct config *config, unsigned source_index, struct source *source,
                                    receiver_sink *sink, void *context, struct receiver **receiver)
{
    unsigned wanted = count_channels(config, source_index);
    struct receiver *r = resident_calloc(sizeof *r + wanted * sizeof r->channel[0]);
    if (!r)
        return ATALAYA_E_MEMORY;
    r->source = source;
    r->format = *source_format(source);
    memcpy(r->source_name, config->source[source_index].name, sizeof r->source_name);
    r->sink = sink;
    r->context = context;
    collapse_reset(&r->collapse, on_reception, r);
    enum atalaya_result result = create_channels(r, config, source_index);
    if (result != ATALAYA_OK) {
        receiver_destroy(r);
        return result;
    }
    *receiver = r;
    return ATALAYA_OK;
}

enum atalaya_result receiver_watch_carriers(struct receiver *receiver, const struct config *config,
                                            struct carrier_board *board)
{
    enum atalaya_result result = ATALAYA_OK;
    for (unsigned i = 0; i < receiver->channel_count && result == ATALAYA_OK; i++)
        for (unsigned c = 0; c < config->channel_count && result == ATALAYA_OK; c++)
            if (strcmp(config->channel[c].name, receiver->channel[i].name) == 0)
                result = channel_watch_carrier(&receiver->channel[i], config, c, board);
    return result;
}

const struct source_block *receiver_block(const struct receiver *receiver)
{
    return &receiver->block;
}

unsigned receiver_channel_count(const struct receiver *receiver)
{
    return receiver->channel_count;
}

const char *receiver_channel(const struct receiver *receiver, unsigned index, double *frequency_hz,
                             struct squelch_figures *figures)
{
    const struct channel *channel = &receiver->channel[index];
    *frequency_hz = channel->frequency_hz;
    *figures = (struct squelch_figures){.level_dbfs = NAN, .floor_dbfs = NAN};
    if (channel->squelch)
        squelch_figures(channel->squelch, figures);
    return channel->name;
}

double receiver_seconds(const struct receiver *receiver)
{
    return receiver->seconds;
}

void receiver_counts(const struct receiver *receiver, size_t row, struct protocol_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    for (unsigned c = 0; c < receiver->channel_count; c++)
        for (unsigned t = 0; t < receiver->channel[c].tap_count; t++)
            for (unsigned i = 0; i < receiver->channel[c].taps[t].stream_count; i++) {
                const struct stream *stream = &receiver->channel[c].taps[t].streams[i];
                if (stream->row != &protocol_table[row])
                    continue;
                counts->messages += stream->output.counts.messages;
                counts->repaired += stream->output.counts.repaired;
                counts->length += stream->output.counts.length;
                counts->check += stream->output.counts.check;
                counts->format += stream->output.counts.format;
            }
}

void receiver_destroy(struct receiver *receiver)
{
    if (!receiver)
        return;
    collapse_flush(&receiver->collapse, INFINITY);
    for (unsigned i = 0; i < receiver->channel_count; i++)
        channel_destroy(&receiver->channel[i]);
    tuner_destroy(&receiver->tuner);
    free(receiver->activity);
    free(receiver->ears);
    free(receiver);
}
