/* SPDX-License-Identifier: Apache-2.0 */
/* Samples on standard input: whatever the chunks, the frames are whole, in order and in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/source.h"

static int writer = -1; /* the other end of standard input */

static struct config_source settings_for(enum config_sample_format format, unsigned lanes)
{
    return (struct config_source){
        .name = "pipe", .type = SOURCE_STDIN, .rate_hz = 8000, .lanes = lanes, .format = format};
}

static int pipe_make(void **state)
{
    int ends[2];
    (void)state;
    if (pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) < 0)
        return -1;
    (void)close(ends[0]);
    writer = ends[1];
    return 0;
}

static int pipe_remove(void **state)
{
    (void)state;
    if (writer >= 0)
        (void)close(writer);
    writer = -1;
    return 0;
}

static void put(const void *bytes, size_t size)
{
    assert_int_equal(write(writer, bytes, size), size);
}

static void put_end(void)
{
    assert_int_equal(close(writer), 0);
    writer = -1;
}

static void odd_chunks_give_whole_frames(void **state)
{
    enum { FRAMES = 300 };
    uint8_t bytes[FRAMES * 4];
    struct config_source settings = settings_for(SAMPLE_S16, 2);
    struct source *source;
    struct source_block block;
    size_t written = 0, read = 0;
    (void)state;
    for (int i = 0; i < FRAMES * 2; i++) {
        int value = i * 100 - 30000;
        bytes[2 * i] = (uint8_t)(value & 0xFF);
        bytes[2 * i + 1] = (uint8_t)(value >> 8 & 0xFF);
    }
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    for (size_t chunk = 1; read < FRAMES; chunk = chunk % 7 + 1) {
        if (chunk > sizeof bytes - written)
            chunk = sizeof bytes - written;
        if (chunk > 0)
            put(bytes + written, chunk);
        written += chunk;
        assert_int_equal(source_read(source, &block), ATALAYA_OK);
        assert_int_equal(block.first_frame, read);
        for (size_t i = 0; i < block.frames * 2; i++) {
            float expected = (float)((int)(2 * read + i) * 100 - 30000) / 32768.0F;
            assert_memory_equal(&block.samples[i], &expected, sizeof expected);
        }
        read += block.frames;
        assert_int_equal(read, written / 4);
    }
    put_end();
    assert_int_equal(source_read(source, &block), ATALAYA_END);
    source_close(source);
}

static void floats_come_through(void **state)
{
    static const uint8_t bytes[] = {0, 0, 0x80, 0x3E, 0, 0, 0x00, 0xBF}; /* 0.25 and -0.5, IEEE 754 */
    static const float expected[] = {0.25F, -0.5F};
    struct config_source settings = settings_for(SAMPLE_F32, 1);
    struct source *source;
    struct source_block block;
    (void)state;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    put(bytes, sizeof bytes);
    assert_int_equal(source_read(source, &block), ATALAYA_OK);
    assert_int_equal(block.frames, 2);
    assert_memory_equal(block.samples, expected, sizeof expected);
    source_close(source);
}

static void an_unfinished_frame_at_the_end_is_dropped(void **state)
{
    struct config_source settings = settings_for(SAMPLE_S16, 1);
    struct source *source;
    struct source_block block;
    (void)state;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    put("\x01\x02\x03", 3);
    put_end();
    assert_int_equal(source_read(source, &block), ATALAYA_OK);
    assert_int_equal(block.frames, 1);
    assert_int_equal(source_read(source, &block), ATALAYA_END);
    source_close(source);
}

static void an_idle_pipe_returns_within_its_promise(void **state)
{
    struct config_source settings = settings_for(SAMPLE_S16, 1);
    struct source *source;
    struct source_block block;
    (void)state;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    int64_t begin_ns = clock_mono_ns();
    assert_int_equal(source_read(source, &block), ATALAYA_OK);
    int64_t took_ns = clock_mono_ns() - begin_ns;
    assert_int_equal(block.frames, 0);
    /* Not at once (it would spin); the upper bound leaves a loaded machine some room. */
    assert_in_range(took_ns, 50000000, 1000000000);
    source_close(source);
}

static void blocks_are_bounded_and_dated_by_what_waits_behind_them(void **state)
{
    static const uint8_t second[16000];
    struct config_source settings = settings_for(SAMPLE_S16, 1);
    struct source *source;
    struct source_block block;
    (void)state;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    put(second, sizeof second);
    int64_t now_ns = clock_mono_ns();
    assert_int_equal(source_read(source, &block), ATALAYA_OK);
    assert_int_equal(block.frames, 160);
    /* A second of samples was in the pipe: the first of them is a second old. */
    assert_in_range(block.first_mono_ns, now_ns - 1000000000, now_ns - 500000000);
    source_close(source);
}

static void a_paced_pipe_is_never_ahead_of_real_time(void **state)
{
    static const uint8_t bytes[3200]; /* 200 ms */
    struct config_source settings = settings_for(SAMPLE_S16, 1);
    struct source *source;
    struct source_block block;
    uint64_t frames = 0;
    int64_t origin_ns = 0;
    (void)state;
    settings.pace = true;
    assert_int_equal(source_open(&settings, &source), ATALAYA_OK);
    put(bytes, sizeof bytes);
    put_end();
    while (source_read(source, &block) == ATALAYA_OK) {
        if (block.frames == 0)
            continue;
        if (frames == 0)
            origin_ns = block.first_mono_ns;
        else
            assert_true(clock_mono_ns() >= origin_ns + (int64_t)(frames + block.frames) * 125000);
        assert_int_equal(block.first_mono_ns, origin_ns + (int64_t)frames * 125000);
        frames += block.frames;
    }
    assert_int_equal(frames, 1600);
    source_close(source);
}

static void impossible_settings_are_refused(void **state)
{
    struct config_source settings = settings_for(SAMPLE_S16, 1);
    struct source *source;
    char text[256];
    (void)state;
    settings.rate_hz = 7999;
    assert_int_equal(source_open(&settings, &source), ATALAYA_E_UNSUPPORTED);
    assert_false(source_probe(&settings, text, sizeof text));
    assert_non_null(strstr(text, "7999 Hz"));
    settings = settings_for(SAMPLE_S16, 9);
    assert_int_equal(source_open(&settings, &source), ATALAYA_E_UNSUPPORTED);
    assert_null(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(odd_chunks_give_whole_frames, pipe_make, pipe_remove),
        cmocka_unit_test_setup_teardown(floats_come_through, pipe_make, pipe_remove),
        cmocka_unit_test_setup_teardown(an_unfinished_frame_at_the_end_is_dropped, pipe_make, pipe_remove),
        cmocka_unit_test_setup_teardown(an_idle_pipe_returns_within_its_promise, pipe_make, pipe_remove),
        cmocka_unit_test_setup_teardown(blocks_are_bounded_and_dated_by_what_waits_behind_them, pipe_make,
                                        pipe_remove),
        cmocka_unit_test_setup_teardown(a_paced_pipe_is_never_ahead_of_real_time, pipe_make, pipe_remove),
        cmocka_unit_test_setup_teardown(impossible_settings_are_refused, pipe_make, pipe_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
