/* SPDX-License-Identifier: Apache-2.0 */
/* Bit error rate of the flat branch in white noise, beside the closed form of non-coherent detection of
 * orthogonal tones, 1/2 exp(-Eb / 2 N0) (Proakis, Digital Communications, section 4.5). The tones of Bell 202
 * are not orthogonal, but continuous in phase, and the detector's low-pass uses that: it has to be at least
 * 1 dB better than the form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"

enum { BURSTS = 25, PREAMBLE = 240, DATA = 4000, BITS = PREAMBLE + DATA + 24, RATE_HZ = 24000, SLACK = 40 };

static int8_t heard[BITS + 200];
static size_t heard_count;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count && run->branch == 0; i++)
        if (heard_count < sizeof heard)
            heard[heard_count++] = run->soft[i];
}

/* The stream starts at an unknown bit: the shift with the fewest errors is the right one. */
static unsigned count_errors(const uint8_t bits[BITS])
{
    unsigned least = DATA;
    for (size_t shift = 0; shift < SLACK; shift++) {
        unsigned errors = 0;
        for (size_t i = PREAMBLE; i < PREAMBLE + DATA; i++)
            errors += i + shift >= heard_count || (heard[i + shift] > 0) != bits[i];
        least = errors < least ? errors : least;
    }
    return least;
}

static double measure_ber(double ebn0_db)
{
    const struct modem_class *bell202 = modem_find("bell202")->class;
    struct modem *modem = NULL;
    struct impair_random random;
    static uint8_t bits[BITS];
    size_t count = bell202->modulate_length(RATE_HZ, BITS), errors = 0;
    float *audio = malloc(count * sizeof *audio);
    assert_non_null(audio);
    assert_int_equal(bell202->create(&modem, RATE_HZ, MODEM_AUDIO), ATALAYA_OK);
    impair_random_seed(&random, 1200);
    for (int burst = 0; burst < BURSTS; burst++) {
        for (int i = 0; i < BITS; i++)
            bits[i] = impair_random_uniform(&random) < 0.5;
        assert_int_equal(bell202->modulate(RATE_HZ, bits, BITS, audio, count), count);
        impair_add_noise(&random, audio, count, impair_noise_sigma(0.5, RATE_HZ, 1200, ebn0_db));
        bell202->reset(modem);
        heard_count = 0;
        bell202->execute(modem, audio, count, hear, NULL);
        errors += count_errors(bits);
    }
    bell202->destroy(modem);
    free(audio);
    return (double)errors / ((double)BURSTS * DATA);
}

static double closed_form(double ebn0_db)
{
    return 0.5 * exp(-0.5 * pow(10.0, ebn0_db / 10.0));
}

static void error_rate_is_1_db_better_than_the_closed_form(void **state)
{
    (void)state;
    static const double ebn0_db[] = {5.0, 7.0, 9.0, 10.0};
    for (size_t i = 0; i < sizeof ebn0_db / sizeof *ebn0_db; i++) {
        double theory = closed_form(ebn0_db[i]);
        double measured = measure_ber(ebn0_db[i]);
        print_message("Eb/N0 %4.1f dB: %.5f, closed form %.5f\n", ebn0_db[i], measured, theory);
        assert_true(measured < closed_form(ebn0_db[i] + 1.0));
        assert_true(measured > 0.1 * theory); /* better than that is a mistake in the noise */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(error_rate_is_1_db_better_than_the_closed_form)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
