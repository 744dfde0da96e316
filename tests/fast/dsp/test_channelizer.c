/* SPDX-License-Identifier: Apache-2.0 */
/* Channels out of a band: frequency, phase, level and time are those of the band, and neighbours stay out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/channelizer.h"

enum { OUT_MAX = 4000, SETTLE = 40 };

static const double rates_hz[] = {2.4e6, 2.048e6, 1.024e6, 2.88e6, 250e3, 48e3, 1000003.0, 912e3, 26250.0};

enum { RATES = sizeof rates_hz / sizeof *rates_hz };

typedef double complex sampler(void *context, double time);

/* Sample `time` (in input samples) of a tone. */
static double complex tone(void *context, double time)
{
    double turns = *(double *)context;
    return cexp(2.0 * M_PI * remainder(turns * time, 1.0) * (double complex)_Complex_I);
}

/* What channel 0 gives for the first `seconds` of a signal, fed in pieces of odd sizes. */
static size_t run(struct channelizer *c, double rate_hz, double seconds, sampler *signal, void *context,
                  float complex *out)
{
    enum { PIECE = 977 };
    static float complex piece[PIECE];
    size_t total = (size_t)(rate_hz * seconds), made = 0;
    for (size_t at = 0; at < total; at += PIECE) {
        size_t count = total - at < PIECE ? total - at : PIECE;
        for (size_t i = 0; i < count; i++)
            piece[i] = (float complex)signal(context, (double)(at + i));
        for (size_t done = 0, taken; done < count; done += taken) {
            size_t fresh = channelizer_execute(c, piece + done, count - done, &taken);
            assert_true(made + fresh <= OUT_MAX);
            if (fresh)
                memcpy(out + made, channelizer_channel(c, 0), fresh * sizeof *out);
            made += fresh;
        }
    }
    return made;
}

/* A tone of amplitude 1 `beside_hz` from a channel at offset_hz: largest and smallest level, and the largest
 * deviation of its phase from the band's own oscillators, all in one. */
static void check_tone(double rate_hz, double offset_hz, double beside_hz)
{
    static float complex out[OUT_MAX];
    struct channelizer *c;
    double turns = (offset_hz + beside_hz) / rate_hz, worst = 0.0;
    assert_int_equal(channelizer_create(&c, rate_hz, &offset_hz, 1), ATALAYA_OK);
    size_t made = run(c, rate_hz, 0.15, tone, &turns, out);
    assert_true(made > 2000);
    double complex turn = 0.0;
    for (size_t n = SETTLE; n < made; n++) {
        double beside = beside_hz / rate_hz * channelizer_input_time(c, (double)n);
        double complex moved =
            (double complex)out[n] * cexp(-2.0 * M_PI * remainder(beside, 1.0) * (double complex)_Complex_I);
        if (n == SETTLE)
            turn = moved;
        worst = fmax(worst, cabs(moved - turn));
    }
    assert_true(fabs(cabs(turn) - 1.0) < 0.012); /* 0.1 dB */
    assert_true(worst < 2e-3);
    channelizer_destroy(c);
}

static void a_tone_keeps_level_frequency_and_phase_at_every_rate(void **state)
{
    (void)state;
    for (size_t r = 0; r < RATES; r++) {
        double most_hz = rates_hz[r] / 2.0 - CHANNELIZER_EDGE_HZ;
        check_tone(rates_hz[r], 0.0, 1000.0);
        check_tone(rates_hz[r], fmin(most_hz - 2000.0, 12500.0 * 7), -5200.0);
        check_tone(rates_hz[r], -fmin(most_hz, 123456.789), 6200.0);
    }
    check_tone(2.4e6, 1100e3, CHANNELIZER_PASS_HZ);
    check_tone(2.4e6, -1100e3 + 12.3, -CHANNELIZER_PASS_HZ);
}

static double level_db(double rate_hz, double offset_hz, double tone_hz)
{
    static float complex out[OUT_MAX];
    struct channelizer *c;
    double turns = tone_hz / rate_hz, most = 0.0;
    assert_int_equal(channelizer_create(&c, rate_hz, &offset_hz, 1), ATALAYA_OK);
    size_t made = run(c, rate_hz, 0.1, tone, &turns, out);
    for (size_t n = 2 * SETTLE; n < made; n++)
        most = fmax(most, (double)cabsf(out[n]));
    channelizer_destroy(c);
    return 20.0 * log10(most);
}

/* At a raster of 12.5 kHz, what is within 2.5 kHz of the neighbour's centre is 70 dB down; so is all beyond.
 */
static void neighbours_stay_out(void **state)
{
    static const double beside_hz[] = {10.0e3, -10.0e3, 12.5e3, -12.5e3, 15e3, 19.2e3, 100e3, -110e3};
    (void)state;
    for (size_t i = 0; i < sizeof beside_hz / sizeof *beside_hz; i++) {
        assert_true(level_db(250e3, 12.5e3, 12.5e3 + beside_hz[i]) < -70.0);
        assert_true(level_db(250e3, 1234.5, 1234.5 + beside_hz[i] + 7.7) < -70.0);
    }
    assert_true(level_db(2.4e6, 600e3, -600e3) < -70.0);
    assert_true(level_db(1000003.0, 0.0, 10.1e3) < -70.0);
}

/* An impulse at `place`. */
static double complex impulse(void *context, double time)
{
    return fabs(time - *(double *)context) < 0.5 ? 1000.0 : 0.0;
}

static void delay_is_removed_at_every_rate(void **state)
{
    static float complex out[OUT_MAX];
    (void)state;
    for (size_t r = 0; r < RATES; r++) {
        struct channelizer *c;
        double offset_hz = 1000.0, place = round(0.0637 * rates_hz[r]), sum = 0.0, moment = 0.0;
        assert_int_equal(channelizer_create(&c, rates_hz[r], &offset_hz, 1), ATALAYA_OK);
        size_t made = run(c, rates_hz[r], 0.15, impulse, &place, out);
        for (size_t n = 0; n < made; n++) {
            double power = (double)(crealf(out[n]) * crealf(out[n]) + cimagf(out[n]) * cimagf(out[n]));
            sum += power;
            moment += power * channelizer_input_time(c, (double)n);
        }
        assert_true(fabs(moment / sum - place) / rates_hz[r] < 2e-5);
        channelizer_destroy(c);
    }
}

static double complex sour(void *context, double time)
{
    (void)context;
    double index = fmod(time, 5.0);
    if (time > 12000.0)
        return 0.5;
    return index < 1.0 ? (double)NAN : index < 2.0 ? 1e30 : index < 3.0 ? (double)INFINITY : 0.5;
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    static float complex out[OUT_MAX];
    struct channelizer *c;
    double offset_hz = 0.0;
    (void)state;
    assert_int_equal(channelizer_create(&c, 250e3, &offset_hz, 1), ATALAYA_OK);
    size_t made = run(c, 250e3, 0.15, sour, NULL, out);
    for (size_t n = 0; n < made; n++)
        assert_true(isfinite(crealf(out[n])) && isfinite(cimagf(out[n])));
    for (size_t n = made - 1000; n < made; n++)
        assert_true(cabsf(out[n] - 0.5F) < 1e-3F);
    channelizer_destroy(c);
}

static void a_reset_starts_over(void **state)
{
    static float complex first[OUT_MAX], second[OUT_MAX];
    struct channelizer *c;
    double offset_hz = 3333.3, turns = 0.0123;
    (void)state;
    assert_int_equal(channelizer_create(&c, 250e3, &offset_hz, 1), ATALAYA_OK);
    size_t made = run(c, 250e3, 0.1, tone, &turns, first);
    channelizer_reset(c);
    assert_int_equal(run(c, 250e3, 0.1, tone, &turns, second), made);
    assert_memory_equal(first, second, made * sizeof *first);
    channelizer_destroy(c);
}

static void what_cannot_be_is_refused(void **state)
{
    struct channelizer *c;
    const double inside_hz = 1193750.0, outside_hz = 1194000.0, nonsense = (double)NAN;
    (void)state;
    assert_int_equal(channelizer_create(&c, 2.4e6, &outside_hz, 1), ATALAYA_E_ARGUMENT);
    assert_int_equal(channelizer_create(&c, 2.4e6, &nonsense, 1), ATALAYA_E_ARGUMENT);
    assert_int_equal(channelizer_create(&c, 8000, &inside_hz, 0), ATALAYA_E_ARGUMENT);
    assert_int_equal(channelizer_create(&c, (double)NAN, &inside_hz, 0), ATALAYA_E_ARGUMENT);
    assert_int_equal(channelizer_create(&c, 1e9, &inside_hz, 0), ATALAYA_E_ARGUMENT);
    assert_int_equal(channelizer_create(&c, 2.4e6, &inside_hz, 1), ATALAYA_OK);
    assert_float_equal(channelizer_output_rate_hz(c), 19200.0, 1e-9);
    channelizer_destroy(c);
    channelizer_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_keeps_level_frequency_and_phase_at_every_rate),
        cmocka_unit_test(neighbours_stay_out),
        cmocka_unit_test(delay_is_removed_at_every_rate),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(a_reset_starts_over),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
