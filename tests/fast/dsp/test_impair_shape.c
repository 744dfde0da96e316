/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <complex.h>
#include <math.h>
#include <cmocka.h>

#include "atalaya/dsp/impair.h"

enum { COUNT = 24000, SETTLE = 4000 };

#define RATE_HZ 48000.0

static float audio[COUNT];

static void make_sine(double frequency_hz)
{
    for (int i = 0; i < COUNT; i++)
        audio[i] = (float)sin(2.0 * M_PI * frequency_hz * i / RATE_HZ);
}

static double power(void)
{
    double sum = 0.0;
    for (int i = SETTLE; i < COUNT; i++)
        sum += (double)audio[i] * (double)audio[i];
    return sum / (COUNT - SETTLE);
}

/* Power of the component at one frequency. */
static double power_at(double frequency_hz)
{
    double re = 0.0, im = 0.0;
    for (int i = SETTLE; i < COUNT; i++) {
        re += (double)audio[i] * cos(2.0 * M_PI * frequency_hz * i / RATE_HZ) / (COUNT - SETTLE);
        im += (double)audio[i] * sin(2.0 * M_PI * frequency_hz * i / RATE_HZ) / (COUNT - SETTLE);
    }
    return 2.0 * (re * re + im * im);
}

static double gain_db(const struct impair_shape_settings *settings, double frequency_hz)
{
    struct impair_shape *shape = NULL;
    make_sine(frequency_hz);
    double before = power();
    assert_int_equal(impair_shape_create(&shape, settings), ATALAYA_OK);
    impair_shape_execute(shape, audio, COUNT);
    impair_shape_destroy(shape);
    return 10.0 * log10(power() / before);
}

static void twist_sets_the_tones_apart(void **state)
{
    (void)state;
    for (double twist_db = -6.0; twist_db < 7.0; twist_db += 12.0) {
        struct impair_shape_settings settings = {.rate_hz = RATE_HZ, .twist_db = twist_db};
        double mark_db = gain_db(&settings, 1200.0), space_db = gain_db(&settings, 2200.0);
        assert_true(fabs(space_db - mark_db - twist_db) < 0.1);
        assert_true(fabs(space_db + mark_db) < 0.1);
    }
}

/* 1 / sqrt(1 + (2 pi f tau)^2), tau 750 us. */
static void de_emphasis_falls_as_one_pole(void **state)
{
    (void)state;
    struct impair_shape_settings settings = {.rate_hz = RATE_HZ, .de_emphasis = true};
    double mark = 2.0 * M_PI * 1200.0 * 750e-6, space = 2.0 * M_PI * 2200.0 * 750e-6;
    double wanted_db = 10.0 * log10((1.0 + mark * mark) / (1.0 + space * space));
    assert_true(fabs(gain_db(&settings, 2200.0) - gain_db(&settings, 1200.0) - wanted_db) < 0.1);
}

static void pre_emphasis_undoes_de_emphasis(void **state)
{
    (void)state;
    struct impair_emphasis up, down;
    impair_emphasis_create(&up, RATE_HZ, 1000.0, true);
    impair_emphasis_create(&down, RATE_HZ, 1000.0, false);
    for (int i = 0; i < 1000; i++) {
        float x = (float)sin(0.3 * i) + (float)(i % 7);
        float y = impair_emphasis_execute(&up, x);
        assert_true(fabsf(impair_emphasis_execute(&down, y) - x) < 1e-4F);
    }
}

static void emphasis_passes_its_unity_frequency(void **state)
{
    (void)state;
    for (int inverse = 0; inverse < 2; inverse++) {
        struct impair_emphasis emphasis;
        impair_emphasis_create(&emphasis, RATE_HZ, 1500.0, inverse != 0);
        make_sine(1500.0);
        for (int i = 0; i < COUNT; i++)
            audio[i] = impair_emphasis_execute(&emphasis, audio[i]);
        assert_true(fabs(10.0 * log10(power() / 0.5)) < 0.02);
    }
}

static void shift_moves_every_tone_and_leaves_no_image(void **state)
{
    (void)state;
    struct impair_shape_settings settings = {.rate_hz = RATE_HZ, .shift_hz = 30.0};
    for (double tone_hz = 1200.0; tone_hz < 2300.0; tone_hz += 1000.0) {
        assert_true(fabs(gain_db(&settings, tone_hz)) < 0.1);
        assert_true(power_at(tone_hz + 30.0) > 0.98 * power());
        assert_true(power_at(tone_hz - 30.0) < 0.001 * power());
    }
}

static void shape_in_pieces_is_shape_in_one(void **state)
{
    (void)state;
    static float whole[COUNT];
    struct impair_shape_settings settings = {
        .rate_hz = RATE_HZ, .twist_db = 4.0, .shift_hz = -20.0, .de_emphasis = true};
    struct impair_shape *shape = NULL;
    assert_int_equal(impair_shape_create(&shape, &settings), ATALAYA_OK);
    make_sine(1700.0);
    impair_shape_execute(shape, audio, COUNT);
    for (int i = 0; i < COUNT; i++)
        whole[i] = audio[i];
    impair_shape_reset(shape);
    make_sine(1700.0);
    for (int from = 0; from < COUNT; from += 1000)
        impair_shape_execute(shape, audio + from, 1000);
    for (int i = 0; i < COUNT; i++)
        assert_true(fabsf(audio[i] - whole[i]) < 1e-5F);
    impair_shape_destroy(shape);
}

static void impossible_settings_are_refused(void **state)
{
    (void)state;
    struct impair_shape *shape = NULL;
    struct impair_shape_settings settings = {.rate_hz = (double)NAN};
    assert_int_equal(impair_shape_create(&shape, &settings), ATALAYA_E_ARGUMENT);
    settings = (struct impair_shape_settings){.rate_hz = RATE_HZ, .shift_hz = 1e30};
    assert_int_equal(impair_shape_create(&shape, &settings), ATALAYA_E_ARGUMENT);
    settings = (struct impair_shape_settings){.rate_hz = RATE_HZ, .twist_db = (double)INFINITY};
    assert_int_equal(impair_shape_create(&shape, &settings), ATALAYA_E_ARGUMENT);
    impair_shape_destroy(NULL);
}

static void clipping_holds_the_limit_and_leaves_the_rest(void **state)
{
    (void)state;
    float samples[] = {0.1F, -0.3F, 0.2F, 5.0F, -0.2F};
    impair_clip(samples, 5, 0.25F);
    assert_true(samples[0] == 0.1F && samples[1] == -0.25F && samples[2] == 0.2F && samples[3] == 0.25F &&
                samples[4] == -0.2F);
}

/* Noise in 12.5 kHz against a carrier of power 1. */
static void carrier_to_noise_is_what_was_asked_for(void **state)
{
    (void)state;
    static float complex iq[200000];
    struct impair_random random;
    impair_random_seed(&random, 3);
    impair_add_noise_iq(&random, iq, 200000, impair_cnr_sigma(RATE_HZ, 7.0));
    double all = 0.0, cross = 0.0;
    for (int i = 0; i < 200000; i++) {
        all += (double)(crealf(iq[i]) * crealf(iq[i]) + cimagf(iq[i]) * cimagf(iq[i])) / 200000.0;
        cross += (double)(crealf(iq[i]) * cimagf(iq[i])) / 200000.0;
    }
    assert_true(fabs(-10.0 * log10(all * 12500.0 / RATE_HZ) - 7.0) < 0.05);
    assert_true(fabs(cross) < 0.01 * all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twist_sets_the_tones_apart),
        cmocka_unit_test(de_emphasis_falls_as_one_pole),
        cmocka_unit_test(pre_emphasis_undoes_de_emphasis),
        cmocka_unit_test(emphasis_passes_its_unity_frequency),
        cmocka_unit_test(shift_moves_every_tone_and_leaves_no_image),
        cmocka_unit_test(shape_in_pieces_is_shape_in_one),
        cmocka_unit_test(impossible_settings_are_refused),
        cmocka_unit_test(clipping_holds_the_limit_and_leaves_the_rest),
        cmocka_unit_test(carrier_to_noise_is_what_was_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
