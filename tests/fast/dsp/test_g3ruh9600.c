/* SPDX-License-Identifier: Apache-2.0 */
#include "audio_scene.h"

#include <math.h>

#include "atalaya/dsp/impair.h"

enum { PREAMBLE = 480, TAIL = 40, BITS = PREAMBLE + SCENE_DATA + TAIL };
enum { AUDIO_BRANCHES = 4 /* the others are for IQ */ };

static const struct modem_class *g3ruh;

/* What a scrambler makes looks random. */
static int setup(void **state)
{
    (void)state;
    struct impair_random random;
    impair_random_seed(&random, 2);
    g3ruh = modem_find("g3ruh9600")->class;
    scene.class = g3ruh;
    scene.scrambler = SCRAMBLER_G3RUH;
    scene.bit_rate = 9600.0;
    scene.preamble = PREAMBLE;
    scene.bit_count = BITS;
    scene.after_s = 0.02;
    for (int i = 0; i < BITS; i++)
        scene.bits[i] = impair_random_next(&random) >> 63;
    return 0;
}

static void every_rate_decodes_with_true_times_and_level(void **state)
{
    (void)state;
    static const double rates_hz[] = {16000, 19200, 22050, 24000, 44100, 48000, 96000, 192000};
    for (size_t i = 0; i < sizeof rates_hz / sizeof *rates_hz; i++) {
        scene_open(rates_hz[i]);
        double energy = 0.0, loudest = 0.0;
        for (size_t k = 0; k < scene.count; k++) {
            scene.audio[k] *= 0.25F;
            energy += (double)(scene.audio[k] * scene.audio[k]);
            loudest = fmax(loudest, (double)fabsf(scene.audio[k]));
        }
        double power = energy / (BITS * rates_hz[i] / 9600.0);
        scene_receive();
        assert_int_equal(scene_branches(), AUDIO_BRANCHES);
        for (unsigned branch = 0; branch < AUDIO_BRANCHES; branch++) {
            struct burst_figures figures = scene_measure(branch);
            scene_check_times(&figures, 0.08);
            assert_float_equal(figures.level_dbfs, (float)(10.0 * log10(2.0 * power)), 0.3F);
            assert_float_equal(figures.peak, (float)loudest, 0.1F * (float)loudest);
            assert_true(figures.snr_db > 28.0F);
        }
        scene_close();
    }
}

static void rates_out_of_reach_are_refused(void **state)
{
    (void)state;
    static const double bad_hz[] = {15999.0, 0.0, -48000.0, 192001.0, (double)NAN, (double)INFINITY};
    scene_check_refused(bad_hz, sizeof bad_hz / sizeof *bad_hz);
}

static void chunking_does_not_change_a_bit(void **state)
{
    (void)state;
    scene_check_pieces(AUDIO_BRANCHES - 1); /* it tracks */
}

static double mean_power(void)
{
    double energy = 0.0;
    for (size_t k = SCENE_SILENCE; k < SCENE_SILENCE + (size_t)(BITS * scene.rate_hz / 9600.0); k++)
        energy += (double)(scene.audio[k] * scene.audio[k]);
    return energy / (BITS * scene.rate_hz / 9600.0);
}

static void snr_is_told_from_0_to_30_db(void **state)
{
    (void)state;
    struct impair_random random;
    impair_random_seed(&random, 4);
    for (int ebn0_db = 0; ebn0_db <= 30; ebn0_db += 3) {
        scene_open(48000);
        double power = mean_power();
        scene_receive(); /* clean: tells which bits the data are */
        int64_t first = scene_find_data(0);
        assert_true(first >= 0);
        scene_forget();
        impair_add_noise(&random, scene.audio, scene.count, impair_noise_sigma(power, 48000, 9600, ebn0_db));
        scene_receive();
        struct burst_figures figures;
        assert_int_equal(
            g3ruh->measure(scene.modem, 0, (uint64_t)first, (uint64_t)first + SCENE_DATA, &figures),
            ATALAYA_OK);
        if (fabsf(figures.snr_db - (float)ebn0_db) > 1.0F)
            print_message("Eb/N0 %d dB told as %.2f\n", ebn0_db, (double)figures.snr_db);
        assert_float_equal(figures.snr_db, (float)ebn0_db, 1.0F);
        scene_close();
    }
}

/* A discriminator 2 kHz off its carrier, or a sound card with an offset of its own. */
static void a_zero_line_that_jumps_is_followed(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        scene_open(48000);
        for (size_t k = SCENE_SILENCE; k < scene.count; k++)
            scene.audio[k] += (float)sign * 0.67F;
        struct impair_random random;
        impair_random_seed(&random, 6);
        impair_add_noise(&random, scene.audio, scene.count,
                         impair_noise_sigma(mean_power(), 48000, 9600, 12));
        scene_receive();
        assert_true(scene_branches() > 0);
        scene_close();
    }
}

/* One pole at 4 kHz, and one that takes what is below 100 Hz: an audio path that is not made for data. */
static void a_poor_audio_path_is_equalised(void **state)
{
    (void)state;
    scene_open(48000);
    struct impair_random random;
    impair_random_seed(&random, 7);
    impair_add_noise(&random, scene.audio, scene.count, impair_noise_sigma(mean_power(), 48000, 9600, 13));
    float low = 0.0F, base = 0.0F, pole = (float)(1.0 - exp(-2.0 * M_PI * 4000.0 / 48000.0));
    for (size_t k = 0; k < scene.count; k++) {
        low += pole * (scene.audio[k] - low);
        base += (float)(2.0 * M_PI * 100.0 / 48000.0) * (low - base);
        scene.audio[k] = low - base;
    }
    scene_receive();
    assert_true(scene_branches() > 0);
    scene_close();
}

static void clocks_off_by_a_part_in_2000_are_followed(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        scene.bend = sign * 0.0005;
        scene_open(48000);
        struct impair_random random;
        impair_random_seed(&random, 8);
        impair_add_noise(&random, scene.audio, scene.count,
                         impair_noise_sigma(mean_power(), 48000, 9600, 12));
        scene_receive();
        assert_true(scene_branches() > 0);
        scene_close();
    }
    scene.bend = 0.0;
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    scene_open(48000);
    scene_hear_hostile();
    scene_receive(); /* the zero line and the level come down from what is 18 dB over full scale */
    scene_receive();
    assert_true(scene_branches() > 0);
    scene_close();
}

static void measure_remembers_16384_bits_and_says_so(void **state)
{
    (void)state;
    scene_check_memory(19200);
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
    scene_open(96000);
    for (int i = 4; i < BITS - 4; i++)
        assert_float_equal(scene.audio[SCENE_SILENCE + i * 10 + 5], scene.bits[i] ? 1.0F : -1.0F, 0.01F);
    scene_close();
}

int main(void)
{
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
    return cmocka_run_group_tests(tests, setup, NULL);
}
