/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "decode.h"

void bench_print_heading(void)
{
    printf("%-18s %-6s %-12s %9s %9s %6s %8s  %s\n", "CASE", "UNIT", "DECODER", "HALF LOST", "10% LOST",
           "FALSE", "X REAL", "WHAT");
}

static void print_level(double level_db)
{
    if (isfinite(level_db))
        printf(" %9.2f", level_db);
    else
        printf(" %9s", "-");
}

void bench_print_result(const struct bench_case *row, const struct bench_result *result)
{
    printf("%-18s %-6s %-12s", row->name, bench_case_unit(row), result->decoder);
    if (result->excuse) {
        printf(" %9s %9s %6s %8s  %s\n", "-", "-", "-", "-", result->excuse);
    } else {
        print_level(result->half_db);
        print_level(result->tenth_db);
        printf(" %6u %8.0f  %s\n", result->false_frames, result->times_real_time, row->title);
    }
    fflush(stdout);
}

void bench_print_bounds(const struct bench_case *row, const struct bench_bound *bounds, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        printf("%-18s %-6s %-12s %9.2f %9.2f %6s %8s  %s\n", row->name, bench_case_unit(row), "(bound)",
               bounds[i].half_db, bounds[i].tenth_db, "", "", bounds[i].title);
}

static json_t *level_or_null(double level_db)
{
    return isfinite(level_db) ? json_real(level_db) : json_null();
}

static json_t *json_result(const struct bench_result *result)
{
    json_t *points = json_array();
    for (unsigned i = 0; i < result->curve.count; i++) {
        const struct bench_point *point = &result->curve.point[i];
        json_array_append_new(points, json_pack("{s:f, s:i, s:i, s:i}", "level_db", point->level_db, "sent",
                                                (int)point->sent, "decoded", (int)point->decoded,
                                                "false_frames", (int)point->false_frames));
    }
    if (result->excuse)
        return json_pack("{s:s, s:s, s:o}", "decoder", result->decoder, "not_measured", result->excuse,
                         "points", points);
    return json_pack("{s:s, s:o, s:o, s:i, s:o, s:o}", "decoder", result->decoder, "half_db",
                     level_or_null(result->half_db), "tenth_db", level_or_null(result->tenth_db),
                     "false_frames", (int)result->false_frames, "times_real_time",
                     level_or_null(result->times_real_time), "points", points);
}

void bench_print_json(const struct bench_case *row, const struct bench_options *options,
                      const struct bench_result *results, unsigned count, const struct bench_bound *bounds,
                      unsigned bound_count)
{
    json_t *curves = json_array(), *limits = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(curves, json_result(&results[i]));
    for (unsigned i = 0; i < bound_count; i++)
        json_array_append_new(limits, json_pack("{s:s, s:f, s:f}", "title", bounds[i].title, "half_db",
                                                bounds[i].half_db, "tenth_db", bounds[i].tenth_db));
    json_t *object = json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:o}", "case", row->name, "title", row->title,
                               "unit", bench_case_unit(row), "frames", (int)options->frames, "seed",
                               (int)options->seed, "curves", curves, "bounds", limits);
    if (object) {
        json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
        putchar('\n');
        fflush(stdout);
    }
    json_decref(object);
}
