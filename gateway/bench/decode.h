/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_BENCH_DECODE_H
#define ATALAYA_BENCH_DECODE_H

#include "bench.h"
#include "bounds.h"

struct bench_options {
    unsigned frames, seed;
    bool peers, json;
    double from_db, to_db; /* NaN: search; else every level from .. to */
};

/* What one decoder did in one case. */
struct bench_result {
    const char *decoder;
    const char *excuse; /* not measured, and why; or NULL */
    struct bench_curve curve;
    double half_db, tenth_db;
    unsigned false_frames; /* of all levels together */
    double times_real_time;
};

/* Measures a case with every decoder asked for [size: BENCH_DECODERS_MAX]; returns their number. done is
 * called as each is finished. */
unsigned bench_decode(const struct bench_case *row, const struct bench_options *options,
                      struct bench_result *results,
                      void (*done)(const struct bench_case *row, const struct bench_result *result));

/* SIGINT and SIGTERM end the measurement in hand; what was measured stays. */
void bench_stop_catch(void);
bool bench_stopped(void);

/* --- print.c */
void bench_print_heading(void);
void bench_print_result(const struct bench_case *row, const struct bench_result *result);
/* What no receiver can do better. */
void bench_print_bounds(const struct bench_case *row, const struct bench_bound *bounds, unsigned count);
void bench_print_json(const struct bench_case *row, const struct bench_options *options,
                      const struct bench_result *results, unsigned count, const struct bench_bound *bounds,
                      unsigned bound_count);

#endif
