/* SPDX-License-Identifier: Apache-2.0 */
/* Options by which a command at a terminal finds something to hear: a recording, standard input, the words of
 * a configuration's source, or a source of a configuration file. */
#ifndef ATALAYA_COMMAND_SOURCE_OPTIONS_H
#define ATALAYA_COMMAND_SOURCE_OPTIONS_H

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/source.h"

struct source_options {
    const char *format, *protocols, *variants, *modems, *channels;
    const char *words, *config; /* NULL: a recording */
    double rate_hz, centre_hz;  /* 0: not given */
    unsigned lanes;
    bool iq, always_on;
};

#define SOURCE_OPTIONS_DEFAULT                                                                               \
    {                                                                                                        \
        .lanes = 1                                                                                           \
    }

/* Rows for a table of struct option_row: of recordings and samples, and of live sources. */
#define SOURCE_OPTION_ROWS(o)                                                                                \
    {"format",                                                                                               \
     'f',                                                                                                    \
     OPTION_TEXT,                                                                                            \
     &(o).format,                                                                                            \
     "FORMAT",                                                                                               \
     "raw samples, of a file or standard input ('-'): s16 or f32; I and Q: cu8, cs8, cs16, cf32"},           \
        {"rate", 'r', OPTION_NUMBER, &(o).rate_hz, "HZ", "their sample rate"},                               \
        {"lanes", 'l', OPTION_COUNT, &(o).lanes, "N", "their interleaved channels (1)"},                     \
        {"iq", 'I', OPTION_FLAG, &(o).iq, NULL, "the two channels of a WAV are I and Q"},                    \
        {"centre", 'c', OPTION_NUMBER, &(o).centre_hz, "HZ", "radio frequency in the middle of I and Q"},    \
        {"channel",                                                                                          \
         'C',                                                                                                \
         OPTION_TEXT,                                                                                        \
         &(o).channels,                                                                                      \
         "HZ,HZ",                                                                                            \
         "radio frequencies to decode in I and Q; from the middle when that is not known (the middle)"},     \
        {"protocols", 'p', OPTION_TEXT, &(o).protocols, "ID,ID", "only these (all that carry messages)"},    \
        {"modems",    'm',     OPTION_TEXT,                                                                  \
         &(o).modems, "ID,ID", "only these waveforms (all that the protocols use)"},                         \
        {"always-on",    'A',  OPTION_FLAG,                                                                  \
         &(o).always_on, NULL, "modems never rest while a channel of a band is quiet"},                      \
    {                                                                                                        \
        "variants", 'V', OPTION_TEXT, &(o).variants, "NAME,NAME", "of their standards only these (all)"      \
    }
#define SOURCE_LIVE_OPTION_ROWS(o)                                                                           \
    {                                                                                                        \
        "source",                                                                                            \
        's',                                                                                                 \
        OPTION_TEXT,                                                                                         \
        &(o).words,                                                                                          \
        "WORDS",                                                                                             \
        "keys of a source as in the configuration: 'type = soapy device = \"driver=rtlsdr\" ...'"},          \
    {                                                                                                        \
        "config", 'F', OPTION_TEXT, &(o).config, "FILE",                                                     \
            "a source of this configuration: the one named, or the first"                                    \
    }

/* false, with a complaint on standard error: they do not fit together. command: its name. */
bool source_options_valid(const char *command, const struct source_options *given);
/* The source in config->source[0], and its channels where they are known already (see source_options_tune).
 * name: of a recording, "-", or of a source of the configuration; NULL where none is needed. false: see
 * above. */
bool source_options_take(const char *command, const struct source_options *given, const char *name,
                         struct config *config);
/* Channels for an open source that has none yet: of audio one for every lane, of a band those asked for. */
void source_options_channels(const struct source_options *given, const struct source_format *format,
                             struct config *config);
/* One more channel with every protocol asked for; NaN: the middle. */
struct config_channel *source_options_add_channel(const struct source_options *given, double frequency_hz,
                                                  struct config *config);

#endif
