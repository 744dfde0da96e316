/* SPDX-License-Identifier: Apache-2.0 */
/* Bell 202 as no standard has it, with a squelch tone louder than itself below it and some noise, is read by
 * the slicers where no lane can: tones 900 or 1100 Hz apart, or 100 Hz high. */
#include "audio_scene.h"

#include <math.h>

#include "atalaya/dsp/impair.h"

#include "../../../dsp/two_tone_modem.h"

enum { RATE_HZ = 48000, TIMES = 6, SPARED = 1 };
#define BELOW_HZ 250.3 /* the highest squelch tone in use, and the nearest */
#define LOUDER   1.4F
#define EBN0_DB  14.0

static void send(double mark_hz, double space_hz, struct impair_random *noise)
{
    const struct two_tone odd = {.bit_rate = 1200.0, .mark_hz = mark_hz, .space_hz = space_hz};
    for (unsigned i = 0; i < scene.bit_count; i++)
        scene.bits[i] = i < scene.preamble ? i % 8 != 7 : impair_random_uniform(noise) < 0.5;
    scene_open(RATE_HZ);
    const size_t burst = two_tone_modulate_length(&odd, RATE_HZ, scene.bit_count);
    assert_true(SCENE_SILENCE + burst <= scene.count);
    assert_int_equal(
        two_tone_modulate(&odd, RATE_HZ, scene.bits, scene.bit_count, scene.audio + SCENE_SILENCE, burst),
        burst);
    for (size_t i = 0; i < scene.count; i++)
        scene.audio[i] += LOUDER * (float)sin(2.0 * M_PI * BELOW_HZ / RATE_HZ * (double)i);
    impair_add_noise(noise, scene.audio, scene.count, impair_noise_sigma(0.5, RATE_HZ, 1200.0, EBN0_DB));
}

static void test_odd_senders(void **state)
{
    static const double tones_hz[][2] = {{1250.0, 2150.0}, {1150.0, 2250.0}, {1300.0, 2300.0}};
    struct impair_random noise;
    (void)state;
    impair_random_seed(&noise, 5);
    for (size_t k = 0; k < sizeof tones_hz / sizeof *tones_hz; k++) {
        unsigned read = 0;
        for (unsigned i = 0; i < TIMES; i++) {
            send(tones_hz[k][0], tones_hz[k][1], &noise);
            scene_receive();
            read += scene_branches() > 0;
            scene_close();
        }
        print_message("%.0f and %.0f Hz: %u of %d\n", tones_hz[k][0], tones_hz[k][1], read, TIMES);
        assert_true(read >= TIMES - SPARED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_odd_senders)};
    scene = (struct audio_scene){.class = modem_find("bell202")->class,
                                 .bit_rate = 1200.0,
                                 .preamble = 240,
                                 .bit_count = 240 + SCENE_DATA + 40,
                                 .after_s = 0.1};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
