/* SPDX-License-Identifier: Apache-2.0 */
#include "today.h"

#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "atalaya/dsp/fm_channel.h"

enum { DECIMATION = 50, BLOCK = 480, PATH_LENGTH = 256 };
#define AUDIO_RATE_HZ (BENCH_BAND_RATE_HZ / DECIMATION)
#define FULL_SCALE_HZ 12000.0

static double cpu_now_s(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Mixer and boxcar, the cheapest way down; what the boxcar lets in from elsewhere is not our concern here. */
static size_t convert_down(FILE *file, float complex *turn, float complex step, float complex *low)
{
    static uint8_t bytes[2 * BLOCK * DECIMATION];
    size_t got = fread(bytes, 2 * DECIMATION, BLOCK, file);
    for (size_t n = 0; n < got; n++) {
        float complex sum = 0.0F;
        for (size_t i = n * DECIMATION; i < (n + 1) * DECIMATION; i++) {
            float re = (float)bytes[2 * i] - 127.5F, im = (float)bytes[2 * i + 1] - 127.5F;
            float tr = crealf(*turn), ti = cimagf(*turn);
            sum += (re * tr - im * ti) + (re * ti + im * tr) * _Complex_I;
            *turn = (tr * crealf(step) - ti * cimagf(step)) +
                    (tr * cimagf(step) + ti * crealf(step)) * _Complex_I;
        }
        *turn /= cabsf(*turn);
        low[n] = sum / (127.5F * DECIMATION);
    }
    return got;
}

static bool write_audio(const struct bench_band *band, const char *path, double *signal_s)
{
    static float complex low[BLOCK];
    static float audio[BLOCK];
    const struct fm_receiver_settings settings = {
        .rate_hz = AUDIO_RATE_HZ, .if_width_hz = 12500.0, .full_scale_hz = FULL_SCALE_HZ};
    SF_INFO info = {
        .samplerate = (int)AUDIO_RATE_HZ, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
    double offset_hz = -0.5 * (band->channels - 1) * band->raster_hz;
    double angle = -2.0 * M_PI * offset_hz / BENCH_BAND_RATE_HZ;
    float complex turn = 1.0F, step = (float)cos(angle) + (float)sin(angle) * (float complex)_Complex_I;
    struct fm_receiver *receiver = NULL;
    FILE *file = fopen(band->path, "rb");
    SNDFILE *out = file ? sf_open(path, SFM_WRITE, &info) : NULL;
    bool good = out && fm_receiver_create(&receiver, &settings) == ATALAYA_OK;
    size_t got, total = 0;
    while (good && (got = convert_down(file, &turn, step, low)) > 0) {
        fm_receiver_execute(receiver, low, got, audio);
        good = sf_writef_float(out, audio, (sf_count_t)got) == (sf_count_t)got;
        total += got;
    }
    *signal_s = (double)total / AUDIO_RATE_HZ;
    fm_receiver_destroy(receiver);
    if (out)
        (void)sf_close(out);
    if (file)
        (void)fclose(file);
    return good;
}

void today_print(const struct bench_band *band, unsigned channels)
{
    static const struct bench_peer decoder = {"atest E+", 1200, {"atest", "-B", "1200", "-P", "E+", NULL}};
    char path[PATH_LENGTH];
    double signal_s = 0.0, decoder_s = 0.0, start_s = cpu_now_s();
    struct bench_tally *tally = bench_tally_create(bench_case_find("iq-flat"), band->seed, band->frames);
    snprintf(path, sizeof path, "%s.wav", band->path);
    if (tally && bench_peer_installed(&decoder) && write_audio(band, path, &signal_s)) {
        double down_s = cpu_now_s() - start_s;
        if (bench_peer_run(&decoder, path, 10.0 * signal_s, tally, &decoder_s)) {
            double part = (down_s + decoder_s) / signal_s;
            printf(
                "%-8s %8u %10.1f %9.2f %% %9.3f %%   one chain a channel: mixer, FM receiver (%.3f %%), %s: "
                "%u of %u\n",
                "today", channels, 1.0 / (part * channels), 100.0 * part * channels, 100.0 * part,
                100.0 * down_s / signal_s, decoder.name, bench_tally_decoded(tally),
                band->frames / band->channels);
        }
    } else
        printf("%-8s not measured: Dire Wolf's atest is not installed\n", "today");
    (void)unlink(path);
    bench_tally_destroy(tally);
}
