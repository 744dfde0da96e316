/* SPDX-License-Identifier: Apache-2.0 */
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

enum {
    PREAMBLE = 480,
    DATA = 700,
    TAIL = 40,
    BITS = PREAMBLE + DATA + TAIL,
    SILENCE = 300,
    BRANCHES_MAX = 16
};
enum { HEARD_MAX = 1 << 13, AUDIO_BRANCHES = 4 /* the others are for IQ */ };

struct scene {
    struct modem *modem;
    double rate_hz;
    uint8_t bits[BITS];
    float *audio;
    size_t count;
    int8_t heard[BRANCHES_MAX][HEARD_MAX];
    uint64_t heard_count[BRANCHES_MAX];
};

static struct scene scene;
static const struct modem_class *g3ruh;

static void hear(void *context, const struct soft_run *run)
{
    struct scene *heard = context;
    assert_true(run->branch < g3ruh->branches);
    assert_int_equal(run->first_bit, heard->heard_count[run->branch]);
    assert_int_equal(run->scrambler, SCRAMBLER_G3RUH);
    assert_non_null(run->event);
    for (size_t i = 0; i < run->count; i++)
        if (heard->heard_count[run->branch] < HEARD_MAX)
            heard->heard[run->branch][heard->heard_count[run->branch]++] = run->soft[i];
}

static void count_only(void *context, const struct soft_run *run)
{
    if (run->branch == 0)
        *(size_t *)context += run->count;
}

/* What a scrambler makes looks random. `bend`: the sender's bits are shorter by that part. */
static void open_scene(double rate_hz, double bend)
{
    struct impair_random random;
    impair_random_seed(&random, 2);
    memset(scene.heard_count, 0, sizeof scene.heard_count);
    scene.rate_hz = rate_hz;
    for (int i = 0; i < BITS; i++)
        scene.bits[i] = impair_random_next(&random) >> 63;
    assert_int_equal(g3ruh->create(&scene.modem, rate_hz, MODEM_AUDIO), ATALAYA_OK);
    size_t burst = g3ruh->modulate_length(rate_hz / (1.0 + bend), BITS);
    scene.count = burst + SILENCE + (size_t)(0.02 * rate_hz);
    scene.audio = calloc(scene.count, sizeof *scene.audio);
    assert_non_null(scene.audio);
    assert_int_equal(g3ruh->modulate(rate_hz / (1.0 + bend), scene.bits, BITS, scene.audio + SILENCE, burst),
                     burst);
}

static void close_scene(void)
{
    g3ruh->destroy(scene.modem);
    free(scene.audio);
}

static void receive(void)
{
    g3ruh->execute(scene.modem, scene.audio, scene.count, hear, &scene);
}

/* Where the data begins among the bits of the branch, if all of it is there without an error; or -1. */
static int64_t find_data(unsigned branch)
{
    for (uint64_t at = 0; at + DATA <= scene.heard_count[branch]; at++) {
        int i = 0;
        while (i < DATA && (scene.heard[branch][at + (uint64_t)i] > 0) == scene.bits[PREAMBLE + i])
            i++;
        if (i == DATA)
            return (int64_t)at;
    }
    return -1;
}

static unsigned count_branches(void)
{
    unsigned count = 0;
    for (unsigned branch = 0; branch < g3ruh->branches; branch++)
        count += find_data(branch) >= 0;
    return count;
}

static void check_times(unsigned branch, const struct burst_figures *figures)
{
    double bit = scene.rate_hz / 9600.0;
    double first_error = (figures->first_sample - SILENCE) / bit - PREAMBLE;
    double end_error = (figures->end_sample - SILENCE) / bit - PREAMBLE - DATA;
    if (fabs(first_error) > 0.08 || fabs(end_error) > 0.08)
        print_message("%.0f Hz, branch %u: off by %.3f and %.3f bit\n", scene.rate_hz, branch, first_error,
                      end_error);
    assert_true(fabs(first_error) < 0.08 && fabs(end_error) < 0.08);
}

static void every_rate_decodes_with_true_times_and_level(void **state)
{
    (void)state;
    static const double rates_hz[] = {16000, 19200, 22050, 24000, 44100, 48000, 96000, 192000};
    for (size_t i = 0; i < sizeof rates_hz / sizeof *rates_hz; i++) {
        open_scene(rates_hz[i], 0.0);
        double energy = 0.0, loudest = 0.0;
        for (size_t k = 0; k < scene.count; k++) {
            scene.audio[k] *= 0.25F;
            energy += (double)(scene.audio[k] * scene.audio[k]);
            loudest = fmax(loudest, (double)fabsf(scene.audio[k]));
        }
        double power = energy / (BITS * rates_hz[i] / 9600.0);
        receive();
        assert_int_equal(count_branches(), AUDIO_BRANCHES);
        for (unsigned branch = 0; branch < AUDIO_BRANCHES; branch++) {
            struct burst_figures figures;
            uint64_t first = (uint64_t)find_data(branch);
            assert_int_equal(g3ruh->measure(scene.modem, branch, first, first + DATA, &figures), ATALAYA_OK);
            check_times(branch, &figures);
            assert_float_equal(figures.level_dbfs, (float)(10.0 * log10(2.0 * power)), 0.3F);
            assert_float_equal(figures.peak, (float)loudest, 0.1F * (float)loudest);
            assert_true(figures.snr_db > 28.0F);
        }
        close_scene();
    }
}

static void rates_out_of_reach_are_refused(void **state)
{
    (void)state;
    static const double bad_hz[] = {15999.0, 0.0, -48000.0, 192001.0, (double)NAN, (double)INFINITY};
    for (size_t i = 0; i < sizeof bad_hz / sizeof *bad_hz; i++) {
        struct modem *modem = NULL;
        assert_int_equal(g3ruh->create(&modem, bad_hz[i], MODEM_AUDIO), ATALAYA_E_ARGUMENT);
        assert_null(modem);
    }
    g3ruh->destroy(NULL);
}

static void chunking_does_not_change_a_bit(void **state)
{
    (void)state;
    static int8_t whole[HEARD_MAX];
    const unsigned branch = AUDIO_BRANCHES - 1; /* it tracks */
    open_scene(44100, 0.0);
    struct impair_random random;
    impair_random_seed(&random, 3);
    impair_add_noise(&random, scene.audio, scene.count, 0.7);
    receive();
    uint64_t count = scene.heard_count[branch];
    assert_true(count > BITS);
    memcpy(whole, scene.heard[branch], count);
    g3ruh->reset(scene.modem);
    memset(scene.heard_count, 0, sizeof scene.heard_count);
    for (size_t at = 0; at < scene.count;) {
        size_t chunk = (size_t)(impair_random_uniform(&random) * 700.0);
        chunk = chunk < scene.count - at ? chunk : scene.count - at;
        g3ruh->execute(scene.modem, scene.audio + at, chunk, hear, &scene);
        at += chunk;
    }
    assert_int_equal(scene.heard_count[branch], count);
    assert_memory_equal(scene.heard[branch], whole, count);
    close_scene();
}

static double mean_power(void)
{
    double energy = 0.0;
    for (size_t k = SILENCE; k < SILENCE + (size_t)(BITS * scene.rate_hz / 9600.0); k++)
        energy += (double)(scene.audio[k] * scene.audio[k]);
    return energy / (BITS * scene.rate_hz / 9600.0);
}

static void snr_is_told_from_0_to_30_db(void **state)
{
    (void)state;
    struct impair_random random;
    impair_random_seed(&random, 4);
    for (int ebn0_db = 0; ebn0_db <= 30; ebn0_db += 3) {
        open_scene(48000, 0.0);
        double power = mean_power();
        receive(); /* clean: tells which bits the data are */
        int64_t first = find_data(0);
        assert_true(first >= 0);
        g3ruh->reset(scene.modem);
        memset(scene.heard_count, 0, sizeof scene.heard_count);
        impair_add_noise(&random, scene.audio, scene.count, impair_noise_sigma(power, 48000, 9600, ebn0_db));
        receive();
        struct burst_figures figures;
        assert_int_equal(g3ruh->measure(scene.modem, 0, (uint64_t)first, (uint64_t)first + DATA, &figures),
                         ATALAYA_OK);
        if (fabsf(figures.snr_db - (float)ebn0_db) > 1.0F)
            print_message("Eb/N0 %d dB told as %.2f\n", ebn0_db, (double)figures.snr_db);
        assert_float_equal(figures.snr_db, (float)ebn0_db, 1.0F);
        close_scene();
    }
}

/* A discriminator 2 kHz off its carrier, or a sound card with an offset of its own. */
static void a_zero_line_that_jumps_is_followed(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        open_scene(48000, 0.0);
        for (size_t k = SILENCE; k < scene.count; k++)
            scene.audio[k] += (float)sign * 0.67F;
        struct impair_random random;
        impair_random_seed(&random, 6);
        impair_add_noise(&random, scene.audio, scene.count,
                         impair_noise_sigma(mean_power(), 48000, 9600, 12));
        receive();
        assert_true(count_branches() > 0);
        close_scene();
    }
}

/* One pole at 4 kHz, and one that takes what is below 100 Hz: an audio path that is not made for data. */
static void a_poor_audio_path_is_equalised(void **state)
{
    (void)state;
    open_scene(48000, 0.0);
    struct impair_random random;
    impair_random_seed(&random, 7);
    impair_add_noise(&random, scene.audio, scene.count, impair_noise_sigma(mean_power(), 48000, 9600, 13));
    float low = 0.0F, base = 0.0F, pole = (float)(1.0 - exp(-2.0 * M_PI * 4000.0 / 48000.0));
    for (size_t k = 0; k < scene.count; k++) {
        low += pole * (scene.audio[k] - low);
        base += (float)(2.0 * M_PI * 100.0 / 48000.0) * (low - base);
        scene.audio[k] = low - base;
    }
    receive();
    assert_true(count_branches() > 0);
    close_scene();
}

static void clocks_off_by_a_part_in_2000_are_followed(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        open_scene(48000, sign * 0.0005);
        struct impair_random random;
        impair_random_seed(&random, 8);
        impair_add_noise(&random, scene.audio, scene.count,
                         impair_noise_sigma(mean_power(), 48000, 9600, 12));
        receive();
        assert_true(count_branches() > 0);
        close_scene();
    }
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    static const float hostile[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, 3e38F, 1e-40F, -8.0F};
    open_scene(48000, 0.0);
    static float block[9600];
    for (size_t i = 0; i < sizeof block / sizeof *block; i++)
        block[i] = hostile[i * 7919 % 8];
    g3ruh->execute(scene.modem, block, sizeof block / sizeof *block, hear, &scene);
    receive(); /* the zero line and the level come down from what is 18 dB over full scale */
    receive();
    assert_true(count_branches() > 0);
    close_scene();
}

static void measure_remembers_16384_bits_and_says_so(void **state)
{
    (void)state;
    open_scene(19200, 0.0);
    struct burst_figures figures;
    size_t bits = 0;
    for (int i = 0; i < 16; i++)
        g3ruh->execute(scene.modem, scene.audio, scene.count, count_only, &bits);
    uint64_t total = bits;
    assert_true(total > 17000);
    assert_int_equal(g3ruh->measure(scene.modem, 0, total - 16384, total, &figures), ATALAYA_OK);
    assert_int_equal(g3ruh->measure(scene.modem, 0, total - 16385, total, &figures), ATALAYA_E_RANGE);
    assert_int_equal(g3ruh->measure(scene.modem, 0, total, total + 1, &figures), ATALAYA_E_RANGE);
    assert_int_equal(g3ruh->measure(scene.modem, 0, 5, 5, &figures), ATALAYA_E_ARGUMENT);
    assert_int_equal(g3ruh->measure(scene.modem, g3ruh->branches, 0, 1, &figures), ATALAYA_E_ARGUMENT);
    close_scene();
}

static void modulate_refuses_too_small_a_buffer(void **state)
{
    (void)state;
    uint8_t bits[3] = {1, 0, 1};
    float audio[14];
    assert_int_equal(g3ruh->modulate_length(44100, 3), 14); /* 13.8 */
    assert_int_equal(g3ruh->modulate(44100, bits, 3, audio, 13), 0);
    assert_int_equal(g3ruh->modulate(44100, bits, 3, audio, 14), 14);
    assert_int_equal(g3ruh->modulate(14000, bits, 3, audio, 14), 0); /* below the Nyquist rate */
}

/* In the middle of a bit there is nothing of its neighbours, and steady bits have amplitude 1. */
static void sent_bits_do_not_disturb_each_other(void **state)
{
    (void)state;
    open_scene(96000, 0.0);
    for (int i = 4; i < BITS - 4; i++)
        assert_float_equal(scene.audio[SILENCE + i * 10 + 5], scene.bits[i] ? 1.0F : -1.0F, 0.01F);
    close_scene();
}

int main(void)
{
    g3ruh = modem_find("g3ruh9600")->class;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rate_decodes_with_true_times_and_level),
        cmocka_unit_test(rates_out_of_reach_are_refused),
        cmocka_unit_test(chunking_does_not_change_a_bit),
        cmocka_unit_test(snr_is_told_from_0_to_30_db),
        cmocka_unit_test(a_zero_line_that_jumps_is_followed),
        cmocka_unit_test(a_poor_audio_path_is_equalised),
        cmocka_unit_test(clocks_off_by_a_part_in_2000_are_followed),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(measure_remembers_16384_bits_and_says_so),
        cmocka_unit_test(modulate_refuses_too_small_a_buffer),
        cmocka_unit_test(sent_bits_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
