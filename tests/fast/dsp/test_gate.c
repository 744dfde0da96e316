/* SPDX-License-Identifier: Apache-2.0 */
/* A receiver behind a gate works while its waveform may be there, and misses nothing of it: how much noise
 * gets through, from how far back a weak burst is handed on, and where its samples stood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "../../../dsp/ffsk1200.h"
#include "../../../dsp/g3ruh9600.h"

#define RATE_HZ 48000.0

enum {
    SECOND = 48000,
    BURST_AT = 80000,
    BURST_MAX = 24000,
    BITS = 300,
    LONG_BITS = 1100,
    LONG_FRAME = 590,
    TRIALS = 20,
    FEW = 4
};

static struct gate *gate;
static float audio[4 * SECOND];
static struct impair_random noise;

static void begin_with(const struct gate_settings *settings)
{
    assert_int_equal(gate_create(&gate, settings, RATE_HZ), ATALAYA_OK);
    impair_random_seed(&noise, 5);
}

static void begin(void)
{
    begin_with(&ffsk1200_gate);
}

/* Gives audio to the gate and compares what comes out with what stood at the time it names. */
static size_t pass(const float *samples, size_t count, size_t *first)
{
    const uint64_t begun = gate->total, handed_before = gate->handed;
    size_t handed = 0;
    *first = SIZE_MAX;
    for (size_t at = 0; at < count; at += 100) {
        const float *taken;
        unsigned n, chunk = count - at < 100 ? (unsigned)(count - at) : 100;
        gate_push(gate, samples + at, chunk);
        (void)gate_skip(gate);
        while ((n = gate_take(gate, &taken)) > 0) {
            size_t stood = (size_t)(gate_input_time(gate, (double)(handed_before + handed)) - (double)begun);
            *first = stood < *first ? stood : *first;
            for (unsigned i = 0; i < n; i++)
                assert_true(taken[i] == samples[stood + i]); /* the very sample */
            handed += n;
        }
    }
    return handed;
}

static void noise_hardly_opens_it(void **state)
{
    (void)state;
    size_t handed = 0, first;
    begin();
    for (unsigned i = 0; i < 8; i++) {
        memset(audio, 0, sizeof audio);
        impair_add_noise(&noise, audio, 4 * SECOND, 0.2);
        gate_reset(gate);
        handed += pass(audio, 4 * SECOND, &first);
    }
    gate_destroy(gate);
    assert_true(handed < 32U * SECOND / 12);
}

static void burst_make(const char *id, unsigned count, double ebn0_db)
{
    const struct modem_row *row = modem_find(id);
    uint8_t bits[LONG_BITS];
    for (unsigned i = 0; i < count; i++)
        bits[i] = impair_random_next(&noise) >> 63;
    memset(audio, 0, sizeof audio);
    size_t length = row->class->modulate(RATE_HZ, bits, count, audio + BURST_AT, BURST_MAX);
    assert_true(length > 0);
    impair_add_noise(&noise, audio, 4 * SECOND, impair_noise_sigma(0.5, RATE_HZ, row->bit_rate, ebn0_db));
    for (size_t i = 0; i < 4 * SECOND; i++)
        audio[i] *= 0.1F; /* what is far beyond full scale would be limited */
}

static void bursts_too_weak_to_read_are_handed_on_whole(void **state)
{
    (void)state;
    unsigned whole = 0;
    begin();
    for (unsigned i = 0; i < TRIALS; i++) {
        size_t first;
        burst_make("ffsk1200", BITS, 1.0);
        gate_reset(gate);
        size_t handed = pass(audio, 2 * SECOND, &first);
        whole += first <= BURST_AT && handed > 0;
    }
    gate_destroy(gate);
    assert_true(whole >= TRIALS - 1);
}

static void another_waveform_seldom_opens_it(void **state)
{
    (void)state;
    unsigned opened = 0;
    begin();
    for (unsigned i = 0; i < TRIALS; i++) {
        size_t first;
        burst_make("bell202", BITS, 20.0);
        gate_reset(gate);
        opened += pass(audio, 3 * SECOND, &first) > 0;
    }
    gate_destroy(gate);
    assert_true(opened <= TRIALS / 4);
}

/* Bell 202's flags: one change in eight bits, and one beside it. */
static void flags_make(void)
{
    const struct modem_row *row = modem_find("bell202");
    uint8_t bits[LONG_FRAME], line = 0;
    for (unsigned i = 0; i < LONG_FRAME; i++)
        bits[i] = line ^= i % 8 == 0 || i % 8 == 7;
    memset(audio, 0, sizeof audio);
    assert_true(row->class->modulate(RATE_HZ, bits, LONG_FRAME, audio + BURST_AT, BURST_MAX) > 0);
    for (size_t i = 0; i < 4 * SECOND; i++)
        audio[i] *= 0.1F;
}

/* What a transmitter and a receiver make of a burst. */
static void behind_a_radio(bool emphasis, double cnr_db)
{
    static float complex iq[4 * SECOND];
    const struct fm_transmitter_settings sender = {
        .rate_hz = RATE_HZ, .deviation_hz = 30000.0, .pre_emphasis = emphasis};
    const struct fm_receiver_settings settings = {
        .rate_hz = RATE_HZ, .if_width_hz = 15000.0, .full_scale_hz = 12000.0, .de_emphasis = emphasis};
    struct fm_transmitter transmitter;
    struct fm_receiver *receiver;
    assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_OK);
    fm_transmitter_create(&transmitter, &sender);
    fm_transmitter_execute(&transmitter, audio, 4 * SECOND, iq);
    impair_add_noise_iq(&noise, iq, 4 * SECOND, impair_cnr_sigma(RATE_HZ, cnr_db));
    fm_receiver_execute(receiver, iq, 4 * SECOND, audio);
    fm_receiver_destroy(receiver);
}

/* Behind de-emphasis the harmonics of Bell 202's bit clock stand out of the noise, and one is G3RUH's line.
 */
static void bell_202_behind_a_radio_does_not_open_that_of_g3ruh(void **state)
{
    (void)state;
    size_t first;
    begin_with(&g3ruh9600_gate);
    for (unsigned i = 0; i < FEW; i++) {
        flags_make();
        behind_a_radio(true, 20.0);
        gate_reset(gate);
        assert_int_equal(pass(audio + BURST_AT, LONG_FRAME * SECOND / 1200, &first), 0);
    }
    gate_destroy(gate);
}

/* With a direct voltage, as of a receiver that is off the carrier. */
static void g3ruh_beside_hum_opens_its_own(void **state)
{
    (void)state;
    unsigned opened = 0;
    begin_with(&g3ruh9600_gate);
    for (unsigned i = 0; i < FEW; i++) {
        size_t first;
        burst_make("g3ruh9600", LONG_BITS, 90.0);
        behind_a_radio(false, 10.0);
        for (size_t n = 0; n < 4 * SECOND; n++)
            audio[n] += 0.3F + 0.3F * (float)sin(2.0 * M_PI * 100.0 / RATE_HZ * (double)n);
        gate_reset(gate);
        opened += pass(audio, 2 * SECOND, &first) > 0 && first <= BURST_AT;
    }
    gate_destroy(gate);
    assert_int_equal(opened, FEW);
}

static void times_hold_over_many_openings(void **state)
{
    (void)state;
    size_t first;
    begin();
    for (unsigned i = 0; i < 3; i++) { /* the clock goes on: pass would see a wrong sample at once */
        static float three[12 * SECOND];
        for (unsigned k = 0; k < 3; k++) {
            burst_make("ffsk1200", BITS, 8.0);
            memcpy(three + (size_t)k * 4 * SECOND, audio, sizeof audio);
        }
        gate_reset(gate);
        assert_true(pass(three, 12U * SECOND, &first) > 3 * (size_t)BURST_MAX / 2);
        assert_true(gate->gap_count >= 3);
    }
    gate_destroy(gate);
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    static const float hostile[] = {NAN, INFINITY, -INFINITY, 1e30F, -1e30F};
    const float *taken;
    size_t first;
    begin();
    for (unsigned i = 0; i < 2000; i++) {
        float bad[100];
        for (unsigned k = 0; k < 100; k++)
            bad[k] = hostile[(i + k) % 5];
        gate_push(gate, bad, 100);
        (void)gate_skip(gate);
        for (unsigned n; (n = gate_take(gate, &taken)) > 0;)
            for (unsigned k = 0; k < n; k++)
                assert_true(isfinite(taken[k]));
    }
    burst_make("ffsk1200", BITS, 6.0);
    assert_true(pass(audio, 3 * SECOND, &first) > 0);
    assert_true(first <= BURST_AT);
    gate_destroy(gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_hardly_opens_it),
        cmocka_unit_test(bursts_too_weak_to_read_are_handed_on_whole),
        cmocka_unit_test(another_waveform_seldom_opens_it),
        cmocka_unit_test(bell_202_behind_a_radio_does_not_open_that_of_g3ruh),
        cmocka_unit_test(g3ruh_beside_hum_opens_its_own),
        cmocka_unit_test(times_hold_over_many_openings),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
