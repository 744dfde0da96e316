/* SPDX-License-Identifier: Apache-2.0 */
#include "wideband.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "band.h"
#include "today.h"

enum { PATH_LENGTH = 128, CHANNELS = 96, SENSITIVITY_CHANNELS = 24 };
#define NOISE_DBFS -50.0

struct room {
    char folder[PATH_LENGTH], path[PATH_LENGTH + 16];
};

static bool room_create(struct room *room)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(room->folder, sizeof room->folder, "%s/atalaya-bench-XXXXXX",
             temporary && strlen(temporary) < PATH_LENGTH / 2 ? temporary : "/tmp");
    if (!mkdtemp(room->folder)) {
        perror(room->folder);
        return false;
    }
    snprintf(room->path, sizeof room->path, "%s/band.cu8", room->folder);
    return true;
}

static void room_destroy(const struct room *room)
{
    (void)unlink(room->path);
    (void)rmdir(room->folder);
}

static void print_speed(const char *load, unsigned channels, const struct bench_band_result *result,
                        double band_part)
{
    double part = result->cpu_s / result->signal_s;
    printf("%-8s %8u %10.1f %9.2f %% %9.3f %% %8.1f MiB %6u of %u", load, channels, 1.0 / part, 100.0 * part,
           100.0 * (part - band_part) / channels, (double)result->peak_kib / 1024.0, result->decoded,
           result->sent);
    printf(result->false_frames ? ", %u false\n" : "\n", result->false_frames);
    fflush(stdout);
}

/* One load at every number of channels. */
static bool measure_load(const char *load, struct bench_band *band)
{
    static const unsigned counts[] = {1, 8, 32, CHANNELS};
    struct bench_band_result result;
    if (!bench_band_write(band) || !bench_band_receive(band, 0, &result))
        return false;
    double band_part = result.cpu_s / result.signal_s;
    printf("%-8s %8u %10.1f %9.2f %%\n", load, 0, 1.0 / band_part, 100.0 * band_part);
    for (size_t i = 0; i < sizeof counts / sizeof *counts && !bench_stopped(); i++) {
        if (!bench_band_receive(band, counts[i], &result))
            return false;
        print_speed(load, counts[i], &result, band_part);
    }
    return true;
}

static bool measure_speed(const struct bench_options *options, struct room *room)
{
    struct bench_band band = {.channels = CHANNELS,
                              .frames = options->frames / CHANNELS * CHANNELS,
                              .raster_hz = 12500.0,
                              .cnr_db = 20.0,
                              .noise_dbfs = NOISE_DBFS,
                              .seed = options->seed,
                              .path = room->path};
    if (band.frames == 0)
        band.frames = CHANNELS;
    printf("2.4 MS/s (cu8), channels of 12.5 kHz with Bell 202 and its protocols. One core, processor time.\n"
           "%-8s %8s %10s %11s %11s %12s\n",
           "LOAD", "CHANNELS", "REAL TIME", "OF A CORE", "A CHANNEL", "MEMORY");
    band.gap_s = 4.0;
    bool good = measure_load("traffic", &band);
    if (good && !bench_stopped())
        today_print(&band, CHANNELS);
    band.gap_s = 0.05;
    return good && !bench_stopped() && measure_load("full", &band);
}

/* --- sensitivity */
static bool measure_band(void *context, double level_db, struct bench_point *point)
{
    struct bench_band *band = context;
    struct bench_band_result result;
    band->cnr_db = level_db;
    if (!bench_band_write(band) || !bench_band_receive(band, band->channels, &result))
        return false;
    *point = (struct bench_point){.level_db = level_db,
                                  .sent = band->frames,
                                  .decoded = result.decoded,
                                  .false_frames = result.false_frames,
                                  .signal_s = result.signal_s,
                                  .cpu_s = result.cpu_s};
    return !bench_stopped();
}

static void ignore(const struct bench_case *row, const struct bench_result *result)
{
    (void)row, (void)result;
}

static double narrow_half_db(const struct bench_options *options, double carrier_hz)
{
    static struct bench_result results[BENCH_DECODERS_MAX];
    struct bench_options how = *options;
    struct bench_case row = *bench_case_find("iq-flat");
    how.peers = false;
    row.carrier_hz = carrier_hz;
    memset(results, 0, sizeof results);
    (void)bench_decode(&row, &how, results, ignore);
    return results[0].half_db;
}

static double wide_half_db(const struct bench_options *options, const struct room *room, double carrier_hz,
                           bool always_on)
{
    static struct bench_curve curve;
    struct bench_band band = {.channels = SENSITIVITY_CHANNELS,
                              .frames = options->frames / SENSITIVITY_CHANNELS * SENSITIVITY_CHANNELS,
                              .raster_hz = 50000.0,
                              .gap_s = 1.0,
                              .carrier_hz = carrier_hz,
                              .noise_dbfs = NOISE_DBFS,
                              .seed = options->seed,
                              .always_on = always_on,
                              .path = room->path};
    memset(&curve, 0, sizeof curve);
    if (band.frames == 0)
        band.frames = SENSITIVITY_CHANNELS;
    (void)bench_search(&curve, 2.0, measure_band, &band);
    return bench_curve_level(&curve, 0.5);
}

static void measure_sensitivity(const struct bench_options *options, const struct room *room)
{
    static const double carriers_hz[] = {0.0, 3000.0};
    printf("\nCarrier to noise in 12.5 kHz at which half of the frames are lost, dB\n"
           "%-12s %10s %10s %10s\n",
           "CARRIER OFF", "ALONE", "IN A BAND", "NEVER IDLE");
    for (size_t i = 0; i < sizeof carriers_hz / sizeof *carriers_hz && !bench_stopped(); i++) {
        double narrow_db = narrow_half_db(options, carriers_hz[i]);
        double wide_db = wide_half_db(options, room, carriers_hz[i], false);
        double always_db = wide_half_db(options, room, carriers_hz[i], true);
        if (bench_stopped())
            return;
        printf("%9.0f Hz %10.2f %10.2f %10.2f\n", carriers_hz[i], narrow_db, wide_db, always_db);
        fflush(stdout);
    }
}

int bench_wideband(const struct bench_options *options)
{
    struct room room;
    if (!room_create(&room))
        return 1;
    bool good = measure_speed(options, &room);
    if (good && !bench_stopped())
        measure_sensitivity(options, &room);
    room_destroy(&room);
    return good && !bench_stopped() && !ferror(stdout) ? 0 : 1;
}
