/* SPDX-License-Identifier: Apache-2.0 */
/* What the modem `tones` says of sines, at every rate, from audio and from a radio channel. */
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
#include "atalaya/protocol/tone_frames.h"

enum { FRAMES_MAX = 600, AUDIO_MAX = 192000 * 2 };

static const struct modem_class *tones;
static struct tone_frames waiting;
static struct tone_frame frames[FRAMES_MAX];
static size_t frame_count;
static uint64_t next_bit;
static float audio[AUDIO_MAX];
static uint8_t bits[FRAMES_MAX * TONES_FRAME];

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    assert_int_equal(run->branch, 0);
    assert_int_equal(run->first_bit, next_bit);
    next_bit += run->count;
    for (size_t i = 0; i < run->count; i++)
        if (frame_count < FRAMES_MAX &&
            tone_frames_take(&waiting, run->soft[i], run->first_bit + i, &frames[frame_count]))
            frame_count++;
}

static int set_up(void **state)
{
    (void)state;
    tones = modem_find("tones")->class;
    memset(&waiting, 0, sizeof waiting);
    memset(bits, 0, sizeof bits);
    frame_count = 0;
    next_bit = 0;
    return 0;
}

static void sine(double rate_hz, double hz, double amplitude, size_t count)
{
    for (size_t i = 0; i < count; i++)
        audio[i] = (float)(amplitude * sin(2.0 * M_PI * hz * (double)i / rate_hz));
}

static void every_tone_is_told_with_its_deviation_at_every_rate(void **state)
{
    (void)state;
    static const double rates_hz[] = {8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000};
    for (unsigned r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
        struct modem *modem;
        assert_int_equal(tones->create(&modem, rates_hz[r], MODEM_AUDIO), ATALAYA_OK);
        (void)set_up(NULL);
        for (unsigned t = r % 3; t < TONE_COUNT; t += 3) {
            double off = (double)(t % 5) - 2.0;
            size_t count = (size_t)(rates_hz[r] * 0.08);
            sine(rates_hz[r], tone_hz(t) * (1.0 + off / 100.0), 0.3, count);
            frame_count = 0;
            tones->execute(modem, audio, count, hear, NULL);
            assert_true(frame_count >= 12);
            const struct tone_frame *last = &frames[frame_count - 1];
            assert_true(last->power[t] > 0.96F);
            assert_true(fabs((double)tone_frame_deviation(last, t) - off) < 0.12);
            for (unsigned other = 0; other < TONE_COUNT; other++)
                if (abs((int)tone_hz(other) - (int)tone_hz(t)) > 130)
                    assert_true(last->power[other] < 0.002F);
        }
        tones->destroy(modem);
    }
}

static void what_lies_outside_the_band_is_not_counted(void **state)
{
    (void)state;
    struct modem *modem;
    assert_int_equal(tones->create(&modem, 48000, MODEM_AUDIO), ATALAYA_OK);
    sine(48000, 1270, 0.02, 9600);
    for (size_t i = 0; i < 9600; i++) /* a squelch tone, the hiss of a discriminator, and an offset */
        audio[i] += (float)(0.3 * sin(2.0 * M_PI * 123.0 * (double)i / 48000) +
                            0.2 * sin(2.0 * M_PI * 6730.0 * (double)i / 48000) + 0.2);
    tones->execute(modem, audio, 9600, hear, NULL);
    assert_true(frames[frame_count - 1].power[TONE_1270] > 0.9F);
    tones->destroy(modem);
}

/* Also where it is all there is: a card's offset, a pilot tone, hum. */
static void what_lies_outside_the_band_is_no_tone_in_a_pause(void **state)
{
    (void)state;
    static const double outside_hz[] = {0.0, 60.0, 19000.0, 15600.0};
    for (unsigned k = 0; k < sizeof outside_hz / sizeof *outside_hz; k++) {
        struct modem *modem;
        assert_int_equal(tones->create(&modem, 48000, MODEM_AUDIO), ATALAYA_OK);
        (void)set_up(NULL);
        for (size_t i = 0; i < 24000; i++) /* as a card gives it: whole numbers */
            audio[i] = roundf((float)(9830.0 * cos(2.0 * M_PI * outside_hz[k] * (double)i / 48000))) / 32768;
        tones->execute(modem, audio, 24000, hear, NULL);
        for (size_t i = frame_count / 2; i < frame_count; i++)
            for (unsigned t = 0; t < TONE_COUNT; t++)
                assert_true(frames[i].power[t] < 0.1F);
        tones->destroy(modem);
    }
}

static void two_tones_share_the_power(void **state)
{
    (void)state;
    struct modem *modem;
    assert_int_equal(tones->create(&modem, 8000, MODEM_AUDIO), ATALAYA_OK);
    tone_frames_put(bits, 0, 40, TONE_852);
    tone_frames_put(bits, 0, 40, TONE_1477);
    size_t count = tones->modulate(8000, bits, (size_t)40 * TONES_FRAME, audio, AUDIO_MAX);
    assert_int_equal(count, 1600);
    tones->execute(modem, audio, count, hear, NULL);
    const struct tone_frame *last = &frames[30];
    assert_true(fabsf(last->power[TONE_852] - 0.5F) < 0.03F && fabsf(last->power[TONE_1477] - 0.5F) < 0.03F);
    tones->destroy(modem);
}

/* Silence, a tone, silence: level, ratio, times. */
static void figures_of_a_burst_are_right(void **state)
{
    (void)state;
    static const double rates_hz[] = {8000, 22050, 48000};
    for (unsigned r = 0; r < 3; r++) {
        struct modem *modem;
        struct burst_figures figures;
        struct impair_random random;
        double rate_hz = rates_hz[r];
        size_t from = (size_t)(rate_hz * 0.2), to = (size_t)(rate_hz * 0.6), count = (size_t)rate_hz;
        assert_int_equal(tones->create(&modem, rate_hz, MODEM_AUDIO), ATALAYA_OK);
        sine(rate_hz, 1530, 0.5, count);
        for (size_t i = 0; i < count; i++)
            audio[i] = i >= from && i < to ? audio[i] : 0.0F;
        impair_random_seed(&random, 1);
        impair_add_noise(&random, audio, count,
                         sqrt(0.125 / 100.0 * (rate_hz / 2.0) / 2570.0)); /* 20 dB in the band */
        (void)set_up(NULL);
        tones->execute(modem, audio, count, hear, NULL);
        size_t first = 0;
        while (first < frame_count && frames[first].power[TONE_1530] < 0.5F)
            first++;
        assert_in_range(first, 37, 40); /* a window is six frames long: it sees the tone three early */
        assert_int_equal(
            tones->measure(modem, 0, (uint64_t)40 * TONES_FRAME, (uint64_t)120 * TONES_FRAME, &figures),
            ATALAYA_OK);
        assert_true(fabs(figures.first_sample - (double)from) < rate_hz * 0.002);
        assert_true(fabs(figures.end_sample - (double)to) < rate_hz * 0.002);
        assert_true(fabsf(figures.level_dbfs + 6.02F) < 0.3F);
        assert_true(fabsf(figures.snr_db - 20.0F) < 2.0F);
        assert_true(figures.peak > 0.5F && figures.peak < 1.1F);
        assert_int_equal(tones->measure(modem, 0, 0, (uint64_t)4000 * TONES_FRAME, &figures),
                         ATALAYA_E_RANGE);
        assert_int_equal(tones->measure(modem, 1, 0, TONES_FRAME, &figures), ATALAYA_E_ARGUMENT);
        tones->destroy(modem);
    }
}

/* A carrier 1.2 kHz off, deviation 2 kHz, 12 dB of noise. */
static void a_radio_channel_is_heard_through_the_discriminator(void **state)
{
    (void)state;
    enum { RATE = 19200, COUNT = RATE / 2 };
    static float complex iq[COUNT];
    struct discriminator *discriminator;
    struct modem *modem;
    struct burst_figures figures;
    struct impair_random random;
    double phase = 0.0;
    for (size_t i = 0; i < COUNT; i++) {
        phase += 2.0 * M_PI * (1200.0 + 2000.0 * sin(2.0 * M_PI * 2200.0 * (double)i / RATE)) / RATE;
        iq[i] = (float)cos(phase) + (float)sin(phase) * _Complex_I;
    }
    impair_random_seed(&random, 2);
    impair_add_noise_iq(&random, iq, COUNT, impair_cnr_sigma(RATE, 12.0));
    assert_int_equal(tones->create(&modem, RATE, MODEM_IQ), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(tones->create(&modem, RATE, MODEM_AUDIO), ATALAYA_OK);
    assert_int_equal(discriminator_create(&discriminator, RATE), ATALAYA_OK);
    for (size_t at = 0, taken; at < COUNT; at += taken) {
        float chunk[DISCRIMINATOR_CHUNK_MAX];
        size_t made = discriminator_execute(discriminator, iq + at, COUNT - at, chunk, &taken);
        tones->execute(modem, chunk, made, hear, NULL);
    }
    assert_true(frame_count > 90);
    assert_true(frames[80].power[TONE_2200] > 0.8F);
    assert_int_equal(
        tones->measure(modem, 0, (uint64_t)20 * TONES_FRAME, (uint64_t)80 * TONES_FRAME, &figures),
        ATALAYA_OK);
    discriminator_tell(discriminator, 0.0, &figures);
    assert_true(fabsf(figures.offset_hz - 1200.0F) < 60.0F);
    assert_true(fabsf(figures.level_dbfs) < 1.0F);
    discriminator_destroy(discriminator);
    tones->destroy(modem);
}

static void hostile_samples_do_no_lasting_harm(void **state)
{
    (void)state;
    struct modem *modem;
    assert_int_equal(tones->create(&modem, 48000, MODEM_AUDIO), ATALAYA_OK);
    for (size_t i = 0; i < 9600; i++)
        audio[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -1e30F;
    tones->execute(modem, audio, 9600, hear, NULL);
    memset(audio, 0, 9600 * sizeof *audio);
    tones->execute(modem, audio, 9600, hear, NULL);
    sine(48000, 2400, 0.01, 9600);
    frame_count = 0;
    tones->execute(modem, audio, 9600, hear, NULL);
    assert_true(frames[frame_count - 1].power[TONE_2400] > 0.96F);
    tones->destroy(modem);
}

static void after_reset_it_is_as_new(void **state)
{
    (void)state;
    static struct tone_frame first[FRAMES_MAX];
    struct modem *modem;
    assert_int_equal(tones->create(&modem, 44100, MODEM_AUDIO), ATALAYA_OK);
    sine(44100, 1060, 0.2, 22050);
    tones->execute(modem, audio, 22050, hear, NULL);
    size_t count = frame_count;
    memcpy(first, frames, sizeof first);
    tones->execute(modem, audio, 777, hear, NULL);
    tones->reset(modem);
    (void)set_up(NULL);
    for (size_t at = 0; at < 22050; at += 441) /* however it is cut */
        tones->execute(modem, audio + at, 441, hear, NULL);
    assert_int_equal(frame_count, count);
    assert_memory_equal(first, frames, count * sizeof *frames);
    tones->destroy(modem);
}

static void what_cannot_be_made_is_refused(void **state)
{
    (void)state;
    struct modem *modem;
    assert_int_equal(tones->create(&modem, 4000, MODEM_AUDIO), ATALAYA_E_ARGUMENT);
    assert_int_equal(tones->create(&modem, (double)NAN, MODEM_AUDIO), ATALAYA_E_ARGUMENT);
    assert_int_equal(tones->create(&modem, 1000, MODEM_IQ), ATALAYA_E_UNSUPPORTED);
    assert_int_equal(tones->modulate_length(48000, TONES_FRAME - 1), 0);
    assert_int_equal(tones->modulate(48000, bits, TONES_FRAME, audio, 10), 0);
    memset(bits, 1, TONES_FRAME); /* all tones at once */
    assert_int_equal(tones->modulate(48000, bits, TONES_FRAME, audio, AUDIO_MAX), 0);
}

/* A tone has no clicks where it comes and goes, and its phase runs on from one to the next. */
static void a_tone_sent_is_smooth(void **state)
{
    (void)state;
    tone_frames_put(bits, 4, 12, TONE_1060);
    tone_frames_put(bits, 12, 20, TONE_2800);
    size_t count = tones->modulate(48000, bits, (size_t)30 * TONES_FRAME, audio, AUDIO_MAX);
    assert_int_equal(count, 7200);
    for (size_t i = 1; i < count; i++)
        assert_true(fabsf(audio[i] - audio[i - 1]) < 2.0F * (float)M_PI * 2800.0F / 48000.0F * 1.05F);
    assert_true(fabsf(audio[100]) < 1e-6F && fabsf(audio[count - 1]) < 1e-6F);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_tone_is_told_with_its_deviation_at_every_rate, set_up),
        cmocka_unit_test_setup(what_lies_outside_the_band_is_not_counted, set_up),
        cmocka_unit_test_setup(what_lies_outside_the_band_is_no_tone_in_a_pause, set_up),
        cmocka_unit_test_setup(two_tones_share_the_power, set_up),
        cmocka_unit_test_setup(figures_of_a_burst_are_right, set_up),
        cmocka_unit_test_setup(a_radio_channel_is_heard_through_the_discriminator, set_up),
        cmocka_unit_test_setup(hostile_samples_do_no_lasting_harm, set_up),
        cmocka_unit_test_setup(after_reset_it_is_as_new, set_up),
        cmocka_unit_test_setup(what_cannot_be_made_is_refused, set_up),
        cmocka_unit_test_setup(a_tone_sent_is_smooth, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
