/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya decode`: recordings, raw samples or frames in, one JSON object a line out. The same receiver as on
 * the tower, without its threads. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/receiver.h"
#include "frames.h"

static struct {
    const char *format, *frames, *protocols;
    double rate_hz;
    unsigned lanes;
    bool quiet;
} options;

static const struct option_row option_rows[] = {
    {"format", 'f', OPTION_TEXT, &options.format, "s16|f32", "raw samples on standard input ('-')"},
    {"rate", 'r', OPTION_NUMBER, &options.rate_hz, "HZ", "their sample rate"},
    {"lanes", 'l', OPTION_COUNT, &options.lanes, "N", "their interleaved channels (1)"},
    {"frames", 'F', OPTION_TEXT, &options.frames, "FORM",
     "FILE holds frames, one a line: hex of ax25 (no FCS), or text: tnc2, cospas-sarsat"},
    {"protocols", 'p', OPTION_TEXT, &options.protocols, "ID,ID", "only these (all); see atalaya protocols"},
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
    json_decref(object);
}

/* A channel for every lane, listening with every protocol asked for. */
static void add_channels(struct config *config, unsigned lanes)
{
    config->channel_count = 0;
    for (unsigned lane = 0; lane < lanes && lane < CONFIG_CHANNELS_MAX; lane++) {
        struct config_channel *channel = &config->channel[config->channel_count++];
        memset(channel, 0, sizeof *channel);
        snprintf(channel->name, sizeof channel->name, "%u", lane);
        channel->lane = lane;
        channel->frequency_hz = (double)NAN;
        for (size_t i = 0; i < protocol_table_size && channel->protocol_count < CONFIG_PROTOCOLS_MAX; i++)
            if (frames_list_has(options.protocols, protocol_table[i].id))
                snprintf(channel->protocols[channel->protocol_count++], CONFIG_NAME_MAX, "%s",
                         protocol_table[i].id);
    }
}

static void print_statistics(const char *name, double seconds, uint64_t count, int64_t took_ns)
{
    double took_s = (double)took_ns * 1e-9;
    if (!options.quiet)
        fprintf(stderr, "%s: %.2f s of signal, %" PRIu64 " messages, %.0f times real time\n", name, seconds,
                count, took_s > 0 ? seconds / took_s : 0.0);
}

static int decode_signal(struct config *config, const char *name)
{
    struct source *source;
    struct receiver *receiver;
    int64_t start_ns = clock_mono_ns();
    uint64_t before = messages;

    if (source_open(&config->source[0], &source) != ATALAYA_OK)
        return 1; /* said so already */
    add_channels(config, source_format(source)->lanes);
    enum atalaya_result result = receiver_create(config, 0, source, print_reception, NULL, &receiver);
    if (result == ATALAYA_OK) {
        while ((result = receiver_step(receiver)) == ATALAYA_OK)
            continue;
        double seconds = receiver_seconds(receiver);
        receiver_destroy(receiver);
        print_statistics(name, seconds, messages - before, clock_mono_ns() - start_ns);
    }
    source_close(source);
    if (result == ATALAYA_END)
        return 0;
    fprintf(stderr, "atalaya decode: %s: %s\n", name, atalaya_result_text(result));
    return 1;
}

static bool set_source(struct config_source *source, const char *name)
{
    snprintf(source->name, sizeof source->name, "file");
    source->type = strcmp(name, "-") == 0 ? SOURCE_STDIN : SOURCE_FILE;
    source->lanes = options.lanes;
    source->rate_hz = options.rate_hz;
    source->format = options.format && strcmp(options.format, "f32") == 0 ? SAMPLE_F32 : SAMPLE_S16;
    if (strlen(name) >= sizeof source->path) {
        fprintf(stderr, "atalaya decode: the path %.40s... is too long\n", name);
        return false;
    }
    strcpy(source->path, name);
    if (source->type == SOURCE_STDIN && (options.rate_hz <= 0 || !options.format)) {
        fprintf(stderr, "atalaya decode: raw samples on standard input need --format and --rate\n");
        return false;
    }
    return true;
}

static bool any_protocol(void)
{
    for (size_t i = 0; i < protocol_table_size; i++)
        if (frames_list_has(options.protocols, protocol_table[i].id))
            return true;
    return false;
}

static bool options_valid(void)
{
    if (options.format && strcmp(options.format, "s16") != 0 && strcmp(options.format, "f32") != 0)
        fprintf(stderr, "atalaya decode: --format is s16 or f32, not '%s'\n", options.format);
    else if (options.lanes < 1 || options.lanes > 8)
        fprintf(stderr, "atalaya decode: --lanes is 1 to 8\n");
    else if (!any_protocol())
        fprintf(stderr, "atalaya decode: no protocol '%s'; see atalaya protocols\n", options.protocols);
    else
        return true;
    return false;
}

static int run(int argc, char **argv)
{
    options.lanes = 1;
    int status =
        options_parse(&command_decode, option_rows, sizeof option_rows / sizeof *option_rows, &argc, argv);
    if (status >= 0)
        return status;
    if (argc < 2) {
        fprintf(stderr, "atalaya decode: name a FILE, or '-' for standard input\n");
        return EXIT_USAGE;
    }
    if (!options_valid())
        return EXIT_USAGE;
    if (options.frames)
        return frames_decode(options.frames, argv + 1, print_reception, NULL, options.quiet);

    log_set_level(LOG_LEVEL_WARNING);
    struct config *config = calloc(1, sizeof *config);
    if (!config)
        return 1;
    config->source_count = 1;
    for (int i = 1; i < argc; i++) {
        if (!set_source(&config->source[0], argv[i]))
            status = EXIT_USAGE;
        else if (decode_signal(config, argv[i]) != 0 && status < 0)
            status = 1;
    }
    free(config);
    if (fflush(stdout) != 0 && status < 0)
        status = 1;
    return status < 0 ? 0 : status;
}

const struct command command_decode = {
    .name = "decode",
    .arguments = "[OPTIONS] FILE...",
    .summary = "print every message in recordings as JSON lines",
    .run = run,
};
