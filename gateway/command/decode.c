/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya decode`: recordings, raw samples or frames in, one JSON object a line out. The same receiver as on
 * the tower, without its threads. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/receiver.h"
#include "command/source_options.h"
#include "frames.h"
#include "level.h"

static struct {
    struct source_options source;
    const char *frames;
    bool quiet;
} options = {.source = SOURCE_OPTIONS_DEFAULT};

static const struct option_row option_rows[] = {
    SOURCE_OPTION_ROWS(options.source),
    {"frames", 'F', OPTION_TEXT, &options.frames, "FORM",
     "FILE holds frames, one a line: hex of a protocol (ax25 without its FCS, mdc1200, ...), or text: tnc2, "
     "cospas-sarsat"},
    {"quiet", 'q', OPTION_FLAG, &options.quiet, NULL, "no statistics on standard error"},
};

static uint64_t messages;

static void print_reception(void *context, const struct reception *reception)
{
    (void)context;
    json_t *object = json_from_reception(reception);
    if (!object)
        return;
    messages++;
    json_dumpf(object, stdout, JSON_LINE_FLAGS);
    putchar('\n');
    (void)fflush(stdout); /* it may be live; checked at the end */
    json_decref(object);
}

static void print_statistics(const char *name, double seconds, uint64_t count, int64_t took_ns,
                             const struct level *level, bool iq)
{
    double took_s = (double)took_ns * 1e-9;
    bool grave;
    const char *advice = level_advice(level, iq, &grave);
    if (options.quiet)
        return;
    fprintf(stderr, "%s: %.2f s of signal, peak %.3f, %" PRIu64 " messages, %.0f times real time\n", name,
            seconds, (double)level_peak(level), count, took_s > 0 ? seconds / took_s : 0.0);
    if (advice && (grave || !iq)) /* a channel cut out of a band is as quiet as it was there */
        fprintf(stderr, "%s: %s\n", name, advice);
}

static int decode_signal(struct config *config, const char *name)
{
    struct source *source;
    struct receiver *receiver;
    struct level level;
    int64_t start_ns = clock_mono_ns();
    uint64_t before = messages;

    if (source_open(&config->source[0], &source) != ATALAYA_OK)
        return 1; /* said so already */
    level_reset(&level);
    config->channel_count = 0;
    source_options_channels(&options.source, source_format(source), config);
    enum atalaya_result result = receiver_create(config, 0, source, print_reception, NULL, &receiver);
    if (result == ATALAYA_OK) {
        while ((result = receiver_step(receiver)) == ATALAYA_OK) {
            const struct source_block *block = receiver_block(receiver);
            level_execute(&level, block->samples, block->frames * source_format(source)->lanes);
        }
        double seconds = receiver_seconds(receiver);
        receiver_destroy(receiver);
        print_statistics(name, seconds, messages - before, clock_mono_ns() - start_ns, &level,
                         source_format(source)->iq);
    }
    source_close(source);
    if (result == ATALAYA_END)
        return 0;
    fprintf(stderr, "atalaya decode: %s: %s\n", name, atalaya_result_text(result));
    return 1;
}

static int run(int argc, char **argv)
{
    int status =
        options_parse(&command_decode, option_rows, sizeof option_rows / sizeof *option_rows, &argc, argv);
    if (status >= 0)
        return status;
    if (argc < 2) {
        fprintf(stderr, "atalaya decode: name a FILE, or '-' for standard input\n");
        return EXIT_USAGE;
    }
    if (!source_options_valid("decode", &options.source))
        return EXIT_USAGE;
    if (options.frames)
        return frames_decode(options.frames, argv + 1, print_reception, NULL, options.quiet);

    log_set_level(LOG_LEVEL_WARNING);
    struct config *config = calloc(1, sizeof *config);
    if (!config)
        return 1;
    for (int i = 1; i < argc; i++) {
        if (!source_options_take("decode", &options.source, argv[i], config))
            status = EXIT_USAGE;
        else if (decode_signal(config, argv[i]) != 0 && status < 0)
            status = 1;
    }
    free(config);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status < 0) {
        fprintf(stderr, "atalaya decode: standard output: what was decoded cannot be written there\n");
        status = 1;
    }
    return status < 0 ? 0 : status;
}

const struct command command_decode = {
    .name = "decode",
    .arguments = "[OPTIONS] FILE...",
    .summary = "print every message in recordings as JSON lines",
    .run = run,
};
