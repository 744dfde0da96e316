/* SPDX-License-Identifier: Apache-2.0 */
/* A generated band is what was asked for: bursts where and when, how strong, on which carrier, in how much
 * noise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/band_generator.h"

enum { BITS = 240 };

static const double rates_hz[] = {2.4e6, 1000003.0, 250e3, 48e3, 16e3};

static uint8_t bits[BITS]; /* all of one tone */

static struct band_burst usual(double start_s)
{
    return (struct band_burst){.modem = modem_find("bell202")->class,
                               .bits = bits,
                               .bit_count = BITS,
                               .start_s = start_s,
                               .level_dbfs = -6.0,
                               .deviation_hz = 0.0};
}

static float complex *make(double rate_hz, double noise_dbfs, const struct band_burst *bursts, unsigned count,
                           size_t samples)
{
    struct band_generator *g;
    float complex *iq = calloc(samples, sizeof *iq);
    assert_non_null(iq);
    assert_int_equal(band_generator_create(&g, rate_hz, noise_dbfs, 1), ATALAYA_OK);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(band_generator_add(g, &bursts[i]), ATALAYA_OK);
    for (size_t at = 0, piece; at < samples; at += piece) { /* in odd pieces */
        piece = samples - at < 7777 ? samples - at : 7777;
        assert_int_equal(band_generator_read(g, iq + at, piece), ATALAYA_OK);
    }
    band_generator_destroy(g);
    return iq;
}

/* Frequency of a carrier alone, over a stretch. */
static double frequency_hz(const float complex *iq, size_t from, size_t count, double rate_hz)
{
    double complex sum = 0.0;
    for (size_t i = from + 1; i < from + count; i++)
        sum += (double complex)iq[i] * conj((double complex)iq[i - 1]);
    return carg(sum) * rate_hz / (2.0 * M_PI);
}

static void a_carrier_has_its_level_frequency_drift_and_time(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
        double rate_hz = rates_hz[r];
        struct band_burst burst = usual(0.0512345);
        burst.offset_hz = fmin(0.2 * rate_hz, 123456.7);
        burst.carrier_hz = 777.0;
        burst.drift_hz_s = 1000.0;
        size_t samples = (size_t)(0.27 * rate_hz), start = (size_t)(burst.start_s * rate_hz);
        float complex *iq = make(rate_hz, (double)-INFINITY, &burst, 1, samples);
        size_t after = start + (size_t)(2e-3 * rate_hz), stretch = (size_t)(0.02 * rate_hz);
        for (size_t i = after; i < after + stretch; i++)
            assert_true(fabs((double)cabsf(iq[i]) - 0.5012) < 5e-3);
        for (double at_s = 0.01; at_s < 0.15; at_s += 0.05) {
            double hz = frequency_hz(iq, start + (size_t)(at_s * rate_hz), stretch, rate_hz);
            double middle_s = at_s + 0.01;
            assert_true(fabs(hz - burst.offset_hz - 777.0 - 1000.0 * middle_s) < 1.0);
        }
        size_t half = 0; /* where the level is half of the carrier's: its beginning */
        while (cabsf(iq[half]) < 0.25F)
            half++;
        assert_true(fabs((double)half / rate_hz - burst.start_s) < fmax(3e-5, 2.0 / rate_hz));
        free(iq);
    }
}

static void bursts_on_many_channels_do_not_touch(void **state)
{
    enum { CHANNELS = 6 };
    struct band_burst bursts[CHANNELS];
    const double rate_hz = 250e3;
    const size_t samples = 50000;
    (void)state;
    for (int i = 0; i < CHANNELS; i++) {
        bursts[i] = usual(0.01 + 0.017 * (CHANNELS - i)); /* the last is the first on the air */
        bursts[i].offset_hz = (i - 2.5) * 25000.0;
        bursts[i].level_dbfs = -20.0 - i;
    }
    float complex *all = make(rate_hz, (double)-INFINITY, bursts, CHANNELS, samples);
    for (int i = 0; i < CHANNELS; i++) {
        float complex *one = make(rate_hz, (double)-INFINITY, &bursts[i], 1, samples);
        for (size_t n = 0; n < samples; n++)
            all[n] -= one[n];
        free(one);
    }
    for (size_t n = 0; n < samples; n++)
        assert_true(cabsf(all[n]) < 1e-5F);
    free(all);
}

static void noise_has_its_density(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
        const size_t samples = 40000;
        float complex *iq = make(rates_hz[r], -50.0, NULL, 0, samples);
        double power = 0.0;
        for (size_t i = 0; i < samples; i++)
            power += (double)(crealf(iq[i]) * crealf(iq[i]) + cimagf(iq[i]) * cimagf(iq[i])) / samples;
        assert_true(fabs(10.0 * log10(power * 12500.0 / rates_hz[r]) + 50.0) < 0.1);
        free(iq);
    }
}

static void fading_keeps_the_mean_level(void **state)
{
    enum { BURSTS = 60 };
    struct band_burst bursts[BURSTS];
    const size_t samples = 48000 * 13;
    double power = 0.0, deepest = 1.0;
    (void)state;
    for (int i = 0; i < BURSTS; i++) {
        bursts[i] = usual(0.21 * i + 0.01);
        bursts[i].doppler_hz = 20.0;
    }
    float complex *iq = make(48e3, (double)-INFINITY, bursts, BURSTS, samples);
    for (size_t i = 0; i < samples; i++)
        power +=
            (double)(crealf(iq[i]) * crealf(iq[i]) + cimagf(iq[i]) * cimagf(iq[i])) / (BURSTS * 0.2 * 48000);
    for (size_t i = 48000; i < 48000 + 4800; i++)
        deepest = fmin(deepest, (double)cabsf(iq[i]));
    assert_true(fabs(10.0 * log10(power) + 6.0) < 1.5);
    assert_true(deepest < 0.45);
    free(iq);
}

static void what_cannot_be_sent_is_refused(void **state)
{
    static const struct modem_class silent = {.branches = 1};
    struct band_generator *g;
    float complex piece[100];
    struct band_burst burst = usual(0.0);
    (void)state;
    assert_int_equal(band_generator_create(&g, 7000.0, -50.0, 1), ATALAYA_E_ARGUMENT);
    assert_int_equal(band_generator_create(&g, 48e3, -50.0, 1), ATALAYA_OK);
    assert_int_equal(band_generator_read(g, piece, 100), ATALAYA_OK);
    assert_int_equal(band_generator_add(g, &burst), ATALAYA_E_ARGUMENT); /* that time is over */
    burst.start_s = 1.0;
    burst.offset_hz = 25e3;
    assert_int_equal(band_generator_add(g, &burst), ATALAYA_E_ARGUMENT);
    burst.offset_hz = (double)NAN;
    assert_int_equal(band_generator_add(g, &burst), ATALAYA_E_ARGUMENT);
    burst.offset_hz = 0.0;
    burst.modem = &silent;
    assert_int_equal(band_generator_add(g, &burst), ATALAYA_E_UNSUPPORTED);
    band_generator_destroy(g);
    band_generator_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_carrier_has_its_level_frequency_drift_and_time),
        cmocka_unit_test(bursts_on_many_channels_do_not_touch),
        cmocka_unit_test(noise_has_its_density),
        cmocka_unit_test(fading_keeps_the_mean_level),
        cmocka_unit_test(what_cannot_be_sent_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
