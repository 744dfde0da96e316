/* SPDX-License-Identifier: Apache-2.0 */
/* Audio taken down to a low rate: the band is kept as it was and in time, all else is gone, at every rate;
 * and the vectors' logarithms and powers that its spectra are read with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../../../dsp/audio_decimator.h"
#include "../../../dsp/wide.h"

enum { OUT_MAX = 4000 };
#define CUT_HZ        200.0
#define TRANSITION_HZ 150.0

static const double rates_hz[] = {8000, 11025, 16000, 22050, 44100, 46000, 48000, 96000, 192000};
enum { RATES = sizeof rates_hz / sizeof *rates_hz };
static struct audio_decimator decimator;
static float out[OUT_MAX];

/* A second of a sine of amplitude 1 through it, in blocks of odd sizes. */
static unsigned pass(double rate_hz, double tone_hz)
{
    float block[AUDIO_DECIMATOR_CHUNK_MAX], low[AUDIO_DECIMATOR_CHUNK_MAX];
    unsigned total = 0, size = 1;
    audio_decimator_reset(&decimator);
    for (unsigned n = 0; n < (unsigned)rate_hz; size = size * 7 % AUDIO_DECIMATOR_CHUNK_MAX + 1) {
        for (unsigned i = 0; i < size; i++)
            block[i] = (float)sin(2.0 * M_PI * tone_hz * (n + i) / rate_hz);
        unsigned made = audio_decimator_execute(&decimator, block, size, low);
        assert_true(total + made <= OUT_MAX);
        memcpy(out + total, low, made * sizeof *low);
        total += made;
        n += size;
    }
    return total;
}

static void the_band_is_kept_in_time(void **state)
{
    (void)state;
    for (unsigned r = 0; r < RATES; r++) {
        audio_decimator_init(&decimator, rates_hz[r], 2000.0, CUT_HZ, TRANSITION_HZ);
        double inner_hz = rates_hz[r] / decimator.decimation;
        assert_true(inner_hz > 1990.0 && inner_hz < 2600.0);
        unsigned count = pass(rates_hz[r], 110.0);
        assert_true(count >= (unsigned)inner_hz);
        for (unsigned k = 400; k < count; k++) {
            double at = (double)k * decimator.decimation - decimator.lag;
            assert_true(fabs((double)out[k] - sin(2.0 * M_PI * 110.0 * at / rates_hz[r])) < 0.004);
        }
    }
}

static void all_else_is_gone(void **state)
{
    (void)state;
    for (unsigned r = 0; r < RATES; r++) {
        audio_decimator_init(&decimator, rates_hz[r], 2000.0, CUT_HZ, TRANSITION_HZ);
        double inner_hz = rates_hz[r] / decimator.decimation;
        for (double tone_hz = 290.0; tone_hz < 0.49 * rates_hz[r]; tone_hz += 0.23 * inner_hz) {
            unsigned count = pass(rates_hz[r], tone_hz);
            for (unsigned k = 400; k < count; k++)
                assert_true(fabs((double)out[k]) < 0.002);
        }
    }
}

static void logarithms_and_powers_are_right(void **state)
{
    (void)state;
    for (double x = 1e-30; x < 1e30; x *= 1.037) {
        wide value = {(float)x, (float)(x * 1.01), 1.0F, (float)(x * 1.4)}, logs = wide_log(value);
        for (unsigned i = 0; i < WIDE; i++) {
            double right = log((double)value[i]);
            assert_true(fabs((double)logs[i] - right) < 2e-6 + 2e-7 * fabs(right));
        }
    }
    for (double x = 0.0; x < 80.0; x += 0.013) {
        wide power = wide_exp((wide){(float)x, 0.0F, 1.0F, (float)x});
        assert_true(fabs((double)power[0] / exp((double)(float)x) - 1.0) < 1.2e-5);
        assert_true(fabs((double)power[2] - M_E) < 1e-5);
    }
}

static void the_largest_sample_is_found_wherever_it_is(void **state)
{
    (void)state;
    float samples[21] = {0};
    for (unsigned count = 0; count <= 21; count++)
        for (unsigned at = 0; at < count; at++) {
            samples[at] = at % 2 ? -3.0F : 3.0F;
            assert_true(wide_peak(samples, count) == 3.0F);
            samples[at] = 0.0F;
        }
    assert_true(wide_peak(samples, 0) == 0.0F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_band_is_kept_in_time),
        cmocka_unit_test(all_else_is_gone),
        cmocka_unit_test(logarithms_and_powers_are_right),
        cmocka_unit_test(the_largest_sample_is_found_wherever_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
