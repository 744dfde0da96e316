/* SPDX-License-Identifier: Apache-2.0 */
/* G3RUH 9600 on the radio channel itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/modem.h"

enum { PREAMBLE = 480, DATA = 700, TAIL = 60, BITS = PREAMBLE + DATA + TAIL };
enum { SILENCE = 4000, SAMPLES_MAX = 1 << 17, HEARD_MAX = 1 << 13, BRANCHES_MAX = 16 };

static const struct modem_class *g3ruh;
static struct modem *modem;
static double rate_hz;
static uint8_t bits[BITS];
static float audio[SAMPLES_MAX];
static float complex iq[SAMPLES_MAX];
static size_t count;
static int8_t heard[BRANCHES_MAX][HEARD_MAX];
static uint64_t heard_count[BRANCHES_MAX];

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    assert_true(run->branch < g3ruh->branches);
    assert_int_equal(run->first_bit, heard_count[run->branch]);
    for (size_t i = 0; i < run->count; i++)
        if (heard_count[run->branch] < HEARD_MAX)
            heard[run->branch][heard_count[run->branch]++] = run->soft[i];
}

/* Noise from `SILENCE` samples before the burst on, as loud as the level says. */
static void open_scene(uint64_t seed, double at_rate_hz, double deviation_hz, double carrier_hz,
                       double ebn0_db)
{
    struct impair_random random;
    struct fm_transmitter transmitter;
    const struct fm_transmitter_settings settings = {
        .rate_hz = at_rate_hz, .deviation_hz = deviation_hz, .carrier_hz = carrier_hz};
    rate_hz = at_rate_hz;
    impair_random_seed(&random, seed);
    for (int i = 0; i < BITS; i++)
        bits[i] = impair_random_next(&random) >> 63;
    memset(heard_count, 0, sizeof heard_count);
    memset(iq, 0, sizeof iq);
    size_t burst = g3ruh->modulate_length(rate_hz, BITS);
    count = SILENCE + burst + (size_t)(0.02 * rate_hz);
    assert_true(count <= SAMPLES_MAX);
    assert_int_equal(g3ruh->modulate(rate_hz, bits, BITS, audio, burst), burst);
    fm_transmitter_create(&transmitter, &settings);
    fm_transmitter_execute(&transmitter, audio, burst, iq + SILENCE);
    for (size_t i = 0; i < burst; i++)
        iq[SILENCE + i] *= 0.1F;
    double cnr_db = ebn0_db - 10.0 * log10(IMPAIR_CNR_WIDTH_HZ / 9600.0);
    double sigma = 0.1 * impair_cnr_sigma(rate_hz, cnr_db);
    impair_add_noise_iq(&random, iq, count, sigma);
    assert_int_equal(g3ruh->create(&modem, rate_hz, MODEM_IQ), ATALAYA_OK);
}

static int64_t find_data(unsigned branch)
{
    for (uint64_t at = 0; at + DATA <= heard_count[branch]; at++) {
        int i = 0;
        while (i < DATA && (heard[branch][at + (uint64_t)i] > 0) == bits[PREAMBLE + i])
            i++;
        if (i == DATA)
            return (int64_t)at;
    }
    return -1;
}

/* The branch that has the data and the clearest signal. */
static bool find_best(struct burst_figures *best)
{
    bool any = false;
    g3ruh->execute_iq(modem, iq, count, hear, NULL);
    for (unsigned branch = 0; branch < g3ruh->branches; branch++) {
        struct burst_figures figures;
        int64_t first = find_data(branch);
        if (first < 0)
            continue;
        assert_int_equal(g3ruh->measure(modem, branch, (uint64_t)first, (uint64_t)first + DATA, &figures),
                         ATALAYA_OK);
        if (!any || figures.snr_db > best->snr_db)
            *best = figures;
        any = true;
    }
    return any;
}

static void close_scene(void)
{
    g3ruh->destroy(modem);
    modem = NULL;
}

static void every_rate_decodes_with_true_times_and_level(void **state)
{
    (void)state;
    static const double rates_hz[] = {19200, 24000, 44100, 48000, 96000, 192000};
    for (size_t i = 0; i < sizeof rates_hz / sizeof *rates_hz; i++) {
        struct burst_figures figures = {0};
        open_scene(3, rates_hz[i], 3000.0, 0.0, 20.0);
        assert_true(find_best(&figures));
        double bit = rate_hz / 9600.0;
        /* The transmitter sums the frequencies up to and with each sample's: half a sample early. */
        double burst = SILENCE - 0.5;
        double first_error = (figures.first_sample - burst) / bit - PREAMBLE;
        double end_error = (figures.end_sample - burst) / bit - PREAMBLE - DATA;
        if (fabs(first_error) > 0.3 || fabs(end_error) > 0.3)
            print_message("%.0f Hz: off by %.3f and %.3f bit\n", rate_hz, first_error, end_error);
        assert_true(fabs(first_error) < 0.3 && fabs(end_error) < 0.3);
        if (fabsf(figures.level_dbfs + 20.0F) > 1.0F)
            print_message("%.0f Hz: level %.1f dB\n", rate_hz, (double)figures.level_dbfs);
        assert_float_equal(figures.level_dbfs, -20.0F, 1.0F);
        assert_true(fabsf(figures.offset_hz) < 100.0F);
        close_scene();
    }
}

static void offset_and_deviation_are_found_and_the_offset_told(void **state)
{
    (void)state;
    static const struct {
        double deviation_hz, carrier_hz, ebn0_db;
    } cases[] = {{3000, 2000, 8}, {3000, -2000, 8}, {3000, 1000, 7}, {3000, -500, 7},
                 {2000, 0, 14},   {2500, 0, 10},    {4000, 0, 11},   {3500, -1000, 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned found = 0;
        double sum_hz = 0.0, deviation_hz = 0.0;
        for (unsigned seed = 1; seed <= 8; seed++) {
            struct burst_figures figures = {0};
            open_scene(seed, 48000, cases[i].deviation_hz, cases[i].carrier_hz, cases[i].ebn0_db);
            bool any = find_best(&figures);
            found += any;
            sum_hz += any ? (double)figures.offset_hz : 0.0;
            deviation_hz += any ? (double)figures.deviation_hz : 0.0;
            close_scene();
        }
        print_message("deviation %.0f Hz, offset %.0f Hz at %.0f dB: %u of 8, told %.0f and %.0f Hz\n",
                      cases[i].deviation_hz, cases[i].carrier_hz, cases[i].ebn0_db, found,
                      deviation_hz / found, sum_hz / found);
        assert_true(found >= 5);
        assert_true(fabs(sum_hz / found - cases[i].carrier_hz) < 100.0);
        assert_true(fabs(deviation_hz / found / cases[i].deviation_hz - 1.0) < 0.18);
    }
}

/* Below 4 dB no frame is read. */
static void snr_is_told_from_4_to_30_db(void **state)
{
    (void)state;
    static const struct {
        double deviation_hz, carrier_hz, least_db;
    } cases[] = {{3000, 0, 4}, {3000, 1500, 8}, {2000, 0, 12}, {4000, -300, 8}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (double ebn0_db = cases[i].least_db; ebn0_db <= 30.0; ebn0_db += i ? 6.0 : 2.0) {
            double sum_db = 0.0;
            unsigned found = 0;
            for (unsigned seed = 1; seed <= 4 || (found == 0 && seed < 20); seed++) {
                struct burst_figures figures = {.snr_db = NAN};
                open_scene(seed, 48000, cases[i].deviation_hz, cases[i].carrier_hz, ebn0_db);
                if (find_best(&figures)) {
                    found++;
                    sum_db += (double)figures.snr_db;
                    assert_true(ebn0_db < 8.0 || fabs((double)figures.snr_db - ebn0_db) < 1.5);
                }
                close_scene();
            }
            assert_true(found > 0);
            if (fabs(sum_db / found - ebn0_db) > 0.5)
                print_message("deviation %.0f Hz, %.0f dB: told %.2f, mean of %u\n", cases[i].deviation_hz,
                              ebn0_db, sum_db / found, found);
            assert_true(fabs(sum_db / found - ebn0_db) < 1.0);
        }
}

static void chunking_does_not_change_a_bit(void **state)
{
    (void)state;
    static int8_t whole[BRANCHES_MAX][HEARD_MAX];
    uint64_t before[BRANCHES_MAX];
    struct impair_random random;
    impair_random_seed(&random, 9);
    open_scene(3, 44100, 3000.0, 1500.0, 6.0);
    g3ruh->execute_iq(modem, iq, count, hear, NULL);
    memcpy(whole, heard, sizeof whole);
    memcpy(before, heard_count, sizeof before);
    g3ruh->reset(modem);
    memset(heard_count, 0, sizeof heard_count);
    for (size_t at = 0; at < count;) {
        size_t chunk = (size_t)(impair_random_uniform(&random) * 300.0);
        chunk = chunk < count - at ? chunk : count - at;
        g3ruh->execute_iq(modem, iq + at, chunk, hear, NULL);
        at += chunk;
    }
    for (unsigned branch = 0; branch < g3ruh->branches; branch++) {
        assert_true(before[branch] > BITS);
        assert_int_equal(heard_count[branch], before[branch]);
        assert_memory_equal(heard[branch], whole[branch], before[branch]);
    }
    close_scene();
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    static const float hostile[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, 3e38F, 1e-40F, -8.0F};
    static float complex block[4800];
    struct burst_figures figures = {0};
    for (size_t i = 0; i < sizeof block / sizeof *block; i++)
        block[i] = hostile[i * 7919 % 8] + hostile[i * 31 % 8] * _Complex_I;
    open_scene(3, 48000, 3000.0, 0.0, 12.0);
    g3ruh->execute_iq(modem, block, sizeof block / sizeof *block, hear, NULL);
    assert_true(find_best(&figures));
    assert_true(isfinite(figures.level_dbfs) && isfinite(figures.snr_db) && isfinite(figures.offset_hz));
    close_scene();
}

static void wrong_rates_and_wrong_inputs_are_refused(void **state)
{
    (void)state;
    struct modem *none = NULL;
    assert_int_equal(g3ruh->create(&none, 19199.0, MODEM_IQ), ATALAYA_E_ARGUMENT);
    assert_int_equal(g3ruh->create(&none, (double)NAN, MODEM_IQ), ATALAYA_E_ARGUMENT);
    assert_int_equal(g3ruh->create(&none, 192001.0, MODEM_IQ), ATALAYA_E_ARGUMENT);
    assert_null(none);
    open_scene(3, 48000, 3000.0, 0.0, 20.0);
    g3ruh->execute(modem, audio, 1000, hear, NULL); /* opened for IQ: audio is nothing to it */
    assert_int_equal(heard_count[0], 0);
    close_scene();
}

int main(void)
{
    g3ruh = modem_find("g3ruh9600")->class;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rate_decodes_with_true_times_and_level),
        cmocka_unit_test(offset_and_deviation_are_found_and_the_offset_told),
        cmocka_unit_test(snr_is_told_from_4_to_30_db),
        cmocka_unit_test(chunking_does_not_change_a_bit),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(wrong_rates_and_wrong_inputs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
