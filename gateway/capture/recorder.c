/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/recorder.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "atalaya/dsp/squelch.h"
#include "capture/sigmf_writer.h"

enum { SAMPLE_BYTES = 8 };
#define SQUELCH_LATE_S 0.1 /* a transmission is told so long after it began at the latest */

struct recorder {
    struct recorder_setting setting;
    struct squelch *squelch;
    float complex *ring; /* the last ring_size samples */
    size_t ring_size;
    uint64_t total;       /* samples since create */
    uint64_t counted;     /* of them before the squelch began to count */
    uint64_t file_first;  /* sample with which the file begins */
    uint64_t written_end; /* the sample after the last written */
    uint64_t quiet_from;  /* where the last transmission ended */
    int64_t newest_utc_ns;
    bool open, wanted;
    struct sigmf_writer writer;
    enum atalaya_result result;
};

enum atalaya_result recorder_create(struct recorder **recorder, const struct recorder_setting *setting)
{
    struct recorder *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->setting = *setting;
    made->ring_size = (size_t)((setting->before_s + SQUELCH_LATE_S) * setting->rate_hz) + 1;
    made->ring = calloc(made->ring_size, sizeof *made->ring);
    enum atalaya_result result = squelch_create(&made->squelch, setting->rate_hz, true);
    if (result != ATALAYA_OK || !made->ring) {
        (void)recorder_destroy(made);
        return result != ATALAYA_OK ? result : ATALAYA_E_MEMORY;
    }
    *recorder = made;
    return ATALAYA_OK;
}

/* The first that goes wrong is told. */
static void note(struct recorder *recorder, enum atalaya_result result)
{
    if (recorder->result == ATALAYA_OK)
        recorder->result = result;
}

/* <channel>-<when>: the time where it is known, or seconds from the beginning. */
static enum atalaya_result file_open(struct recorder *recorder)
{
    const struct recorder_setting *setting = &recorder->setting;
    struct sigmf_writer *writer = &recorder->writer;
    char when[48], stem[CONFIG_PATH_MAX];
    writer->rate_hz = setting->rate_hz;
    writer->frequency_hz = setting->frequency_hz;
    writer->utc_ns = INT64_MIN;
    snprintf(when, sizeof when, "%012.3f", (double)recorder->file_first / setting->rate_hz);
    if (recorder->newest_utc_ns != INT64_MIN) {
        double ago_s = (double)(recorder->total - recorder->file_first) / setting->rate_hz;
        writer->utc_ns = recorder->newest_utc_ns - (int64_t)(ago_s * 1e9);
        time_t second = (time_t)(writer->utc_ns / 1000000000);
        struct tm utc;
        char text[32];
        if (gmtime_r(&second, &utc) && strftime(text, sizeof text, "%Y%m%dT%H%M%S", &utc) > 0)
            snprintf(when, sizeof when, "%s.%03dZ", text, (int)(writer->utc_ns / 1000000 % 1000));
    }
    int length = snprintf(stem, sizeof stem, "%s/%s-%s", setting->folder, setting->channel, when);
    if (length < 0 || (size_t)length >= sizeof stem)
        return ATALAYA_E_LENGTH;
    return sigmf_writer_open(writer, stem);
}

/* What the ring holds from written_end to `end`. */
static void write_ring(struct recorder *recorder, uint64_t end)
{
    uint64_t most = recorder->file_first + (uint64_t)(recorder->setting.most_s * recorder->setting.rate_hz);
    end = end < most ? end : most;
    while (recorder->written_end < end && recorder->result == ATALAYA_OK) {
        size_t at = (size_t)(recorder->written_end % recorder->ring_size), count = recorder->ring_size - at;
        if (count > end - recorder->written_end)
            count = (size_t)(end - recorder->written_end);
        if (*recorder->setting.bytes_left < count * SAMPLE_BYTES) {
            note(recorder, ATALAYA_E_FULL);
            return;
        }
        note(recorder, sigmf_writer_add(&recorder->writer, recorder->ring + at, count));
        *recorder->setting.bytes_left -= count * SAMPLE_BYTES;
        recorder->written_end += count;
    }
}

static void file_close(struct recorder *recorder)
{
    struct sigmf_writer *writer = &recorder->writer;
    if (!writer->file)
        return;
    note(recorder, sigmf_writer_close(writer));
    recorder->setting.done(recorder->setting.context, writer->data_path,
                           (double)writer->samples / recorder->setting.rate_hz, writer->transmission_count);
}

static void on_squelch(void *context, const struct squelch_event *event)
{
    struct recorder *recorder = context;
    double rate_hz = recorder->setting.rate_hz;
    uint64_t first = recorder->counted + (uint64_t)fmax(event->first_sample, 0.0);
    recorder->open = event->open;
    if (event->open) {
        recorder->wanted = true;
        if (recorder->writer.file)
            return;
        uint64_t before = (uint64_t)(recorder->setting.before_s * rate_hz);
        uint64_t oldest = recorder->total > recorder->ring_size ? recorder->total - recorder->ring_size : 0;
        recorder->file_first = first > before ? first - before : 0;
        recorder->file_first = recorder->file_first > oldest ? recorder->file_first : oldest;
        recorder->written_end = recorder->file_first;
        return;
    }
    recorder->quiet_from = recorder->counted + (uint64_t)fmax(event->end_sample, 0.0);
    uint64_t file_first = recorder->file_first;
    const struct sigmf_transmission was = {
        .first_sample = first > file_first ? first - file_first : 0,
        .end_sample = recorder->quiet_from > file_first ? recorder->quiet_from - file_first : 0,
        .level_dbfs = (double)event->level_dbfs,
        .snr_db = (double)event->snr_db,
        .offset_hz = (double)event->offset_hz};
    sigmf_writer_note(&recorder->writer, &was);
}

/* A step of at most a few milliseconds, so that the ring holds what is to be written. */
static void step(struct recorder *recorder, const float complex *iq, size_t count)
{
    for (size_t i = 0; i < count; i++)
        recorder->ring[(recorder->total + i) % recorder->ring_size] = iq[i];
    recorder->total += count;
    squelch_execute_iq(recorder->squelch, iq, count, on_squelch, recorder);
    if (!recorder->wanted || recorder->result != ATALAYA_OK)
        return;
    if (!recorder->writer.file)
        note(recorder, file_open(recorder));
    uint64_t end = recorder->total;
    uint64_t after = recorder->quiet_from + (uint64_t)(recorder->setting.after_s * recorder->setting.rate_hz);
    bool over = !recorder->open && end >= after;
    write_ring(recorder, over ? after : end);
    if (over) {
        file_close(recorder);
        recorder->wanted = false;
    }
}

enum atalaya_result recorder_execute(struct recorder *recorder, const float complex *iq, size_t count,
                                     int64_t newest_utc_ns)
{
    size_t most = recorder->ring_size < 256 ? recorder->ring_size : 256;
    recorder->newest_utc_ns = newest_utc_ns;
    for (size_t at = 0; at < count && recorder->result == ATALAYA_OK; at += most)
        step(recorder, iq + at, count - at < most ? count - at : most);
    return recorder->result;
}

enum atalaya_result recorder_restart(struct recorder *recorder)
{
    squelch_restart(recorder->squelch, on_squelch, recorder);
    file_close(recorder);
    recorder->open = recorder->wanted = false;
    recorder->counted = recorder->total;
    return recorder->result;
}

enum atalaya_result recorder_destroy(struct recorder *recorder)
{
    if (!recorder)
        return ATALAYA_OK;
    if (recorder->writer.file) {
        squelch_restart(recorder->squelch, on_squelch, recorder);
        file_close(recorder);
    }
    enum atalaya_result result = recorder->result;
    squelch_destroy(recorder->squelch);
    free(recorder->ring);
    free(recorder);
    return result;
}
