/* SPDX-License-Identifier: Apache-2.0 */
/* Channels out of a band: frequency, phase, level and time are those of the band, and neighbours stay out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/channelizer.h"

enum { OUT_MAX = 70000, SETTLE = 40 };

static const double rates_hz[] = {2.4e6, 2.048e6, 1.024e6, 2.88e6, 250e3, 48e3, 1000003.0, 912e3, 26250.0};

enum { RATES = sizeof rates_hz / sizeof *rates_hz };

typedef double complex sampler(void *context, double time);

/* Sample `time` (in input samples) of a tone. */
static double complex tone(void *context, double time)
{
    double turns = *(double *)context;
    return cexp(2.0 * M_PI * remainder(turns * time, 1.0) * (double complex)_Complex_I);
}

static struct channelizer *make(double rate_hz, double offset_hz, double channel_rate_hz)
{
    struct channelizer *c;
    const struct channelizer_channel channel = {.offset_hz = offset_hz, .rate_hz = channel_rate_hz};
    assert_int_equal(channelizer_create(&c, rate_hz, &channel, 1), ATALAYA_OK);
    return c;
}

/* What channel 0 gives for the first `seconds` of a signal, fed in pieces of odd sizes. */
static size_t run(struct channelizer *c, double rate_hz, double seconds, sampler *signal, void *context,
                  float complex *out)
{
    enum { PIECE = 977 };
    static float complex piece[PIECE];
    size_t total = (size_t)(rate_hz * seconds), made = 0;
    for (size_t at = 0; at < total; at += PIECE) {
        size_t count = total - at < PIECE ? total - at : PIECE;
        for (size_t i = 0; i < count; i++)
            piece[i] = (float complex)signal(context, (double)(at + i));
        for (size_t done = 0, taken; done < count; done += taken) {
            size_t fresh;
            if (!channelizer_execute(c, piece + done, count - done, &taken))
                continue;
            const float complex *given = channelizer_give(c, 0, &fresh);
            assert_true(made + fresh <= OUT_MAX);
            memcpy(out + made, given, fresh * sizeof *out);
            made += fresh;
        }
    }
    return made;
}

/* A tone of amplitude 1 `beside_hz` from a channel at offset_hz: largest and smallest level, and the largest
 * deviation of its phase from the band's own oscillators, all in one. */
static void check_tone(double rate_hz, double offset_hz, double beside_hz, double channel_rate_hz)
{
    static float complex out[OUT_MAX];
    struct channelizer *c = make(rate_hz, offset_hz, channel_rate_hz);
    double turns = (offset_hz + beside_hz) / rate_hz, worst = 0.0;
    size_t made = run(c, rate_hz, 0.15, tone, &turns, out);
    assert_true((double)made > 0.1 * channelizer_rate_hz(rate_hz, channel_rate_hz));
    double complex turn = 0.0;
    for (size_t n = SETTLE; n < made; n++) {
        double beside = beside_hz / rate_hz * channelizer_input_time(c, 0, (double)n);
        double complex moved =
            (double complex)out[n] * cexp(-2.0 * M_PI * remainder(beside, 1.0) * (double complex)_Complex_I);
        if (n == SETTLE)
            turn = moved;
        worst = fmax(worst, cabs(moved - turn));
    }
    assert_true(fabs(cabs(turn) - 1.0) < 0.012); /* 0.1 dB */
    assert_true(worst < 2e-3);
    channelizer_destroy(c);
}

static void a_tone_keeps_level_frequency_and_phase_at_every_rate(void **state)
{
    (void)state;
    for (size_t r = 0; r < RATES; r++) {
        double most_hz = rates_hz[r] / 2.0 - CHANNELIZER_EDGE_HZ;
        check_tone(rates_hz[r], 0.0, 1000.0, 0.0);
        check_tone(rates_hz[r], fmin(most_hz - 2000.0, 12500.0 * 7), -5200.0, 0.0);
        check_tone(rates_hz[r], -fmin(most_hz, 123456.789), 6200.0, 0.0);
    }
    check_tone(2.4e6, 1100e3, CHANNELIZER_PASS_HZ, 0.0);
    check_tone(2.4e6, -1100e3 + 12.3, -CHANNELIZER_PASS_HZ, 0.0);
}

/* The same for channels that are wider, and for bands that are narrower than what is asked. */
static void a_channel_is_as_wide_as_it_asks_and_the_band_allows(void **state)
{
    static const double wide_hz[] = {38400.0, 76800.0, 153600.0, 384000.0};
    static const double narrow_hz[] = {8000.0, 12500.0, 16000.0, 19200.0, 22050.0, 24000.0, 12345.678};
    (void)state;
    for (size_t i = 0; i < sizeof wide_hz / sizeof *wide_hz; i++) {
        double units = wide_hz[i] / CHANNELIZER_UNIT_RATE_HZ;
        assert_float_equal(channelizer_rate_hz(2.4e6, wide_hz[i]), wide_hz[i], 1e-6);
        check_tone(2.4e6, 406.1e3, CHANNELIZER_PASS_HZ * units, wide_hz[i]);
        check_tone(2.048e6, -300e3 + 7.7, -CHANNELIZER_PASS_HZ * units, wide_hz[i]);
        assert_true(channelizer_rate_hz(1000003.0, wide_hz[i]) > 0.97 * wide_hz[i]);
    }
    assert_float_equal(channelizer_rate_hz(96000.0, 153600.0), 96000.0, 1e-6);
    check_tone(96000.0, 0.0, 47000.0, 153600.0);
    check_tone(96000.0, 20e3 + 1.1, 20e3, 153600.0);
    for (size_t i = 0; i < sizeof narrow_hz / sizeof *narrow_hz; i++) {
        if (narrow_hz[i] <= CHANNELIZER_UNIT_RATE_HZ)
            assert_float_equal(channelizer_rate_hz(narrow_hz[i], 0.0), narrow_hz[i], 1e-6);
        check_tone(narrow_hz[i], 0.0, 2500.0, 0.0);
        check_tone(narrow_hz[i], fmax(narrow_hz[i] / 2.0 - CHANNELIZER_EDGE_HZ, 0.0), -2500.0, 0.0);
    }
}

/* Channels of several widths at once disturb each other in nothing. */
static void channels_of_every_width_share_a_band(void **state)
{
    static float complex alone[OUT_MAX], piece[2000];
    static float complex shared[OUT_MAX];
    static const struct channelizer_channel channels[] = {
        {.offset_hz = 12500.0}, {.offset_hz = -50e3, .rate_hz = 38400.0}, {.offset_hz = 0.5, .rate_hz = 1e5}};
    enum { CHANNELS = sizeof channels / sizeof *channels };
    const double rate_hz = 250e3;
    double turns = 11111.0 / rate_hz;
    struct channelizer *c;
    (void)state;
    for (unsigned wanted = 0; wanted < CHANNELS; wanted++) {
        struct channelizer *single = make(rate_hz, channels[wanted].offset_hz, channels[wanted].rate_hz);
        size_t made = run(single, rate_hz, 0.1, tone, &turns, alone), got = 0;
        channelizer_destroy(single);
        assert_int_equal(channelizer_create(&c, rate_hz, channels, CHANNELS), ATALAYA_OK);
        for (size_t at = 0; at < 25000; at += 2000) {
            size_t size = 25000 - at < 2000 ? 25000 - at : 2000;
            for (size_t i = 0; i < size; i++)
                piece[i] = (float complex)tone(&turns, (double)(at + i));
            for (size_t done = 0, taken, count; done < size; done += taken)
                if (channelizer_execute(c, piece + done, size - done, &taken))
                    for (unsigned i = 0; i < CHANNELS; i++) {
                        const float complex *given = channelizer_give(c, i, &count);
                        if (i != wanted)
                            continue;
                        memcpy(shared + got, given, count * sizeof *shared);
                        got += count;
                    }
        }
        channelizer_destroy(c);
        assert_int_equal(got, made);
        for (size_t n = 0; n < made; n++)
            assert_true(cabsf(shared[n] - alone[n]) < 1e-5F);
    }
}

static double level_db(double rate_hz, double offset_hz, double tone_hz)
{
    static float complex out[OUT_MAX];
    struct channelizer *c = make(rate_hz, offset_hz, 0.0);
    double turns = tone_hz / rate_hz, most = 0.0;
    size_t made = run(c, rate_hz, 0.1, tone, &turns, out);
    for (size_t n = 2 * SETTLE; n < made; n++)
        most = fmax(most, (double)cabsf(out[n]));
    channelizer_destroy(c);
    return 20.0 * log10(most);
}

/* At a raster of 12.5 kHz, what is within 2.5 kHz of the neighbour's centre is 70 dB down; so is all beyond.
 */
static void neighbours_stay_out(void **state)
{
    static const double beside_hz[] = {10.0e3, -10.0e3, 12.5e3, -12.5e3, 15e3, 19.2e3, 100e3, -110e3};
    (void)state;
    for (size_t i = 0; i < sizeof beside_hz / sizeof *beside_hz; i++) {
        assert_true(level_db(250e3, 12.5e3, 12.5e3 + beside_hz[i]) < -70.0);
        assert_true(level_db(250e3, 1234.5, 1234.5 + beside_hz[i] + 7.7) < -70.0);
    }
    assert_true(level_db(2.4e6, 600e3, -600e3) < -70.0);
    assert_true(level_db(1000003.0, 0.0, 10.1e3) < -70.0);
}

/* An impulse at `place`. */
static double complex impulse(void *context, double time)
{
    return fabs(time - *(double *)context) < 0.5 ? 1000.0 : 0.0;
}

static void delay_is_removed_at_every_rate(void **state)
{
    static float complex out[OUT_MAX];
    (void)state;
    for (size_t r = 0; r < RATES; r++) {
        struct channelizer *c = make(rates_hz[r], 1000.0, r % 2 ? 0.0 : 38400.0);
        double place = round(0.0637 * rates_hz[r]), sum = 0.0, moment = 0.0;
        size_t made = run(c, rates_hz[r], 0.15, impulse, &place, out);
        for (size_t n = 0; n < made; n++) {
            double power = (double)(crealf(out[n]) * crealf(out[n]) + cimagf(out[n]) * cimagf(out[n]));
            sum += power;
            moment += power * channelizer_input_time(c, 0, (double)n);
        }
        assert_true(fabs(moment / sum - place) / rates_hz[r] < 2e-5);
        channelizer_destroy(c);
    }
}

static double complex sour(void *context, double time)
{
    (void)context;
    double index = fmod(time, 5.0);
    if (time > 12000.0)
        return 0.5;
    return index < 1.0 ? (double)NAN : index < 2.0 ? 1e30 : index < 3.0 ? (double)INFINITY : 0.5;
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    static float complex out[OUT_MAX];
    struct channelizer *c = make(250e3, 0.0, 0.0);
    (void)state;
    size_t made = run(c, 250e3, 0.15, sour, NULL, out);
    for (size_t n = 0; n < made; n++)
        assert_true(isfinite(crealf(out[n])) && isfinite(cimagf(out[n])));
    for (size_t n = made - 1000; n < made; n++)
        assert_true(cabsf(out[n] - 0.5F) < 1e-3F);
    channelizer_destroy(c);
}

static void a_reset_starts_over(void **state)
{
    static float complex first[OUT_MAX], second[OUT_MAX];
    struct channelizer *c = make(250e3, 3333.3, 0.0);
    double turns = 0.0123;
    (void)state;
    size_t made = run(c, 250e3, 0.1, tone, &turns, first);
    channelizer_reset(c);
    assert_int_equal(run(c, 250e3, 0.1, tone, &turns, second), made);
    assert_memory_equal(first, second, made * sizeof *first);
    channelizer_destroy(c);
}

static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        double band_rate_hz;
        struct channelizer_channel channel;
    } cases[] = {{2.4e6, {1194000.0, 0.0}},   {2.4e6, {(double)NAN, 0.0}}, {2.4e6, {0.0, -1.0}},
                 {2.4e6, {0.0, (double)NAN}}, {2.4e6, {0.0, 400e3}},       {7999.0, {0.0, 0.0}},
                 {(double)NAN, {0.0, 0.0}},   {1e9, {0.0, 0.0}},           {12500.0, {1.0, 0.0}}};
    struct channelizer *c;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(channelizer_create(&c, cases[i].band_rate_hz, &cases[i].channel, 1),
                         ATALAYA_E_ARGUMENT);
    channelizer_destroy(make(2.4e6, 1193750.0, 0.0));
    assert_int_equal(channelizer_create(&c, 2.4e6, NULL, 0), ATALAYA_OK);
    channelizer_destroy(c);
    assert_float_equal(channelizer_rate_hz(2.4e6, 0.0), 19200.0, 1e-9);
    assert_true(isnan(channelizer_rate_hz(0.0, 0.0)));
    channelizer_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_keeps_level_frequency_and_phase_at_every_rate),
        cmocka_unit_test(a_channel_is_as_wide_as_it_asks_and_the_band_allows),
        cmocka_unit_test(channels_of_every_width_share_a_band),
        cmocka_unit_test(neighbours_stay_out),
        cmocka_unit_test(delay_is_removed_at_every_rate),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(a_reset_starts_over),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
