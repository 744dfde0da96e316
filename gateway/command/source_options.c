/* SPDX-License-Identifier: Apache-2.0 */
#include "command/source_options.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/modem.h"
#include "atalaya/gateway/command.h"
#include "atalaya/protocol/protocol.h"
#include "command/frames.h"

enum { TEXT_MAX = 16384, LANES_MAX = 8 };

/* In the order of enum config_sample_format. */
static const char *const formats[] = {"auto", "s16", "f32", "cu8", "cs8", "cs16", "cf32"};

static enum config_sample_format format_find(const char *word)
{
    for (unsigned i = 0; word && i < sizeof formats / sizeof *formats; i++)
        if (strcmp(word, formats[i]) == 0)
            return (enum config_sample_format)i;
    return SAMPLE_AUTO;
}

/* The next frequency of a list "HZ,HZ", or false: no more, or (*list not at its end) no number. */
static bool next_frequency(const char **list, double *hz)
{
    const char *end;
    if (**list == '\0')
        return false;
    *hz = options_number(*list, &end);
    if (end == *list || (*end != '\0' && *end != ','))
        return false;
    *list = *end == ',' ? end + 1 : end;
    return true;
}

static bool is_protocol(const char *word)
{
    return protocol_find(word) != NULL;
}

static bool is_modem(const char *word)
{
    for (size_t i = 0; i < modem_table_size; i++)
        if (protocol_id_is(modem_table[i].id, word))
            return true;
    return false;
}

static bool is_variant(const char *word)
{
    for (size_t i = 0; i < protocol_table_size; i++)
        if (protocol_variant(protocol_table[i].protocol, word))
            return true;
    return false;
}

/* Is every word of the list "ID,ID" known? One that is not would be left out without a word. */
static bool list_valid(const char *command, const char *list, const char *what,
                       bool (*is_known)(const char *word))
{
    bool more = list != NULL;
    while (more) {
        char word[CONFIG_NAME_MAX];
        size_t span = strcspn(list, ",");
        (void)snprintf(word, sizeof word, "%.*s", (int)(span < INT_MAX ? span : INT_MAX), list);
        if (span >= sizeof word || !is_known(word)) {
            fprintf(stderr, "atalaya %s: no %s '%s'; see atalaya protocols\n", command, what, word);
            return false;
        }
        more = list[span] == ',';
        list += span + more;
    }
    return true;
}

static bool frequencies_valid(const char *command, const char *channels)
{
    const char *list = channels ? channels : "";
    unsigned count = 0;
    for (double hz; next_frequency(&list, &hz);)
        count++;
    if (*list != '\0')
        fprintf(stderr, "atalaya %s: --channel is frequencies in Hz, as 144.39e6,144.8M; not '%s'\n", command,
                channels);
    else if (count > CONFIG_CHANNELS_MAX)
        fprintf(stderr, "atalaya %s: %u channels are too many: at most %d\n", command, count,
                CONFIG_CHANNELS_MAX);
    return *list == '\0' && count <= CONFIG_CHANNELS_MAX;
}

bool source_options_valid(const char *command, const struct source_options *given)
{
    if (given->format && format_find(given->format) == SAMPLE_AUTO)
        fprintf(stderr, "atalaya %s: --format is s16, f32, cu8, cs8, cs16 or cf32, not '%s'\n", command,
                given->format);
    else if (!frequencies_valid(command, given->channels))
        return false;
    else if (given->lanes < 1 || given->lanes > LANES_MAX)
        fprintf(stderr, "atalaya %s: --lanes is 1 to %d\n", command, LANES_MAX);
    else if (!list_valid(command, given->protocols, "protocol", is_protocol) ||
             !list_valid(command, given->modems, "modem", is_modem) ||
             !list_valid(command, given->variants, "variant", is_variant))
        return false;
    else if (given->words && given->config)
        fprintf(stderr, "atalaya %s: --source or --config, not both\n", command);
    else
        return true;
    return false;
}

static bool take_recording(const char *command, const struct source_options *given, const char *name,
                           struct config_source *source)
{
    memset(source, 0, sizeof *source);
    snprintf(source->name, sizeof source->name, "file");
    source->type = strcmp(name, "-") == 0 ? SOURCE_STDIN : SOURCE_FILE;
    source->lanes = given->lanes;
    source->rate_hz = given->rate_hz;
    source->format = format_find(given->format);
    source->iq = given->iq;
    source->centre_hz = given->centre_hz;
    if (strlen(name) >= sizeof source->path) {
        fprintf(stderr, "atalaya %s: the path %.40s... is too long\n", command, name);
        return false;
    }
    strcpy(source->path, name);
    bool raw = source->type == SOURCE_STDIN || source->format != SAMPLE_AUTO;
    if (raw && (given->rate_hz <= 0 || source->format == SAMPLE_AUTO)) {
        fprintf(stderr, "atalaya %s: raw samples need --format and --rate\n", command);
        return false;
    }
    return true;
}

/* Warnings about a site that is none would say nothing. */
static void on_complaint(void *context, bool is_error, const char *place, const char *text)
{
    const char *command = context;
    if (is_error)
        fprintf(stderr, "atalaya %s: %s: %s\n", command, place, text);
}

/* The words as a configuration of their own. Where they name no channel, the options do. */
static bool take_words(const char *command, const struct source_options *given, struct config *config)
{
    static char text[TEXT_MAX];
    bool own_channels = strstr(given->words, "channel") != NULL;
    int length =
        snprintf(text, sizeof text, "site { id = \"here\" } gpsd { enabled = false } source \"live\" { %s",
                 given->words);
    if (length > 0 && length < TEXT_MAX && given->rate_hz > 0 && !strstr(given->words, "rate_hz"))
        length += snprintf(text + length, (size_t)(TEXT_MAX - length), " rate_hz = %.10g", given->rate_hz);
    if (length > 0 && length < TEXT_MAX && given->centre_hz > 0 && !strstr(given->words, "centre_hz"))
        length +=
            snprintf(text + length, (size_t)(TEXT_MAX - length), " centre_hz = %.12g", given->centre_hz);
    if (length > 0 && length < TEXT_MAX)
        length += snprintf(text + length, (size_t)(TEXT_MAX - length), "%s }\n",
                           own_channels ? "" : " channel \"0\" { protocols = {\"ax25\"} }");
    if (length < 0 || length >= TEXT_MAX) {
        fprintf(stderr, "atalaya %s: --source is too long\n", command);
        return false;
    }
    struct config *parsed;
    if (config_parse(text, (size_t)length, "--source", &parsed, on_complaint, (void *)(uintptr_t)command) !=
        ATALAYA_OK)
        return false;
    *config = *parsed;
    config_free(parsed);
    if (!own_channels)
        config->channel_count = 0;
    return true;
}

/* One source of the file, and its channels. */
static bool take_configuration(const char *command, const struct source_options *given, const char *name,
                               struct config *config)
{
    struct config *whole;
    if (config_load(given->config, &whole, on_complaint, (void *)(uintptr_t)command) != ATALAYA_OK)
        return false;
    unsigned chosen = 0;
    while (name && chosen < whole->source_count && strcmp(whole->source[chosen].name, name) != 0)
        chosen++;
    bool found = chosen < whole->source_count;
    if (found) {
        *config = *whole;
        config->source[0] = whole->source[chosen];
        config->channel_count = 0;
        for (unsigned i = 0; i < whole->channel_count; i++)
            if (whole->channel[i].source == chosen) {
                config->channel[config->channel_count] = whole->channel[i];
                config->channel[config->channel_count++].source = 0;
            }
    } else
        fprintf(stderr, "atalaya %s: %s has no source '%s'; its first is '%s'\n", command, given->config,
                name ? name : "", whole->source[0].name);
    config_free(whole);
    return found;
}

bool source_options_take(const char *command, const struct source_options *given, const char *name,
                         struct config *config)
{
    memset(config, 0, sizeof *config);
    bool taken = false;
    if (given->words)
        taken = take_words(command, given, config);
    else if (given->config)
        taken = take_configuration(command, given, name, config);
    else if (name)
        taken = take_recording(command, given, name, &config->source[0]);
    else
        fprintf(
            stderr,
            "atalaya %s: name a FILE, '-' for standard input, --source or --config; see atalaya %s --help\n",
            command, command);
    config->source_count = 1;
    const struct config_source *source = &config->source[0];
    if (taken && (source->type == SOURCE_KISS || source->type == SOURCE_SERIAL)) {
        fprintf(stderr,
                "atalaya %s: source '%s' is %s and gives no samples; atalaya listen --host BROKER "
                "shows what it hears\n",
                command, source->name, *source->host ? "a TNC" : "on a serial port");
        return false;
    }
    return taken;
}

struct config_channel *source_options_add_channel(const struct source_options *given, double frequency_hz,
                                                  struct config *config)
{
    struct config_channel *channel = &config->channel[config->channel_count++];
    memset(channel, 0, sizeof *channel);
    channel->frequency_hz = frequency_hz;
    if (isfinite(frequency_hz))
        snprintf(channel->name, sizeof channel->name, "%.10g", frequency_hz * 1e-6);
    for (size_t i = 0; i < protocol_table_size && channel->protocol_count < CONFIG_PROTOCOLS_MAX; i++)
        if (frames_list_has(given->protocols, protocol_table[i].id) &&
            (given->protocols || !protocol_table[i].protocol->about_channel))
            snprintf(channel->protocols[channel->protocol_count++], CONFIG_NAME_MAX, "%s",
                     protocol_table[i].id);
    channel->always_on = given->always_on;
    for (size_t i = 0; given->modems && i < modem_table_size && channel->modem_count < CONFIG_MODEMS_MAX; i++)
        if (frames_list_has(given->modems, modem_table[i].id))
            snprintf(channel->modems[channel->modem_count++], CONFIG_NAME_MAX, "%s", modem_table[i].id);
    for (const char *word = given->variants ? given->variants : ""; *word;) {
        size_t length = strcspn(word, ",");
        if (length < CONFIG_NAME_MAX && channel->variant_count < CONFIG_VARIANTS_MAX)
            memcpy(channel->variants[channel->variant_count++], word, length);
        word += length + (word[length] == ',');
    }
    return channel;
}

void source_options_channels(const struct source_options *given, const struct source_format *format,
                             struct config *config)
{
    const char *list = given->channels ? given->channels : "";
    double hz;
    for (unsigned lane = 0; lane < format->lanes && !format->iq; lane++) {
        struct config_channel *channel = source_options_add_channel(given, (double)NAN, config);
        snprintf(channel->name, sizeof channel->name, "%u", lane);
        channel->lane = lane;
    }
    while (format->iq && config->channel_count < CONFIG_CHANNELS_MAX && next_frequency(&list, &hz))
        (void)source_options_add_channel(given, hz, config);
    if (config->channel_count == 0)
        snprintf(source_options_add_channel(given, (double)NAN, config)->name, CONFIG_NAME_MAX, "0");
}
