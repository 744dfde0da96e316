/* SPDX-License-Identifier: Apache-2.0 */
/* The pure parts behind the sources: conversion of samples, and the clock of a sound card. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "../../../gateway/source/capture_clock.h"
#include "../../../gateway/source/convert.h"

static void full_scale_is_one(void **state)
{
    static const int16_t s16[] = {INT16_MIN, 0, 16384, INT16_MAX};
    static const int32_t s32[] = {INT32_MIN, 0, 1 << 30, INT32_MAX};
    static const uint8_t le[] = {0x00, 0x80, 0x00, 0x00, 0x00, 0x40, 0xFF, 0x7F};
    static const float expected[] = {-1.0F, 0.0F, 0.5F, 1.0F};
    float out[3][4];
    (void)state;
    convert_s16(s16, out[0], 4);
    convert_s32(s32, out[1], 4);
    convert_s16_le(le, out[2], 4);
    for (size_t kind = 0; kind < 3; kind++)
        for (size_t i = 0; i < 4; i++)
            assert_true(fabsf(out[kind][i] - expected[i]) < 1e-4F);
}

enum { BLOCK_FRAMES = 960, BLOCK_NS = 20000000 };

static void wobble_is_steadied_and_drift_followed(void **state)
{
    struct capture_clock clock;
    int64_t first_ns = 0, last_ns = 0;
    unsigned seed = 7;
    (void)state;
    capture_clock_reset(&clock, 48000);
    for (int64_t i = 0; i < 20000; i++) {
        /* The card is 100 ppm slow; each measurement is up to 1 ms off. */
        int64_t true_ns = 1000000000 + i * (BLOCK_NS + BLOCK_NS / 10000);
        seed = seed * 1664525U + 1013904223U;
        int64_t wobble_ns = (int64_t)(seed >> 8) % 2000001 - 1000000;
        assert_int_equal(capture_clock_execute(&clock, true_ns + wobble_ns, BLOCK_FRAMES, &first_ns), 0);
        if (i > 100)
            assert_true(llabs(first_ns - true_ns) < 600000);
        assert_true(first_ns > last_ns);
        last_ns = first_ns;
    }
}

static void a_gap_counts_what_was_missed(void **state)
{
    struct capture_clock clock;
    int64_t first_ns;
    (void)state;
    capture_clock_reset(&clock, 48000);
    capture_clock_break(&clock); /* before the first block there is nothing to miss */
    assert_int_equal(capture_clock_execute(&clock, 5000000000, BLOCK_FRAMES, &first_ns), 0);
    capture_clock_break(&clock);
    int64_t next_ns = 5000000000 + BLOCK_NS + 250000000;
    assert_int_equal(capture_clock_execute(&clock, next_ns, BLOCK_FRAMES, &first_ns), 12000);
    assert_int_equal(first_ns, next_ns);
    assert_int_equal(capture_clock_execute(&clock, next_ns + BLOCK_NS, BLOCK_FRAMES, &first_ns), 0);
    /* A restart that overlaps what was given already loses nothing. */
    capture_clock_break(&clock);
    assert_int_equal(capture_clock_execute(&clock, next_ns, BLOCK_FRAMES, &first_ns), 0);
}

static void a_step_is_believed_at_once(void **state)
{
    struct capture_clock clock;
    int64_t first_ns;
    (void)state;
    capture_clock_reset(&clock, 48000);
    assert_int_equal(capture_clock_execute(&clock, 1000000000, BLOCK_FRAMES, &first_ns), 0);
    assert_int_equal(capture_clock_execute(&clock, 9000000000, BLOCK_FRAMES, &first_ns), 0);
    assert_int_equal(first_ns, 9000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_scale_is_one),
        cmocka_unit_test(wobble_is_steadied_and_drift_followed),
        cmocka_unit_test(a_gap_counts_what_was_missed),
        cmocka_unit_test(a_step_is_believed_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
