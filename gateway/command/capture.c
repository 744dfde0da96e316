/* SPDX-License-Identifier: Apache-2.0 */
/* `atalaya capture`: records what is sent on channels of a band, as complex baseband (SigMF), so that an
 * engineer far away can work on what no decoder reads yet. Bounded in time and bytes. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "atalaya/dsp/channelizer.h"
#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/command.h"
#include "atalaya/gateway/log.h"
#include "capture/recorder.h"
#include "command/source_options.h"
#include "tuner.h"

static struct {
    struct source_options source;
    const char *folder;
    double width_hz, before_s, after_s, most_s, megabytes, seconds;
} options = {.source = SOURCE_OPTIONS_DEFAULT,
             .width_hz = 38400,
             .before_s = 0.5,
             .after_s = 0.5,
             .most_s = 60,
             .megabytes = 1000};

struct capture {
    struct config *config;
    struct source *source;
    const struct source_format *format;
    struct channelizer *channelizer;
    struct channelizer_channel wanted[CONFIG_CHANNELS_MAX];
    struct recorder *recorders[CONFIG_CHANNELS_MAX];
    uint64_t bytes_left;
    unsigned files;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static void on_done(void *context, const char *path, double seconds, unsigned transmissions)
{
    struct capture *capture = context;
    capture->files++;
    printf("%s: %.1f s, %u transmission%s\n", path, seconds, transmissions, transmissions == 1 ? "" : "s");
    fflush(stdout);
}

static bool channels_valid(const struct capture *capture)
{
    char why[160];
    if (!capture->format->iq) {
        fprintf(stderr,
                "atalaya capture: it takes a band, I and Q (--iq for a WAV of them); this is audio\n");
        return false;
    }
    for (unsigned i = 0; i < capture->config->channel_count; i++)
        if (!tuner_reaches(capture->format, &capture->config->channel[i], why, sizeof why)) {
            fprintf(stderr, "atalaya capture: %s\n", why);
            return false;
        }
    return true;
}

static enum atalaya_result channels_create(struct capture *capture)
{
    const struct config *config = capture->config;
    for (unsigned i = 0; i < config->channel_count; i++)
        capture->wanted[i] = (struct channelizer_channel){
            tuner_offset_hz(capture->format, &config->channel[i]), options.width_hz};
    enum atalaya_result result = channelizer_create(&capture->channelizer, capture->format->rate_hz,
                                                    capture->wanted, config->channel_count);
    for (unsigned i = 0; i < config->channel_count && result == ATALAYA_OK; i++) {
        const struct recorder_setting setting = {
            .folder = options.folder,
            .channel = config->channel[i].name,
            .rate_hz = channelizer_rate_hz(capture->format->rate_hz, options.width_hz),
            .frequency_hz = tuner_frequency_hz(capture->format, &config->channel[i]),
            .before_s = options.before_s,
            .after_s = options.after_s,
            .most_s = options.most_s,
            .bytes_left = &capture->bytes_left,
            .done = on_done,
            .context = capture};
        result = recorder_create(&capture->recorders[i], &setting);
    }
    return result;
}

/* What the device lost tears every file. */
static enum atalaya_result restart(struct capture *capture)
{
    enum atalaya_result result = ATALAYA_OK;
    channelizer_reset(capture->channelizer);
    for (unsigned i = 0; i < capture->config->channel_count && result == ATALAYA_OK; i++)
        result = recorder_restart(capture->recorders[i]);
    return result;
}

static enum atalaya_result block_execute(struct capture *capture, const struct source_block *block)
{
    const float complex *iq = (const float complex *)(const void *)block->samples;
    enum atalaya_result result = block->lost ? restart(capture) : ATALAYA_OK;
    for (size_t done = 0; done < block->frames && result == ATALAYA_OK;) {
        size_t taken, count;
        bool fresh = channelizer_execute(capture->channelizer, iq + done, block->frames - done, &taken);
        done += taken;
        int64_t utc_ns = INT64_MIN;
        if (source_is_live(capture->source))
            utc_ns = clock_utc_of_mono(block->first_mono_ns +
                                       (int64_t)((double)done / capture->format->rate_hz * 1e9));
        for (unsigned i = 0; fresh && i < capture->config->channel_count && result == ATALAYA_OK; i++) {
            const float complex *samples = channelizer_give(capture->channelizer, i, &count);
            result = recorder_execute(capture->recorders[i], samples, count, utc_ns);
        }
    }
    return result;
}

static enum atalaya_result run_source(struct capture *capture)
{
    enum atalaya_result result = channels_create(capture);
    double frames = 0.0;
    while (result == ATALAYA_OK && !interrupted &&
           !(options.seconds > 0.0 && frames >= options.seconds * capture->format->rate_hz)) {
        struct source_block block;
        result = source_read(capture->source, &block);
        if (result == ATALAYA_OK)
            result = block_execute(capture, &block);
        if (result == ATALAYA_OK)
            frames += (double)block.frames;
    }
    for (unsigned i = 0; i < capture->config->channel_count; i++) {
        enum atalaya_result ended = recorder_destroy(capture->recorders[i]);
        result =
            result == ATALAYA_OK || result == ATALAYA_END ? (ended != ATALAYA_OK ? ended : result) : result;
    }
    channelizer_destroy(capture->channelizer);
    return result == ATALAYA_END ? ATALAYA_OK : result;
}

static int capture_run(const char *name)
{
    static struct capture capture;
    capture.bytes_left = (uint64_t)(options.megabytes * 1e6);
    capture.config = calloc(1, sizeof *capture.config);
    if (!capture.config || !source_options_take("capture", &options.source, name, capture.config)) {
        free(capture.config);
        return EXIT_USAGE;
    }
    capture.config->source[0].pace = false;
    log_set_level(LOG_LEVEL_WARNING);
    if (mkdir(options.folder, 0750) != 0 && errno != EEXIST) {
        fprintf(stderr, "atalaya capture: %s: %s\n", options.folder, strerror(errno));
        free(capture.config);
        return 1;
    }
    bool wrong = false; /* said already */
    enum atalaya_result result = source_open(&capture.config->source[0], &capture.source);
    if (result == ATALAYA_OK) {
        capture.format = source_format(capture.source);
        if (capture.config->channel_count == 0)
            source_options_channels(&options.source, capture.format, capture.config);
        wrong = !channels_valid(&capture);
        result = wrong ? ATALAYA_E_UNSUPPORTED : run_source(&capture);
        source_close(capture.source);
    }
    free(capture.config);
    if (result == ATALAYA_E_FULL)
        fprintf(stderr, "atalaya capture: %.0f MB are written; that is all it may (--megabytes)\n",
                options.megabytes);
    else if (result == ATALAYA_E_IO)
        fprintf(stderr, "atalaya capture: cannot write in %s: %s\n", options.folder, strerror(errno));
    else if (result != ATALAYA_OK && !wrong)
        fprintf(stderr, "atalaya capture: %s\n", atalaya_result_text(result));
    else if (result == ATALAYA_OK && capture.files == 0 && !interrupted)
        fprintf(stderr, "atalaya capture: nobody was heard: nothing is written\n");
    return result == ATALAYA_OK ? 0 : 1;
}

/* NULL, or what is wrong with the command line. */
static const char *fault_of(int argc)
{
    if (!options.folder || argc > 2)
        return "--output FOLDER and one FILE or source";
    if (!(options.width_hz >= 9600 && options.width_hz <= CHANNELIZER_TOP_RATE_HZ))
        return "--width is 9600 to 384000";
    if (!(options.before_s >= 0 && options.before_s <= 60 && options.after_s >= 0 && options.after_s <= 60))
        return "--before and --after are 0 to 60";
    if (!(options.most_s >= 1 && options.most_s <= 3600))
        return "--most is 1 to 3600";
    if (!(options.megabytes >= 1 && options.megabytes <= 1e6))
        return "--megabytes is 1 to 1e6";
    return options.seconds >= 0 ? NULL : "--seconds is above 0";
}

static int run(int argc, char **argv)
{
    struct option_row rows[] = {
        {"output", 'o', OPTION_TEXT, &options.folder, "FOLDER", "where the recordings go"},
        {"width", 'w', OPTION_NUMBER, &options.width_hz, "HZ", "samples a second of each channel (38400)"},
        {"before", 'b', OPTION_NUMBER, &options.before_s, "S", "kept of what was before (0.5)"},
        {"after", 'a', OPTION_NUMBER, &options.after_s, "S", "and after a transmission (0.5)"},
        {"most", 'm', OPTION_NUMBER, &options.most_s, "S", "of one recording; the rest is left out (60)"},
        {"megabytes", 'M', OPTION_NUMBER, &options.megabytes, "MB", "all recordings together (1000)"},
        {"seconds", 0, OPTION_NUMBER, &options.seconds, "S", "end after so much signal"},
        SOURCE_OPTION_ROWS(options.source),
        SOURCE_LIVE_OPTION_ROWS(options.source),
    };
    int status = options_parse(&command_capture, rows, sizeof rows / sizeof *rows, &argc, argv);
    if (status >= 0)
        return status;
    const char *fault = fault_of(argc);
    if (fault) {
        fprintf(stderr, "atalaya capture: %s; see atalaya capture --help\n", fault);
        return EXIT_USAGE;
    }
    if (!source_options_valid("capture", &options.source))
        return EXIT_USAGE;
    struct sigaction action = {.sa_handler = on_signal};
    if (sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGTERM, &action, NULL) != 0)
        return 1;
    return capture_run(argc > 1 ? argv[1] : NULL);
}

const struct command command_capture = {
    .name = "capture",
    .arguments = "--output FOLDER [OPTIONS] [FILE | SOURCE]",
    .summary = "record what is sent on channels of a band, around each transmission, as I and Q (SigMF)",
    .run = run,
};
