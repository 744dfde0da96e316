/* SPDX-License-Identifier: Apache-2.0 */
/* Half bits of the code below the voice: the same that were sent, in time, at every rate. */
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
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"

enum { AUDIO_MAX = 192000 * 2, SENT = 360, HEARD_MAX = 1000 };

static const struct modem_class *dcs;
static float audio[AUDIO_MAX];
static uint8_t bits[SENT];
static int8_t heard[HEARD_MAX];
static uint64_t count;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    assert_int_equal(run->first_bit, count);
    for (size_t i = 0; i < run->count; i++, count++)
        if (count < HEARD_MAX)
            heard[count] = run->soft[i];
}

/* Random bits of two halves each. */
static int set_up(void **state)
{
    (void)state;
    struct impair_random random;
    dcs = modem_find("dcs")->class;
    count = 0;
    impair_random_seed(&random, 3);
    for (unsigned i = 0; i < SENT; i++)
        bits[i] = i % 2 ? bits[i - 1] : impair_random_next(&random) >> 63;
    return 0;
}

/* How many of the later half bits are wrong, at the best of a few shifts. */
static unsigned wrong_bits(unsigned *shift)
{
    unsigned least = SENT;
    for (unsigned s = 0; s < 12; s++) {
        unsigned wrong = 0;
        for (unsigned i = 200; i < SENT - 4; i++)
            wrong += (heard[i + s] > 0) != bits[i];
        if (wrong < least) {
            least = wrong;
            *shift = s;
        }
    }
    return least;
}

static void half_bits_come_back_at_every_rate(void **state)
{
    (void)state;
    static const double rates_hz[] = {8000, 11025, 22050, 44100, 48000, 192000};
    for (unsigned r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
        struct modem *modem;
        struct burst_figures figures;
        unsigned shift = 0;
        double rate_hz = rates_hz[r];
        (void)set_up(NULL);
        size_t n = dcs->modulate(rate_hz, bits, SENT, audio, AUDIO_MAX);
        assert_true(n > 0 && n < AUDIO_MAX - (size_t)(0.1 * rate_hz));
        memset(audio + n, 0, (size_t)(0.1 * rate_hz) * sizeof *audio);
        for (size_t i = 0; i < n; i++) /* a voice, and a receiver that is off frequency */
            audio[i] = 0.1F * audio[i] + 0.3F * (float)sin(2.0 * M_PI * 440.0 * (double)i / rate_hz) + 0.2F;
        assert_int_equal(dcs->create(&modem, rate_hz, MODEM_AUDIO), ATALAYA_OK);
        dcs->execute(modem, audio, n + (size_t)(0.1 * rate_hz), hear, NULL);
        assert_int_equal(wrong_bits(&shift), 0);
        assert_int_equal(dcs->measure(modem, 0, 200 + shift, 300 + shift, &figures), ATALAYA_OK);
        assert_true(fabs(figures.first_sample - 200 / 268.8 * rate_hz) < 0.3 / 268.8 * rate_hz);
        assert_true(fabs(figures.end_sample - 300 / 268.8 * rate_hz) < 0.3 / 268.8 * rate_hz);
        assert_int_equal(dcs->measure(modem, 0, 0, 100000, &figures), ATALAYA_E_RANGE);
        dcs->destroy(modem);
    }
}

/* Deviation 500 Hz; the frequency control takes away what lies below 8 Hz. */
static void a_radio_channel_is_heard_through_the_discriminator(void **state)
{
    (void)state;
    enum { RATE = 19200 };
    static float complex iq[AUDIO_MAX];
    struct discriminator *discriminator;
    struct modem *modem;
    unsigned shift = 0;
    double phase = 0.0;
    size_t n = dcs->modulate(RATE, bits, SENT, audio, AUDIO_MAX);
    for (size_t i = 0; i < n; i++) {
        phase += 2.0 * M_PI * (800.0 + 500.0 * (double)audio[i]) / RATE;
        iq[i] = (float)cos(phase) + (float)sin(phase) * _Complex_I;
    }
    assert_int_equal(dcs->create(&modem, RATE, MODEM_IQ), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(dcs->create(&modem, RATE, MODEM_AUDIO), ATALAYA_OK);
    assert_int_equal(discriminator_create(&discriminator, RATE), ATALAYA_OK);
    for (size_t at = 0, taken; at < n; at += taken) {
        float chunk[DISCRIMINATOR_CHUNK_MAX];
        size_t made = discriminator_execute(discriminator, iq + at, n - at, chunk, &taken);
        dcs->execute(modem, chunk, made, hear, NULL);
    }
    assert_true(wrong_bits(&shift) <
                40); /* long runs fade; codes are read by likeness, and have short ones */
    discriminator_destroy(discriminator);
    dcs->destroy(modem);
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    struct modem *modem;
    unsigned shift = 0;
    assert_int_equal(dcs->create(&modem, 8000, MODEM_AUDIO), ATALAYA_OK);
    for (size_t i = 0; i < 8000; i++)
        audio[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1e30F;
    dcs->execute(modem, audio, 8000, hear, NULL);
    memset(audio, 0, 24000 * sizeof *audio);
    dcs->execute(modem, audio, 24000, hear, NULL);
    dcs->reset(modem);
    count = 0;
    size_t n = dcs->modulate(8000, bits, SENT, audio, AUDIO_MAX);
    dcs->execute(modem, audio, n, hear, NULL);
    assert_int_equal(wrong_bits(&shift), 0);
    dcs->destroy(modem);
    assert_int_equal(dcs->create(&modem, 4000, MODEM_AUDIO), ATALAYA_E_ARGUMENT);
    assert_int_equal(dcs->modulate(8000, bits, SENT, audio, 10), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(half_bits_come_back_at_every_rate, set_up),
        cmocka_unit_test_setup(a_radio_channel_is_heard_through_the_discriminator, set_up),
        cmocka_unit_test_setup(hostile_samples_do_no_lasting_harm, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
