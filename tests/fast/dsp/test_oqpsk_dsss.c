/* SPDX-License-Identifier: Apache-2.0 */
/* Spread OQPSK: bursts of either pair of sequences come back from complex baseband at many rates, off the
 * carrier, drifting, with a clock that is off, in any shape of chip; two at a time; nothing comes of noise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"

enum { BITS = 300, GAP = 8, PREAMBLE = 50, SAMPLES_MAX = 1 << 18, HEARD_MAX = 4 };

struct scene {
    double rate_hz, carrier_hz, drift_hz_s, clock, ebn0_db, lead_s, tail_s;
    bool self_test;
};

struct heard {
    unsigned branch;
    int8_t soft[BITS];
    struct burst_figures figures;
};

static const struct modem_class *dsss;
static struct modem *modem;
static uint8_t bits[BITS + 1];
static float complex iq[SAMPLES_MAX], burst[SAMPLES_MAX];
static size_t count;
static struct heard heard[HEARD_MAX];
static size_t heard_count;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    assert_int_equal(run->count, GAP + BITS);
    for (unsigned i = 0; i < GAP + BITS; i++)
        assert_true((run->soft[i] == 0) == (i < GAP));
    assert_true(heard_count < HEARD_MAX);
    struct heard *now = &heard[heard_count++];
    now->branch = run->branch;
    memcpy(now->soft, run->soft + GAP, BITS);
    assert_int_equal(
        dsss->measure(modem, run->branch, run->first_bit + GAP, run->first_bit + GAP + BITS, &now->figures),
        ATALAYA_OK);
}

static void add_noise(struct impair_random *random, const struct scene *scene)
{
    double sigma = 0.25 * sqrt(0.5 * scene->rate_hz / BITS / pow(10.0, scene->ebn0_db / 10.0));
    impair_add_noise_iq(random, iq, count, sigma);
}

/* Silence, a burst of amplitude 0.25, silence, and noise over all. */
static void make(uint64_t seed, const struct scene *scene)
{
    struct impair_random random;
    impair_random_seed(&random, seed);
    for (unsigned i = 0; i < BITS; i++)
        bits[i] = i >= PREAMBLE && impair_random_next(&random) >> 63;
    bits[BITS] = scene->self_test;
    double sent_hz = scene->rate_hz * (1.0 + scene->clock);
    size_t length = dsss->modulate_length(sent_hz, BITS + 1), lead = (size_t)(scene->lead_s * scene->rate_hz);
    count = lead + length + (size_t)(scene->tail_s * scene->rate_hz);
    assert_true(count <= SAMPLES_MAX);
    assert_int_equal(dsss->modulate_iq(sent_hz, bits, BITS + 1, burst, SAMPLES_MAX), length);
    memset(iq, 0, sizeof iq);
    for (size_t i = 0; i < length; i++) {
        double t = (double)i / scene->rate_hz;
        double turns = t * (scene->carrier_hz + 0.5 * t * scene->drift_hz_s);
        double complex rotor = cexp(2.0 * M_PI * turns * (double complex)_Complex_I);
        iq[lead + i] += 0.25F * burst[i] * (float complex)rotor;
    }
    if (scene->ebn0_db < 90.0)
        add_noise(&random, scene);
}

static void receive(double rate_hz, size_t chunk)
{
    heard_count = 0;
    assert_int_equal(dsss->create(&modem, rate_hz, MODEM_IQ), ATALAYA_OK);
    for (size_t at = 0; at < count; at += chunk)
        dsss->execute_iq(modem, iq + at, count - at < chunk ? count - at : chunk, hear, NULL);
    dsss->destroy(modem);
}

static unsigned wrong_bits(const struct heard *now)
{
    unsigned wrong = 0;
    for (unsigned i = 0; i < BITS; i++)
        wrong += (now->soft[i] > 0) != bits[i];
    return wrong;
}

static void expect_one(const struct scene *scene, unsigned most_wrong)
{
    assert_int_equal(heard_count, 1);
    assert_int_equal(heard[0].branch, scene->self_test);
    assert_in_range(wrong_bits(&heard[0]), 0, most_wrong);
}

static void a_burst_comes_back_at_the_lowest_rate(void **state)
{
    (void)state;
    const struct scene scene = {
        .rate_hz = 76800, .carrier_hz = -1700.0, .ebn0_db = 99.0, .tail_s = 0.06, .self_test = true};
    make(1, &scene);
    receive(scene.rate_hz, 777);
    expect_one(&scene, 0);
}

/* T.018 2.3.1: 3 Hz in 166.7 ms, 16 parts in a million of clock; a receiver's own comes to it. */
static void drift_and_clock_are_followed_and_figures_are_the_signals(void **state)
{
    (void)state;
    const struct scene scene = {.rate_hz = 153600,
                                .carrier_hz = 1200.0,
                                .drift_hz_s = -18.0,
                                .clock = 66e-6,
                                .ebn0_db = 7.0,
                                .lead_s = 0.02,
                                .tail_s = 0.06};
    make(11, &scene);
    receive(scene.rate_hz, 4096);
    expect_one(&scene, 2);
    const struct burst_figures *figures = &heard[0].figures;
    assert_true(fabs(figures->first_sample - 3072.0) < 0.5);
    assert_true(fabs(figures->end_sample - 3072.0 - 153602.0 * (1.0 + scene.clock)) < 0.5);
    assert_true(fabsf(figures->offset_hz - 1191.0F) < 0.7F); /* in the middle */
    assert_true(fabsf(figures->level_dbfs - 20.0F * log10f(0.25F)) < 0.7F);
    assert_true(fabsf(figures->snr_db - 7.0F) < 1.0F);
    assert_true(figures->peak > 1.0F);
}

/* The worst that a chip's shape can be from a half-sine: held for its whole time, Q two fifths late. */
static void rectangular_chips_are_read(void **state)
{
    (void)state;
    struct scene scene = {.rate_hz = 192000, .ebn0_db = 99.0, .tail_s = 0.06};
    make(31, &scene);
    for (size_t i = 0; i < count; i++) {
        float re = crealf(iq[i]), im = cimagf(iq[i]);
        iq[i] = (re > 0.0F   ? 0.1F
                 : re < 0.0F ? -0.1F
                             : 0.0F) +
                (im > 0.0F   ? 0.1F
                 : im < 0.0F ? -0.1F
                             : 0.0F) *
                    (float complex)_Complex_I;
    }
    receive(scene.rate_hz, 5000);
    expect_one(&scene, 0);
    assert_true(fabsf(heard[0].figures.level_dbfs - 10.0F * log10f(0.02F)) < 1.0F);
}

static void two_beacons_at_once_are_both_heard(void **state)
{
    (void)state;
    static float complex first[SAMPLES_MAX];
    uint8_t first_bits[BITS];
    struct scene scene = {.rate_hz = 76800, .carrier_hz = 900.0, .ebn0_db = 99.0, .tail_s = 0.5};
    make(41, &scene);
    memcpy(first, iq, sizeof first);
    memcpy(first_bits, bits, sizeof first_bits);
    scene.carrier_hz = -300.0;
    scene.lead_s = 0.31;
    scene.tail_s = 0.19;
    make(42, &scene);
    for (size_t i = 0; i < count; i++)
        iq[i] += first[i];
    receive(scene.rate_hz, 4096);
    assert_int_equal(heard_count, 2);
    assert_int_equal(wrong_bits(&heard[1]), 0);
    memcpy(bits, first_bits, sizeof first_bits);
    assert_int_equal(wrong_bits(&heard[0]), 0);
}

static void noise_and_a_carrier_give_nothing(void **state)
{
    (void)state;
    struct impair_random random;
    impair_random_seed(&random, 51);
    memset(iq, 0, sizeof iq);
    count = 38400;
    impair_add_noise_iq(&random, iq, count, 0.1);
    for (size_t i = count / 2; i < count; i++)
        iq[i] += (float complex)cexp(2.0 * M_PI * 500.0 / 76800.0 * (double)i * (double complex)_Complex_I);
    receive(76800, 4096);
    assert_int_equal(heard_count, 0);
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    const float complex bad[] = {NAN, INFINITY, -INFINITY * (float complex)_Complex_I, 1e30F, -1e30F};
    const struct scene scene = {.rate_hz = 76800, .ebn0_db = 20.0, .tail_s = 0.06};
    make(61, &scene);
    heard_count = 0;
    assert_int_equal(dsss->create(&modem, scene.rate_hz, MODEM_IQ), ATALAYA_OK);
    dsss->execute_iq(modem, iq, count / 2, hear, NULL);
    dsss->reset(modem);
    for (int i = 0; i < 2000; i++)
        dsss->execute_iq(modem, bad, sizeof bad / sizeof *bad, hear, NULL);
    dsss->execute_iq(modem, iq, count, hear, NULL);
    expect_one(&scene, 0);
    dsss->destroy(modem);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct burst_figures figures;
    assert_int_equal(dsss->create(&modem, 153600, MODEM_AUDIO), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(dsss->create(&modem, 76799, MODEM_IQ), ATALAYA_E_ARGUMENT);
    assert_int_equal(dsss->create(&modem, 1e9, MODEM_IQ), ATALAYA_E_ARGUMENT);
    assert_int_equal(dsss->create(&modem, NAN, MODEM_IQ), ATALAYA_E_ARGUMENT);
    assert_int_equal(dsss->create(&modem, 76800, MODEM_IQ), ATALAYA_OK);
    assert_int_equal(dsss->measure(modem, 2, 0, 1, &figures), ATALAYA_E_ARGUMENT);
    assert_int_equal(dsss->measure(modem, 0, 0, 300, &figures), ATALAYA_E_RANGE);
    dsss->destroy(modem);
    dsss->destroy(NULL);
    assert_int_equal(dsss->modulate_length(76800, BITS), 76801);
    assert_int_equal(dsss->modulate_iq(76800, bits, BITS, burst, 76800), 0);
    assert_int_equal(dsss->modulate_length(38400, BITS), 0);
    assert_int_equal(dsss->modulate_length(76800, BITS + 2), 0);
    assert_int_equal(dsss->modulate_length(76800, 0), 0);
}

int main(void)
{
    dsss = modem_find("oqpsk_dsss")->class;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_comes_back_at_the_lowest_rate),
        cmocka_unit_test(drift_and_clock_are_followed_and_figures_are_the_signals),
        cmocka_unit_test(rectangular_chips_are_read),
        cmocka_unit_test(two_beacons_at_once_are_both_heard),
        cmocka_unit_test(noise_and_a_carrier_give_nothing),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
