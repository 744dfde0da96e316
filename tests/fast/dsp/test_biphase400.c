/* SPDX-License-Identifier: Apache-2.0 */
/* Bursts of 406 MHz beacons: bits back from the radio channel with the carrier anywhere within 10 kHz,
 * drifting, turned round, at many rates and clocks, and from a discriminator's audio; figures of a burst;
 * silence, noise and hostile samples give none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../../dsp/biphase.h"
#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"

enum { SAMPLES_MAX = 1 << 18, BLOCK = 160 };
#define LEAD_S 0.13
#define TAIL_S 0.06 /* what gateway/receiver.c adds to a recording that ends with a burst */

static const struct modem_class *biphase;
static struct modem *modem;
static uint8_t bits[BIPHASE_BITS];
static float complex iq[SAMPLES_MAX];
static float audio[SAMPLES_MAX];
static size_t count;
static struct impair_random noise;

static struct {
    unsigned bursts, branch;
    unsigned wrong, inverted_wrong; /* bits of the best burst; if all are turned over */
    uint64_t first_bit;
} heard;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    assert_int_equal(run->count, BIPHASE_RUN);
    assert_int_equal(run->bit_rate, 400);
    assert_int_equal(run->first_bit % BIPHASE_RUN, 0);
    heard.bursts++;
    heard.branch = run->branch;
    heard.first_bit = run->first_bit;
    unsigned wrong = 0;
    for (unsigned k = 0; k < BIPHASE_BITS; k++)
        wrong += (run->soft[BIPHASE_MARGIN + k] > 0) != (bits[k] != 0);
    heard.wrong = wrong < heard.wrong ? wrong : heard.wrong;
    heard.inverted_wrong =
        BIPHASE_BITS - wrong < heard.inverted_wrong ? BIPHASE_BITS - wrong : heard.inverted_wrong;
}

static void bits_make(uint64_t seed, bool self_test)
{
    struct impair_random random;
    impair_random_seed(&random, seed);
    const uint32_t sync = self_test ? 0xfffed0 : 0xfffe2f;
    for (unsigned k = 0; k < BIPHASE_BITS; k++)
        bits[k] = k < 24 ? sync >> (23 - k) & 1 : impair_random_next(&random) >> 40 & 1;
}

/* The burst as complex baseband: lead, burst, tail. stretch: how much longer it lasts than it should. */
static void iq_make(double rate_hz, double offset_hz, double drift_hz_s, double stretch)
{
    size_t lead = (size_t)(LEAD_S * rate_hz), tail = (size_t)(TAIL_S * rate_hz);
    memset(iq, 0, sizeof iq);
    size_t length = biphase_modulate_iq(rate_hz * stretch, bits, BIPHASE_BITS, iq + lead, SAMPLES_MAX - lead);
    assert_true(length > 0);
    count = lead + length + tail;
    assert_true(count <= SAMPLES_MAX);
    for (size_t i = 0; i < length; i++) {
        double t = (double)i / rate_hz, phase = 2 * M_PI * (offset_hz + 0.5 * drift_hz_s * t) * t + 1.0;
        iq[lead + i] *= (float)cos(phase) + (float)sin(phase) * (float complex)_Complex_I;
    }
}

static void iq_conjugate(void)
{
    for (size_t i = 0; i < count; i++)
        iq[i] = conjf(iq[i]);
}

/* Eb/N0 of the whole signal, carrier included. */
static void iq_add_noise(double rate_hz, double ebn0_db)
{
    double sigma = sqrt(0.5 * rate_hz / BIPHASE_BIT_RATE * pow(10, -0.1 * ebn0_db));
    impair_add_noise_iq(&noise, iq, count, sigma);
}

static void listen(double rate_hz, enum modem_input input)
{
    memset(&heard, 0, sizeof heard);
    heard.wrong = heard.inverted_wrong = BIPHASE_BITS;
    assert_int_equal(biphase->create(&modem, rate_hz, input), ATALAYA_OK);
    for (size_t at = 0; at < count; at += BLOCK) {
        size_t chunk = count - at < BLOCK ? count - at : BLOCK;
        if (input == MODEM_IQ)
            biphase->execute_iq(modem, iq + at, chunk, hear, NULL);
        else
            biphase->execute(modem, audio + at, chunk, hear, NULL);
    }
}

static void done(void)
{
    biphase->destroy(modem);
    modem = NULL;
}

static void iq_is_read_at_any_rate(void **state)
{
    const double rates[] = {16000, 19200, 24000, 38400, 40000, 48000, 96000, 192000};
    (void)state;
    for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++) {
        bits_make(i, i % 2);
        iq_make(rates[i], 1234.5, 0, 1);
        iq_add_noise(rates[i], 12);
        listen(rates[i], MODEM_IQ);
        assert_int_equal(heard.bursts, 1);
        assert_int_equal(heard.wrong, 0);
        done();
    }
}

static void the_carrier_is_found_anywhere(void **state)
{
    (void)state;
    for (double offset_hz = -10000; offset_hz <= 10000; offset_hz += 1428.6) {
        bits_make((uint64_t)(offset_hz + 20000), false);
        iq_make(38400, offset_hz, 0, 1);
        iq_add_noise(38400, 8);
        listen(38400, MODEM_IQ);
        assert_int_equal(heard.bursts, 1);
        assert_true(heard.wrong <= 2);
        struct burst_figures figures;
        assert_int_equal(biphase->measure(modem, 0, BIPHASE_MARGIN, BIPHASE_MARGIN + BIPHASE_BITS, &figures),
                         ATALAYA_OK);
        assert_true(fabs((double)figures.offset_hz - offset_hz) < 1.0);
        done();
    }
}

/* A spectrum that was turned round somewhere turns the sense of the phase. */
static void either_sense_is_read(void **state)
{
    (void)state;
    bits_make(3, false);
    iq_make(38400, 700, 0, 1);
    iq_conjugate();
    iq_add_noise(38400, 12);
    listen(38400, MODEM_IQ);
    assert_int_equal(heard.bursts, 1);
    assert_int_equal(heard.inverted_wrong, 0);
    done();
}

static void drift_is_followed(void **state)
{
    const double drifts_hz_s[] = {-60, -20, 20, 60};
    (void)state;
    for (unsigned i = 0; i < sizeof drifts_hz_s / sizeof *drifts_hz_s; i++) {
        bits_make(40 + i, false);
        iq_make(38400, -2100, drifts_hz_s[i], 1);
        iq_add_noise(38400, 10);
        listen(38400, MODEM_IQ);
        assert_int_equal(heard.bursts, 1);
        assert_int_equal(heard.wrong, 0);
        done();
    }
}

static void clocks_one_per_cent_off_are_followed(void **state)
{
    const double stretches[] = {0.99, 0.995, 1.005, 1.01};
    (void)state;
    for (unsigned i = 0; i < sizeof stretches / sizeof *stretches; i++) {
        bits_make(60 + i, true);
        iq_make(38400, 5000, 0, stretches[i]);
        iq_add_noise(38400, 10);
        listen(38400, MODEM_IQ);
        assert_int_equal(heard.bursts, 1);
        assert_int_equal(heard.wrong, 0);
        done();
    }
}

/* As a radio channel, a receiver's discriminator and perhaps its loudspeaker make it. */
static void audio_make(double rate_hz, double full_scale_hz, bool de_emphasis, double cnr_db)
{
    struct fm_receiver *receiver;
    const struct fm_receiver_settings settings = {
        .rate_hz = rate_hz, .if_width_hz = 12500, .full_scale_hz = full_scale_hz, .de_emphasis = de_emphasis};
    assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_OK);
    impair_add_noise_iq(&noise, iq, count, impair_cnr_sigma(rate_hz, cnr_db));
    fm_receiver_execute(receiver, iq, count, audio);
    fm_receiver_destroy(receiver);
}

static void audio_of_a_discriminator_is_read(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        bits_make(80 + i, i % 2);
        iq_make(48000, 900, 0, i < 2 ? 1 : 1.005);
        audio_make(48000, 5000, i >= 2, 15);
        listen(48000, MODEM_AUDIO);
        assert_true(heard.bursts >= 1);
        assert_true(heard.wrong == 0 || heard.inverted_wrong == 0);
        done();
    }
}

static void audio_as_it_is_sent_is_read_at_any_rate(void **state)
{
    const double rates[] = {8000, 11025, 22050, 44100, 48000, 96000, 192000};
    (void)state;
    for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++) {
        size_t lead = (size_t)(LEAD_S * rates[i]);
        memset(audio, 0, sizeof audio);
        bits_make(90 + i, false);
        size_t length = biphase->modulate(rates[i], bits, BIPHASE_BITS, audio + lead, SAMPLES_MAX - lead);
        assert_int_equal(length, biphase->modulate_length(rates[i], BIPHASE_BITS));
        assert_int_equal(biphase->modulate(rates[i], bits, BIPHASE_BITS, audio + lead, length - 1), 0);
        count = lead + length + (size_t)(TAIL_S * rates[i]);
        listen(rates[i], MODEM_AUDIO);
        assert_true(heard.bursts >= 1);
        assert_int_equal(heard.wrong, 0);
        done();
    }
}

static void figures_are_measured(void **state)
{
    const double rates[] = {38400, 40000, 96000};
    (void)state;
    for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++) {
        double rate_hz = rates[i];
        struct burst_figures figures;
        bits_make(7, false);
        iq_make(rate_hz, -345, 0, 1);
        for (size_t n = 0; n < count; n++)
            iq[n] *= 0.1F;
        iq_add_noise(rate_hz, 12 + 20);
        listen(rate_hz, MODEM_IQ);
        assert_int_equal(heard.bursts, 1);
        assert_int_equal(biphase->measure(modem, 0, BIPHASE_MARGIN, BIPHASE_MARGIN + BIPHASE_BITS, &figures),
                         ATALAYA_OK);
        double start = (double)(size_t)(LEAD_S * rate_hz) + BIPHASE_CARRIER_S * rate_hz;
        double bit = rate_hz / BIPHASE_BIT_RATE;
        assert_true(fabs(figures.first_sample - start) < 0.1 * bit);
        assert_true(fabs(figures.end_sample - start - BIPHASE_BITS * bit) < 0.1 * bit);
        assert_true(fabs((double)figures.level_dbfs + 20) < 0.5);
        assert_true(fabs((double)figures.snr_db - 12) < 1.5);
        assert_true(fabs((double)figures.offset_hz + 345) < 1);
        assert_true(figures.peak > 0.1F && figures.peak < 1.5F);
        assert_int_equal(biphase->measure(modem, 0, 0, BIPHASE_RUN + 1, &figures), ATALAYA_E_RANGE);
        assert_int_equal(biphase->measure(modem, 0, 5, 5, &figures), ATALAYA_E_ARGUMENT);
        assert_int_equal(biphase->measure(modem, 1, 0, 5, &figures), ATALAYA_E_ARGUMENT);
        done();
    }
}

/* Two beacons at once, 4.15 kHz apart, one 20 dB weaker. (4 kHz apart a line of the strong one would lie on
 * the weak one's carrier: lines are 400 Hz apart.) */
static void two_at_once_are_both_read(void **state)
{
    static float complex other[SAMPLES_MAX];
    (void)state;
    bits_make(11, false);
    iq_make(38400, 3000, 0, 1);
    memcpy(other, iq, sizeof other);
    bits_make(12, false);
    iq_make(38400, -1150, 0, 1);
    for (size_t i = 0; i + 1000 < count; i++)
        iq[i] = 0.1F * iq[i] + (i > 1000 ? other[i - 1000] : 0);
    iq_add_noise(38400, 35);
    listen(38400, MODEM_IQ);
    assert_int_equal(heard.bursts, 2);
    assert_true(heard.wrong <= 3); /* for the checks to put right */
    done();
}

static void a_second_life_is_like_the_first(void **state)
{
    (void)state;
    bits_make(21, false);
    iq_make(96000, 2000, 0, 1);
    listen(96000, MODEM_IQ);
    assert_int_equal(heard.bursts, 1);
    biphase->reset(modem);
    biphase->execute_iq(modem, iq, count, hear, NULL);
    assert_int_equal(heard.bursts, 2);
    assert_int_equal(heard.first_bit, 0);
    assert_int_equal(heard.wrong, 0);
    done();
}

/* T.001 2.3.6: 1.1 rad, a tenth more or less. What turns its phase by much less or more is no beacon,
 * whatever its bits: voices on a carrier turn it by anything. */
static void the_carrier_is_what_a_beacons_is(void **state)
{
    static const struct {
        double radians;
        bool is_beacon;
    } cases[] = {{0.3, false}, {0.5, false}, {0.95, true},       {1.0, true},
                 {1.1, true},  {1.2, true},  {0.5 * M_PI, false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bits_make(i, false);
        iq_make(38400, 0, 0, 1);
        for (size_t n = 0; n < count; n++)
            iq[n] = cabsf(iq[n]) *
                    cexpf((float complex)_Complex_I *
                          (1.0F + (float)(cases[i].radians / BIPHASE_PHASE) * (cargf(iq[n]) - 1.0F)));
        iq_add_noise(38400, 12);
        listen(38400, MODEM_IQ);
        assert_int_equal(heard.bursts > 0, cases[i].is_beacon);
        assert_true(!cases[i].is_beacon || heard.wrong == 0);
        done();
    }
}

static void silence_and_noise_give_nothing(void **state)
{
    (void)state;
    count = SAMPLES_MAX;
    memset(iq, 0, sizeof iq);
    memset(audio, 0, sizeof audio);
    listen(38400, MODEM_IQ);
    assert_int_equal(heard.bursts, 0);
    done();
    listen(38400, MODEM_AUDIO);
    assert_int_equal(heard.bursts, 0);
    done();
    impair_add_noise_iq(&noise, iq, count, 0.2);
    impair_add_noise(&noise, audio, count, 0.2);
    listen(38400, MODEM_IQ);
    assert_int_equal(heard.bursts, 0);
    done();
    listen(38400, MODEM_AUDIO);
    assert_int_equal(heard.bursts, 0);
    done();
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    const float hostile[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F, 0.0F};
    (void)state;
    bits_make(31, false);
    iq_make(38400, -500, 0, 1);
    for (size_t i = 0; i < 1500; i++)
        iq[i] = hostile[i % 6] + hostile[i / 6 % 6] * (float complex)_Complex_I;
    listen(38400, MODEM_IQ);
    assert_int_equal(heard.bursts, 1);
    assert_int_equal(heard.wrong, 0);
    done();
    size_t lead = 2000;
    memset(audio, 0, sizeof audio);
    for (size_t i = 0; i < lead; i++)
        audio[i] = hostile[i % 6];
    count = lead + biphase->modulate(16000, bits, BIPHASE_BITS, audio + lead, SAMPLES_MAX - lead) + 2000;
    listen(16000, MODEM_AUDIO);
    assert_true(heard.bursts >= 1);
    assert_int_equal(heard.wrong, 0);
    done();
}

static void rates_that_hold_no_channel_are_refused(void **state)
{
    (void)state;
    assert_int_equal(biphase->create(&modem, 7999, MODEM_IQ), ATALAYA_E_ARGUMENT);
    assert_int_equal(biphase->create(&modem, 7999, MODEM_AUDIO), ATALAYA_E_ARGUMENT);
    assert_int_equal(biphase->create(&modem, 1e7, MODEM_IQ), ATALAYA_E_ARGUMENT);
    assert_int_equal(biphase->create(&modem, (double)NAN, MODEM_IQ), ATALAYA_E_ARGUMENT);
    biphase->destroy(NULL);
}

static int setup(void **state)
{
    (void)state;
    impair_random_seed(&noise, 406);
    biphase = modem_find("biphase400")->class;
    return biphase ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iq_is_read_at_any_rate),
        cmocka_unit_test(the_carrier_is_found_anywhere),
        cmocka_unit_test(either_sense_is_read),
        cmocka_unit_test(drift_is_followed),
        cmocka_unit_test(clocks_one_per_cent_off_are_followed),
        cmocka_unit_test(audio_of_a_discriminator_is_read),
        cmocka_unit_test(audio_as_it_is_sent_is_read_at_any_rate),
        cmocka_unit_test(figures_are_measured),
        cmocka_unit_test(two_at_once_are_both_read),
        cmocka_unit_test(a_second_life_is_like_the_first),
        cmocka_unit_test(the_carrier_is_what_a_beacons_is),
        cmocka_unit_test(silence_and_noise_give_nothing),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(rates_that_hold_no_channel_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
