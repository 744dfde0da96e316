/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya decode`: recordings, raw samples or frames in, one JSON object a line out. The same receiver as on
 * the tower, without its threads. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/json.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/receiver.h"
#include "frames.h"

static struct {
    const char *format, *frames, *protocols, *modems, *channels;
    double rate_hz, centre_hz;
    unsigned lanes;
    bool quiet, iq, always_on;
} options;

/* In the order of enum config_sample_format. */
static const char *const formats[] = {"auto", "s16", "f32", "cu8", "cs8", "cs16", "cf32"};

static const struct option_row option_rows[] = {
    {"format", 'f', OPTION_TEXT, &options.format, "FORMAT",
     "raw samples, of a file or standard input ('-'): s16 or f32; I and Q: cu8, cs8, cs16, cf32"},
    {"rate", 'r', OPTION_NUMBER, &options.rate_hz, "HZ", "their sample rate"},
    {"lanes", 'l', OPTION_COUNT, &options.lanes, "N", "their interleaved channels (1)"},
    {"iq", 'I', OPTION_FLAG, &options.iq, NULL, "the two channels of a WAV are I and Q"},
    {"centre", 'c', OPTION_NUMBER, &options.centre_hz, "HZ", "radio frequency in the middle of I and Q"},
    {"channel", 'C', OPTION_TEXT, &options.channels, "HZ,HZ",
     "radio frequencies to decode in I and Q; from the middle when that is not known (the middle)"},
    {"frames", 'F', OPTION_TEXT, &options.frames, "FORM",
     "FILE holds frames, one a line: hex of ax25 (no FCS), or text: tnc2, cospas-sarsat"},
    {"protocols", 'p', OPTION_TEXT, &options.protocols, "ID,ID", "only these (all); see atalaya protocols"},
    {"always-on", 'A', OPTION_FLAG, &options.always_on, NULL,
     "modems never rest while a channel of a band is quiet"},
    {"modems", 'm', OPTION_TEXT, &options.modems, "ID,ID",
     "only these waveforms (all that the protocols use)"},
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

/* A channel that listens with every protocol asked for. */
static struct config_channel *add_channel(struct config *config)
{
    struct config_channel *channel = &config->channel[config->channel_count++];
    memset(channel, 0, sizeof *channel);
    channel->frequency_hz = (double)NAN;
    channel->always_on = options.always_on;
    for (size_t i = 0; i < protocol_table_size && channel->protocol_count < CONFIG_PROTOCOLS_MAX; i++)
        if (frames_list_has(options.protocols, protocol_table[i].id))
            snprintf(channel->protocols[channel->protocol_count++], CONFIG_NAME_MAX, "%s",
                     protocol_table[i].id);
    for (size_t i = 0; options.modems && i < modem_table_size && channel->modem_count < CONFIG_MODEMS_MAX;
         i++)
        if (frames_list_has(options.modems, modem_table[i].id))
            snprintf(channel->modems[channel->modem_count++], CONFIG_NAME_MAX, "%s", modem_table[i].id);
    return channel;
}

/* The next frequency of a list "HZ,HZ", or false: no more, or (*list not at its end) no number. */
static bool next_frequency(const char **list, double *hz)
{
    char *end;
    if (**list == '\0')
        return false;
    *hz = strtod(*list, &end);
    if (end == *list || !isfinite(*hz) || (*end != '\0' && *end != ','))
        return false;
    *list = *end == ',' ? end + 1 : end;
    return true;
}

/* Of audio a channel for every lane; of a band those asked for. */
static void add_channels(struct config *config, const struct source_format *format)
{
    const char *list = options.channels ? options.channels : "";
    double hz;
    config->channel_count = 0;
    for (unsigned lane = 0; lane < format->lanes && !format->iq; lane++) {
        struct config_channel *channel = add_channel(config);
        snprintf(channel->name, sizeof channel->name, "%u", lane);
        channel->lane = lane;
    }
    while (format->iq && config->channel_count < CONFIG_CHANNELS_MAX && next_frequency(&list, &hz)) {
        struct config_channel *channel = add_channel(config);
        snprintf(channel->name, sizeof channel->name, "%.10g", hz * 1e-6);
        channel->frequency_hz = hz;
    }
    if (config->channel_count == 0)
        snprintf(add_channel(config)->name, CONFIG_NAME_MAX, "0");
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
    add_channels(config, source_format(source));
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

static enum config_sample_format format_find(const char *word)
{
    for (unsigned i = 0; word && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(word, formats[i]) == 0)
            return (enum config_sample_format)i;
    return SAMPLE_AUTO;
}

static bool set_source(struct config_source *source, const char *name)
{
    snprintf(source->name, sizeof source->name, "file");
    source->type = strcmp(name, "-") == 0 ? SOURCE_STDIN : SOURCE_FILE;
    source->lanes = options.lanes;
    source->rate_hz = options.rate_hz;
    source->format = format_find(options.format);
    source->iq = options.iq;
    source->centre_hz = options.centre_hz;
    if (strlen(name) >= sizeof source->path) {
        fprintf(stderr, "atalaya decode: the path %.40s... is too long\n", name);
        return false;
    }
    strcpy(source->path, name);
    bool raw = source->type == SOURCE_STDIN || source->format != SAMPLE_AUTO;
    if (raw && (options.rate_hz <= 0 || source->format == SAMPLE_AUTO)) {
        fprintf(stderr, "atalaya decode: raw samples need --format and --rate\n");
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

static bool any_modem(void)
{
    for (size_t i = 0; i < modem_table_size; i++)
        if (frames_list_has(options.modems, modem_table[i].id))
            return true;
    return false;
}

static bool frequencies_valid(void)
{
    const char *list = options.channels ? options.channels : "";
    unsigned count = 0;
    for (double hz; next_frequency(&list, &hz);)
        count++;
    if (*list != '\0')
        fprintf(stderr, "atalaya decode: --channel is frequencies in Hz, as 144.39e6,144.8e6; not '%s'\n",
                options.channels);
    else if (count > CONFIG_CHANNELS_MAX)
        fprintf(stderr, "atalaya decode: %u channels are too many: at most %d\n", count, CONFIG_CHANNELS_MAX);
    return *list == '\0' && count <= CONFIG_CHANNELS_MAX;
}

static bool options_valid(void)
{
    if (options.format && format_find(options.format) == SAMPLE_AUTO)
        fprintf(stderr, "atalaya decode: --format is s16, f32, cu8, cs8, cs16 or cf32, not '%s'\n",
                options.format);
    else if (!frequencies_valid())
        return false;
    else if (options.lanes < 1 || options.lanes > 8)
        fprintf(stderr, "atalaya decode: --lanes is 1 to 8\n");
    else if (!any_protocol())
        fprintf(stderr, "atalaya decode: no protocol '%s'; see atalaya protocols\n", options.protocols);
    else if (!any_modem())
        fprintf(stderr, "atalaya decode: no modem '%s'; see atalaya protocols\n", options.modems);
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
