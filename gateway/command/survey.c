/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya survey`: sweeps a software radio over a range, or looks through a recording of a band, and lists
 * the channels that somebody is on: where, how strong, how wide, and what a modem recognised. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/log.h"
#include "command/source_options.h"
#include "listen/sweep.h"

static struct {
    struct source_options source;
    double from_hz, to_hz, dwell_s, listen_s, raster_hz;
    bool json;
} options = {.source = SOURCE_OPTIONS_DEFAULT, .dwell_s = 0.5, .listen_s = 2, .raster_hz = 12500};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static bool goes_on(void *context)
{
    (void)context;
    return !interrupted;
}

static void print_found(void *context, const struct sweep_signal *found)
{
    unsigned *count = context;
    if (++*count == 1 && !options.json)
        printf("%12s %12s %8s %8s %8s %9s  %s\n", "MHz", "raster", "dBFS", "over dB", "kHz wide", "busy",
               "kind");
    if (options.json) {
        printf("{\"frequency_hz\":%.0f,\"raster_hz\":%.0f,\"level_dbfs\":%.1f,\"over_noise_db\":%.1f,\"width_"
               "hz\":%.0f,\"busy\":%.2f",
               found->frequency_hz, found->raster_hz, found->level_db, found->over_noise_db, found->width_hz,
               found->busy);
        if (found->kind[0])
            printf(",\"kind\":\"%s\"", found->kind);
        printf("%s}\n", found->middle ? ",\"middle\":true" : "");
    } else
        printf("%12.6f %12.5f %8.0f %8.0f %8.1f %7.0f %%  %s%s\n", found->frequency_hz * 1e-6,
               found->raster_hz * 1e-6, found->level_db, found->over_noise_db, found->width_hz * 1e-3,
               found->busy * 100, found->kind, found->middle ? "in the middle: the receiver's own?" : "");
    fflush(stdout);
}

static bool range_valid(void)
{
    bool from = options.from_hz > 0, to = options.to_hz > 0;
    if (from && to && options.to_hz > options.from_hz && options.to_hz - options.from_hz <= 6e9)
        return true;
    if (!from && !to && !options.source.words && !options.source.config)
        return true; /* a recording: all of it */
    fprintf(stderr, "atalaya survey: needs --from HZ and --to HZ, the lower one first\n");
    return false;
}

static int survey(const char *name)
{
    unsigned count = 0;
    struct config *config = calloc(1, sizeof *config);
    if (!config)
        return 1;
    /* Where the words name no frequency, the sweep's first is as good as any. */
    if (options.source.words && !(options.source.centre_hz > 0))
        options.source.centre_hz = options.from_hz;
    if (!source_options_take("survey", &options.source, name, config)) {
        free(config);
        return EXIT_USAGE;
    }
    config->source[0].pace = false;
    const struct sweep_setting setting = {.options = &options.source,
                                          .config = config,
                                          .from_hz = options.from_hz,
                                          .to_hz = options.to_hz,
                                          .dwell_s = options.dwell_s,
                                          .listen_s = options.listen_s,
                                          .raster_hz = options.raster_hz,
                                          .found = print_found,
                                          .context = &count,
                                          .goes_on = goes_on};
    log_set_level(LOG_LEVEL_WARNING);
    enum atalaya_result result = sweep_run(&setting);
    free(config);
    if (result == ATALAYA_OK && count == 0 && !interrupted)
        fprintf(stderr, "atalaya survey: nobody was heard\n");
    if (result == ATALAYA_OK)
        return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
    fprintf(stderr, "atalaya survey: %s\n",
            result == ATALAYA_E_UNSUPPORTED ? "it takes a band: I and Q, with its frequency (--centre)"
            : result == ATALAYA_E_RANGE
                ? "nothing between --from and --to is in that band; MHz are written with an M, as 144.3M"
                : atalaya_result_text(result));
    return 1;
}

static int run(int argc, char **argv)
{
    struct option_row rows[] = {
        {"from", 0, OPTION_NUMBER, &options.from_hz, "HZ", "lower end of the range"},
        {"to", 0, OPTION_NUMBER, &options.to_hz, "HZ", "upper end"},
        {"dwell", 0, OPTION_NUMBER, &options.dwell_s, "S",
         "how long each part of the range is looked at (0.5)"},
        {"listen", 0, OPTION_NUMBER, &options.listen_s, "S",
         "how long the modems then listen to what was found there (2; 0: not at all)"},
        {"raster", 0, OPTION_NUMBER, &options.raster_hz, "HZ",
         "of the channels, for the nearest one (12500)"},
        {"json", 'j', OPTION_FLAG, &options.json, NULL, "a JSON object a line"},
        SOURCE_OPTION_ROWS(options.source),
        SOURCE_LIVE_OPTION_ROWS(options.source),
    };
    int status = options_parse(&command_survey, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    if (argc > 2 || !(options.dwell_s > 0 && options.dwell_s <= 3600) ||
        !(options.listen_s >= 0 && options.listen_s <= 3600) || !(options.raster_hz >= 1)) {
        fprintf(
            stderr,
            "atalaya survey: one FILE or source, --dwell above 0 and --listen at most 3600, --raster from 1; "
            "see atalaya survey --help\n");
        return EXIT_USAGE;
    }
    if (!range_valid() || !source_options_valid("survey", &options.source))
        return EXIT_USAGE;
    struct sigaction action = {.sa_handler = on_signal};
    if (sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGTERM, &action, NULL) != 0)
        return 1;
    return survey(argc > 1 ? argv[1] : NULL);
}

const struct command command_survey = {
    .name = "survey",
    .arguments = "--from HZ --to HZ [OPTIONS] [FILE | SOURCE]",
    .summary = "list the channels somebody is on, with level, width and what a modem recognised",
    .run = run,
};
