/* SPDX-License-Identifier: Apache-2.0 */
/* Bell 202 heard as complex baseband: at any rate, off frequency, at any deviation; and its figures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <complex.h>
#include <math.h>
#include <cmocka.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "burst_bits.h"

enum {
    PREAMBLE = 240,
    DATA = 500,
    TAIL = 24,
    BITS = PREAMBLE + DATA + TAIL,
    HEARD_MAX = 1 << 13,
    BRANCH = 1
};
#define LEAD_S  0.05
#define AFTER_S 0.06

static const struct modem_class *bell202;
static struct modem *modem;
static uint8_t bits[BITS];
static float complex *iq;
static size_t count;
static int8_t heard[HEARD_MAX];
static uint64_t heard_count;
static double cnr_db = 100.0;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count && run->branch == BRANCH && heard_count < HEARD_MAX; i++)
        heard[heard_count++] = run->soft[i];
}

/* Flags, then random bits, as line bits; a carrier before and after. */
static void send(double rate_hz, const struct fm_transmitter_settings *settings)
{
    struct impair_random random;
    struct fm_transmitter transmitter;
    impair_random_seed(&random, 5);
    (void)burst_bits_make(&random, bits, PREAMBLE, DATA + TAIL, 0);
    size_t lead = (size_t)(LEAD_S * rate_hz), burst = bell202->modulate_length(rate_hz, BITS);
    count = lead + burst + (size_t)(AFTER_S * rate_hz);
    float *audio = calloc(count, sizeof *audio);
    iq = calloc(count, sizeof *iq);
    assert_non_null(audio);
    assert_non_null(iq);
    assert_int_equal(bell202->modulate(rate_hz, bits, BITS, audio + lead, burst), burst);
    fm_transmitter_create(&transmitter, settings);
    fm_transmitter_execute(&transmitter, audio, count, iq);
    free(audio);
}

static bool has_data(uint64_t *at)
{
    return burst_bits_wrong(heard, heard_count, bits + PREAMBLE, DATA, 0, at) == 0;
}

static void receive(double rate_hz, struct fm_transmitter_settings settings, unsigned seed)
{
    settings.rate_hz = rate_hz;
    heard_count = 0;
    bell202->destroy(modem);
    modem = NULL;
    free(iq);
    assert_int_equal(bell202->create(&modem, rate_hz, MODEM_IQ), ATALAYA_OK);
    send(rate_hz, &settings);
    struct impair_random random;
    impair_random_seed(&random, seed);
    impair_add_noise_iq(&random, iq, count, impair_cnr_sigma(rate_hz, cnr_db));
    bell202->execute_iq(modem, iq, count, hear, NULL);
}

/* Sends and hears; returns where the last DATA bits stand in `heard`. */
static uint64_t listen(double rate_hz, struct fm_transmitter_settings settings)
{
    uint64_t at;
    receive(rate_hz, settings, 6);
    if (has_data(&at))
        return at;
    fail_msg("not heard at %.0f S/s", rate_hz);
    return 0;
}

static void every_rate_gives_all_bits(void **state)
{
    (void)state;
    static const double rates_hz[] = {16000, 24000, 25000, 48000, 62500, 96000, 250000};
    for (size_t i = 0; i < sizeof rates_hz / sizeof rates_hz[0]; i++)
        (void)listen(rates_hz[i], (struct fm_transmitter_settings){.deviation_hz = 3000});
}

static void deviation_and_carrier_do_not_matter(void **state)
{
    (void)state;
    static const double deviations_hz[] = {1500, 3000, 4500}, carriers_hz[] = {-2500, 0, 2500};
    for (int d = 0; d < 3; d++)
        for (int c = 0; c < 3; c++)
            (void)listen(48000, (struct fm_transmitter_settings){.deviation_hz = deviations_hz[d],
                                                                 .carrier_hz = carriers_hz[c],
                                                                 .pre_emphasis = d == 1});
}

static void time_level_and_carrier_are_measured(void **state)
{
    (void)state;
    static const double rates_hz[] = {25000, 48000, 250000};
    for (int i = 0; i < 3; i++) {
        double bit = rates_hz[i] / 1200.0;
        uint64_t at =
            listen(rates_hz[i], (struct fm_transmitter_settings){.deviation_hz = 3000, .carrier_hz = 1200});
        struct burst_figures figures;
        assert_int_equal(bell202->measure(modem, BRANCH, at, at + DATA, &figures), ATALAYA_OK);
        double first = floor(LEAD_S * rates_hz[i]) + PREAMBLE * bit;
        assert_true(fabs(figures.first_sample - first) < 0.15 * bit);
        assert_true(fabs(figures.end_sample - first - DATA * bit) < 0.15 * bit);
        assert_true(fabsf(figures.offset_hz - 1200.0F) < 60.0F);
        assert_true(fabsf(figures.level_dbfs) < 1.0F); /* less what the filter takes of the signal's edges */
        assert_true(fabsf(figures.peak - 1.0F) < 0.01F);
    }
}

/* Sends with pre-emphasis or without at `cnr_db`, and measures. */
static double deviation_measured(double rate_hz, double deviation_hz, bool pre_emphasis)
{
    struct burst_figures figures;
    uint64_t at =
        listen(rate_hz, (struct fm_transmitter_settings){
                            .deviation_hz = deviation_hz, .carrier_hz = -700, .pre_emphasis = pre_emphasis});
    assert_int_equal(bell202->measure(modem, BRANCH, at, at + DATA, &figures), ATALAYA_OK);
    return (double)figures.deviation_hz;
}

/* What is more than 3 kHz the channel's filter makes smaller. */
static void deviation_is_that_of_the_louder_tone(void **state)
{
    (void)state;
    static const double rates_hz[] = {19200, 48000}, deviations_hz[] = {1500, 2400, 3000};
    static const double cnrs_db[] = {100, 15, 8}, tolerances[] = {0.05, 0.06, 0.1};
    for (int i = 0; i < 36; i++) {
        double truth_hz = deviations_hz[i % 3];
        cnr_db = cnrs_db[i / 12];
        double hz = deviation_measured(rates_hz[i / 3 % 2], truth_hz, i / 6 % 2 == 1);
        assert_true(fabs(hz / truth_hz - 1.0) < tolerances[i / 12]);
    }
    cnr_db = 100.0;
    for (int i = 0; i < 4; i++) {
        double hz = deviation_measured(rates_hz[i / 2], 4500, i % 2 == 1);
        assert_true(hz > 3600.0 && hz < 4500.0);
    }
}

/* Of the carrier, not of what the discriminator makes of it, below its threshold too. */
static void snr_is_that_of_the_carrier(void **state)
{
    (void)state;
    static const double rates_hz[] = {19200, 48000}, deviations_hz[] = {1500, 3000, 4500};
    for (int i = 0; i < 12; i++) {
        const struct fm_transmitter_settings settings = {
            .deviation_hz = deviations_hz[i % 3], .carrier_hz = 900, .pre_emphasis = i / 6 == 1};
        /* The filter cuts off a part of the wide one: of the carrier too, and more than there is noise. */
        const bool wide = i % 3 == 2;
        const double most_db = wide ? 12.0 : 30.0, least_db = 6.0;
        for (double ebn0_db = least_db; ebn0_db <= most_db; ebn0_db += 6.0) {
            const unsigned seeds = ebn0_db < 10.0 ? 6 : 1;
            double mean_db = 0.0;
            for (unsigned seed = 1; seed <= seeds; seed++) {
                struct burst_figures figures;
                cnr_db = ebn0_db - 10.0 * log10(12500.0 / 1200.0);
                receive(rates_hz[i / 3 % 2], settings, seed);
                uint64_t end = heard_count - TAIL - (uint64_t)(AFTER_S * 1200.0);
                assert_int_equal(bell202->measure(modem, BRANCH, end - DATA, end, &figures), ATALAYA_OK);
                mean_db += (double)figures.snr_db / seeds;
            }
            if (!(fabs(mean_db - ebn0_db) < (wide ? 1.5 : 1.0)))
                fail_msg("%.1f dB for %.1f at %.0f Hz of deviation", mean_db, ebn0_db, settings.deviation_hz);
        }
    }
    cnr_db = 100.0;
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    uint64_t at = listen(48000, (struct fm_transmitter_settings){.deviation_hz = 3000});
    static const float bad[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e38F, 0.0F};
    for (int i = 0; i < 5000; i++) {
        float complex z = bad[i % 6] + bad[i / 6 % 6] * _Complex_I;
        bell202->execute_iq(modem, &z, 1, hear, NULL);
    }
    heard_count = 0;
    bell202->execute_iq(modem, iq, count, hear, NULL);
    assert_true(has_data(&at));
}

static void other_rates_are_refused(void **state)
{
    (void)state;
    static const double rates_hz[] = {0, -1, 8000, 1e9, NAN, INFINITY};
    struct modem *none = NULL;
    for (size_t i = 0; i < sizeof rates_hz / sizeof rates_hz[0]; i++)
        assert_int_equal(bell202->create(&none, rates_hz[i], MODEM_IQ), ATALAYA_E_ARGUMENT);
    assert_null(none);
}

static int setup(void **state)
{
    (void)state;
    bell202 = modem_find("bell202")->class;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bell202->destroy(modem);
    free(iq);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rate_gives_all_bits),
        cmocka_unit_test(deviation_and_carrier_do_not_matter),
        cmocka_unit_test(time_level_and_carrier_are_measured),
        cmocka_unit_test(deviation_is_that_of_the_louder_tone),
        cmocka_unit_test(snr_is_that_of_the_carrier),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(other_rates_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
