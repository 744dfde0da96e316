/* SPDX-License-Identifier: Apache-2.0 */
/* What the modem `ctcss` says of tones below the voice, at every rate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/discriminator.h"
#include "atalaya/dsp/modem.h"
#include "atalaya/squelch_tones.h"

enum { AUDIO_MAX = 192000 };

static const struct modem_class *ctcss;
static float audio[AUDIO_MAX];
static int8_t frame[SQUELCH_FRAME]; /* the newest */
static uint64_t heard;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    assert_int_equal(run->first_bit, heard);
    for (size_t i = 0; i < run->count; i++)
        frame[heard++ % SQUELCH_FRAME] = run->soft[i];
}

static int set_up(void **state)
{
    (void)state;
    ctcss = modem_find("ctcss")->class;
    heard = 0;
    return 0;
}

static double share(unsigned tone)
{
    double root = (frame[2 * tone] + frame[2 * tone + 1]) / 127.0;
    return root * root;
}

/* A voice of four times its amplitude and a constant lie beside it. */
static void tone(double rate_hz, double hz, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double at = (double)i / rate_hz;
        audio[i] = (float)(0.1 * sin(2.0 * M_PI * hz * at) + 0.4 * sin(2.0 * M_PI * 430.0 * at) + 0.2);
    }
}

static void tones_are_told_with_their_deviation_at_every_rate(void **state)
{
    (void)state;
    static const double rates_hz[] = {8000, 11025, 22050, 44100, 48000, 192000};
    for (unsigned r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
        struct modem *modem;
        assert_int_equal(ctcss->create(&modem, rates_hz[r], MODEM_AUDIO), ATALAYA_OK);
        heard = 0;
        for (unsigned t = r; t < SQUELCH_TONE_COUNT; t += 12) {
            double off = (t % 3 - 1.0) * 0.4;
            size_t count = (size_t)(rates_hz[r] * 0.6);
            count = count < AUDIO_MAX ? count : AUDIO_MAX;
            tone(rates_hz[r], squelch_tone_tenths(t) / 10.0 * (1.0 + off / 100.0), count);
            ctcss->execute(modem, audio, count, hear, NULL);
            assert_true(share(t) > 0.9);
            double sum = frame[2 * t] + frame[2 * t + 1], difference = frame[2 * t + 1] - frame[2 * t];
            assert_true(fabs(SQUELCH_REACH_PERCENT * difference / sum - off) < 0.1);
        }
        ctcss->destroy(modem);
    }
}

/* Deviation 500 Hz of the tone, on a carrier 1 kHz off. */
static void a_radio_channel_is_heard_through_the_discriminator(void **state)
{
    (void)state;
    enum { RATE = 19200, COUNT = RATE };
    static float complex iq[COUNT];
    struct discriminator *discriminator;
    struct modem *modem;
    double phase = 0.0;
    for (size_t i = 0; i < COUNT; i++) {
        phase += 2.0 * M_PI * (1000.0 + 500.0 * sin(2.0 * M_PI * 82.5 * (double)i / RATE)) / RATE;
        iq[i] = (float)cos(phase) + (float)sin(phase) * _Complex_I;
    }
    assert_int_equal(ctcss->create(&modem, RATE, MODEM_IQ), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(ctcss->create(&modem, RATE, MODEM_AUDIO), ATALAYA_OK);
    assert_int_equal(discriminator_create(&discriminator, RATE), ATALAYA_OK);
    for (size_t at = 0, taken; at < COUNT; at += taken) {
        float chunk[DISCRIMINATOR_CHUNK_MAX];
        size_t made = discriminator_execute(discriminator, iq + at, COUNT - at, chunk, &taken);
        ctcss->execute(modem, chunk, made, hear, NULL);
    }
    assert_true(share(SQUELCH_TONE_825) > 0.9);
    discriminator_destroy(discriminator);
    ctcss->destroy(modem);
}

static void what_is_sent_is_heard_and_hostile_samples_are_survived(void **state)
{
    (void)state;
    static uint8_t bits[20 * SQUELCH_FRAME];
    struct modem *modem;
    assert_int_equal(ctcss->create(&modem, 48000, MODEM_AUDIO), ATALAYA_OK);
    for (size_t i = 0; i < 9600; i++)
        audio[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1e30F;
    ctcss->execute(modem, audio, 9600, hear, NULL);
    for (size_t f = 0; f < 20; f++)
        memset(bits + f * SQUELCH_FRAME + (size_t)2 * SQUELCH_TONE_1230, 1, 2);
    size_t count = ctcss->modulate(48000, bits, sizeof bits, audio, AUDIO_MAX);
    assert_int_equal(count, 48000);
    ctcss->execute(modem, audio, count, hear, NULL);
    assert_true(share(SQUELCH_TONE_1230) > 0.95);
    ctcss->reset(modem);
    heard = 0;
    ctcss->execute(modem, audio, count, hear, NULL);
    assert_true(share(SQUELCH_TONE_1230) > 0.95);
    ctcss->destroy(modem);
    assert_int_equal(ctcss->create(&modem, 4000, MODEM_AUDIO), ATALAYA_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(tones_are_told_with_their_deviation_at_every_rate, set_up),
        cmocka_unit_test_setup(a_radio_channel_is_heard_through_the_discriminator, set_up),
        cmocka_unit_test_setup(what_is_sent_is_heard_and_hostile_samples_are_survived, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
