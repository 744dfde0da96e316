/* SPDX-License-Identifier: Apache-2.0 */
/* GMSK 8000 bit/s: bits back from the radio channel with the carrier off, drifting, turned round, at many
 * rates, and from a discriminator at any level; figures of a burst; hostile samples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"

enum { BITS = 2400, SILENCE_BITS = 800, SAMPLES_MAX = 1 << 17, HEARD_MAX = 1 << 13, BLOCK = 160 };

static const struct modem_class *gmsk;
static struct modem *modem;
static uint8_t bits[BITS];
static float audio[SAMPLES_MAX];
static float complex iq[SAMPLES_MAX];
static size_t count, silence;
static int8_t heard[HEARD_MAX];
static size_t heard_count;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    assert_int_equal(run->branch, 0);
    assert_int_equal(run->first_bit, heard_count);
    for (size_t i = 0; i < run->count && heard_count < HEARD_MAX; i++)
        heard[heard_count++] = run->soft[i];
}

/* After something else: the first bits heard still belong to that. */
static void hear_late(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count; i++)
        if (run->first_bit + i >= 1200 && heard_count < HEARD_MAX)
            heard[heard_count++] = run->soft[i];
}

/* Silence, burst, silence, with noise for this Eb/N0; the burst has amplitude 0.25. */
static void scene(uint64_t seed, double rate_hz, double carrier_hz, double ebn0_db)
{
    struct impair_random random;
    struct fm_transmitter transmitter;
    const struct fm_transmitter_settings settings = {
        .rate_hz = rate_hz, .deviation_hz = 2000.0, .carrier_hz = carrier_hz};
    impair_random_seed(&random, seed);
    for (int i = 0; i < BITS; i++)
        bits[i] = impair_random_next(&random) >> 63;
    memset(iq, 0, sizeof iq);
    size_t burst = gmsk->modulate_length(rate_hz, BITS);
    silence = (size_t)(SILENCE_BITS * rate_hz / 8000.0);
    count = burst + 2 * silence;
    assert_true(count <= SAMPLES_MAX);
    assert_int_equal(gmsk->modulate(rate_hz, bits, BITS, audio, burst), burst);
    fm_transmitter_create(&transmitter, &settings);
    fm_transmitter_execute(&transmitter, audio, burst, iq + silence);
    for (size_t i = 0; i < burst; i++)
        iq[silence + i] *= 0.25F;
    /* Eb = amplitude^2 rate / bit rate in units of samples; N0 = 2 sigma^2. */
    double sigma = 0.25 * sqrt(0.5 * rate_hz / 8000.0 / pow(10.0, ebn0_db / 10.0));
    impair_add_noise_iq(&random, iq, count, sigma);
}

static void receive(double rate_hz)
{
    heard_count = 0;
    assert_int_equal(gmsk->create(&modem, rate_hz, MODEM_IQ), ATALAYA_OK);
    for (size_t at = 0; at < count; at += 777)
        gmsk->execute_iq(modem, iq + at, count - at < 777 ? count - at : 777, hear, NULL);
}

/* Wrong bits of a block of the burst, in the sense that suits it best: a slip of the phase costs a block. */
static unsigned block_wrong(size_t at, size_t first)
{
    unsigned wrong[4] = {0}, best = BLOCK;
    for (size_t i = first; i < first + BLOCK; i++)
        for (unsigned sense = 0; sense < 4; sense++) {
            bool turned = ((sense & 1) != 0) != ((sense & 2) && i % 2);
            wrong[sense] += (heard[at + i] > 0) != (bits[i] != turned);
        }
    for (unsigned sense = 0; sense < 4; sense++)
        best = wrong[sense] < best ? wrong[sense] : best;
    return best;
}

/* Share of wrong bits from `skip` on, at the best place. *place: heard index of bit 0. */
static double wrong_share(size_t skip, size_t *place)
{
    double best = 1.0;
    for (size_t at = SILENCE_BITS - 40; at + BITS <= heard_count && at < SILENCE_BITS + 40; at++) {
        unsigned wrong = 0, of = 0;
        for (size_t first = skip; first + BLOCK <= BITS; first += BLOCK) {
            wrong += block_wrong(at, first);
            of += BLOCK;
        }
        if (wrong < best * of) {
            best = (double)wrong / of;
            if (place)
                *place = at;
        }
    }
    return best;
}

static void a_clean_burst_comes_back_at_any_rate(void **state)
{
    (void)state;
    const double rates[] = {16000, 24000, 25000, 44100, 48000, 96000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        scene(i + 1, rates[i], 100.0, 20.0);
        receive(rates[i]);
        double wrong = wrong_share(100, NULL);
        print_message("%.0f Hz: %.4f wrong\n", rates[i], wrong);
        assert_true(wrong <= 0.002);
        gmsk->destroy(modem);
    }
}

static void a_carrier_three_kilohertz_off_is_found(void **state)
{
    (void)state;
    for (double carrier_hz = -3000.0; carrier_hz <= 3000.0; carrier_hz += 750.0) {
        scene((uint64_t)(carrier_hz + 4000.0), 48000.0, carrier_hz, 6.0);
        receive(48000.0);
        double wrong = wrong_share(200, NULL);
        print_message("%.0f Hz off, 6 dB: %.4f wrong\n", carrier_hz, wrong);
        assert_true(wrong < 0.012);
        gmsk->destroy(modem);
    }
}

/* Within a decibel of two levels in white noise, Q(sqrt(2 Eb/N0)). */
static void the_error_rate_is_near_that_of_two_levels(void **state)
{
    (void)state;
    for (double ebn0_db = 2.0; ebn0_db <= 6.0; ebn0_db += 2.0) {
        double sum = 0.0, worse = pow(10.0, (ebn0_db - 1.0) / 10.0);
        for (uint64_t seed = 0; seed < 6; seed++) {
            scene(50 + seed, 48000.0, 321.0, ebn0_db);
            receive(48000.0);
            sum += wrong_share(200, NULL) / 6.0;
            gmsk->destroy(modem);
        }
        double limit = 0.5 * erfc(sqrt(worse));
        print_message("%.0f dB: %.4f wrong, two levels a decibel lower %.4f\n", ebn0_db, sum, limit);
        assert_true(sum <= limit);
    }
}

static void the_other_sense_is_the_same_to_it(void **state)
{
    (void)state;
    scene(9, 48000.0, 500.0, 10.0);
    for (size_t i = 0; i < count; i++)
        iq[i] = conjf(iq[i]);
    receive(48000.0);
    assert_true(wrong_share(200, NULL) < 0.002);
    gmsk->destroy(modem);
}

static void a_discriminator_at_any_level_will_do(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 4; way++) {
        struct burst_figures figures;
        size_t place = 0;
        struct fm_receiver *receiver;
        const struct fm_receiver_settings settings = {
            .rate_hz = 48000.0, .if_width_hz = 12500.0, .full_scale_hz = way & 1 ? 20000.0 : 5000.0};
        scene(20 + way, 48000.0, way & 2 ? 400.0 : 0.0, 16.0);
        assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_OK);
        fm_receiver_execute(receiver, iq, count, audio);
        fm_receiver_destroy(receiver);
        heard_count = 0;
        assert_int_equal(gmsk->create(&modem, 48000.0, MODEM_AUDIO), ATALAYA_OK);
        gmsk->execute(modem, audio, count, hear, NULL);
        double wrong = wrong_share(160, &place);
        assert_int_equal(gmsk->measure(modem, 0, place + 160, place + BITS, &figures), ATALAYA_OK);
        /* The receiver's filters delay it by some 46 samples. */
        assert_true(fabs(figures.first_sample - 46.0 - (double)(silence + 160 * 6)) < 6.0);
        assert_true(fabs(figures.end_sample - 46.0 - (double)(silence + BITS * 6)) < 6.0);
        assert_true(isnan(figures.snr_db) && isnan(figures.level_dbfs) && isnan(figures.offset_hz));
        gmsk->destroy(modem);
        print_message("discriminator, way %u: %.4f wrong\n", way, wrong);
        assert_true(wrong < 0.01);
    }
}

static void figures_of_a_burst_are_right(void **state)
{
    (void)state;
    struct burst_figures figures;
    size_t place = 0;
    scene(3, 48000.0, -700.0, 12.0);
    receive(48000.0);
    assert_true(wrong_share(200, &place) < 0.002);
    assert_int_equal(gmsk->measure(modem, 0, place + 320, place + BITS - 320, &figures), ATALAYA_OK);
    print_message("first %.1f (%.1f), end %.1f, level %.2f, snr %.2f, offset %.1f\n", figures.first_sample,
                  (double)silence + 320 * 6.0, figures.end_sample, (double)figures.level_dbfs,
                  (double)figures.snr_db, (double)figures.offset_hz);
    assert_true(fabs(figures.first_sample - ((double)silence + 320 * 6.0)) < 3.0);
    assert_true(fabs(figures.end_sample - ((double)silence + (BITS - 320) * 6.0)) < 3.0);
    assert_true(fabs((double)figures.level_dbfs + 12.04) < 0.7);
    assert_true(fabs((double)figures.snr_db - 12.0) < 1.2);
    assert_true(fabs((double)figures.offset_hz + 700.0) < 10.0);
    gmsk->destroy(modem);
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    scene(4, 48000.0, 0.0, 12.0);
    assert_int_equal(gmsk->create(&modem, 48000.0, MODEM_IQ), ATALAYA_OK);
    const float complex bad[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, NAN * _Complex_I};
    heard_count = 0;
    for (unsigned i = 0; i < 1200; i++)
        gmsk->execute_iq(modem, bad, sizeof bad / sizeof *bad, hear, NULL);
    heard_count = 0; /* 7200 samples came before: 1200 bits, of which some are still held back */
    gmsk->execute_iq(modem, iq, count, hear_late, NULL);
    assert_true(wrong_share(400, NULL) < 0.002);
    gmsk->destroy(modem);
    assert_int_equal(gmsk->create(&modem, 12000.0, MODEM_IQ), ATALAYA_E_ARGUMENT);
    assert_int_equal(gmsk->create(&modem, (double)NAN, MODEM_IQ), ATALAYA_E_ARGUMENT);
}

static int find_class(void **state)
{
    (void)state;
    gmsk = modem_find("gmsk8000")->class;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_burst_comes_back_at_any_rate),
        cmocka_unit_test(a_carrier_three_kilohertz_off_is_found),
        cmocka_unit_test(the_error_rate_is_near_that_of_two_levels),
        cmocka_unit_test(the_other_sense_is_the_same_to_it),
        cmocka_unit_test(a_discriminator_at_any_level_will_do),
        cmocka_unit_test(figures_of_a_burst_are_right),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
    };
    return cmocka_run_group_tests(tests, find_class, NULL);
}
