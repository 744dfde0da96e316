/* SPDX-License-Identifier: Apache-2.0 */
/* The SoapySDR source through a real driver (tests/support/soapy/tape.cpp, loaded by SoapySDR as every driver
 * is): sample k of it says that it is k, so that counts and times are proven sample by sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "atalaya/gateway/source.h"

enum { RATE_HZ = 200000 };

static char folder[] = "/tmp/atalaya-soapy-XXXXXX";
static char control[64], log_path[64];

static void command(const char *words)
{
    char half[80];
    snprintf(half, sizeof half, "%s.new", control);
    FILE *file = fopen(half, "w");
    assert_non_null(file);
    fputs(words, file);
    fclose(file);
    assert_int_equal(rename(half, control), 0);
}

static struct config_source settings_for(const char *more)
{
    struct config_source settings = {
        .name = "band", .type = SOURCE_SOAPY, .rate_hz = RATE_HZ, .lanes = 1, .centre_hz = 144.8e6};
    settings.gain_db = (double)NAN;
    snprintf(settings.device, sizeof settings.device, "driver=tape,control=%s,log=%s%s", control, log_path,
             more);
    return settings;
}

static struct source *tape_open(const struct config_source *settings)
{
    struct source *source;
    assert_int_equal(source_open(settings, &source), ATALAYA_OK);
    return source;
}

/* What the driver says this sample is, modulo 65536. */
static unsigned number_of(const float *pair, double step, double zero)
{
    unsigned low = (unsigned)lround((double)pair[0] / step + zero);
    unsigned high = (unsigned)lround((double)pair[1] / step + zero);
    return low | high << 8;
}

static void block_read(struct source *source, struct source_block *block)
{
    for (int i = 0; i < 500; i++) {
        assert_int_equal(source_read(source, block), ATALAYA_OK);
        if (block->frames > 0)
            return;
    }
    fail_msg("no frames in 500 reads");
}

/* Reads `frames` and proves that each is the one that the count says. Returns how many were lost. */
static uint64_t count_frames(struct source *source, size_t frames, double step, double zero)
{
    uint64_t lost = 0;
    for (size_t got = 0; got < frames;) {
        struct source_block block;
        block_read(source, &block);
        lost += block.lost;
        for (size_t i = 0; i < block.frames; i++)
            assert_int_equal(number_of(block.samples + 2 * i, step, zero), (block.first_frame + i) & 0xffff);
        got += block.frames;
    }
    return lost;
}

static void every_sample_arrives_in_every_form(void **state)
{
    static const struct {
        const char *arguments;
        double step, zero;
    } forms[] = {{",format=CU8", 1.0 / 127.5, 127.5},
                 {",format=CS8", 1.0 / 128, 128},
                 {",format=CS16", 1.0 / 256, 0},
                 {",format=CF32", 1.0 / 256, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct config_source settings = settings_for(forms[i].arguments);
        struct source *source = tape_open(&settings);
        const struct source_format *format = source_format(source);
        assert_true(format->iq && format->lanes == 2 && source_is_live(source));
        assert_true(fabs(format->rate_hz - RATE_HZ) < 0.5 && fabs(format->centre_hz - 144.8e6) < 0.5);
        assert_int_equal(count_frames(source, 10000, forms[i].step, forms[i].zero), 0);
        source_close(source);
    }
}

static void an_overrun_is_counted_to_the_sample(void **state)
{
    struct config_source settings = settings_for("");
    (void)state;
    struct source *source = tape_open(&settings);
    (void)count_frames(source, 4000, 1.0 / 127.5, 127.5);
    struct source_block before, after;
    block_read(source, &before);
    command("overflow 30000 1");
    uint64_t lost = 0;
    while (lost == 0)
        lost = count_frames(source, 1, 1.0 / 127.5, 127.5);
    command("run");
    assert_int_equal(lost, 30000);
    block_read(source, &after);
    double passed = (double)(after.first_mono_ns - before.first_mono_ns) * 1e-9 * RATE_HZ;
    assert_true(fabs(passed - (double)(after.first_frame - before.first_frame)) < RATE_HZ * 0.02);
    assert_int_equal(source_lost_frames(source), 30000);
    source_close(source);
}

/* Without time stamps the time of arrival tells. */
static void an_overrun_without_stamps_is_estimated(void **state)
{
    struct config_source settings = settings_for(",stamps=0");
    struct source_block block;
    (void)state;
    struct source *source = tape_open(&settings);
    (void)count_frames(source, 4000, 1.0 / 127.5, 127.5);
    command("overflow 40000 1");
    uint64_t lost = 0;
    while (lost == 0) {
        block_read(source, &block);
        lost += block.lost;
    }
    command("run");
    assert_in_range(lost, 40000 - RATE_HZ / 50, 40000 + RATE_HZ / 50);
    source_close(source);
}

static void times_are_those_of_the_host(void **state)
{
    struct config_source settings = settings_for("");
    struct source_block block;
    (void)state;
    int64_t begin_ns = clock_mono_ns();
    struct source *source = tape_open(&settings);
    (void)count_frames(source, RATE_HZ / 10, 1.0 / 127.5, 127.5);
    block_read(source, &block);
    int64_t end_ns = clock_mono_ns();
    int64_t first_ns = block.first_mono_ns - (int64_t)((double)block.first_frame * 1e9 / RATE_HZ);
    assert_true(first_ns > begin_ns - 1000000 && first_ns < end_ns);
    assert_true(block.first_mono_ns < end_ns);
    source_close(source);
}

static bool was_logged(const char *line)
{
    char seen[128];
    bool found = false;
    FILE *file = fopen(log_path, "r");
    while (file && fgets(seen, sizeof seen, file))
        found |= strncmp(seen, line, strlen(line)) == 0;
    if (file)
        fclose(file);
    return found;
}

static void settings_reach_the_device(void **state)
{
    struct config_source settings = settings_for("");
    (void)state;
    settings.gain_db = 32.5;
    settings.gain_count = 2;
    strcpy(settings.gains[0], "LNA=12");
    strcpy(settings.gains[1], "VGA=-3.5");
    settings.ppm = 1.5;
    settings.bias_tee = true;
    strcpy(settings.antenna, "AUX");
    strcpy(settings.serial_number, "T2");
    struct source *source = tape_open(&settings);
    assert_true(was_logged("gain manual") && was_logged("gain 32.5"));
    assert_true(was_logged("gain LNA 12.0") && was_logged("gain VGA -3.5"));
    assert_true(was_logged("ppm 1.5") && was_logged("antenna AUX") && was_logged("biastee true"));
    assert_true(was_logged("frequency 144800000.0"));
    assert_int_equal(source_set_gain(source, (double)NAN), ATALAYA_OK);
    assert_true(was_logged("gain automatic"));
    source_close(source);
    assert_true(was_logged("close"));
}

/* A driver without a correction is told another frequency, and the source still says the right one. */
static void a_driver_that_knows_no_ppm_is_tuned_for_it(void **state)
{
    struct config_source settings = settings_for(",correction=0");
    (void)state;
    settings.ppm = 10;
    struct source *source = tape_open(&settings);
    assert_true(was_logged("frequency 144798552."));
    assert_true(fabs(source_format(source)->centre_hz - 144.8e6) < 1);
    source_close(source);
}

static void after_tuning_nothing_of_the_old_band_comes(void **state)
{
    struct config_source settings = settings_for("");
    struct source_block before, after;
    (void)state;
    struct source *source = tape_open(&settings);
    block_read(source, &before);
    int64_t tuned_ns = clock_mono_ns();
    assert_int_equal(source_tune(source, 446e6), ATALAYA_OK);
    assert_true(fabs(source_format(source)->centre_hz - 446e6) < 0.5);
    block_read(source, &after);
    assert_true(after.lost > 0 && after.first_mono_ns > tuned_ns);
    assert_int_equal(number_of(after.samples, 1.0 / 127.5, 127.5), after.first_frame & 0xffff);
    assert_int_equal(source_tune(source, 2e9), ATALAYA_E_RANGE);
    source_close(source);
}

static void a_device_that_fails_is_gone_and_comes_back(void **state)
{
    struct config_source settings = settings_for("");
    struct source_block block;
    char text[512];
    (void)state;
    struct source *source = tape_open(&settings);
    block_read(source, &block);
    command("absent");
    enum atalaya_result result;
    while ((result = source_read(source, &block)) == ATALAYA_OK)
        continue;
    assert_int_equal(result, ATALAYA_E_GONE);
    source_close(source);
    assert_int_equal(source_open(&settings, &source), ATALAYA_E_GONE);
    assert_false(source_probe(&settings, text, sizeof text));
    assert_non_null(strstr(text, "no such tape machine"));
    command("run");
    assert_true(source_probe(&settings, text, sizeof text));
    assert_non_null(strstr(text, "tape machine"));
    source = tape_open(&settings);
    assert_int_equal(count_frames(source, 3000, 1.0 / 127.5, 127.5), 0);
    source_close(source);
}

static void what_the_device_refuses_is_told(void **state)
{
    struct config_source settings = settings_for("");
    char text[512];
    (void)state;
    strcpy(settings.antenna, "LOFT");
    assert_false(source_probe(&settings, text, sizeof text));
    assert_non_null(strstr(text, "no antenna LOFT"));
    settings.antenna[0] = '\0';
    settings.centre_hz = 1.8e9;
    assert_false(source_probe(&settings, text, sizeof text));
    assert_non_null(strstr(text, "1800.000000 MHz"));
    settings.centre_hz = 144.8e6;
    settings.gain_count = 1;
    strcpy(settings.gains[0], "LNA");
    assert_false(source_probe(&settings, text, sizeof text));
    assert_non_null(strstr(text, "LNA=20"));
    settings.gain_count = 0;
    strcpy(settings.serial_number, "T7");
    assert_false(source_probe(&settings, text, sizeof text));
    assert_non_null(strstr(text, "serial=T1"));
}

/* Twelve bits in sixteen: only the driver knows its full scale. */
static void odd_full_scales_are_left_to_the_driver(void **state)
{
    struct config_source settings = settings_for(",format=CS16,fullscale=2048");
    char text[512];
    (void)state;
    assert_false(source_probe(&settings, text, sizeof text)); /* the tape gives no floats then */
    assert_true(was_logged("stream CF32"));
}

static int fresh(void **state)
{
    (void)state;
    (void)unlink(log_path);
    command("run");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_sample_arrives_in_every_form, fresh),
        cmocka_unit_test_setup(an_overrun_is_counted_to_the_sample, fresh),
        cmocka_unit_test_setup(an_overrun_without_stamps_is_estimated, fresh),
        cmocka_unit_test_setup(times_are_those_of_the_host, fresh),
        cmocka_unit_test_setup(settings_reach_the_device, fresh),
        cmocka_unit_test_setup(a_driver_that_knows_no_ppm_is_tuned_for_it, fresh),
        cmocka_unit_test_setup(after_tuning_nothing_of_the_old_band_comes, fresh),
        cmocka_unit_test_setup(a_device_that_fails_is_gone_and_comes_back, fresh),
        cmocka_unit_test_setup(what_the_device_refuses_is_told, fresh),
        cmocka_unit_test_setup(odd_full_scales_are_left_to_the_driver, fresh),
    };
    if (!getenv("SOAPY_SDR_PLUGIN_PATH")) {
        puts("skipped: no C++ compiler built the driver of the tests");
        return 77;
    }
    assert_non_null(mkdtemp(folder));
    snprintf(control, sizeof control, "%s/control", folder);
    snprintf(log_path, sizeof log_path, "%s/log", folder);
    log_set_level(LOG_LEVEL_ERROR);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(control);
    (void)unlink(log_path);
    (void)rmdir(folder);
    return failed;
}
