/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: every usual form gives its own samples back; damaged ones give an error and never a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/source.h"

static char folder[] = "/tmp/atalaya-source-XXXXXX";

static struct config_source settings_for(const char *name)
{
    struct config_source settings = {.name = "recording", .type = SOURCE_FILE};
    (void)snprintf(settings.path, sizeof settings.path, "%s/%s", folder, name);
    return settings;
}

/* A ramp that differs in every lane. */
static short value_at(size_t frame, unsigned lane)
{
    return (short)((int)((frame * 37 + lane * 1000) % 60000) - 30000);
}

static float sample_at(size_t frame, unsigned lane)
{
    return (float)value_at(frame, lane) / 32768.0F;
}

static void file_write(const char *name, int format, int rate_hz, int lanes, size_t frames)
{
    struct config_source settings = settings_for(name);
    SF_INFO info = {.samplerate = rate_hz, .channels = lanes, .format = format};
    SNDFILE *file = sf_open(settings.path, SFM_WRITE, &info);
    assert_non_null(file);
    for (size_t i = 0; i < frames; i++) {
        float floats[8];
        short shorts[8];
        for (int lane = 0; lane < lanes; lane++) {
            floats[lane] = sample_at(i, (unsigned)lane);
            shorts[lane] = value_at(i, (unsigned)lane);
        }
        bool is_float = (format & SF_FORMAT_SUBMASK) == SF_FORMAT_FLOAT;
        assert_int_equal(is_float ? sf_writef_float(file, floats, 1) : sf_writef_short(file, shorts, 1), 1);
    }
    assert_int_equal(sf_close(file), 0);
}

static void bytes_write(const char *name, const void *bytes, size_t size)
{
    struct config_source settings = settings_for(name);
    FILE *file = fopen(settings.path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Reads to the end; every sample is checked against the ramp. Returns the frames, *result how it ended. */
static size_t file_read_all(const struct config_source *settings, enum atalaya_result *result)
{
    struct source *source;
    struct source_block block;
    size_t frames = 0;
    assert_int_equal(source_open(settings, &source), ATALAYA_OK);
    const struct source_format *format = source_format(source);
    size_t most = (size_t)(format->rate_hz / 50);
    if (most > SOURCE_BLOCK_FRAMES)
        most = SOURCE_BLOCK_FRAMES;
    while ((*result = source_read(source, &block)) == ATALAYA_OK) {
        assert_in_range(block.frames, 0, most);
        assert_int_equal(block.first_frame, frames);
        assert_int_equal(block.lost, 0);
        for (size_t i = 0; i < block.frames; i++)
            for (unsigned lane = 0; lane < format->lanes; lane++)
                if (fabsf(block.samples[i * format->lanes + lane] - sample_at(frames + i, lane)) > 1e-6F)
                    fail_msg("frame %zu lane %u differs", frames + i, lane);
        frames += block.frames;
    }
    source_close(source);
    return frames;
}

static void every_form_rate_and_lane_count_gives_its_samples_back(void **state)
{
    static const int formats[] = {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_WAV | SF_FORMAT_PCM_24,
                                  SF_FORMAT_WAV | SF_FORMAT_FLOAT, SF_FORMAT_FLAC | SF_FORMAT_PCM_16};
    static const int rates_hz[] = {8000, 11025, 22050, 44100, 48000, 96000};
    static const int lanes[] = {1, 2, 8};
    (void)state;
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        for (size_t r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
            for (size_t l = 0; l < sizeof lanes / sizeof *lanes; l++) {
                enum atalaya_result result;
                struct config_source settings = settings_for("good");
                file_write("good", formats[f], rates_hz[r], lanes[l], 5003);
                assert_int_equal(file_read_all(&settings, &result), 5003);
                assert_int_equal(result, ATALAYA_END);
            }
        }
    }
}

static void a_cut_wav_gives_what_is_there(void **state)
{
    enum atalaya_result result;
    struct config_source settings = settings_for("cut.wav");
    (void)state;
    file_write("cut.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, 4000);
    assert_int_equal(truncate(settings.path, 44 + 2 * 1500 + 1), 0);
    assert_int_equal(file_read_all(&settings, &result), 1500);
    assert_int_equal(result, ATALAYA_END);
}

/* Killed before it wrote the lengths: of the file, and of its samples. */
static void a_wav_whose_recorder_was_killed_gives_its_samples(void **state)
{
    static const int formats[] = {SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_FLOAT};
    static const uint8_t nothing[4] = {0};
    (void)state;
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        char head[200];
        enum atalaya_result result;
        struct config_source settings = settings_for("killed.wav");
        file_write("killed.wav", SF_FORMAT_WAV | formats[f], 8000, 2, 4000);
        FILE *file = fopen(settings.path, "r+b");
        assert_non_null(file);
        assert_int_equal(fread(head, 1, sizeof head, file), sizeof head);
        size_t at = 12;
        while (at + 8 < sizeof head && memcmp(head + at, "data", 4) != 0)
            at += 8 + (size_t)(uint8_t)head[at + 4];
        assert_true(at + 8 < sizeof head);
        assert_int_equal(fseek(file, 4, SEEK_SET), 0);
        assert_int_equal(fwrite(nothing, 1, 4, file), 4);
        assert_int_equal(fseek(file, (long)at + 4, SEEK_SET), 0);
        assert_int_equal(fwrite(nothing, 1, 4, file), 4);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(file_read_all(&settings, &result), 4000);
        assert_int_equal(result, ATALAYA_END);
    }
}

static void a_cut_flac_gives_what_decodes_and_then_an_error(void **state)
{
    enum atalaya_result result;
    struct stat status;
    struct config_source settings = settings_for("cut.flac");
    (void)state;
    file_write("cut.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 1, 48000);
    assert_int_equal(stat(settings.path, &status), 0);
    assert_int_equal(truncate(settings.path, status.st_size * 2 / 3), 0);
    size_t frames = file_read_all(&settings, &result);
    assert_in_range(frames, 10000, 47999);
    assert_int_equal(result, ATALAYA_E_FORMAT);
}

static void what_is_no_audio_is_refused_with_a_reason(void **state)
{
    static const char garbage[] =
        "RIFF\x10\x00\x00\x00WAVEjunk\xff\xff\xff\x7fnothing that could be a header";
    struct source *source;
    char text[512];
    (void)state;
    bytes_write("garbage.wav", garbage, sizeof garbage);
    bytes_write("text.vox", "raw formats must not be guessed from a name", 43);
    bytes_write("empty.wav", "", 0);
    static const char *const names[] = {"garbage.wav", "text.vox", "empty.wav", "missing.wav", ""};
    static const char *const reasons[] = {"not audio", "not audio", "is empty", "No such file",
                                          "not a regular file"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct config_source settings = settings_for(names[i]);
        assert_int_not_equal(source_open(&settings, &source), ATALAYA_OK);
        assert_null(source);
        assert_false(source_probe(&settings, text, sizeof text));
        assert_non_null(strstr(text, reasons[i]));
    }
}

static void a_named_pipe_does_not_hang_the_opening(void **state)
{
    struct config_source settings = settings_for("pipe");
    struct source *source;
    (void)state;
    assert_int_equal(mkfifo(settings.path, 0600), 0);
    assert_int_equal(source_open(&settings, &source), ATALAYA_E_FORMAT);
}

/* Any byte of the header may be wrong: no crash, no endless read. The sanitizer builds make this strict. */
static void damaged_headers_never_crash(void **state)
{
    static const int formats[] = {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16};
    unsigned seed = 1;
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        uint8_t whole[16384];
        struct config_source settings = settings_for("damaged");
        file_write("damaged", formats[f], 8000, 2, 800);
        FILE *file = fopen(settings.path, "rb");
        assert_non_null(file);
        size_t size = fread(whole, 1, sizeof whole, file);
        assert_int_equal(fclose(file), 0);
        for (int round = 0; round < 100; round++) {
            struct source *source;
            struct source_block block;
            seed = seed * 1664525U + 1013904223U;
            size_t at = (seed >> 8) % 64;
            uint8_t kept = whole[at];
            whole[at] ^= (uint8_t)(1U << (seed >> 29));
            bytes_write("damaged", whole, size);
            whole[at] = kept;
            if (source_open(&settings, &source) != ATALAYA_OK)
                continue;
            int reads = 0;
            while (source_read(source, &block) == ATALAYA_OK)
                assert_in_range(++reads, 1, 100000);
            source_close(source);
        }
    }
}

static void floats_that_poison_filters_are_tamed(void **state)
{
    static const float poison[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, 0.5F};
    struct config_source settings = settings_for("poison.wav");
    SF_INFO info = {.samplerate = 8000, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT};
    struct source *source;
    struct source_block block;
    (void)state;
    SNDFILE *file = sf_open(settings.path, SFM_WRITE, &info);
    assert_non_null(file);
    assert_int_equal(sf_writef_float(file, poison, 6), 6);
    assert_int_equal(sf_close(file), 0);
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    assert_int_equal(source_read(source, &block), ATALAYA_OK);
    assert_int_equal(block.frames, 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(isfinite(block.samples[i]) && fabsf(block.samples[i]) <= 100.0F);
    assert_true(block.samples[5] > 0.49F && block.samples[5] < 0.51F);
    source_close(source);
}

static void a_loop_goes_on_counting(void **state)
{
    struct config_source settings = settings_for("loop.wav");
    struct source *source;
    struct source_block block;
    uint64_t frames = 0;
    (void)state;
    file_write("loop.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, 333);
    settings.loop = true;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    while (frames < 3330) {
        assert_int_equal(source_read(source, &block), ATALAYA_OK);
        assert_int_equal(block.first_frame, frames);
        for (size_t i = 0; i < block.frames; i++)
            assert_true(fabsf(block.samples[i] - sample_at((frames + i) % 333, 0)) < 1e-6F);
        frames += block.frames;
    }
    source_close(source);
}

static void a_paced_file_is_never_ahead_of_real_time(void **state)
{
    struct config_source settings = settings_for("pace.wav");
    struct source *source;
    struct source_block block;
    int64_t origin_ns = 0;
    uint64_t frames = 0;
    (void)state;
    file_write("pace.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, 2400);
    settings.pace = true;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    while (source_read(source, &block) == ATALAYA_OK) {
        int64_t now_ns = clock_mono_ns();
        if (block.frames == 0)
            continue;
        if (frames == 0)
            origin_ns = block.first_mono_ns;
        int64_t due_ns = origin_ns + (int64_t)(frames + block.frames) * 125000;
        assert_true(now_ns >= due_ns);
        assert_int_equal(block.first_mono_ns, origin_ns + (int64_t)frames * 125000);
        frames += block.frames;
    }
    assert_int_equal(frames, 2400);
    source_close(source);
}

static void a_frame_source_gives_no_samples(void **state)
{
    struct config_source settings = {.name = "tnc", .type = SOURCE_KISS, .speed_bit_s = 9600};
    struct source *source;
    char text[512];
    (void)state;
    (void)snprintf(settings.device, sizeof settings.device, "%s/nothing", folder);
    assert_int_equal(source_open(&settings, &source), ATALAYA_E_ARGUMENT);
    assert_null(source);
    assert_false(source_probe(&settings, text, sizeof text));
    assert_non_null(strstr(text, "no serial port"));
}

static int folder_make(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int folder_remove(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_rate_and_lane_count_gives_its_samples_back),
        cmocka_unit_test(a_cut_wav_gives_what_is_there),
        cmocka_unit_test(a_wav_whose_recorder_was_killed_gives_its_samples),
        cmocka_unit_test(a_cut_flac_gives_what_decodes_and_then_an_error),
        cmocka_unit_test(what_is_no_audio_is_refused_with_a_reason),
        cmocka_unit_test(a_named_pipe_does_not_hang_the_opening),
        cmocka_unit_test(damaged_headers_never_crash),
        cmocka_unit_test(floats_that_poison_filters_are_tamed),
        cmocka_unit_test(a_loop_goes_on_counting),
        cmocka_unit_test(a_paced_file_is_never_ahead_of_real_time),
        cmocka_unit_test(a_frame_source_gives_no_samples),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
