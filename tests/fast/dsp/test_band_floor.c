/* SPDX-License-Identifier: Apache-2.0 */
/* The noise of a band is known whoever transmits in it, and a signal that could be decoded stands out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "atalaya/dsp/band_generator.h"
#include "atalaya/dsp/channelizer.h"

enum { CHANNELS_MAX = 16, PIECE = 4000 };
#define RATE_HZ    300e3
#define NOISE_DBFS -60.0

static uint8_t bits[3000];

/* Runs a band in which the first `busy` of the channels, 12.5 kHz apart, transmit from start_s on. What is
 * known at the end of it. Returns the largest ratio of power and floor that channel `asked` had before
 * start_s. */
static double run(unsigned busy, double cnr_db, double start_s, double seconds, unsigned asked,
                  struct channelizer_level *end, double *least_after)
{
    struct channelizer_channel channels[CHANNELS_MAX];
    static float complex iq[PIECE];
    struct channelizer *c;
    struct band_generator *g;
    double most = 0.0, time_s = 0.0;
    *least_after = (double)INFINITY;
    assert_int_equal(band_generator_create(&g, RATE_HZ, NOISE_DBFS, 7), ATALAYA_OK);
    for (unsigned i = 0; i < CHANNELS_MAX; i++) {
        channels[i] = (struct channelizer_channel){.offset_hz = (i - 7.5) * 12500.0};
        const struct band_burst burst = {.modem = modem_find("bell202")->class,
                                         .bits = bits,
                                         .bit_count = sizeof bits,
                                         .start_s = start_s,
                                         .offset_hz = channels[i].offset_hz,
                                         .level_dbfs = NOISE_DBFS + cnr_db,
                                         .deviation_hz = 2500.0};
        if (i < busy)
            assert_int_equal(band_generator_add(g, &burst), ATALAYA_OK);
    }
    assert_int_equal(channelizer_create(&c, RATE_HZ, channels, CHANNELS_MAX), ATALAYA_OK);
    for (; time_s < seconds; time_s += PIECE / RATE_HZ) {
        assert_int_equal(band_generator_read(g, iq, PIECE), ATALAYA_OK);
        for (size_t done = 0, taken; done < PIECE; done += taken) {
            if (!channelizer_execute(c, iq + done, PIECE - done, &taken))
                continue;
            *end = channelizer_level(c, asked);
            double ratio = end->floor > 0.0F ? (double)(end->power / end->floor) : 0.0;
            if (time_s < start_s - 0.05)
                most = fmax(most, ratio);
            else if (time_s > start_s + 0.05)
                *least_after = fmin(*least_after, ratio);
        }
    }
    channelizer_destroy(c);
    band_generator_destroy(g);
    return most;
}

static void noise_is_known_and_a_weak_signal_stands_out(void **state)
{
    struct channelizer_level end;
    double least;
    (void)state;
    double most = run(1, 1.0, 1.5, 2.5, 0, &end, &least);
    double noise = pow(10.0, NOISE_DBFS / 10.0) * 10050.0 / 12500.0;
    assert_true((double)end.floor > 0.8 * noise && (double)end.floor < 1.02 * noise);
    assert_true(most > 0.9 && most < 1.5);
    assert_true(least > 1.6);
}

/* Half of the band talks loudly from the very first moment on. */
static void talkers_do_not_raise_it(void **state)
{
    struct channelizer_level end;
    double least;
    (void)state;
    (void)run(12, 30.0, 0.0, 2.0, 5, &end, &least);
    double noise = pow(10.0, NOISE_DBFS / 10.0) * 10050.0 / 12500.0;
    assert_true((double)end.floor < 1.3 * noise);
    assert_true(end.power > 100.0F * end.floor);
}

static void in_a_narrow_band_it_is_not_known(void **state)
{
    static float complex iq[PIECE];
    const struct channelizer_channel channel = {.offset_hz = 0.0};
    struct channelizer *c;
    size_t taken;
    (void)state;
    assert_int_equal(channelizer_create(&c, 48e3, &channel, 1), ATALAYA_OK);
    for (int i = 0; i < PIECE; i++)
        iq[i] = 0.1F;
    for (int i = 0; i < 30; i++)
        (void)channelizer_execute(c, iq, PIECE, &taken);
    const struct channelizer_level level = channelizer_level(c, 0);
    assert_true(level.floor >= 0.0F && level.floor <= 0.0F);
    assert_true(fabs((double)level.power - 0.01) < 1e-4);
    channelizer_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_known_and_a_weak_signal_stands_out),
        cmocka_unit_test(talkers_do_not_raise_it),
        cmocka_unit_test(in_a_narrow_band_it_is_not_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
