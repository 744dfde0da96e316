/* SPDX-License-Identifier: Apache-2.0 */
/* Who sets a gain by torchlight is told what is wrong with it, and nothing when it is right. */
#include "../../../gateway/level.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

enum { COUNT = 48000 };

/* A tone of this amplitude, cut at full scale as a converter does, heard in blocks. */
static const char *advice_of(float amplitude, float offset, bool radio, bool *grave, float *peak)
{
    static float samples[COUNT];
    struct level level;
    level_reset(&level);
    for (unsigned i = 0; i < COUNT; i++)
        samples[i] = fminf(fmaxf(offset + amplitude * sinf(0.1F * (float)i), -1.0F), 1.0F);
    for (unsigned i = 0; i < COUNT; i += COUNT / 10)
        level_execute(&level, samples + i, COUNT / 10);
    *peak = level_peak(&level);
    return level_advice(&level, radio, grave);
}

static void test_a_good_level_needs_no_word(void **state)
{
    bool grave;
    float peak;
    (void)state;
    assert_null(advice_of(0.4F, 0.0F, false, &grave, &peak));
    assert_true(peak > 0.39F && peak < 0.41F);
    assert_null(advice_of(0.05F, 0.0F, true, &grave, &peak));
}

static void test_clipping_is_told_with_the_knob_to_turn(void **state)
{
    bool grave;
    float peak;
    (void)state;
    assert_non_null(strstr(advice_of(2.0F, 0.0F, false, &grave, &peak), "it clips: less gain (alsamixer)"));
    assert_true(grave && peak >= 1.0F);
    assert_non_null(strstr(advice_of(2.0F, 0.0F, true, &grave, &peak), "it clips: less gain until"));
}

static void test_one_click_is_no_clipping(void **state)
{
    bool grave;
    struct level level;
    float samples[COUNT] = {0};
    (void)state;
    samples[7] = 1.0F;
    level_reset(&level);
    level_execute(&level, samples, COUNT);
    assert_null(level_advice(&level, false, &grave));
}

static void test_too_quiet_may_be_a_squelch_and_dead_is_told(void **state)
{
    bool grave;
    float peak;
    struct level level;
    (void)state;
    assert_non_null(strstr(advice_of(0.001F, 0.0F, false, &grave, &peak), "more gain (alsamixer)"));
    assert_false(grave);
    /* also at a constant offset, as broken converters give it */
    assert_non_null(strstr(advice_of(0.0F, 0.5F, false, &grave, &peak), "every sample is the same"));
    assert_true(grave);
    level_reset(&level);
    assert_string_equal(level_advice(&level, false, &grave), "no samples came");
    assert_true(grave && level_peak(&level) <= 0.0F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_good_level_needs_no_word),
        cmocka_unit_test(test_clipping_is_told_with_the_knob_to_turn),
        cmocka_unit_test(test_one_click_is_no_clipping),
        cmocka_unit_test(test_too_quiet_may_be_a_squelch_and_dead_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
