/* SPDX-License-Identifier: Apache-2.0 */
#include "band.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "atalaya/dsp/band_generator.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/gateway/receiver.h"

enum { PIECE = 16384 };
#define FIRST_S      1.0 /* the noise is known by then */
#define DEVIATION_HZ 3000.0
#define FRAME_S      0.8

/* Frame number n is on channel n modulo `channels`. */
static double channel_hz(const struct bench_band *band, unsigned channel)
{
    return (channel - 0.5 * (band->channels - 1)) * band->raster_hz;
}

static bool add_frames(const struct bench_band *band, struct band_generator *generator)
{
    static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
    const struct bench_case *row = bench_case_find("iq-flat");
    struct impair_random random;
    impair_random_seed(&random, band->seed);
    for (unsigned n = 0; n < band->frames; n++) {
        struct bench_frame frame;
        bench_frame_make(&frame, row, band->seed, n);
        struct band_burst burst = {.modem = modem_find(row->modem)->class,
                                   .bits = bits,
                                   .offset_hz = channel_hz(band, n % band->channels),
                                   .carrier_hz = band->carrier_hz,
                                   .level_dbfs = band->noise_dbfs + band->cnr_db,
                                   .deviation_hz = DEVIATION_HZ};
        burst.bit_count = bench_frame_bits(&frame, row, bits, sizeof bits);
        burst.start_s = FIRST_S + (n / band->channels) * (FRAME_S + band->gap_s) +
                        impair_random_uniform(&random) * band->gap_s;
        if (band_generator_add(generator, &burst) != ATALAYA_OK)
            return false;
    }
    return true;
}

static bool write_samples(struct band_generator *generator, FILE *file)
{
    static float complex iq[PIECE];
    static uint8_t bytes[2 * PIECE];
    double left = (band_generator_end_s(generator) + 0.5) * BENCH_BAND_RATE_HZ;
    for (; left > 0.0; left -= PIECE) {
        if (band_generator_read(generator, iq, PIECE) != ATALAYA_OK)
            return false;
        const float *numbers = (const float *)(const void *)iq;
        for (unsigned i = 0; i < 2 * PIECE; i++)
            bytes[i] = (uint8_t)fminf(fmaxf(rintf(numbers[i] * 127.5F + 127.5F), 0.0F), 255.0F);
        if (fwrite(bytes, 1, sizeof bytes, file) != sizeof bytes)
            return false;
    }
    return true;
}

bool bench_band_write(const struct bench_band *band)
{
    struct band_generator *generator = NULL;
    FILE *file = fopen(band->path, "wb");
    bool good = file && band_generator_create(&generator, BENCH_BAND_RATE_HZ, band->noise_dbfs, band->seed) ==
                            ATALAYA_OK;
    good = good && add_frames(band, generator) && write_samples(generator, file);
    band_generator_destroy(generator);
    if (file && fclose(file) != 0)
        good = false;
    if (!good)
        fprintf(stderr, "atalaya bench: %s: cannot be written; is there room in TMPDIR?\n", band->path);
    return good;
}

static void hear(void *context, const struct reception *reception)
{
    bench_tally_hear(context, reception->message.raw, reception->message.raw_length);
}

/* Bell 202 and its protocols on every channel. */
static struct config *make_config(const struct bench_band *band, unsigned channels)
{
    const char *modem = bench_case_find("iq-flat")->modem;
    struct config *config = calloc(1, sizeof *config);
    if (!config)
        return NULL;
    config->source_count = 1;
    config->source[0] = (struct config_source){.name = "band",
                                               .type = SOURCE_FILE,
                                               .format = SAMPLE_CU8,
                                               .rate_hz = BENCH_BAND_RATE_HZ,
                                               .centre_hz = BENCH_BAND_CENTRE_HZ};
    snprintf(config->source[0].path, sizeof config->source[0].path, "%s", band->path);
    for (unsigned i = 0; i < channels && i < CONFIG_CHANNELS_MAX; i++) {
        struct config_channel *channel = &config->channel[config->channel_count++];
        snprintf(channel->name, sizeof channel->name, "%u", i);
        channel->frequency_hz = BENCH_BAND_CENTRE_HZ + channel_hz(band, i);
        channel->always_on = band->always_on;
        channel->modem_count = 1;
        snprintf(channel->modems[0], CONFIG_NAME_MAX, "%s", modem);
        for (size_t p = 0; p < protocol_table_size && channel->protocol_count < CONFIG_PROTOCOLS_MAX; p++)
            if (protocol_uses_modem(&protocol_table[p], modem))
                snprintf(channel->protocols[channel->protocol_count++], CONFIG_NAME_MAX, "%s",
                         protocol_table[p].id);
    }
    return config;
}

static double cpu_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static bool receive(const struct bench_band *band, unsigned channels, struct bench_band_result *result)
{
    struct bench_tally *tally = bench_tally_create(bench_case_find("iq-flat"), band->seed, band->frames);
    struct config *config = make_config(band, channels);
    struct source *source = NULL;
    struct receiver *receiver = NULL;
    struct rusage usage;
    bool good = tally && config && source_open(&config->source[0], &source) == ATALAYA_OK &&
                receiver_create(config, 0, source, hear, tally, &receiver) == ATALAYA_OK;
    double start_s = cpu_s();
    while (good && receiver_step(receiver) == ATALAYA_OK)
        continue;
    result->cpu_s = cpu_s() - start_s;
    result->signal_s = good ? receiver_seconds(receiver) : 0.0;
    receiver_destroy(receiver);
    source_close(source);
    free(config);
    result->sent = band->frames / band->channels * channels;
    result->decoded = tally ? bench_tally_decoded(tally) : 0;
    result->false_frames = tally ? bench_tally_false(tally) : 0;
    bench_tally_destroy(tally);
    getrusage(RUSAGE_SELF, &usage);
    result->peak_kib = usage.ru_maxrss;
    return good;
}

bool bench_band_receive(const struct bench_band *band, unsigned channels, struct bench_band_result *result)
{
    int ends[2], status;
    *result = (struct bench_band_result){0};
    fflush(stdout);
    if (pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        struct bench_band_result mine = {0};
        bool good = receive(band, channels, &mine) && write(ends[1], &mine, sizeof mine) == sizeof mine;
        _exit(good ? 0 : 1);
    }
    (void)close(ends[1]);
    bool good = child > 0 && read(ends[0], result, sizeof *result) == sizeof *result;
    (void)close(ends[0]);
    return child > 0 && waitpid(child, &status, 0) == child && good && status == 0;
}
