/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya bench`: measurements of this program on generated signals, beside other people's decoders. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/command.h"
#include "atalaya/gateway/log.h"
#include "bench/beacons.h"
#include "bench/decode.h"
#include "bench/speed.h"
#include "bench/spool.h"
#include "bench/wideband.h"

static struct {
    unsigned frames, seed;
    bool peers, json, table;
    double from_db, to_db;
    const char *cases; /* never set: see take_cases */
} options = {.frames = 300, .seed = 1, .from_db = (double)NAN, .to_db = (double)NAN};

static const struct option_row option_rows[] = {
    {"frames", 'n', OPTION_COUNT, &options.frames, "N", "frames at each level (300)"},
    {"seed", 's', OPTION_COUNT, &options.seed, "N", "of frames, pauses, fading and noise (1)"},
    {"peers", 'p', OPTION_FLAG, &options.peers, NULL, "atest and multimon-ng on the same samples too"},
    {"case", 'c', OPTION_TEXT, &options.cases, "NAME", "only this case; may be repeated (all)"},
    {"json", 'j', OPTION_FLAG, &options.json, NULL, "an object a case and line, with every point measured"},
    {"table", 't', OPTION_FLAG, &options.table, NULL, "a table (the default)"},
    {"from", 'f', OPTION_NUMBER, &options.from_db, "DB", "no search: every half dB from here ..."},
    {"to", 'u', OPTION_NUMBER, &options.to_db, "DB", "... to there"},
};

static const struct command decode_command = {
    .name = "bench decode",
    .arguments = "[OPTIONS] [CASE...]",
    .summary = "the level at which half of the frames are lost, case by case",
};

enum { SPEED_OPTIONS = 3 }; /* the first rows concern speed too */

static const struct command speed_command = {
    .name = "bench speed",
    .arguments = "[OPTIONS]",
    .summary = "times real time, processor time alone",
};

static const struct command beacons_command = {
    .name = "bench beacons",
    .arguments = "[-n N] [-s N] [--from DB --to DB]",
    .summary = "bursts of second generation 406 MHz beacons read in noise, beside the ideal",
};

static const struct command wideband_command = {
    .name = "bench wideband",
    .arguments = "[OPTIONS]",
    .summary = "a band of 2.4 MHz: speed, memory and sensitivity with many channels at once",
};

static struct bench_spool_options spool_options = {
    .items = 100000, .path = "/var/tmp/atalaya-bench.db", .broker = "hq"};

static const struct option_row spool_rows[] = {
    {"items", 'n', OPTION_COUNT, &spool_options.items, "N", "routine messages that wait (100000)"},
    {"path", 'o', OPTION_TEXT, &spool_options.path, "FILE",
     "database to make, on the disk that is meant (/var/tmp/atalaya-bench.db)"},
    {"broker", 'b', OPTION_TEXT, &spool_options.broker, "NAME", "broker that they wait for (hq)"},
    {"keep", 'k', OPTION_FLAG, &spool_options.keep, NULL, "leave it full, for a gateway to drain"},
};

static const struct command spool_command = {
    .name = "bench spool",
    .arguments = "[OPTIONS]",
    .summary = "messages in and out of the spool on this disk, and a distress beside them",
};

static void print_benchmarks(void)
{
    static const struct command *const all[] = {&decode_command, &speed_command, &beacons_command,
                                                &wideband_command, &spool_command};
    printf("usage: atalaya bench decode|speed|beacons|wideband|spool [OPTIONS]\n\n");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        printf("  atalaya %-15s %s\n", all[i]->name, all[i]->summary);
    printf("\nCases of bench decode:\n");
    for (size_t i = 0; i < bench_case_count; i++)
        printf("  %-18s %-6s %-11s %s\n", bench_cases[i].name, bench_case_unit(&bench_cases[i]),
               bench_cases[i].modem, bench_cases[i].title);
}

/* --case NAME is the same as NAME alone: the option table has no repeated options. */
static void take_cases(int *argc, char **argv)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--case") == 0 || strcmp(argv[i], "-c") == 0)
            continue;
        argv[kept++] = strncmp(argv[i], "--case=", 7) == 0 ? argv[i] + 7 : argv[i];
    }
    argv[kept] = NULL;
    *argc = kept;
}

static bool frames_valid(void)
{
    if (options.frames >= 1 && options.frames <= BENCH_FRAMES_MAX)
        return true;
    fprintf(stderr, "atalaya bench: --frames is 1 to %d\n", BENCH_FRAMES_MAX);
    return false;
}

static bool options_valid(int argc, char **argv)
{
    if (!frames_valid())
        return false;
    if (isfinite(options.from_db) != isfinite(options.to_db) || fabs(options.from_db) > 100 ||
        options.to_db - options.from_db > BENCH_STEP_DB * (BENCH_POINTS_MAX - 1))
        fprintf(stderr, "atalaya bench decode: --from and --to belong together, at most %.0f dB apart\n",
                BENCH_STEP_DB * (BENCH_POINTS_MAX - 1));
    else if (options.json && options.table)
        fprintf(stderr, "atalaya bench decode: --json or --table\n");
    else {
        for (int i = 1; i < argc; i++)
            if (!bench_case_find(argv[i])) {
                fprintf(stderr, "atalaya bench decode: no case '%s'; atalaya bench lists them\n", argv[i]);
                return false;
            }
        return true;
    }
    return false;
}

static void done_quietly(const struct bench_case *row, const struct bench_result *result)
{
    (void)row, (void)result;
}

static bool chosen(const struct bench_case *row, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(row->name, argv[i]) == 0)
            return true;
    return argc < 2;
}

/* The same bounds hold for many cases: the table has them where they come first. */
static bool bounds_are_new(const struct bench_case *row, int argc, char **argv)
{
    for (const struct bench_case *before = bench_cases; before < row && !bench_is_signalling(row); before++)
        if (chosen(before, argc, argv) && strcmp(before->modem, row->modem) == 0 &&
            (before->input == BENCH_AUDIO) == (row->input == BENCH_AUDIO) && !(before->doppler_hz > 0) &&
            fabs(before->deviation_hz - row->deviation_hz) < 1.0 && before->pre_emphasis == row->pre_emphasis)
            return false;
    return true;
}

static void measure_case(const struct bench_case *row, const struct bench_options *how,
                         struct bench_result *results, bool with_bounds)
{
    struct bench_bound bounds[BOUNDS_MAX];
    unsigned count = bench_decode(row, how, results, how->json ? done_quietly : bench_print_result);
    unsigned bound_count = (how->json || with_bounds) && !bench_stopped() ? bench_bounds(row, bounds) : 0;
    if (how->json)
        bench_print_json(row, how, results, count, bounds, bound_count);
    else
        bench_print_bounds(row, bounds, bound_count);
}

static int run_decode(int argc, char **argv)
{
    take_cases(&argc, argv);
    int status =
        options_parse(&decode_command, option_rows, sizeof option_rows / sizeof *option_rows, &argc, argv);
    if (status >= 0)
        return status;
    if (!options_valid(argc, argv))
        return EXIT_USAGE;
    const struct bench_options how = {options.frames, options.seed,    options.peers,
                                      options.json,   options.from_db, options.to_db};
    struct bench_result *results = calloc(BENCH_DECODERS_MAX, sizeof *results);
    if (!results)
        return 1;
    log_set_level(LOG_LEVEL_WARNING);
    if (!options.json)
        bench_print_heading();
    bool told = false; /* a stop before the first case is told there */
    for (size_t i = 0; i < bench_case_count && !(told && bench_stopped()); i++) {
        const struct bench_case *row = &bench_cases[i];
        if (!chosen(row, argc, argv))
            continue;
        measure_case(row, &how, results, bounds_are_new(row, argc, argv));
        told = true;
    }
    free(results);
    return bench_stopped() || ferror(stdout) ? 1 : 0;
}

static int run_speed(int argc, char **argv)
{
    int status = options_parse(&speed_command, option_rows, SPEED_OPTIONS, &argc, argv);
    if (status >= 0)
        return status;
    if (!frames_valid())
        return EXIT_USAGE;
    const struct bench_options how = {.frames = options.frames, .seed = options.seed, .peers = options.peers};
    log_set_level(LOG_LEVEL_WARNING);
    return bench_speed(&how);
}

static int run_beacons(int argc, char **argv)
{
    int status =
        options_parse(&beacons_command, option_rows, sizeof option_rows / sizeof *option_rows, &argc, argv);
    if (status >= 0)
        return status;
    if (!options_valid(1, argv))
        return EXIT_USAGE;
    const struct bench_options how = {
        .frames = options.frames, .seed = options.seed, .from_db = options.from_db, .to_db = options.to_db};
    return bench_beacons(&how);
}

static int run_wideband(int argc, char **argv)
{
    int status = options_parse(&wideband_command, option_rows, SPEED_OPTIONS - 1, &argc, argv);
    if (status >= 0)
        return status;
    if (!frames_valid())
        return EXIT_USAGE;
    const struct bench_options how = {
        .frames = options.frames, .seed = options.seed, .from_db = (double)NAN, .to_db = (double)NAN};
    log_set_level(LOG_LEVEL_WARNING);
    return bench_wideband(&how);
}

static int run_spool(int argc, char **argv)
{
    int status =
        options_parse(&spool_command, spool_rows, sizeof spool_rows / sizeof *spool_rows, &argc, argv);
    if (status >= 0)
        return status;
    if (spool_options.items < 1 || spool_options.items > 10000000) {
        fprintf(stderr, "atalaya bench spool: --items is 1 to 10000000\n");
        return EXIT_USAGE;
    }
    log_set_level(LOG_LEVEL_WARNING);
    return bench_spool(&spool_options);
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        print_benchmarks();
        return 0;
    }
    bench_stop_catch();
    if (strcmp(argv[1], "decode") == 0)
        return run_decode(argc - 1, argv + 1);
    if (strcmp(argv[1], "speed") == 0)
        return run_speed(argc - 1, argv + 1);
    if (strcmp(argv[1], "beacons") == 0)
        return run_beacons(argc - 1, argv + 1);
    if (strcmp(argv[1], "wideband") == 0)
        return run_wideband(argc - 1, argv + 1);
    if (strcmp(argv[1], "spool") == 0)
        return run_spool(argc - 1, argv + 1);
    if (strcmp(argv[1], "--help") == 0) {
        print_benchmarks();
        return 0;
    }
    fprintf(stderr, "atalaya bench: no benchmark '%s'; atalaya bench lists what there is\n", argv[1]);
    return EXIT_USAGE;
}

const struct command command_bench = {
    .name = "bench",
    .arguments = "[decode|speed|beacons|wideband|spool [OPTIONS] [CASE...]]",
    .summary = "measure detection and speed on generated signals, beside others",
    .run = run,
};
