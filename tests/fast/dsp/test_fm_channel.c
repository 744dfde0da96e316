/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <complex.h>
#include <math.h>
#include <cmocka.h>

#include "atalaya/dsp/fm_channel.h"

enum { COUNT = 24000, SETTLE = 2000 };

#define RATE_HZ 48000.0

static float audio[COUNT], heard[COUNT];
static float complex iq[COUNT];

static void transmit(double tone_hz, const struct fm_transmitter_settings *settings)
{
    struct fm_transmitter transmitter;
    for (int i = 0; i < COUNT; i++)
        audio[i] = (float)sin(2.0 * M_PI * tone_hz * i / RATE_HZ);
    fm_transmitter_create(&transmitter, settings);
    fm_transmitter_execute(&transmitter, audio, COUNT, iq);
}

/* Frequency of the carrier from sample to sample: largest, and mean over whole periods of the tone. */
static void measure_frequency(double *largest_hz, double *mean_hz)
{
    *largest_hz = -1e9;
    *mean_hz = 0.0;
    for (int i = SETTLE; i < COUNT; i++) {
        double hz = (double)cargf(iq[i] * conjf(iq[i - 1])) * RATE_HZ / (2.0 * M_PI);
        *largest_hz = fmax(*largest_hz, hz);
        *mean_hz += hz / (COUNT - SETTLE);
        assert_true(fabsf(cabsf(iq[i]) - 1.0F) < 1e-5F);
    }
}

static void deviation_and_carrier_are_as_set(void **state)
{
    (void)state;
    struct fm_transmitter_settings settings = {
        .rate_hz = RATE_HZ, .deviation_hz = 3000.0, .carrier_hz = 2000.0};
    double largest_hz, mean_hz;
    transmit(1200.0, &settings);
    measure_frequency(&largest_hz, &mean_hz);
    assert_true(fabs(largest_hz - 5000.0) < 30.0);
    assert_true(fabs(mean_hz - 2000.0) < 5.0);
}

/* With pre-emphasis the higher tone has the deviation that was set, the lower one less by 6 dB an octave. */
static void pre_emphasis_deviates_the_lower_tone_less(void **state)
{
    (void)state;
    struct fm_transmitter_settings settings = {
        .rate_hz = RATE_HZ, .deviation_hz = 3000.0, .pre_emphasis = true};
    double mark = 2.0 * M_PI * 1200.0 * IMPAIR_EMPHASIS_S, space = 2.0 * M_PI * 2200.0 * IMPAIR_EMPHASIS_S;
    double high_hz, low_hz, mean_hz;
    transmit(2200.0, &settings);
    measure_frequency(&high_hz, &mean_hz);
    transmit(1200.0, &settings);
    measure_frequency(&low_hz, &mean_hz);
    assert_true(fabs(high_hz - 3000.0) < 60.0);
    assert_true(fabs(low_hz / high_hz - sqrt((1.0 + mark * mark) / (1.0 + space * space))) < 0.02);
}

static double receive(double if_width_hz, bool de_emphasis)
{
    struct fm_receiver_settings settings = {
        .rate_hz = RATE_HZ, .if_width_hz = if_width_hz, .full_scale_hz = 12000.0, .de_emphasis = de_emphasis};
    struct fm_receiver *receiver = NULL;
    double mean = 0.0;
    assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_OK);
    fm_receiver_execute(receiver, iq, COUNT, heard);
    fm_receiver_destroy(receiver);
    for (int i = SETTLE; i < COUNT; i++)
        mean += (double)heard[i] / (COUNT - SETTLE);
    return mean * 12000.0;
}

static void what_is_sent_is_heard(void **state)
{
    (void)state;
    struct fm_transmitter_settings settings = {
        .rate_hz = RATE_HZ, .deviation_hz = 3000.0, .carrier_hz = 500.0};
    double power = 0.0;
    transmit(1200.0, &settings);
    double carrier_hz = receive(15000.0, false);
    assert_true(fabs(carrier_hz - 500.0) < 5.0);
    for (int i = SETTLE; i < COUNT; i++) {
        double ac = (double)heard[i] - carrier_hz / 12000.0;
        power += ac * ac / (COUNT - SETTLE);
    }
    assert_true(fabs(sqrt(2.0 * power) - 0.25) < 0.005);
}

static float complex unit(double turns)
{
    return (float)cos(2.0 * M_PI * turns) + (float)sin(2.0 * M_PI * turns) * _Complex_I;
}

static void if_filter_keeps_a_stronger_neighbour_out(void **state)
{
    (void)state;
    struct fm_transmitter_settings settings = {.rate_hz = RATE_HZ};
    for (int far = 0; far < 2; far++) {
        double neighbour_hz = far ? 11000.0 : 4000.0;
        transmit(1000.0, &settings);
        for (int i = 0; i < COUNT; i++)
            iq[i] += 3.0F * unit(neighbour_hz * i / RATE_HZ);
        double captured_hz = receive(15000.0, false);
        assert_true(fabs(captured_hz - (far ? 0.0 : neighbour_hz)) < 20.0);
    }
}

static void impossible_receivers_are_refused(void **state)
{
    (void)state;
    struct fm_receiver *receiver = NULL;
    struct fm_receiver_settings settings = {.rate_hz = RATE_HZ, .if_width_hz = 48000.0, .full_scale_hz = 1.0};
    assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_E_ARGUMENT);
    settings.if_width_hz = (double)NAN;
    assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_E_ARGUMENT);
    fm_receiver_destroy(NULL);
}

/* Rayleigh: power is exponential; the envelope falls through its effective value sqrt(2 pi) f_D / e times a
 * second (W. C. Jakes, Microwave Mobile Communications, section 1.3). */
static void fading_is_rayleigh_with_its_doppler(void **state)
{
    (void)state;
    enum { DRAWS = 120, LENGTH = 24000 };
    const double doppler_hz = 100.0;
    struct impair_random random;
    struct fading fading;
    double power = 0.0, deep = 0.0, crossings = 0.0;
    impair_random_seed(&random, 9);
    for (int draw = 0; draw < DRAWS; draw++) {
        double before = 0.0;
        fading_reset(&fading, &random, RATE_HZ, doppler_hz);
        for (int i = 0; i < LENGTH; i++) {
            float complex gain = fading_execute(&fading);
            double here = (double)(crealf(gain) * crealf(gain) + cimagf(gain) * cimagf(gain));
            power += here / DRAWS / LENGTH;
            deep += (here < 0.1) / (double)DRAWS / LENGTH;
            crossings += i > 0 && before >= 1.0 && here < 1.0;
            before = here;
        }
    }
    assert_true(fabs(power - 1.0) < 0.05);
    assert_true(fabs(deep - (1.0 - exp(-0.1))) < 0.01);
    double rate_hz = crossings / (DRAWS * LENGTH / RATE_HZ);
    assert_true(fabs(rate_hz / (sqrt(2.0 * M_PI) * doppler_hz * exp(-1.0)) - 1.0) < 0.08);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deviation_and_carrier_are_as_set),
        cmocka_unit_test(pre_emphasis_deviates_the_lower_tone_less),
        cmocka_unit_test(what_is_sent_is_heard),
        cmocka_unit_test(if_filter_keeps_a_stronger_neighbour_out),
        cmocka_unit_test(impossible_receivers_are_refused),
        cmocka_unit_test(fading_is_rayleigh_with_its_doppler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
