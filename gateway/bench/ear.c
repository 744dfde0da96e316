/* SPDX-License-Identifier: Apache-2.0 */
/* Our own receiver, in this process: for audio the very channel that `atalaya decode` and the tower use, with
 * every protocol on; for IQ past its tuner and gate. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "channel.h"
#include "collapse.h"

enum { BLOCK = SOURCE_BLOCK_FRAMES, RUN_MAX = 1024 };

struct bench_ear {
    struct bench_tally *tally;
    bool iq, is_hard;
    enum bench_hard hard;
    double cpu_s;
    uint64_t first_frame;
    struct channel channel; /* for IQ it is fed past its tuner and gate */
    struct tuner tuner;     /* for audio */
    struct collapse collapse;
    struct reception heard;
};

static void on_reception(void *context, const struct reception *reception)
{
    const struct message *message = &reception->message;
    const struct bench_ear *ear = context;
    if (!message_flag(message, "bch2_failed")) /* half of a beacon's message is none */
        bench_tally_hear(ear->tally, message->raw, message->raw_length);
}

/* As gateway/receiver.c has it: of two readings of a burst that exclude each other one is told. */
static void on_found(struct channel *channel, const struct stream *stream, const struct message *message)
{
    struct bench_ear *ear = channel->owner;
    struct reception *heard = &ear->heard;
    struct burst_figures figures;
    reception_reset(heard);
    heard->message = *message;
    heard->dedupe = message_dedupe(message);
    heard->modem = stream->tap->row->id;
    heard->duration_s = (double)(message->end_bit - message->first_bit) / stream->tap->row->bit_rate;
    heard->time_s = (double)ear->first_frame / BENCH_RATE_HZ - heard->duration_s;
    if (collapse_knows(&ear->collapse, heard))
        return;
    if (channel_measure(stream, message, &figures) == ATALAYA_OK) { /* delays do not matter here */
        heard->time_s = figures.first_sample / BENCH_RATE_HZ;
        heard->duration_s = (figures.end_sample - figures.first_sample) / BENCH_RATE_HZ;
        heard->snr_db = figures.snr_db;
    }
    collapse_offer(&ear->collapse, heard);
}

static double cpu_now_s(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Each modem of the audio channel is exchanged for one that hears IQ, if there is such a one. */
static enum atalaya_result take_iq(struct channel *channel)
{
    unsigned kept = 0, hear_audio = 0;
    channel->iq = true;
    for (unsigned t = 0; t < channel->tap_count; t++) {
        struct tap *tap = &channel->taps[t];
        tap->row->class->destroy(tap->modem);
        tap->modem = NULL;
        bool made = channel_modem_create(tap->row->class, BENCH_RATE_HZ, true, &tap->modem,
                                         &tap->hears_audio) == ATALAYA_OK;
        tap->feed = made ? 0 : CHANNEL_FEEDS_MAX; /* nobody's */
        kept += made;
        hear_audio += made && tap->hears_audio;
    }
    if (hear_audio > 0)
        return discriminator_create(&channel->feeds[0].discriminator, BENCH_RATE_HZ);
    return kept ? ATALAYA_OK : ATALAYA_E_UNSUPPORTED;
}

enum atalaya_result bench_ear_create(struct bench_ear **ear, const struct bench_case *row,
                                     struct bench_tally *tally)
{
    const bool iq = row->input == BENCH_FM_IQ;
    struct config_channel settings = {.name = "bench", .frequency_hz = (double)NAN};
    struct bench_ear *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    for (size_t i = 0; i < protocol_table_size && i < CONFIG_PROTOCOLS_MAX; i++)
        if (!row->alone || bench_case_protocol(row) == &protocol_table[i])
            snprintf(settings.protocols[settings.protocol_count++], CONFIG_NAME_MAX, "%s",
                     protocol_table[i].id);
    made->tally = tally;
    made->iq = iq;
    collapse_reset(&made->collapse, on_reception, made);
    const struct source_format format = {.rate_hz = BENCH_RATE_HZ, .lanes = 1};
    enum atalaya_result result = channel_create(&made->channel, &settings, &format, on_found, made);
    if (result == ATALAYA_OK)
        result = tuner_create(&made->tuner, &format, &made->channel, 1);
    if (result == ATALAYA_OK && iq)
        result = take_iq(&made->channel);
    if (result != ATALAYA_OK) {
        bench_ear_destroy(made);
        return result;
    }
    *ear = made;
    return ATALAYA_OK;
}

enum atalaya_result bench_ear_create_hard(struct bench_ear **ear, const struct bench_case *row,
                                          enum bench_hard hard, struct bench_tally *tally)
{
    enum atalaya_result result = bench_ear_create(ear, row, tally);
    if (result != ATALAYA_OK)
        return result;
    (*ear)->is_hard = true;
    (*ear)->hard = hard;
    return ATALAYA_OK;
}

static void on_soft_bits(void *context, const struct soft_run *run)
{
    struct tap *tap = context;
    for (unsigned i = 0; i < tap->stream_count; i++)
        if (tap->streams[i].branch == run->branch)
            tap->streams[i].row->protocol->execute(tap->streams[i].state, run, &tap->streams[i].output);
}

/* Of a class that has, in this order: still lanes, as many that track, the slicer, the best. */
static unsigned branch_of(const struct modem_class *class, enum bench_hard hard)
{
    const unsigned best = class->branches - 1, slicer = best - 1;
    return hard == BENCH_HARD_BEST ? best : hard == BENCH_HARD_SLICER ? slicer : slicer / 2;
}

static void on_hard_bits(void *context, const struct soft_run *run)
{
    static int8_t hard[RUN_MAX];
    const struct tap *tap = context;
    const struct bench_ear *ear = tap->channel->owner;
    struct soft_run bare = *run;
    if (ear->hard != BENCH_HARD_ALL && run->branch != branch_of(tap->row->class, ear->hard))
        return;
    bare.soft = hard;
    bare.event = NULL;
    for (size_t from = 0; from < run->count; from += bare.count) {
        bare.count = run->count - from < RUN_MAX ? run->count - from : RUN_MAX;
        bare.first_bit = run->first_bit + from;
        for (size_t i = 0; i < bare.count; i++)
            hard[i] = run->soft[from + i] > 0 ? INT8_MAX : -INT8_MAX;
        on_soft_bits(context, &bare);
    }
}

/* What the channel would do, without its tuner: the rate is the channel's. */
static void execute_hard(struct bench_ear *ear, const float *audio, size_t count)
{
    for (unsigned t = 0; t < ear->channel.tap_count; t++) {
        struct tap *tap = &ear->channel.taps[t];
        tap->row->class->execute(tap->modem, audio, count, on_hard_bits, tap);
    }
}

static void execute_block(struct bench_ear *ear, const struct bench_chunk *chunk, size_t from, size_t count)
{
    const struct source_block block = {
        .samples = ear->iq ? NULL : chunk->audio + from, .frames = count, .first_frame = ear->first_frame};
    if (ear->is_hard)
        execute_hard(ear, chunk->audio + from, count);
    for (size_t done = 0; !ear->iq && !ear->is_hard && tuner_execute(&ear->tuner, &block, &done);)
        channel_execute(&ear->channel, &ear->tuner);
    if (ear->iq)
        channel_feed_iq(&ear->channel, 0, chunk->iq + from, count);
    ear->first_frame += count;
    collapse_flush(&ear->collapse, (double)ear->first_frame / BENCH_RATE_HZ);
}

void bench_ear_execute(struct bench_ear *ear, const struct bench_chunk *chunk)
{
    double start_s = cpu_now_s();
    for (size_t from = 0; from < chunk->count; from += BLOCK) {
        size_t left = chunk->count - from;
        execute_block(ear, chunk, from, left < BLOCK ? left : BLOCK);
    }
    ear->cpu_s += cpu_now_s() - start_s;
}

void bench_ear_finish(struct bench_ear *ear)
{
    collapse_flush(&ear->collapse, INFINITY);
}

double bench_ear_cpu_s(const struct bench_ear *ear)
{
    return ear->cpu_s;
}

void bench_ear_destroy(struct bench_ear *ear)
{
    if (!ear)
        return;
    channel_destroy(&ear->channel);
    tuner_destroy(&ear->tuner);
    free(ear);
}
