/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya encode`: messages in (JSON as `decode` prints it, or the protocol's text form), a recording out:
 * of sound, or of a whole band.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/command.h"
#include "encode/recording.h"

static struct recording_settings settings = {
    .rate_hz = 48000,
    .level_db = (double)NAN,
    .ebn0_db = (double)INFINITY,
    .gap_s = 0.5,
    .tail_s = 0.2,
    .seed = 1,
    .noise_dbfs = -60,
    .place = {.frequency_hz = (double)NAN, .deviation_hz = 3000, .cnr_db = (double)NAN}};
static struct transmission_settings how = {.protocol = "ax25"};
static const char *input;

static const struct option_row option_rows[] = {
    {"output", 'o', OPTION_TEXT, &settings.path, "FILE",
     "WAV (16 bit) or FLAC file to write; with --iq raw samples, or SigMF (.sigmf-meta)"},
    {"input", 'i', OPTION_TEXT, &input, "FILE", "messages, one a line ('-' = standard input)"},
    {"protocol", 'p', OPTION_TEXT, &how.protocol, "ID", "for text lines (ax25); JSON names its own"},
    {"modem", 'm', OPTION_TEXT, &how.modem, "ID", "waveform (the protocol's first)"},
    {"rate", 'r', OPTION_NUMBER, &settings.rate_hz, "HZ", "sample rate (48000)"},
    {"level", 'l', OPTION_NUMBER, &settings.level_db, "DB",
     "amplitude of the signal, dB full scale (-6; with --ebn0 what leaves the noise room)"},
    {"ebn0", 'n', OPTION_NUMBER, &settings.ebn0_db, "DB", "add white noise for this Eb/N0 (none)"},
    {"gap", 'g', OPTION_NUMBER, &settings.gap_s, "S", "silence before each message without time_s (0.5)"},
    {"tail", 't', OPTION_NUMBER, &settings.tail_s, "S", "silence at the end (0.2)"},
    {"preamble", 'P', OPTION_COUNT, &how.preamble_bits, "BITS", "TXDELAY (the protocol's default)"},
    {"seed", 's', OPTION_COUNT, &settings.seed, "N", "of noise and fading (1)"},
    {"iq", 'I', OPTION_TEXT, &settings.format, "FORMAT",
     "complex baseband instead of sound: cu8, cs8, cs16 or cf32. Of the options that follow a JSON line can "
     "name "
     "its own: frequency_hz, cnr_db or rssi_dbfs, offset_hz, drift_hz_s, deviation_hz, fading_hz"},
    {"centre", 'c', OPTION_NUMBER, &settings.centre_hz, "HZ", "radio frequency in its middle"},
    {"channel", 'C', OPTION_NUMBER, &settings.place.frequency_hz, "HZ",
     "radio frequency to send on (the middle)"},
    {"noise", 'N', OPTION_NUMBER, &settings.noise_dbfs, "DB", "white noise in 12.5 kHz, dB full scale (-60)"},
    {"cnr", 'R', OPTION_NUMBER, &settings.place.cnr_db, "DB",
     "carrier above the noise in 12.5 kHz (30, unless there is a level)"},
    {"offset", 'O', OPTION_NUMBER, &settings.place.offset_hz, "HZ", "how far the carrier is off (0)"},
    {"drift", 'D', OPTION_NUMBER, &settings.place.drift_hz_s, "HZ", "how far it moves in a second (0)"},
    {"deviation", 'd', OPTION_NUMBER, &settings.place.deviation_hz, "HZ", "of FM, largest (3000)"},
    {"fading", 'f', OPTION_NUMBER, &settings.place.fading_hz, "HZ",
     "Rayleigh fading of this Doppler shift (none)"},
    {"pre-emphasis", 'E', OPTION_FLAG, &settings.pre_emphasis, NULL,
     "6 dB an octave, as a voice radio has it"},
};

/* A kind of recording. */
struct kind {
    struct recording *(*create)(const struct recording_settings *settings);
    bool (*add)(struct recording *recording, const struct transmission *transmission, char *why, size_t size);
    bool (*finish)(struct recording *recording);
    void (*destroy)(struct recording *recording);
};

static const struct kind sound = {sound_create, sound_add, sound_finish, sound_destroy};
static const struct kind band = {band_create, band_add, band_finish, band_destroy};

static bool encode_line(const struct kind *kind, struct recording *recording, const char *line, size_t length,
                        char *why, size_t size)
{
    struct transmission transmission;
    return transmission_make(&how, line, length, &transmission, why, size) &&
           kind->add(recording, &transmission, why, size);
}

static int encode_file(const struct kind *kind, struct recording *recording)
{
    FILE *in = strcmp(input, "-") == 0 ? stdin : fopen(input, "r");
    char *line = NULL, why[200];
    size_t size = 0, number = 0, messages = 0;
    ssize_t got;
    int status = 0;

    if (!in) {
        perror(input);
        return 1;
    }
    while (status == 0 && (got = getline(&line, &size, in)) > 0) {
        number++;
        size_t length = line[got - 1] == '\n' ? (size_t)got - 1 : (size_t)got;
        if (length == 0 || line[0] == '#')
            continue;
        messages++;
        if (!encode_line(kind, recording, line, length, why, sizeof why)) {
            fprintf(stderr, "%s:%zu: %s\n", input, number, why);
            status = 1;
        }
    }
    if (status == 0 && ferror(in)) {
        perror(input);
        status = 1;
    } else if (status == 0 && messages == 0) {
        fprintf(stderr, "%s: no message in it\n", input);
        status = 1;
    }
    free(line);
    if (in != stdin)
        fclose(in);
    return status;
}

static int encode_all(const struct kind *kind, int argc, char **argv)
{
    char why[200];
    struct recording *recording = kind->create(&settings);
    int status = recording ? 0 : 1;
    for (int i = 1; i < argc && status == 0; i++)
        if (!encode_line(kind, recording, argv[i], strlen(argv[i]), why, sizeof why)) {
            fprintf(stderr, "atalaya encode: message %d: %s\n", i, why);
            status = 1;
        }
    if (status == 0 && input)
        status = encode_file(kind, recording);
    if (status == 0 && !kind->finish(recording))
        status = 1;
    kind->destroy(recording);
    return status;
}

static bool rate_valid(void)
{
    if (settings.format)
        return settings.rate_hz >= 8000 && settings.rate_hz <= 20e6;
    return settings.rate_hz >= 8000 && settings.rate_hz <= 768000 &&
           settings.rate_hz == floor(settings.rate_hz);
}

static bool format_valid(void)
{
    static const char *const words[] = {"cu8", "cs8", "cs16", "cf32"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!settings.format || strcmp(settings.format, words[i]) == 0)
            return true;
    return false;
}

static bool place_valid(void)
{
    const struct placement *place = &settings.place;
    return fabs(settings.noise_dbfs) <= 300 && !(fabs(place->cnr_db) > 150) &&
           fabs(place->offset_hz) <= 1e6 && fabs(place->drift_hz_s) <= 1e6 && place->deviation_hz >= 0 &&
           place->deviation_hz <= 100e3 && place->fading_hz >= 0 && place->fading_hz <= 1e4 &&
           settings.centre_hz >= 0 && settings.centre_hz <= 1e12;
}

static bool numbers_valid(void)
{
    bool noisy = isfinite(settings.ebn0_db);
    if (!format_valid())
        fprintf(stderr, "atalaya encode: --iq is cu8, cs8, cs16 or cf32, not '%s'\n", settings.format);
    else if (!rate_valid())
        fprintf(stderr,
                "atalaya encode: --rate is a whole number from 8000 to 768000, with --iq up to 20e6\n");
    else if (settings.level_db > 0 || settings.level_db < -90)
        fprintf(stderr, "atalaya encode: --level is -90 to 0\n");
    else if (noisy && (settings.format || settings.ebn0_db < -30 || settings.ebn0_db > 90))
        fprintf(stderr, "atalaya encode: --ebn0 is -30 to 90, and for sound; with --iq there is --cnr\n");
    else if (settings.gap_s < 0 || settings.tail_s < 0 || settings.gap_s > 3600 || settings.tail_s > 3600)
        fprintf(stderr, "atalaya encode: --gap and --tail are 0 to 3600\n");
    else if (!place_valid())
        fprintf(stderr, "atalaya encode: no band is like that: check the numbers behind --iq\n");
    else
        return true;
    return false;
}

static int run(int argc, char **argv)
{
    int status =
        options_parse(&command_encode, option_rows, sizeof option_rows / sizeof *option_rows, &argc, argv);
    if (status >= 0)
        return status;
    if (!settings.path || (argc < 2 && !input)) {
        fprintf(stderr, "atalaya encode: give --output FILE and messages (or --input FILE)\n");
        return EXIT_USAGE;
    }
    if (!numbers_valid())
        return EXIT_USAGE;
    if (isnan(settings.place.cnr_db) && isnan(settings.level_db))
        settings.place.cnr_db = 30;
    return encode_all(settings.format ? &band : &sound, argc, argv);
}

const struct command command_encode = {
    .name = "encode",
    .arguments = "--output FILE [OPTIONS] [MESSAGE...]",
    .summary = "write a recording of messages (JSON objects or text lines)",
    .run = run,
};
