/* SPDX-License-Identifier: Apache-2.0 */
/* The squelch against generated channels whose truth is known: carriers, fading, noise that rises,
 * neighbours; audio of receivers with and without a squelch of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <complex.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/squelch.h"

#define RATE_HZ 19200.0
enum { EVENTS_MAX = 64, CHUNK = 320 };

static struct {
    struct squelch_event events[EVENTS_MAX];
    unsigned count;
} heard;

static void on_event(void *context, const struct squelch_event *event)
{
    (void)context;
    assert_true(heard.count < EVENTS_MAX);
    heard.events[heard.count++] = *event;
}

/* A piece of a channel: a carrier in 12.5 kHz noise of -60 dB, or noise alone. */
struct piece {
    double length_s;
    double cnr_db; /* NaN: no carrier */
    double offset_hz, noise_db /* over -60 */, doppler_hz;
};

static struct fading fading;
static struct impair_random random_source;

/* Voice-like: a carrier modulated by a tone of 900 Hz and 2.5 kHz of deviation. */
static void send_piece(struct squelch *squelch, const struct piece *piece, double rate_hz, double *phase)
{
    static float complex iq[CHUNK];
    double noise = pow(10.0, (piece->noise_db - 60.0) / 10.0); /* in 12.5 kHz */
    double sigma = sqrt(noise * rate_hz / 12500.0 / 2.0);
    double amplitude = isnan(piece->cnr_db) ? 0.0 : sqrt(noise * pow(10.0, piece->cnr_db / 10.0));
    if (piece->doppler_hz > 0.0)
        fading_reset(&fading, &random_source, rate_hz, piece->doppler_hz);
    size_t left = (size_t)lround(piece->length_s * rate_hz);
    for (size_t at = 0, count; left > 0; left -= count) {
        count = left < CHUNK ? left : CHUNK;
        for (size_t i = 0; i < count; i++, at++) {
            double hz = piece->offset_hz + 2500.0 * sin(2.0 * M_PI * 900.0 * (double)at / rate_hz);
            *phase += 2.0 * M_PI * hz / rate_hz;
            float complex gain = piece->doppler_hz > 0.0 ? fading_execute(&fading) : 1.0F;
            iq[i] = (float)amplitude * gain * cexpf(_Complex_I * (float)fmod(*phase, 2.0 * M_PI));
        }
        impair_add_noise_iq(&random_source, iq, count, sigma);
        squelch_execute_iq(squelch, iq, count, on_event, NULL);
    }
}

static void send_pieces(struct squelch *squelch, const struct piece *pieces, size_t count, double rate_hz)
{
    double phase = 0.0;
    for (size_t i = 0; i < count; i++)
        send_piece(squelch, &pieces[i], rate_hz, &phase);
}

static struct squelch *fresh(double rate_hz, bool iq)
{
    struct squelch *squelch;
    heard.count = 0;
    impair_random_seed(&random_source, 7);
    assert_int_equal(squelch_create(&squelch, rate_hz, iq), ATALAYA_OK);
    return squelch;
}

#define COUNT(pieces) (sizeof(pieces) / sizeof *(pieces))
#define SILENT        ((double)NAN)

static void a_carrier_is_told_within_5_ms_with_its_figures(void **state)
{
    (void)state;
    const double levels_db[] = {6.0, 12.0, 40.0};
    const double rates_hz[] = {19200.0, 48000.0, 24000.0};
    for (size_t l = 0; l < 3; l++) {
        double cnr_db = levels_db[l], rate_hz = rates_hz[l];
        const struct piece pieces[] = {
            {1.0, SILENT, 0, 0, 0}, {0.5, cnr_db, 800, 0, 0}, {0.6, SILENT, 0, 0, 0}};
        struct squelch *squelch = fresh(rate_hz, true);
        double phase = 0.0;
        send_piece(squelch, &pieces[0], rate_hz, &phase);
        assert_int_equal(heard.count, 0);
        struct piece first = pieces[1];
        first.length_s = SQUELCH_OPEN_S;
        send_piece(squelch, &first, rate_hz, &phase);
        assert_int_equal(heard.count, 1);
        assert_true(heard.events[0].open);
        send_pieces(squelch, &pieces[1], 2, rate_hz);
        assert_int_equal(heard.count, 2);
        const struct squelch_event *end = &heard.events[1];
        assert_false(end->open);
        assert_true(fabs(end->first_sample - 1.0 * rate_hz) < 0.0035 * rate_hz);
        assert_true(fabs(end->end_sample - 1.505 * rate_hz) < 0.006 * rate_hz);
        assert_true(fabs((double)end->level_dbfs - (cnr_db - 60.0)) < 1.0);
        assert_true(fabs((double)end->floor_dbfs - (-60.0 + 10.0 * log10(10000.0 / 12500.0))) < 1.0);
        assert_true(fabs((double)end->offset_hz - 800.0) < (cnr_db > 10.0 ? 60.0 : 200.0));
        squelch_destroy(squelch);
    }
}

static void noise_alone_opens_nothing(void **state)
{
    (void)state;
    const struct piece pieces[] = {{120.0, SILENT, 0, 0, 0}};
    struct squelch *squelch = fresh(RATE_HZ, true);
    send_pieces(squelch, pieces, COUNT(pieces), RATE_HZ);
    assert_int_equal(heard.count, 0);
    struct squelch_figures figures;
    squelch_figures(squelch, &figures);
    assert_false(figures.open);
    assert_true(fabs((double)figures.floor_dbfs + 61.0) < 0.5);
    squelch_destroy(squelch);
}

static void a_carrier_from_the_start_is_a_carrier(void **state)
{
    (void)state;
    const struct piece pieces[] = {
        {12.0, 20.0, 0, 0, 0}, {2.0, SILENT, 0, 0, 0}, {0.3, 8.0, 0, 0, 0}, {1.0, SILENT, 0, 0, 0}};
    struct squelch *squelch = fresh(RATE_HZ, true);
    send_pieces(squelch, pieces, COUNT(pieces), RATE_HZ);
    assert_int_equal(heard.count, 4);
    assert_true(fabs(heard.events[1].end_sample / RATE_HZ - 12.0) < 0.01);
    assert_true(fabs(heard.events[3].first_sample / RATE_HZ - 14.0) < 0.01);
    squelch_destroy(squelch);
}

static void noise_that_rises_is_noise_and_what_falls_is_followed(void **state)
{
    (void)state;
    const struct piece pieces[] = {{2.0, SILENT, 0, 0, 0},  {8.0, SILENT, 0, 10, 0}, {0.3, 10.0, 0, 10, 0},
                                   {2.0, SILENT, 0, 10, 0}, {3.0, SILENT, 0, 0, 0},  {0.3, 10.0, 0, 0, 0},
                                   {1.0, SILENT, 0, 0, 0}};
    struct squelch *squelch = fresh(RATE_HZ, true);
    send_pieces(squelch, pieces, COUNT(pieces), RATE_HZ);
    assert_int_equal(heard.count, 6);
    assert_true(heard.events[1].end_sample / RATE_HZ < 8.0); /* closed, though it did not fall */
    assert_true(heard.events[1].snr_db < -100.0F);           /* and known to be none */
    assert_true(fabs(heard.events[2].first_sample / RATE_HZ - 10.0) < 0.01);
    assert_true(fabs(heard.events[4].first_sample / RATE_HZ - 15.3) < 0.01);
    squelch_destroy(squelch);
}

static void fading_and_time_slots_are_one_transmission(void **state)
{
    (void)state;
    const struct piece fades[] = {{1.0, SILENT, 0, 0, 0}, {12.0, 18.0, 0, 0, 30.0}, {1.0, SILENT, 0, 0, 0}};
    struct squelch *squelch = fresh(RATE_HZ, true);
    send_pieces(squelch, fades, COUNT(fades), RATE_HZ);
    assert_int_equal(heard.count, 2);
    squelch_destroy(squelch);
    struct piece slots[43] = {{1.0, SILENT, 0, 0, 0}};
    for (size_t i = 1; i < COUNT(slots); i++)
        slots[i] = (struct piece){i + 1 < COUNT(slots) ? 0.03 : 0.5, i % 2 ? 15.0 : SILENT, 0, 0, 0};
    squelch = fresh(RATE_HZ, true);
    send_pieces(squelch, slots, COUNT(slots), RATE_HZ);
    assert_int_equal(heard.count, 2);
    assert_true(fabs((heard.events[1].end_sample - heard.events[1].first_sample) / RATE_HZ - 41 * 0.03) <
                0.02);
    squelch_destroy(squelch);
}

/* 12.5 kHz beside, 40 dB above the noise: its sidebands stay outside, and what is switched on and off in no
 * time (no transmitter does) is a click. Only a wider feed has it at all. */
static void a_neighbour_does_not_open(void **state)
{
    (void)state;
    const struct piece pieces[] = {{1.0, SILENT, 0, 0, 0}, {2.0, 40.0, 12500, 0, 0}, {1.0, SILENT, 0, 0, 0}};
    struct squelch *squelch = fresh(48000.0, true);
    send_pieces(squelch, pieces, COUNT(pieces), 48000.0);
    for (unsigned i = 1; i < heard.count; i += 2)
        assert_true(heard.events[i].end_sample - heard.events[i].first_sample < 0.015 * 48000.0);
    squelch_destroy(squelch);
}

static void a_loss_ends_what_was_and_keeps_the_noise(void **state)
{
    (void)state;
    const struct piece before[] = {{1.0, SILENT, 0, 0, 0}, {0.5, 20.0, 0, 0, 0}};
    const struct piece after[] = {{0.4, 20.0, 0, 0, 0}, {0.5, SILENT, 0, 0, 0}};
    struct squelch *squelch = fresh(RATE_HZ, true);
    send_pieces(squelch, before, COUNT(before), RATE_HZ);
    squelch_restart(squelch, on_event, NULL);
    assert_int_equal(heard.count, 2);
    send_pieces(squelch, after, COUNT(after), RATE_HZ);
    assert_int_equal(heard.count, 4);
    assert_true(heard.events[2].first_sample < 0.01 * RATE_HZ);
    assert_true(fabs(heard.events[3].end_sample / RATE_HZ - 0.4) < 0.01);
    squelch_destroy(squelch);
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    const struct piece pieces[] = {{2.0, SILENT, 0, 0, 0}, {0.4, 20.0, 0, 0, 0}, {1.0, SILENT, 0, 0, 0}};
    const float bad[] = {NAN, INFINITY, -INFINITY, 1e30F};
    struct squelch *squelch = fresh(RATE_HZ, true);
    send_pieces(squelch, pieces, 1, RATE_HZ);
    for (size_t i = 0; i < 400; i++) {
        float complex sample = bad[i % 4] + _Complex_I * bad[(i + 1) % 4];
        squelch_execute_iq(squelch, &sample, 1, on_event, NULL);
    }
    heard.count = 0;
    send_pieces(squelch, pieces, COUNT(pieces), RATE_HZ);
    assert_int_equal(heard.count, 2);
    squelch_destroy(squelch);
    assert_int_equal(squelch_create(&squelch, 100.0, true), ATALAYA_E_ARGUMENT);
    assert_int_equal(squelch_create(&squelch, (double)NAN, false), ATALAYA_E_ARGUMENT);
}

/* Sound cards. A piece's audio comes from a discriminator behind the channel; `mute`: that receiver has a
 * squelch of its own, which opens 20 ms late and lets 100 ms of noise out at the end. */
static void listen_to(struct squelch *squelch, const struct piece *piece, bool mute,
                      struct fm_receiver *receiver)
{
    static float audio[CHUNK];
    static float complex iq[CHUNK];
    const double rate_hz = 48000.0;
    double noise = 1e-3, sigma = sqrt(noise * rate_hz / 12500.0 / 2.0), phase = 0.0;
    double amplitude = isnan(piece->cnr_db) ? 0.0 : sqrt(noise * pow(10.0, piece->cnr_db / 10.0));
    size_t left = (size_t)lround(piece->length_s * rate_hz);
    for (size_t at = 0, count; left > 0; left -= count) {
        count = left < CHUNK ? left : CHUNK;
        for (size_t i = 0; i < count; i++, at++) {
            phase += 2.0 * M_PI * 2000.0 * sin(2.0 * M_PI * 700.0 * (double)at / rate_hz) / rate_hz;
            iq[i] = (float)amplitude * cexpf(_Complex_I * (float)phase);
        }
        impair_add_noise_iq(&random_source, iq, count, sigma);
        fm_receiver_execute(receiver, iq, count, audio);
        bool tail = isnan(piece->cnr_db) && at < 0.1 * rate_hz && piece->offset_hz > 0;
        for (size_t i = 0; i < count && mute; i++)
            if ((isnan(piece->cnr_db) && !tail) || (!isnan(piece->cnr_db) && at < 0.02 * rate_hz))
                audio[i] = 1e-4F * (float)impair_random_normal(&random_source);
        squelch_execute(squelch, audio, count, on_event, NULL);
    }
}

static void audio_of_both_kinds_of_receivers_tells(void **state)
{
    (void)state;
    /* offset_hz > 0 marks a silence after a transmission */
    const struct piece pieces[] = {{2.0, SILENT, 0, 0, 0},
                                   {1.5, 20.0, 0, 0, 0},
                                   {3.0, SILENT, 1, 0, 0},
                                   {0.8, 12.0, 0, 0, 0},
                                   {3.0, SILENT, 1, 0, 0}};
    const struct fm_receiver_settings settings = {
        .rate_hz = 48000.0, .if_width_hz = 15000.0, .full_scale_hz = 8000.0};
    for (int mute = 0; mute < 2; mute++) {
        struct squelch *squelch = fresh(48000.0, false);
        struct fm_receiver *receiver;
        assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_OK);
        for (size_t i = 0; i < COUNT(pieces); i++)
            listen_to(squelch, &pieces[i], mute, receiver);
        assert_int_equal(heard.count, 4);
        double slack_s = mute ? 0.12 : 0.02;
        assert_true(fabs(heard.events[1].first_sample / 48000.0 - 2.0) < 0.03);
        assert_true(fabs(heard.events[1].end_sample / 48000.0 - 3.5) < slack_s);
        assert_true(fabs(heard.events[3].first_sample / 48000.0 - 6.5) < 0.03);
        assert_true(fabs(heard.events[3].end_sample / 48000.0 - 7.3) < slack_s);
        assert_true(isnan(heard.events[3].offset_hz));
        fm_receiver_destroy(receiver);
        squelch_destroy(squelch);
    }
}

/* Audio of a fifth of a second. */
static struct squelch_levels levels_of(struct squelch *squelch, double hz, float amplitude, double noise)
{
    static float audio[9600];
    struct squelch_levels levels;
    for (int i = 0; i < 9600; i++)
        audio[i] = amplitude * (float)sin(2.0 * M_PI * hz * i / 48000.0);
    impair_add_noise(&random_source, audio, 9600, noise);
    squelch_execute(squelch, audio, 9600, NULL, NULL);
    assert_true(squelch_levels(squelch, &levels));
    return levels;
}

static void levels_are_those_of_sound_and_of_hiss(void **state)
{
    (void)state;
    struct squelch *squelch = NULL;
    struct squelch_levels levels;
    impair_random_seed(&random_source, 7);
    assert_int_equal(squelch_create(&squelch, 48000.0, false), ATALAYA_OK);
    assert_false(squelch_levels(squelch, &levels)); /* no window has ended */
    assert_true(fabsf(levels_of(squelch, 1000, 1.0F, 0).loudest_dbfs) < 0.1F);
    assert_true(fabsf(levels_of(squelch, 1000, 0.01F, 0).loudest_dbfs + 40.0F) < 0.5F);
    (void)levels_of(squelch, 1000, 0.0F, 0);
    assert_true(levels_of(squelch, 1000, 0.0F, 0).loudest_dbfs < -150.0F);
    assert_true(levels_of(squelch, 1200, 0.5F, 0).quietest_dbfs < -40.0F); /* tones do not hiss */
    levels = levels_of(squelch, 0, 0.0F, 0.2);
    assert_true(levels.quietest_dbfs > -20.0F && levels.loudest_dbfs < -5.0F);
    static const float bad[] = {NAN, INFINITY, 1e30F};
    squelch_execute(squelch, bad, 3, NULL, NULL);
    (void)levels_of(squelch, 1200, 0.5F, 0);
    levels = levels_of(squelch, 1200, 0.5F, 0);
    assert_true(levels.loudest_dbfs < 0.0F && levels.quietest_dbfs < -40.0F);
    squelch_restart(squelch, NULL, NULL);
    assert_false(squelch_levels(squelch, &levels));
    squelch_destroy(squelch);
}

static void levels_of_a_carrier_are_its_own(void **state)
{
    (void)state;
    static float complex iq[1920];
    struct squelch *squelch = NULL;
    struct squelch_levels levels;
    for (int i = 0; i < 1920; i++)
        iq[i] = 0.1F * cexpf(_Complex_I * 0.3F * (float)i);
    assert_int_equal(squelch_create(&squelch, RATE_HZ, true), ATALAYA_OK);
    squelch_execute_iq(squelch, iq, 1920, NULL, NULL);
    assert_true(squelch_levels(squelch, &levels));
    assert_true(fabsf(levels.loudest_dbfs + 20.0F) < 0.2F);
    squelch_destroy(squelch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_carrier_is_told_within_5_ms_with_its_figures),
        cmocka_unit_test(noise_alone_opens_nothing),
        cmocka_unit_test(a_carrier_from_the_start_is_a_carrier),
        cmocka_unit_test(noise_that_rises_is_noise_and_what_falls_is_followed),
        cmocka_unit_test(fading_and_time_slots_are_one_transmission),
        cmocka_unit_test(a_neighbour_does_not_open),
        cmocka_unit_test(a_loss_ends_what_was_and_keeps_the_noise),
        cmocka_unit_test(hostile_samples_do_no_lasting_harm),
        cmocka_unit_test(levels_are_those_of_sound_and_of_hiss),
        cmocka_unit_test(levels_of_a_carrier_are_its_own),
        cmocka_unit_test(audio_of_both_kinds_of_receivers_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
