/* SPDX-License-Identifier: Apache-2.0 */
/* Filters by Kaiser's window pass and stop where they say; the resampler gives a tone again, at its rate and
 * delay, and leaves nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "../../../dsp/kaiser.h"
#include "../../../dsp/resampler.h"

enum { TAPS = 101, INPUTS = 4000 };

static double gain_db(const float *taps, double cycles)
{
    double sum = 0.0, whole = 0.0;
    for (unsigned i = 0; i < TAPS; i++) {
        sum += (double)taps[i] * cos(2.0 * M_PI * cycles * (i - 0.5 * (TAPS - 1)));
        whole += (double)taps[i];
    }
    return 20.0 * log10(fabs(sum / whole));
}

static void low_passes_are_half_way_down_at_the_cutoff_and_stop(void **state)
{
    (void)state;
    static const float stops_db[] = {30.0F, 45.0F, 60.0F, 80.0F};
    for (size_t k = 0; k < sizeof stops_db / sizeof *stops_db; k++) {
        float taps[TAPS];
        const double stop_db = (double)stops_db[k], edge = 0.5 * (stop_db - 7.95) / 14.36 / (TAPS - 1);
        kaiser_lowpass(taps, TAPS, 0.1, stops_db[k]);
        assert_true(fabs(gain_db(taps, 0.1) + 6.0) < 0.3);
        for (double cycles = 0.0; cycles < 0.1 - edge; cycles += 0.001)
            assert_true(fabs(gain_db(taps, cycles)) < 0.4);
        for (double cycles = 0.1 + 1.1 * edge; cycles < 0.5; cycles += 0.001)
            assert_true(gain_db(taps, cycles) < 1.0 - stop_db);
        for (unsigned i = 0; i < TAPS; i++)
            assert_true(fabsf(taps[i] - taps[TAPS - 1 - i]) < 1e-6F);
    }
}

static void check_tone(double ratio, double cycles)
{
    const struct resampler_settings settings = {
        .ratio = ratio, .half = 8, .phases = 256, .cutoff = 0.4 * fmin(ratio, 1.0), .stop_db = 60.0F};
    struct resampler *resampler;
    assert_int_equal(resampler_create(&resampler, &settings), ATALAYA_OK);
    for (int round = 0; round < 2; round++) {
        unsigned made = 0;
        double worst = 0.0;
        for (unsigned n = 0; n < INPUTS; n++) {
            float complex out[RESAMPLER_OUT_MAX];
            const double turn = 2.0 * M_PI * cycles * n;
            const unsigned more =
                resampler_execute(resampler, (float)cos(turn) + (float)sin(turn) * _Complex_I, out);
            for (unsigned k = 0; k < more; k++, made++) {
                const double due = made / ratio - settings.half, angle = 2.0 * M_PI * cycles * due;
                const float complex wanted = (float)cos(angle) + (float)sin(angle) * _Complex_I;
                if (due > settings.half)
                    worst = fmax(worst, (double)cabsf(out[k] - wanted));
            }
        }
        assert_true(fabs(made - INPUTS * ratio) <= 2.0);
        if (worst > 0.012)
            print_message("ratio %g, %g cycles: %g\n", ratio, cycles, worst);
        assert_true(worst < 0.012); /* half a step between instants, and the ripple */
        resampler_reset(resampler);
    }
    resampler_destroy(resampler);
}

static void tones_come_out_as_they_went_in(void **state)
{
    (void)state;
    static const double ratios[] = {0.5, 0.8, 0.8707483, 1.2, 2.4, 3.0};
    for (size_t k = 0; k < sizeof ratios / sizeof *ratios; k++)
        for (double cycles = -0.12; cycles < 0.13; cycles += 0.04)
            check_tone(ratios[k], cycles * fmin(ratios[k], 0.8));
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct resampler_settings bad[] = {
        {0.0, 8, 256, 0.4, 60.0F}, {3.1, 8, 256, 0.4, 60.0F}, {NAN, 8, 256, 0.4, 60.0F},
        {1.0, 0, 256, 0.4, 60.0F}, {1.0, 8, 100, 0.4, 60.0F}, {1.0, 8, 0, 0.4, 60.0F},
        {1.0, 8, 256, 0.5, 60.0F}, {1.0, 8, 256, 0.0, 60.0F}, {1.0, 8, 256, NAN, 60.0F},
    };
    struct resampler *resampler;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(resampler_create(&resampler, &bad[i]), ATALAYA_E_ARGUMENT);
    resampler_reset(NULL);
    resampler_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(low_passes_are_half_way_down_at_the_cutoff_and_stop),
        cmocka_unit_test(tones_come_out_as_they_went_in),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
