/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the discriminator that are written by hand do what the exact ones do: angles as atan2 has
 * them, a filter as the sum says; and it is the same discriminator however its input is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "../../../dsp/angle.h"
#include "atalaya/dsp/discriminator.h"
#include "../../../dsp/iq_decimator.h"
#include "atalaya/dsp/impair.h"

enum { TURN = 1 << 16, SIZES = 5, INPUTS = 6000, TAPS = 39 };

static double angle_error(float im, float re)
{
    double error =
        (double)angle_of((wide){im, im, im, im}, (wide){re, re, re, re})[2] - atan2((double)im, (double)re);
    return fabs(error);
}

static void an_angle_is_right_to_millionths(void **state)
{
    (void)state;
    static const float sizes[SIZES] = {1.0F, 1e-6F, 3e-19F, 100.0F, 1e15F};
    double worst = 0.0;
    for (int s = 0; s < SIZES; s++)
        for (int i = 0; i < TURN; i++) {
            double turn = 2.0 * M_PI * (i + 0.37) / TURN - M_PI;
            worst = fmax(worst, angle_error(sizes[s] * (float)sin(turn), sizes[s] * (float)cos(turn)));
        }
    assert_true(worst < ANGLE_ERROR_MAX);
    assert_true(worst > 1e-6); /* the bound is no guess */
    static const float axes[][2] = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}, {0, 0}, {1, 1}, {-1, -1}, {1, -1}};
    for (size_t i = 0; i < sizeof axes / sizeof axes[0]; i++)
        assert_true(angle_error(axes[i][0], axes[i][1]) < ANGLE_ERROR_MAX);
}

static float complex random_sample(struct impair_random *random)
{
    float re = (float)impair_random_uniform(random) - 0.5F;
    return re + _Complex_I * ((float)impair_random_uniform(random) - 0.5F);
}

static void a_filter_sums_every_tap_at_every_rate(void **state)
{
    (void)state;
    static float complex in[INPUTS], out[INPUTS];
    struct impair_random random;
    float taps[TAPS];
    impair_random_seed(&random, 3);
    for (int i = 0; i < INPUTS; i++)
        in[i] = random_sample(&random);
    for (int i = 0; i < TAPS; i++)
        taps[i] = (float)impair_random_uniform(&random); /* not symmetric */
    for (unsigned decimation = 1; decimation <= 13; decimation += 3) {
        struct iq_decimator *decimator = NULL;
        unsigned made = 0, chunk = 1;
        assert_int_equal(iq_decimator_create(&decimator, taps, TAPS, decimation), ATALAYA_OK);
        for (unsigned at = 0; at < INPUTS; at += chunk, chunk = (chunk * 7 + 1) % IQ_DECIMATOR_CHUNK_MAX) {
            chunk = chunk < INPUTS - at ? chunk : INPUTS - at;
            unsigned due = iq_decimator_due(decimator);
            float complex *place = iq_decimator_place(decimator);
            for (unsigned i = 0; i < chunk; i++)
                place[i] = in[at + i];
            unsigned fresh = iq_decimator_execute(decimator, chunk, out + made);
            assert_int_equal(fresh, chunk < due ? 0 : 1 + (chunk - due) / decimation);
            made += fresh;
        }
        iq_decimator_destroy(decimator);
        assert_int_equal(made, INPUTS / decimation);
        for (unsigned n = 0; n < made; n++) {
            double complex sum = 0.0;
            for (unsigned k = 0; k < TAPS && k <= (n + 1) * decimation - 1; k++)
                sum += (double)taps[k] * (double complex)in[(n + 1) * decimation - 1 - k];
            assert_true(cabs(sum - (double complex)out[n]) < 1e-5);
        }
    }
}

static size_t run(double rate_hz, const float complex *iq, size_t count, size_t piece, float *audio)
{
    struct discriminator *discriminator = NULL;
    size_t made = 0, taken;
    assert_int_equal(discriminator_create(&discriminator, rate_hz), ATALAYA_OK);
    for (size_t at = 0; at < count; at += taken) {
        size_t some = piece < count - at ? piece : count - at;
        made += discriminator_execute(discriminator, iq + at, some, audio + made, &taken);
        assert_true(taken > 0 && taken <= some);
    }
    discriminator_destroy(discriminator);
    return made;
}

static void pieces_of_any_length_give_the_same_audio(void **state)
{
    (void)state;
    static const double rates_hz[] = {12500, 19200, 48000, 62500, 256000};
    static float complex iq[INPUTS];
    static float whole[INPUTS], cut[INPUTS];
    for (size_t r = 0; r < sizeof rates_hz / sizeof rates_hz[0]; r++) {
        struct impair_random random;
        impair_random_seed(&random, 4);
        double phase = 0.0;
        for (int i = 0; i < INPUTS; i++) {
            phase += 2.0 * M_PI * (1500.0 + 2000.0 * sin(2.0 * M_PI * 700.0 * i / rates_hz[r])) / rates_hz[r];
            iq[i] = (float)cos(phase) + _Complex_I * (float)sin(phase) + 0.2F * random_sample(&random);
        }
        size_t made = run(rates_hz[r], iq, INPUTS, INPUTS, whole);
        for (size_t piece = 1; piece < 40; piece += 5) {
            assert_int_equal(run(rates_hz[r], iq, INPUTS, piece, cut), made);
            for (size_t i = 0; i < made; i++)
                assert_true(fabsf(whole[i] - cut[i]) < 1e-4F);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_angle_is_right_to_millionths),
        cmocka_unit_test(a_filter_sums_every_tap_at_every_rate),
        cmocka_unit_test(pieces_of_any_length_give_the_same_audio),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
