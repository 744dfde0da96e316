/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/spectrum.h"

enum { BINS = 256, COUNT = 25600 };
static float samples[2 * COUNT], power[BINS];

static void a_carrier_stands_where_and_as_high_as_it_is(void **state)
{
    struct spectrum *spectrum;
    (void)state;
    assert_int_equal(spectrum_create(&spectrum, BINS, true), ATALAYA_OK);
    for (int i = 0; i < COUNT; i++) {
        double phase = 2.0 * M_PI * i * (-40.0 / BINS);
        samples[2 * i] = 0.1F * (float)cos(phase);
        samples[2 * i + 1] = 0.1F * (float)sin(phase);
    }
    for (size_t at = 0; at < COUNT; at += 1000) /* pieces of any size */
        spectrum_execute(spectrum, samples + 2 * at, COUNT - at < 1000 ? COUNT - at : 1000);
    assert_int_equal(spectrum_take(spectrum, power), COUNT / BINS);
    for (int i = 0; i < BINS; i++) {
        double db = 10.0 * log10((double)power[i] + 1e-20);
        if (i == BINS / 2 - 40)
            assert_true(fabs(db + 20.0) < 0.01);
        else if (i < BINS / 2 - 44 || i > BINS / 2 - 36)
            assert_true(db < -20.0 - 90.0);
    }
    assert_int_equal(spectrum_take(spectrum, power), 0);
    spectrum_destroy(spectrum);
}

static void a_sine_of_full_scale_is_0_db(void **state)
{
    struct spectrum *spectrum;
    (void)state;
    assert_int_equal(spectrum_create(&spectrum, BINS, false), ATALAYA_OK);
    for (int i = 0; i < COUNT; i++)
        samples[i] = (float)sin(2.0 * M_PI * i * 100.0 / (2 * BINS));
    spectrum_execute(spectrum, samples, COUNT);
    assert_int_equal(spectrum_take(spectrum, power), COUNT / (2 * BINS));
    assert_true(fabs(10.0 * log10((double)power[100])) < 0.01);
    spectrum_destroy(spectrum);
}

static void noise_is_as_said(void **state)
{
    struct spectrum *spectrum;
    struct impair_random random_source;
    double sum = 0.0;
    (void)state;
    assert_int_equal(spectrum_create(&spectrum, BINS, true), ATALAYA_OK);
    impair_random_seed(&random_source, 1);
    for (int i = 0; i < 2 * COUNT; i++)
        samples[i] = (float)impair_random_normal(&random_source) * (float)M_SQRT1_2; /* power 1 */
    spectrum_execute(spectrum, samples, COUNT);
    (void)spectrum_take(spectrum, power);
    for (int i = 0; i < BINS; i++)
        sum += (double)power[i];
    assert_true(fabs(sum - SPECTRUM_NOISE_BINS) < 0.1);
    spectrum_destroy(spectrum);
}

static void hostile_samples_and_sizes_are_refused(void **state)
{
    const float bad[] = {NAN, INFINITY, 1e30F, -1e30F};
    struct spectrum *spectrum;
    (void)state;
    assert_int_equal(spectrum_create(&spectrum, 3, true), ATALAYA_E_ARGUMENT);
    assert_int_equal(spectrum_create(&spectrum, 1U << 20, true), ATALAYA_E_ARGUMENT);
    assert_int_equal(spectrum_create(&spectrum, BINS, true), ATALAYA_OK);
    for (int i = 0; i < BINS; i++)
        spectrum_execute(spectrum, bad + 2 * (i % 2), 1);
    assert_int_equal(spectrum_take(spectrum, power), 1);
    for (int i = 0; i < BINS; i++)
        assert_true(power[i] < 1e-9F);
    spectrum_destroy(spectrum);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_carrier_stands_where_and_as_high_as_it_is),
        cmocka_unit_test(a_sine_of_full_scale_is_0_db),
        cmocka_unit_test(noise_is_as_said),
        cmocka_unit_test(hostile_samples_and_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
