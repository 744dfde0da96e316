/* SPDX-License-Identifier: Apache-2.0 */
/* A recording of a whole band full of frames, and the tower's own receiver on it. */
#ifndef ATALAYA_BENCH_BAND_H
#define ATALAYA_BENCH_BAND_H

#include "bench.h"

#define BENCH_BAND_RATE_HZ   2.4e6
#define BENCH_BAND_CENTRE_HZ 144.8e6

struct bench_band {
    unsigned channels, frames;
    double raster_hz;
    double gap_s;              /* mean silence between two frames of a channel */
    double cnr_db, carrier_hz; /* of every transmitter */
    double noise_dbfs;         /* in 12.5 kHz */
    uint64_t seed;
    bool always_on;   /* modems never rest */
    const char *path; /* of the recording, cu8 */
};

struct bench_band_result {
    double signal_s, cpu_s;
    unsigned sent, decoded, false_frames;
    long peak_kib; /* of memory, the program included */
};

/* Writes the recording. false: said why. */
bool bench_band_write(const struct bench_band *band);
/* Receives the first `channels` of them in a process of their own; sent counts the frames on those. */
bool bench_band_receive(const struct bench_band *band, unsigned channels, struct bench_band_result *result);

#endif
