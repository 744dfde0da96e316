/* SPDX-License-Identifier: Apache-2.0 */
/* How many frames the detector on the radio waveform reads without a single wrong bit, before any repair, at
 * levels at which a discriminator's audio gives none. The bounds leave 1 dB and more to the figures of
 * dsp/README.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <complex.h>
#include <math.h>
#include <cmocka.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "burst_bits.h"

enum { FRAMES = 40, DATA = 666, TAIL = 40, BITS_MAX = 240 + DATA + TAIL, RATE_HZ = 24000, LEAD = 3000 };

struct channel {
    const char *name;
    double cnr_db;
    struct fm_transmitter_settings transmitter;
    unsigned flags;
};

static struct impair_random draw;
static uint8_t bits[BITS_MAX];
static float audio[RATE_HZ];
static float complex iq[RATE_HZ];
static unsigned radio;
static int8_t heard[4096];
static size_t heard_count;

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count && run->branch == radio && heard_count < sizeof heard; i++)
        heard[heard_count++] = run->soft[i];
}

static unsigned count_frames(const struct channel *how)
{
    const struct modem_class *bell202 = modem_find("bell202")->class;
    struct modem *modem = NULL;
    struct fm_transmitter transmitter;
    struct fm_transmitter_settings settings = how->transmitter;
    unsigned good = 0;
    settings.rate_hz = RATE_HZ;
    radio = bell202->branches - 1;
    assert_int_equal(bell202->create(&modem, RATE_HZ, MODEM_IQ), ATALAYA_OK);
    impair_random_seed(&draw, 202);
    fm_transmitter_create(&transmitter, &settings);
    for (int frame = 0; frame < FRAMES; frame++) {
        unsigned count = burst_bits_make(&draw, bits, how->flags * 8, DATA + TAIL, 0);
        size_t burst = bell202->modulate(RATE_HZ, bits, count, audio, sizeof audio / sizeof *audio - LEAD);
        assert_true(burst > 0);
        memset(iq, 0, sizeof iq);
        fm_transmitter_execute(&transmitter, audio, burst, iq + LEAD);
        impair_add_noise_iq(&draw, iq, LEAD + burst, impair_cnr_sigma(RATE_HZ, how->cnr_db));
        uint64_t at;
        heard_count = 0;
        bell202->execute_iq(modem, iq, LEAD + burst, hear, NULL);
        good += burst_bits_wrong(heard, heard_count, bits + how->flags * 8, DATA, 0, &at) == 0;
    }
    bell202->destroy(modem);
    return good;
}

static void most_frames_get_through(void **state)
{
    (void)state;
    static const struct channel cases[] = {
        {"flat", -1.5, {.deviation_hz = 3000}, 30},
        {"pre-emphasised", 0.0, {.deviation_hz = 3000, .pre_emphasis = true}, 30},
        {"2 kHz off", -1.0, {.deviation_hz = 3000, .carrier_hz = 2000}, 30},
        {"deviation 1.5 kHz", 1.5, {.deviation_hz = 1500}, 30},
        {"deviation 4.5 kHz", -1.0, {.deviation_hz = 4500}, 30},
        {"four flags", 1.0, {.deviation_hz = 3000}, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned good = count_frames(&cases[i]);
        print_message("%-18s %.1f dB: %u of %d\n", cases[i].name, cases[i].cnr_db, good, FRAMES);
        assert_true(good >= FRAMES / 2);
    }
}

static void noise_4_db_louder_loses_most(void **state)
{
    (void)state;
    const struct channel loud = {"flat", -5.5, {.deviation_hz = 3000}, 30};
    assert_true(count_frames(&loud) <= FRAMES / 4); /* else the noise is not what it is said to be */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(most_frames_get_through),
                                       cmocka_unit_test(noise_4_db_louder_loses_most)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
