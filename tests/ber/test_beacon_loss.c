/* SPDX-License-Identifier: Apache-2.0 */
/* How many bursts of a 406 MHz beacon in noise are read, beside what detection that knows the carrier's phase
 * and the bit clock and decides bit by bit would read with the same code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <string.h>

#include "../../gateway/bench/bounds.h"
#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "sent_ear.h"

enum { FRAMES = 150, BITS_MAX = 144, SAMPLES_MAX = 48000 };
#define TAIL_S 0.06
#define LOSS   0.10

static const char *const line = "FFFE2F8E3E0425A8318074FE44B735CD7B46"; /* a test protocol */

static const struct modem_class *biphase;
static struct sent_ear ear;
static struct impair_random noise;
static uint8_t bits[BITS_MAX];
static float complex iq[SAMPLES_MAX];
static float audio[SAMPLES_MAX];

static double ideal_ebn0_db(double loss)
{
    double ebn0_db = 0;
    while (bound_beacon(pow(10, 0.1 * ebn0_db)) > loss)
        ebn0_db += 0.01;
    return ebn0_db;
}

/* A burst somewhere in the samples, its carrier anywhere within 8 kHz (in audio 1 kHz). Returns their number.
 */
static size_t burst_make(double rate_hz, double reach_hz)
{
    size_t lead = (size_t)((0.05 + 0.1 * impair_random_uniform(&noise)) * rate_hz);
    double hz = (2 * impair_random_uniform(&noise) - 1) * reach_hz,
           phase = 6.28 * impair_random_uniform(&noise);
    memset(iq, 0, sizeof iq);
    size_t length = biphase->modulate_iq(rate_hz, bits, BITS_MAX, iq + lead, SAMPLES_MAX - lead);
    assert_true(length > 0);
    for (size_t i = 0; i < length; i++) {
        double turn = phase + 2 * M_PI * hz * (double)i / rate_hz;
        iq[lead + i] *= (float)cos(turn) + (float)sin(turn) * (float complex)_Complex_I;
    }
    return lead + length + (size_t)(TAIL_S * rate_hz);
}

static double rate_of_success(double rate_hz, double ebn0_db, bool is_audio)
{
    const struct fm_receiver_settings settings = {
        .rate_hz = rate_hz, .if_width_hz = 12500, .full_scale_hz = 5000};
    struct fm_receiver *receiver = NULL;
    struct modem *modem;
    unsigned good = 0;
    double sigma = sqrt(0.5 * rate_hz / 400 * pow(10, -0.1 * ebn0_db));
    assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_OK);
    assert_int_equal(biphase->create(&modem, rate_hz, is_audio ? MODEM_AUDIO : MODEM_IQ), ATALAYA_OK);
    for (unsigned n = 0; n < FRAMES; n++) {
        size_t count = burst_make(rate_hz, is_audio ? 1000 : 8000);
        impair_add_noise_iq(&noise, iq, count, sigma);
        biphase->reset(modem);
        sent_ear_reset(&ear);
        if (is_audio) {
            fm_receiver_execute(receiver, iq, count, audio);
            biphase->execute(modem, audio, count, sent_ear_hear, &ear);
        } else {
            biphase->execute_iq(modem, iq, count, sent_ear_hear, &ear);
        }
        good += ear.whole;
    }
    fm_receiver_destroy(receiver);
    biphase->destroy(modem);
    return (double)good / FRAMES;
}

static void baseband_is_within_a_decibel_of_the_ideal(void **state)
{
    (void)state;
    double ebn0_db = ideal_ebn0_db(LOSS) + 1;
    double got = rate_of_success(38400, ebn0_db, false);
    print_message("Eb/N0 %.2f dB, 1 dB more than the ideal needs for 90 %%: %.3f of %d\n", ebn0_db, got,
                  FRAMES);
    assert_true(got >= 1 - LOSS);
}

/* A discriminator has a threshold: here 9 dB of carrier over noise in 12.5 kHz. */
static void a_discriminator_reads_from_its_threshold_on(void **state)
{
    (void)state;
    double got = rate_of_success(48000, 9 + 10 * log10(12500.0 / 400), true);
    print_message("discriminator at a CNR of 9 dB: %.3f of %d\n", got, FRAMES);
    assert_true(got >= 1 - LOSS);
}

static int setup(void **state)
{
    const struct protocol_transmit how = {.preamble_bits = 0};
    (void)state;
    biphase = modem_find("biphase400")->class;
    sent_ear_create(&ear, "cospas_sarsat");
    impair_random_seed(&noise, 400);
    message_reset(&ear.sent, "cospas_sarsat", "cospas_sarsat");
    bool good = ear.protocol->from_text(&ear.sent, line, strlen(line)) == ATALAYA_OK &&
                ear.protocol->transmit(&ear.sent, &how, bits, BITS_MAX) == BITS_MAX;
    return good ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    sent_ear_destroy(&ear);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(baseband_is_within_a_decibel_of_the_ideal),
        cmocka_unit_test(a_discriminator_reads_from_its_threshold_on),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
