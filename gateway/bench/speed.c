/* SPDX-License-Identifier: Apache-2.0 */
#include "speed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A channel at three levels, beside that at which the case begins to be read: what there is to do depends on
 * what there is to hear. */
static const struct load {
    const char *title;
    double above_start_db;
} loads[] = {{"noise", -38.0}, {"weak", -2.0}, {"busy", 12.0}};

enum { LOADS = sizeof loads / sizeof *loads };

static void done_quietly(const struct bench_case *row, const struct bench_result *result)
{
    (void)row, (void)result;
}

static void print_cell(const struct bench_result *result)
{
    if (result->excuse)
        printf(" %16s", result->excuse);
    else
        printf(" %8.0f (%5u)", result->times_real_time, result->curve.point[0].decoded);
}

static void print_row(const struct bench_case *row, struct bench_result *const results[LOADS],
                      unsigned decoder)
{
    printf("%-14s %-12s", row->name, results[0][decoder].decoder);
    for (unsigned k = 0; k < LOADS; k++)
        print_cell(&results[k][decoder]);
    putchar('\n');
}

static void measure_row(const struct bench_case *row, const struct bench_options *options,
                        struct bench_result *const results[LOADS])
{
    unsigned count = 0;
    for (unsigned k = 0; k < LOADS; k++) {
        struct bench_options one = *options;
        one.from_db = one.to_db = row->start_db + loads[k].above_start_db;
        count = bench_decode(row, &one, results[k], done_quietly);
    }
    for (unsigned d = 0; d < count; d++)
        print_row(row, results, d);
    fflush(stdout);
}

int bench_speed(const struct bench_options *options)
{
    static const char *const names[] = {"audio-flat",  "fm-flat",  "fm-prede", "iq-flat",
                                        "g3ruh-audio", "g3ruh-iq", "fgb-iq",   "fgb-fm"};
    struct bench_result *results[LOADS] = {NULL};
    bool room = true;
    for (unsigned k = 0; k < LOADS; k++) {
        results[k] = calloc(BENCH_DECODERS_MAX, sizeof *results[k]);
        room = room && results[k];
    }
    printf("Times real time on one core (processor time), frames decoded of %u in brackets.\n%-14s %-12s",
           options->frames, "CHANNEL", "DECODER");
    for (unsigned k = 0; k < LOADS; k++)
        printf(" %16s", loads[k].title);
    putchar('\n');
    for (size_t i = 0; i < sizeof names / sizeof *names && room && !bench_stopped(); i++)
        measure_row(bench_case_find(names[i]), options, results);
    for (unsigned k = 0; k < LOADS; k++)
        free(results[k]);
    return room ? 0 : 1;
}
