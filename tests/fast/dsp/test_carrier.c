/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody on a channel shows: behind a squelch by sound, without one by the noise that a carrier quiets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "atalaya/dsp/carrier.h"
#include "atalaya/dsp/impair.h"

enum { RATE = 48000, COUNT = RATE / 5 };
static float audio[COUNT];
static const double pi = 3.14159265358979;

static void tone(double hz, float amplitude)
{
    for (size_t i = 0; i < COUNT; i++)
        audio[i] = amplitude * (float)sin(2 * pi * hz * (double)i / RATE);
}

static void noise(double sigma)
{
    static struct impair_random random;
    impair_random_seed(&random, 7);
    for (size_t i = 0; i < COUNT; i++)
        audio[i] = 0;
    impair_add_noise(&random, audio, COUNT, sigma);
}

static void levels(enum carrier_measure measure, double *loudest, double *quietest)
{
    struct carrier *carrier;
    assert_int_equal(carrier_create(RATE, measure, &carrier), ATALAYA_OK);
    assert_true(carrier_execute(carrier, audio, COUNT, loudest, quietest));
    carrier_destroy(carrier);
}

static void loudness_is_that_of_a_sine(void **state)
{
    double loudest, quietest;
    (void)state;
    tone(1000, 1.0F);
    levels(CARRIER_LOUDNESS, &loudest, &quietest);
    assert_true(fabs(loudest) < 0.1 && fabs(quietest) < 0.1);
    tone(1000, 0.01F);
    levels(CARRIER_LOUDNESS, &loudest, &quietest);
    assert_true(fabs(loudest + 40) < 0.1);
    tone(1000, 0.0F);
    levels(CARRIER_LOUDNESS, &loudest, &quietest);
    assert_true(loudest < -150);
}

static void speech_and_tones_do_not_hiss(void **state)
{
    double loudest, quietest;
    (void)state;
    tone(1200, 0.5F);
    levels(CARRIER_HISS, &loudest, &quietest);
    assert_true(quietest < -40);
    noise(0.2);
    levels(CARRIER_HISS, &loudest, &quietest);
    assert_true(quietest > -20 && loudest < -5);
}

static void what_is_not_a_number_does_no_lasting_harm(void **state)
{
    double loudest, quietest;
    struct carrier *carrier;
    (void)state;
    tone(1200, 0.5F);
    audio[100] = NAN;
    audio[200] = INFINITY;
    audio[300] = 1e30F;
    assert_int_equal(carrier_create(RATE, CARRIER_HISS, &carrier), ATALAYA_OK);
    assert_true(carrier_execute(carrier, audio, COUNT, &loudest, &quietest));
    tone(1200, 0.5F);
    assert_true(carrier_execute(carrier, audio, COUNT, &loudest, &quietest));
    assert_true(loudest < 10 && quietest < -40);
    carrier_reset(carrier);
    assert_false(carrier_execute(carrier, audio, 100, &loudest, &quietest)); /* no window has ended */
    carrier_destroy(carrier);
    assert_int_equal(carrier_create(8000, CARRIER_HISS, &carrier), ATALAYA_E_ARGUMENT);
    assert_int_equal(carrier_create(NAN, CARRIER_LOUDNESS, &carrier), ATALAYA_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loudness_is_that_of_a_sine),
        cmocka_unit_test(speech_and_tones_do_not_hiss),
        cmocka_unit_test(what_is_not_a_number_does_no_lasting_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
