/* SPDX-License-Identifier: Apache-2.0 */
/* Signals found in spectra whose truth is known: noise alone, carriers, short ones, neighbours, a sloping
 * floor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../../../gateway/listen/detect.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/spectrum.h"

enum { BINS = 2048, LOOKS = 25, TRANSFORMS = 9 };
#define BIN_HZ 300.0
static struct impair_random random_source;
static struct detect *detect;
static struct detect_signal found[DETECT_SIGNALS_MAX];

/* A signal of flat power over its width, on in looks [first, end). */
struct truth {
    double offset_hz, width_hz, level_db;
    int first, end;
};

static void look(const struct truth *truths, size_t count, double slope_db)
{
    static float power[BINS];
    const double noise_db = -80.0; /* of a bin */
    assert_int_equal(detect_create(&detect, BINS, BIN_HZ), ATALAYA_OK);
    impair_random_seed(&random_source, 5);
    for (int k = 0; k < LOOKS; k++) {
        for (int i = 0; i < BINS; i++) {
            double mean = pow(10.0, (noise_db + slope_db * i / BINS) / 10.0), sum = 0.0;
            for (size_t t = 0; t < count; t++) {
                const struct truth *truth = &truths[t];
                double off = fabs((i - BINS / 2) * BIN_HZ - truth->offset_hz);
                if (k >= truth->first && k < truth->end && off <= truth->width_hz / 2)
                    mean += pow(10.0, truth->level_db / 10.0) * SPECTRUM_NOISE_BINS /
                            (2.0 * floor(truth->width_hz / 2.0 / BIN_HZ) + 1.0);
            }
            for (int n = 0; n < TRANSFORMS; n++) {
                double re = impair_random_normal(&random_source), im = impair_random_normal(&random_source);
                sum += (re * re + im * im) / 2.0;
            }
            power[i] = (float)(mean * sum / TRANSFORMS);
        }
        assert_true(detect_look(detect, power));
    }
    assert_int_equal(detect_looks(detect), LOOKS);
}

static void noise_alone_has_no_signals(void **state)
{
    (void)state;
    look(NULL, 0, 12.0);
    assert_int_equal(detect_take(detect, -1e6, 1e6, found), 0);
    assert_int_equal(detect_looks(detect), 0);
    detect_destroy(detect);
}

static void signals_are_found_with_their_figures(void **state)
{
    (void)state;
    const struct truth truths[] = {{-200e3, 9e3, -50, 0, LOOKS}, /* always there */
                                   {-187.5e3, 9e3, -55, 5, 15},  /* the channel beside */
                                   {0, 600, -60, 0, LOOKS},      /* the receiver's own */
                                   {150e3, 12e3, -58, 20, 22}};  /* 40 ms */
    look(truths, 4, 0.0);
    unsigned count = detect_take(detect, -300e3, 300e3, found);
    assert_int_equal(count, 4);
    for (unsigned i = 0; i < count; i++) {
        assert_true(fabs(found[i].offset_hz - truths[i].offset_hz) < 400.0);
        assert_true(fabs(found[i].level_db - truths[i].level_db) < 1.0);
        assert_true(fabs(found[i].width_hz - truths[i].width_hz) < 2000.0);
        double busy = (double)(truths[i].end - truths[i].first) / LOOKS;
        assert_true(fabs(found[i].busy - busy) < 0.01);
        assert_true(fabs(found[i].noise_db - (-80.0 - 3.0 + 10.0 * log10(12500.0 / BIN_HZ))) < 1.5);
    }
    detect_destroy(detect);
}

static void only_the_range_is_looked_through(void **state)
{
    (void)state;
    const struct truth truths[] = {{-200e3, 9e3, -50, 0, LOOKS}, {100e3, 9e3, -50, 0, LOOKS}};
    look(truths, 2, 0.0);
    assert_int_equal(detect_take(detect, 50e3, 300e3, found), 1);
    assert_true(found[0].offset_hz > 99e3);
    assert_int_equal(detect_take(detect, 50e3, 300e3, found), 0); /* the looks are forgotten */
    detect_destroy(detect);
}

/* Its skirts, 45 dB down, are no signals of their own and do not widen it. */
static void a_strong_signal_is_one(void **state)
{
    (void)state;
    const struct truth truths[] = {{10e3, 9e3, -10, 0, LOOKS}, {10e3, 40e3, -51, 0, LOOKS}};
    look(truths, 2, 0.0);
    unsigned count = detect_take(detect, -300e3, 300e3, found);
    unsigned strong = 0;
    for (unsigned i = 0; i < count; i++)
        if (found[i].level_db > -11.0) {
            strong++;
            assert_true(found[i].width_hz < 11e3);
        }
    assert_int_equal(strong, 1);
    detect_destroy(detect);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    assert_int_equal(detect_create(&detect, 1, BIN_HZ), ATALAYA_E_ARGUMENT);
    assert_int_equal(detect_create(&detect, BINS, 0.0), ATALAYA_E_ARGUMENT);
    look(NULL, 0, 0.0);
    static float power[BINS];
    for (int i = LOOKS; i < DETECT_LOOKS_MAX; i++)
        assert_true(detect_look(detect, power));
    assert_false(detect_look(detect, power));
    detect_destroy(detect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_alone_has_no_signals),
        cmocka_unit_test(signals_are_found_with_their_figures),
        cmocka_unit_test(only_the_range_is_looked_through),
        cmocka_unit_test(a_strong_signal_is_one),
        cmocka_unit_test(impossible_sizes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
