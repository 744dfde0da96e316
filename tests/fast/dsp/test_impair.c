/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <cmocka.h>

#include "atalaya/dsp/impair.h"

static void same_seed_gives_same_numbers(void **state)
{
    (void)state;
    struct impair_random a, b, c;
    impair_random_seed(&a, 1);
    impair_random_seed(&b, 1);
    impair_random_seed(&c, 2);
    unsigned equal = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t here = impair_random_next(&a);
        assert_int_equal(here, impair_random_next(&b));
        equal += here == impair_random_next(&c);
    }
    assert_int_equal(equal, 0);
}

/* First output of xoshiro256++ from the state 1, 2, 3, 4: rotl(1 + 4, 23) + 1. */
static void generator_is_xoshiro256pp(void **state)
{
    (void)state;
    struct impair_random random = {{1, 2, 3, 4}};
    assert_int_equal(impair_random_next(&random), 41943041);
    assert_int_equal(impair_random_next(&random), 58720359);
}

static void normal_has_moments_of_a_gaussian(void **state)
{
    (void)state;
    enum { COUNT = 400000 };
    struct impair_random random;
    impair_random_seed(&random, 5);
    double mean = 0, square = 0, fourth = 0, beyond = 0;
    for (int i = 0; i < COUNT; i++) {
        double x = impair_random_normal(&random);
        assert_true(isfinite(x));
        mean += x / COUNT;
        square += x * x / COUNT;
        fourth += x * x * x * x / COUNT;
        beyond += (fabs(x) > 3.0) / (double)COUNT;
    }
    assert_true(fabs(mean) < 0.01 && fabs(square - 1.0) < 0.01 && fabs(fourth - 3.0) < 0.1);
    assert_true(beyond > 0.0022 && beyond < 0.0032); /* 0.0027 */
}

static void sigma_puts_the_noise_at_ebn0(void **state)
{
    (void)state;
    /* a sine of full scale, 48 kHz, 1200 bit/s, 10 dB: sigma^2 = 0.5 * 48000 / 2400 / 10 = 1 */
    assert_true(fabs(impair_noise_sigma(0.5, 48000, 1200, 10) - 1.0) < 1e-12);
    static float audio[100000];
    struct impair_random random;
    impair_random_seed(&random, 6);
    impair_add_noise(&random, audio, 100000, 0.5);
    double power = 0.0;
    for (int i = 0; i < 100000; i++)
        power += (double)(audio[i] * audio[i]) / 100000.0;
    assert_true(fabs(power - 0.25) < 0.005);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_gives_same_numbers),
        cmocka_unit_test(generator_is_xoshiro256pp),
        cmocka_unit_test(normal_has_moments_of_a_gaussian),
        cmocka_unit_test(sigma_puts_the_noise_at_ebn0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
