/* SPDX-License-Identifier: Apache-2.0 */
/* One case, every decoder, the same samples. */
#include "decode.h"

#include <math.h>
#include <signal.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_LENGTH = 64, PEER_LEAST_S = 20 };

#define PEER_SLOWEST 0.5 /* a peer that needs more than this times real time is stopped */

struct job {
    const struct bench_options *options;
    const struct bench_case *row;
    const struct bench_peer *peer;
    int hard; /* enum bench_hard; -1: soft */
    struct bench_signal *signal;
    struct bench_tally *tally;
    char folder[PATH_LENGTH];
    double written[BENCH_POINTS_MAX], written_s; /* levels that have a recording; its length */
    unsigned written_count;
};

/* Ctrl-C ends the case in hand, so that its recordings do not stay behind. */
static volatile sig_atomic_t stopped;

static void on_stop(int signal)
{
    (void)signal;
    stopped = 1;
}

void bench_stop_catch(void)
{
    const struct sigaction action = {.sa_handler = on_stop,
                                     .sa_flags = (int)SA_RESETHAND}; /* a second one kills */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool bench_stopped(void)
{
    return stopped;
}

static enum atalaya_result create_ear(const struct job *job, struct bench_ear **ear)
{
    if (job->hard >= 0)
        return bench_ear_create_hard(ear, job->row, (enum bench_hard)job->hard, job->tally);
    return bench_ear_create(ear, job->row, job->tally);
}

static bool measure_ours(void *context, double level_db, struct bench_point *point)
{
    struct job *job = context;
    struct bench_ear *ear = NULL;
    struct bench_chunk chunk;
    if (create_ear(job, &ear) != ATALAYA_OK)
        return false;
    bench_tally_reset(job->tally);
    bench_signal_start(job->signal, level_db);
    while (!stopped && bench_signal_next(job->signal, &chunk)) {
        point->signal_s += (double)chunk.count / BENCH_RATE_HZ;
        bench_ear_execute(ear, &chunk);
    }
    bench_ear_finish(ear);
    point->cpu_s = bench_ear_cpu_s(ear);
    point->decoded = bench_tally_decoded(job->tally);
    point->false_frames = bench_tally_false(job->tally);
    point->sent = job->options->frames;
    bench_ear_destroy(ear);
    return !stopped;
}

static void recording_name(const struct job *job, double level_db, char path[2 * PATH_LENGTH])
{
    snprintf(path, 2 * PATH_LENGTH, "%s/%+.1f.wav", job->folder, level_db);
}

static bool write_recording(struct job *job, double level_db, const char *path)
{
    SF_INFO info = {
        .samplerate = (int)BENCH_RATE_HZ, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
    struct bench_chunk chunk;
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    bool good = file != NULL;
    job->written_s = 0.0;
    bench_signal_start(job->signal, level_db);
    while (good && !stopped && bench_signal_next(job->signal, &chunk)) {
        good = sf_writef_float(file, chunk.audio, (sf_count_t)chunk.count) == (sf_count_t)chunk.count;
        job->written_s += (double)chunk.count / BENCH_RATE_HZ;
    }
    if (file && sf_close(file) != 0)
        good = false;
    return good;
}

static bool have_recording(struct job *job, double level_db, char path[2 * PATH_LENGTH])
{
    recording_name(job, level_db, path);
    for (unsigned i = 0; i < job->written_count; i++)
        if (fabs(job->written[i] - level_db) < 0.01)
            return true;
    if (job->written_count == BENCH_POINTS_MAX)
        return false;
    job->written[job->written_count++] = level_db;
    if (write_recording(job, level_db, path))
        return true;
    fprintf(stderr, "atalaya bench: %s: cannot be written; is there room in TMPDIR?\n", path);
    return false;
}

static bool measure_peer(void *context, double level_db, struct bench_point *point)
{
    struct job *job = context;
    char path[2 * PATH_LENGTH];
    if (!have_recording(job, level_db, path))
        return false;
    bench_tally_reset(job->tally);
    if (!bench_peer_run(job->peer, path, job->written_s * PEER_SLOWEST + PEER_LEAST_S, job->tally,
                        &point->cpu_s))
        return false;
    point->signal_s = job->written_s;
    point->decoded = bench_tally_decoded(job->tally);
    point->false_frames = bench_tally_false(job->tally);
    point->sent = job->options->frames;
    return !stopped;
}

static void finish(struct bench_result *result, bool found)
{
    double signal_s = 0.0, cpu_s = 0.0;
    for (unsigned i = 0; i < result->curve.count; i++) {
        signal_s += result->curve.point[i].signal_s;
        cpu_s += result->curve.point[i].cpu_s;
        result->false_frames += result->curve.point[i].false_frames;
    }
    result->times_real_time = cpu_s > 0.0 ? signal_s / cpu_s : (double)NAN;
    result->half_db = bench_curve_level(&result->curve, 0.5);
    result->tenth_db = bench_curve_level(&result->curve, 0.1);
    if (!found && result->curve.count == 0)
        result->excuse = stopped ? "stopped" : "could not be run";
}

static void measure_curve(struct job *job, bench_measure *measure, struct bench_result *result)
{
    const struct bench_options *options = job->options;
    bool found = isfinite(options->from_db)
                     ? bench_sweep(&result->curve, options->from_db, options->to_db, measure, job)
                     : bench_search(&result->curve, job->row->start_db, measure, job);
    finish(result, found);
}

static void measure_own(struct job *job, const char *name, struct bench_result *result)
{
    struct bench_ear *ear = NULL;
    *result = (struct bench_result){.decoder = name};
    if (!job->signal)
        result->excuse = "not offered";
    else if (create_ear(job, &ear) != ATALAYA_OK)
        result->excuse = "not offered";
    else
        measure_curve(job, measure_ours, result);
    bench_ear_destroy(ear);
}

/* What soft decisions are worth: the same without them. */
static unsigned measure_hard(struct job *job, struct bench_result *results, unsigned count,
                             void (*done)(const struct bench_case *, const struct bench_result *))
{
    static const char *const names[] = {[BENCH_HARD_ALL] = "hard, all",
                                        [BENCH_HARD_BEST] = "hard, best",
                                        [BENCH_HARD_LANE] = "hard, lane",
                                        [BENCH_HARD_SLICER] = "hard, slicer"};
    for (job->hard = 0; job->hard < (int)(sizeof names / sizeof *names) && !stopped; job->hard++, count++) {
        measure_own(job, names[job->hard], &results[count]);
        done(job->row, &results[count]);
    }
    return count;
}

static void remove_recordings(const struct job *job)
{
    char path[2 * PATH_LENGTH];
    for (unsigned i = 0; i < job->written_count; i++) {
        recording_name(job, job->written[i], path);
        unlink(path);
    }
    rmdir(job->folder);
}

static unsigned measure_peers(struct job *job, struct bench_result *results, unsigned count,
                              void (*done)(const struct bench_case *, const struct bench_result *))
{
    const char *temporary = getenv("TMPDIR");
    snprintf(job->folder, sizeof job->folder, "%s/atalaya-bench-XXXXXX",
             temporary && strlen(temporary) < PATH_LENGTH / 2 ? temporary : "/tmp");
    if (!mkdtemp(job->folder)) {
        perror(job->folder);
        return count;
    }
    for (size_t i = 0; i < bench_peer_count && count < BENCH_DECODERS_MAX && !stopped; i++) {
        job->peer = &bench_peers[i];
        if (job->peer->bit_rate != modem_find(job->row->modem)->bit_rate)
            continue;
        struct bench_result *result = &results[count++];
        *result = (struct bench_result){.decoder = job->peer->name};
        if (bench_peer_installed(job->peer))
            measure_curve(job, measure_peer, result);
        else
            result->excuse = "not installed";
        done(job->row, result);
    }
    remove_recordings(job);
    return count;
}

unsigned bench_decode(const struct bench_case *row, const struct bench_options *options,
                      struct bench_result *results,
                      void (*done)(const struct bench_case *, const struct bench_result *))
{
    struct job job = {.options = options, .row = row, .hard = -1};
    unsigned count = 1;
    results[0] = (struct bench_result){.decoder = "atalaya", .excuse = "not enough memory"};
    job.tally = bench_tally_create(row, options->seed, options->frames);
    if (job.tally &&
        bench_signal_create(&job.signal, row, options->seed, options->frames) != ATALAYA_E_MEMORY)
        measure_own(&job, "atalaya", &results[0]);
    done(row, &results[0]);
    if (job.signal && bench_is_signalling(row) && row->input != BENCH_FM_IQ && !row->alone)
        count = measure_hard(&job, results, count, done);
    if (job.signal && options->peers && row->input != BENCH_FM_IQ && !row->protocol)
        count = measure_peers(&job, results, count, done);
    bench_signal_destroy(job.signal);
    bench_tally_destroy(job.tally);
    return count;
}
