/* SPDX-License-Identifier: Apache-2.0 */
/* The sound card source on real alsa-lib devices that need no hardware: its "null" and "file" plug-ins. What
 * only hardware can show (a real overrun, a real unplugging, time stamps of a driver) is not proven here; how
 * the code answers when alsa-lib reports them is, in test_source_alsa_faults.c. */
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
#include "atalaya/gateway/source.h"

enum { SAMPLES = 9600 };

static char folder[] = "/tmp/atalaya-alsa-XXXXXX";

static struct config_source settings_for(const char *device)
{
    struct config_source settings = {.name = "card", .type = SOURCE_ALSA, .rate_hz = 48000, .lanes = 1};
    (void)snprintf(settings.device, sizeof settings.device, "%s", device);
    return settings;
}

static int16_t value_at(size_t i)
{
    return (int16_t)((int)(i * 7 % 60000) - 30000);
}

/* tape_s16: the file is played as it is only when its format is fixed by a layer above. */
static int devices_make(void **state)
{
    char path[128];
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/samples.raw", folder);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return -1;
    for (size_t i = 0; i < SAMPLES; i++) {
        int16_t value = value_at(i);
        if (fwrite(&value, sizeof value, 1, file) != 1)
            return -1;
    }
    if (fclose(file) != 0)
        return -1;
    (void)snprintf(path, sizeof path, "%s/asound.conf", folder);
    file = fopen(path, "w");
    if (file == NULL)
        return -1;
    if (fprintf(file,
                "</usr/share/alsa/alsa.conf>\n"
                "pcm.quiet { type null }\n"
                "pcm.tape { type file slave.pcm quiet file /dev/null infile %s/samples.raw format raw }\n"
                "pcm.tape_s16 { type linear slave { pcm tape format S16_LE } }\n",
                folder) < 0)
        return -1;
    return fclose(file) != 0 || setenv("ALSA_CONFIG_PATH", path, 1) != 0 ? -1 : 0;
}

static int devices_remove(void **state)
{
    char command[128];
    (void)state;
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void a_silent_device_streams_blocks_in_order(void **state)
{
    struct config_source settings = settings_for("quiet");
    struct source *source;
    struct source_block block;
    uint64_t frames = 0;
    (void)state;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    assert_true(source_is_live(source));
    assert_int_equal(source_format(source)->lanes, 1);
    while (frames < 48000) {
        assert_int_equal(source_read(source, &block), ATALAYA_OK);
        assert_in_range(block.frames, 0, 960);
        assert_int_equal(block.first_frame, frames);
        for (size_t i = 0; i < block.frames; i++)
            assert_true(fabsf(block.samples[i]) < 1e-9F);
        frames += block.frames;
    }
    source_close(source);
}

static void recorded_samples_arrive_as_they_are(void **state)
{
    struct config_source settings = settings_for("tape_s16");
    struct source *source;
    struct source_block block;
    size_t frames = 0;
    (void)state;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    while (frames < SAMPLES) {
        assert_int_equal(source_read(source, &block), ATALAYA_OK);
        for (size_t i = 0; i < block.frames && frames + i < SAMPLES; i++)
            if (fabsf(block.samples[i] * 32768.0F - (float)value_at(frames + i)) > 1e-3F)
                fail_msg("sample %zu is %g, not %d", frames + i, (double)block.samples[i] * 32768,
                         value_at(frames + i));
        frames += block.frames;
    }
    source_close(source);
}

static void a_block_is_dated_near_now(void **state)
{
    struct config_source settings = settings_for("quiet");
    struct source *source;
    struct source_block block;
    (void)state;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    int64_t before_ns = clock_mono_ns();
    assert_int_equal(source_read(source, &block), ATALAYA_OK);
    assert_true(block.frames > 0);
    /* Not before the buffer could have begun to fill, not in the future. */
    assert_in_range(block.first_mono_ns, before_ns - 1500000000, clock_mono_ns());
    source_close(source);
}

static void the_rate_and_lanes_asked_for_are_set_and_told(void **state)
{
    struct config_source settings = settings_for("quiet");
    struct source *source;
    char text[512];
    (void)state;
    settings.rate_hz = 44100;
    settings.lanes = 2;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    assert_true(fabs(source_format(source)->rate_hz - 44100) < 0.5);
    assert_int_equal(source_format(source)->lanes, 2);
    source_close(source);
    assert_true(source_probe(&settings, text, sizeof text));
    assert_non_null(strstr(text, "44100 Hz, 2 audio channels"));
}

static void a_missing_device_is_named_with_what_to_do(void **state)
{
    static const char *const devices[] = {"hw:29,0", "no_such_name", "/dev/null/x"};
    struct source *source;
    char text[512];
    (void)state;
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        struct config_source settings = settings_for(devices[i]);
        assert_int_equal(source_open(&settings, &source), ATALAYA_E_GONE);
        assert_null(source);
        assert_false(source_probe(&settings, text, sizeof text));
        assert_non_null(strstr(text, devices[i]));
        assert_non_null(strstr(text, "plugged in"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_device_streams_blocks_in_order),
        cmocka_unit_test(recorded_samples_arrive_as_they_are),
        cmocka_unit_test(a_block_is_dated_near_now),
        cmocka_unit_test(the_rate_and_lanes_asked_for_are_set_and_told),
        cmocka_unit_test(a_missing_device_is_named_with_what_to_do),
    };
    return cmocka_run_group_tests(tests, devices_make, devices_remove);
}
