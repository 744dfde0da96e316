/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya encode`: messages in (JSON as `decode` prints it, or the protocol's text form), a recording out.
 */
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/json.h"
#include "atalaya/protocol/protocol.h"

enum { LONGEST_S = 12 * 3600 }; /* what a WAV file of 48 kHz holds */

static struct {
    const char *output, *protocol, *modem, *input;
    double rate_hz, level_db, ebn0_db, gap_s, tail_s;
    unsigned seed, preamble_bits;
} options = {.protocol = "ax25",
             .rate_hz = 48000,
             .level_db = (double)NAN,
             .ebn0_db = (double)INFINITY,
             .gap_s = 0.5,
             .tail_s = 0.2,
             .seed = 1};

static const struct option_row option_rows[] = {
    {"output", 'o', OPTION_TEXT, &options.output, "FILE", "WAV (16 bit) or FLAC file to write"},
    {"input", 'i', OPTION_TEXT, &options.input, "FILE", "messages, one a line ('-' = standard input)"},
    {"protocol", 'p', OPTION_TEXT, &options.protocol, "ID", "for text lines (ax25); JSON names its own"},
    {"modem", 'm', OPTION_TEXT, &options.modem, "ID", "waveform (the protocol's first)"},
    {"rate", 'r', OPTION_NUMBER, &options.rate_hz, "HZ", "sample rate (48000)"},
    {"level", 'l', OPTION_NUMBER, &options.level_db, "DB",
     "amplitude of the signal, dB full scale (-6; with --ebn0 what leaves the noise room)"},
    {"ebn0", 'n', OPTION_NUMBER, &options.ebn0_db, "DB", "add white noise for this Eb/N0 (none)"},
    {"gap", 'g', OPTION_NUMBER, &options.gap_s, "S", "silence before each message without time_s (0.5)"},
    {"tail", 't', OPTION_NUMBER, &options.tail_s, "S", "silence at the end (0.2)"},
    {"preamble", 'P', OPTION_COUNT, &options.preamble_bits, "BITS", "TXDELAY (the protocol's default)"},
    {"seed", 's', OPTION_COUNT, &options.seed, "N", "of the noise (1)"},
};

/* The recording as it is written. */
struct writer {
    SNDFILE *file;
    struct impair_random random;
    double amplitude, sigma; /* sigma < 0: not known before the first waveform */
    uint64_t frames;
    float *audio;
    size_t audio_size;
};

static bool write_samples(struct writer *writer, size_t count)
{
    if (writer->sigma > 0)
        impair_add_noise(&writer->random, writer->audio, count, writer->sigma);
    writer->frames += count;
    return sf_writef_float(writer->file, writer->audio, (sf_count_t)count) == (sf_count_t)count;
}

static bool write_silence(struct writer *writer, double until_s)
{
    double want = round(until_s * options.rate_hz);
    while ((double)writer->frames < want) {
        size_t count = writer->audio_size;
        if (want - (double)writer->frames < (double)count)
            count = (size_t)(want - (double)writer->frames);
        memset(writer->audio, 0, count * sizeof *writer->audio);
        if (!write_samples(writer, count))
            return false;
    }
    return true;
}

/* Without a level of the user's choice, signal and four sigmas of noise fill the scale. */
static void set_levels(struct writer *writer, double bit_rate)
{
    bool noisy = isfinite(options.ebn0_db);
    double relative = noisy ? impair_noise_sigma(0.5, options.rate_hz, bit_rate, options.ebn0_db) : 0.0;
    if (isfinite(options.level_db))
        writer->amplitude = pow(10, options.level_db / 20);
    else
        writer->amplitude = noisy ? 1 / (1 + 4 * relative) : 0.5;
    writer->sigma = relative * writer->amplitude;
}

static const struct modem_row *choose_modem(const struct protocol_row *row)
{
    char first[32];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(row->modems, " "), row->modems);
    const struct modem_row *modem = modem_find(options.modem ? options.modem : first);
    return modem && protocol_uses_modem(row, modem->id) && modem->class->modulate ? modem : NULL;
}

static bool write_burst(struct writer *writer, const struct modem_row *modem, const uint8_t *bits,
                        size_t bit_count)
{
    size_t need = modem->class->modulate_length(options.rate_hz, bit_count);
    if (need > writer->audio_size) {
        float *larger = realloc(writer->audio, need * sizeof *larger);
        if (!larger)
            return false;
        writer->audio = larger;
        writer->audio_size = need;
    }
    size_t count = modem->class->modulate(options.rate_hz, bits, bit_count, writer->audio, need);
    for (size_t i = 0; i < count; i++)
        writer->audio[i] *= (float)writer->amplitude;
    return count && write_samples(writer, count);
}

static void note_first_bit(void *context, const struct message *message)
{
    *(uint64_t *)context = message->first_bit;
}

/* What goes on air before the frame: time_s of a reception is the time of its first bit. The protocol itself
 * says where that is, by hearing its own transmission. */
static double preamble_s(const struct protocol_row *row, const struct modem_row *modem, const uint8_t *bits,
                         size_t bit_count)
{
    uint64_t first_bit = 0;
    struct protocol_output output = {.message = note_first_bit, .context = &first_bit};
    void *state = malloc(row->protocol->state_size);
    int8_t *soft = malloc(bit_count);
    if (state && soft) {
        const struct soft_run run = {.soft = soft, .count = bit_count, .scrambler = modem->class->scrambler};
        for (size_t i = 0; i < bit_count; i++)
            soft[i] = bits[i] ? 127 : -127;
        row->protocol->reset(state);
        row->protocol->execute(state, &run, &output);
    }
    free(soft);
    free(state);
    return (double)first_bit / modem->bit_rate;
}

static bool encode_message(struct writer *writer, struct message *message, double time_s, char *why,
                           size_t size)
{
    static uint8_t bits[PROTOCOL_LINE_BITS_MAX];
    const struct protocol_row *row = protocol_find(message->protocol);
    const struct modem_row *modem = choose_modem(row);
    const struct protocol_transmit how = {.preamble_bits = options.preamble_bits,
                                          .scrambler = modem ? modem->class->scrambler : SCRAMBLER_NONE};

    if (!modem || !row->protocol->transmit) {
        snprintf(why, size, "protocol %s cannot be sent%s", row->id, modem ? "" : " with that modem");
        return false;
    }
    enum atalaya_result result = message->raw_length ? ATALAYA_OK : row->protocol->compose(message);
    if (result != ATALAYA_OK) {
        snprintf(why, size, "%s cannot say this: %s", row->id, atalaya_result_text(result));
        return false;
    }
    size_t bit_count = row->protocol->transmit(message, &how, bits, sizeof bits);
    if (bit_count == 0) {
        snprintf(why, size, "%s cannot send a frame of %u bytes", row->id, message->raw_length);
        return false;
    }
    if (writer->sigma < 0)
        set_levels(writer, modem->bit_rate);
    double now_s = (double)writer->frames / options.rate_hz, start_s = now_s + options.gap_s;
    if (isfinite(time_s))
        start_s = fmax(now_s, time_s - preamble_s(row, modem, bits, bit_count));
    if (start_s > LONGEST_S) {
        snprintf(why, size, "a recording of more than %d h", LONGEST_S / 3600);
        return false;
    }
    snprintf(why, size, "the output cannot be written: %s", sf_strerror(writer->file));
    return write_silence(writer, start_s) && write_burst(writer, modem, bits, bit_count);
}

/* A line: a JSON object, or the text form of --protocol. */
static bool encode_line(struct writer *writer, const char *line, size_t length, char *why, size_t size)
{
    static struct message message;
    const struct protocol_row *row = protocol_find(options.protocol);
    double time_s = (double)NAN;

    if (line[0] == '{') {
        json_error_t error;
        json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
        if (!object) {
            snprintf(why, size, "no JSON: %s", error.text);
            return false;
        }
        enum atalaya_result result = json_to_message(object, &message, why, size);
        const json_t *time = json_object_get(object, "time_s");
        if (json_is_number(time))
            time_s = json_number_value(time);
        json_decref(object);
        return result == ATALAYA_OK && encode_message(writer, &message, time_s, why, size);
    }
    if (!row || !row->protocol->from_text) {
        snprintf(why, size, "protocol '%s' has no text form: give JSON", options.protocol);
        return false;
    }
    message_reset(&message, row->id, row->protocol->address_space);
    enum atalaya_result result = row->protocol->from_text(&message, line, length);
    if (result != ATALAYA_OK || message.raw_length == 0) {
        snprintf(why, size, "no line of %s that can be sent: %s", row->protocol->text_form,
                 atalaya_result_text(result));
        return false;
    }
    return encode_message(writer, &message, time_s, why, size);
}

static int encode_file(struct writer *writer)
{
    FILE *in = strcmp(options.input, "-") == 0 ? stdin : fopen(options.input, "r");
    char *line = NULL, why[200];
    size_t size = 0, number = 0;
    ssize_t got;
    int status = 0;

    if (!in) {
        perror(options.input);
        return 1;
    }
    while (status == 0 && (got = getline(&line, &size, in)) > 0) {
        number++;
        size_t length = line[got - 1] == '\n' ? (size_t)got - 1 : (size_t)got;
        if (length == 0 || line[0] == '#')
            continue;
        if (!encode_line(writer, line, length, why, sizeof why)) {
            fprintf(stderr, "%s:%zu: %s\n", options.input, number, why);
            status = 1;
        }
    }
    if (status == 0 && ferror(in)) {
        perror(options.input);
        status = 1;
    }
    free(line);
    if (in != stdin)
        fclose(in);
    return status;
}

static int encode_all(struct writer *writer, int argc, char **argv)
{
    char why[200];
    for (int i = 1; i < argc; i++)
        if (!encode_line(writer, argv[i], strlen(argv[i]), why, sizeof why)) {
            fprintf(stderr, "atalaya encode: message %d: %s\n", i, why);
            return 1;
        }
    int status = options.input ? encode_file(writer) : 0;
    if (status == 0 && !write_silence(writer, (double)writer->frames / options.rate_hz + options.tail_s)) {
        fprintf(stderr, "atalaya encode: %s: %s\n", options.output, sf_strerror(writer->file));
        status = 1;
    }
    return status;
}

static bool has_suffix(const char *text, const char *suffix)
{
    size_t a = strlen(text), b = strlen(suffix);
    return a >= b && strcmp(text + a - b, suffix) == 0;
}

static bool numbers_valid(void)
{
    bool noisy = isfinite(options.ebn0_db);
    if (options.rate_hz < 8000 || options.rate_hz > 768000 || options.rate_hz != floor(options.rate_hz))
        fprintf(stderr, "atalaya encode: --rate is a whole number from 8000 to 768000\n");
    else if (options.level_db > 0 || options.level_db < -90)
        fprintf(stderr, "atalaya encode: --level is -90 to 0\n");
    else if (noisy && (options.ebn0_db < -30 || options.ebn0_db > 90))
        fprintf(stderr, "atalaya encode: --ebn0 is -30 to 90\n");
    else if (options.gap_s < 0 || options.tail_s < 0 || options.gap_s > 3600 || options.tail_s > 3600)
        fprintf(stderr, "atalaya encode: --gap and --tail are 0 to 3600\n");
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
    if (!options.output || (argc < 2 && !options.input)) {
        fprintf(stderr, "atalaya encode: give --output FILE and messages (or --input FILE)\n");
        return EXIT_USAGE;
    }
    if (!numbers_valid())
        return EXIT_USAGE;
    SF_INFO info = {.samplerate = (int)options.rate_hz,
                    .channels = 1,
                    .format = (has_suffix(options.output, ".flac") ? SF_FORMAT_FLAC : SF_FORMAT_WAV) |
                              SF_FORMAT_PCM_16};
    struct writer writer = {.sigma = -1, .audio_size = 4096};
    writer.audio = calloc(writer.audio_size, sizeof *writer.audio);
    writer.file = writer.audio ? sf_open(options.output, SFM_WRITE, &info) : NULL;
    if (!writer.file) {
        fprintf(stderr, "atalaya encode: %s: %s\n", options.output, sf_strerror(NULL));
        free(writer.audio);
        return 1;
    }
    sf_command(writer.file, SFC_SET_CLIPPING, NULL, SF_TRUE);
    impair_random_seed(&writer.random, options.seed);
    status = encode_all(&writer, argc, argv);
    if (sf_close(writer.file) != 0)
        status = 1;
    free(writer.audio);
    return status;
}

const struct command command_encode = {
    .name = "encode",
    .arguments = "--output FILE [OPTIONS] [MESSAGE...]",
    .summary = "write a recording of messages (JSON objects or text lines)",
    .run = run,
};
