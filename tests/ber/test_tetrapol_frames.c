/* SPDX-License-Identifier: Apache-2.0 */
/* Data frames read against Eb/N0, UHF and VHF: the modem on the radio channel (carrier off, nothing known),
 * beside a genie who is told carrier and clock and reads the same matched filter, and beside a discriminator
 * with hard decisions, clock known. At 90 % the modem stays within a decibel of the genie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../dsp/gmsk_detect.h"
#include "../../dsp/gmsk_pulse.h"
#include "../../protocol/tetrapol/frame.h"
#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"

enum { FRAMES = 100, LEAD = 8, BITS = (FRAMES + 2 * LEAD) * 160, PER_BIT = 6, SAMPLES = BITS * PER_BIT };
enum { STEPS = 45, SPAN_BITS = BITS + 1000 };
#define STEP_DB 0.5
#define LOW_DB  0.0
#define RATE_HZ 48000.0

static uint8_t bits[BITS], blocks[FRAMES][8];
static float audio[SAMPLES];
static float complex clean[SAMPLES], iq[SAMPLES];
static int8_t soft[SPAN_BITS];
static size_t soft_count;
static struct tetrapol_channel channel = {TETRAPOL_UHF, 67};

static void signal_make(struct impair_random *random, double carrier_hz)
{
    const struct fm_transmitter_settings settings = {
        .rate_hz = RATE_HZ, .deviation_hz = GMSK_DEVIATION_HZ, .carrier_hz = carrier_hz};
    struct fm_transmitter transmitter;
    for (unsigned n = 0; n < FRAMES + 2 * LEAD; n++) {
        uint8_t filler[8], *block = n >= LEAD && n < LEAD + FRAMES ? blocks[n - LEAD] : filler;
        for (unsigned i = 0; i < 8; i++)
            block[i] = (uint8_t)(impair_random_next(random) >> 56);
        tetrapol_frame_write_data(block, 0, 0, &channel, bits + (size_t)n * 160);
    }
    const struct modem_class *class = modem_find("gmsk8000")->class;
    assert_int_equal(class->modulate(RATE_HZ, bits, BITS, audio, SAMPLES), SAMPLES);
    fm_transmitter_create(&transmitter, &settings);
    fm_transmitter_execute(&transmitter, audio, SAMPLES, clean);
}

static void noise_add(struct impair_random *random, double ebn0_db)
{
    memcpy(iq, clean, sizeof iq);
    impair_add_noise_iq(random, iq, SAMPLES, sqrt(0.5 * PER_BIT / pow(10.0, ebn0_db / 10.0)));
}

/* Frames read right when bit 0 of the signal is soft[at]; each in the sense its sync word says. */
static unsigned frames_right(ptrdiff_t at)
{
    unsigned right = 0;
    for (unsigned n = 0; n < FRAMES; n++) {
        const int8_t *line = soft + at + (ptrdiff_t)(LEAD + n) * 160;
        bool done = false;
        for (unsigned sense = 0; sense < 4 && !done; sense++) {
            int8_t body[152];
            struct tetrapol_frame frame;
            int sum = 0;
            for (unsigned i = 0; i < 160; i++) {
                bool turned = ((sense & 1) != 0) != ((sense & 2) && i % 2 == 0);
                int8_t value = (int8_t)(turned ? -line[i] : line[i]);
                if (i < 8)
                    sum += TETRAPOL_SYNC >> (7 - i) & 1 ? value : -value;
                else
                    body[i - 8] = value;
            }
            if (sum <= 0)
                continue;
            tetrapol_frame_read(body, &channel, &frame);
            done = frame.good && memcmp(frame.block, blocks[n], 8) == 0;
        }
        right += done;
    }
    return right;
}

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count && soft_count < SPAN_BITS; i++)
        soft[soft_count++] = run->soft[i];
}

static unsigned by_modem(void)
{
    const struct modem_class *class = modem_find("gmsk8000")->class;
    struct modem *modem;
    unsigned best = 0;
    soft_count = 0;
    memset(soft, 0, sizeof soft);
    assert_int_equal(class->create(&modem, RATE_HZ, MODEM_IQ), ATALAYA_OK);
    class->execute_iq(modem, iq, SAMPLES, hear, NULL);
    class->destroy(modem);
    for (ptrdiff_t at = -2; at <= 2; at++) {
        unsigned right = frames_right(at);
        best = right > best ? right : best;
    }
    return best;
}

static double pulse(double t)
{
    return gmsk_pulse(t);
}

/* Told the carrier (none) and the clock: the real part of the matched filter, bits two apart resolved as far
 * as the neighbours' signs are known to the genie, too. */
static unsigned by_genie(void)
{
    static struct gmsk_filter filter;
    static struct gmsk_window window;
    static const float complex turn_of[4] = {1.0F, _Complex_I, -1.0F, -_Complex_I};
    const float far_tap = 0.0864F;
    gmsk_filter_init(&filter, PER_BIT, GMSK_REACH, pulse, 1);
    memset(&window, 0, sizeof window);
    double complex sum = 0.0;
    static float complex y[BITS];
    size_t next = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        gmsk_window_push(&window, iq[i]);
        for (; next < BITS && (double)(next + 1) * PER_BIT + 20 < (double)i; next++) {
            y[next] = gmsk_window_read(&window, &filter, (double)(next + 1) * PER_BIT) * turn_of[next % 4];
            sum += (double complex)(bits[next] ? y[next] : -y[next]);
        }
    }
    float complex back = (float complex)(conj(sum) / cabs(sum));
    float unit = (float)((double)next / cabs(sum));
    memset(soft, 0, sizeof soft);
    for (size_t k = 2; k + 2 < next; k++) {
        float neighbours = (bits[k - 2] ? 1.0F : -1.0F) + (bits[k + 2] ? 1.0F : -1.0F);
        float value = 48.0F * (crealf(y[k] * back) * unit + far_tap * neighbours);
        soft[k] = (int8_t)fmaxf(-127.0F, fminf(127.0F, value));
    }
    return frames_right(0);
}

static bool changed(size_t sample)
{
    return audio[sample] + audio[sample + 1] + audio[sample + 2] > 0.0F;
}

/* The usual scanner's way: discriminator behind a filter of 9 kHz, a decision in the middle of each change,
 * and their sum from the sync word on. */
static unsigned by_discriminator(void)
{
    struct fm_receiver *receiver;
    const struct fm_receiver_settings settings = {
        .rate_hz = RATE_HZ, .if_width_hz = 9000.0, .full_scale_hz = 5000.0};
    assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_OK);
    fm_receiver_execute(receiver, iq, SAMPLES, audio);
    fm_receiver_destroy(receiver);
    unsigned late = 0, best = 0;
    for (unsigned tried = 0; tried < 400; tried++) { /* whatever the filters delay */
        unsigned agree = 0;
        for (size_t k = 1; k < 2000; k++)
            agree += changed(k * PER_BIT + tried) == (bits[k] != bits[k - 1]);
        if (agree > best) {
            best = agree;
            late = tried;
        }
    }
    bool bit = bits[0];
    memset(soft, 0, sizeof soft);
    for (size_t k = 1; k < BITS && k * PER_BIT + late + 2 < SAMPLES; k++) {
        bit = bit != changed(k * PER_BIT + late);
        soft[k] = bit ? 64 : -64;
    }
    return frames_right(0);
}

/* Eb/N0 at which nine frames in ten are read. */
static double ninety(const unsigned *right)
{
    for (unsigned i = 1; i < STEPS; i++)
        if (right[i] >= FRAMES * 9 / 10) {
            double part = (FRAMES * 0.9 - right[i - 1]) / ((double)right[i] - right[i - 1]);
            return LOW_DB + STEP_DB * (i - 1 + part);
        }
    return 99.0;
}

static void a_decibel_from_the_genie(void **state)
{
    (void)state;
    for (unsigned band = 0; band < TETRAPOL_BAND_COUNT; band++) {
        unsigned modem[STEPS] = {0}, genie[STEPS] = {0}, hard[STEPS] = {0};
        channel.band = (enum tetrapol_band)band;
        print_message("%s: Eb/N0, of %d frames: genie, modem, discriminator with hard decisions\n",
                      tetrapol_band_text(channel.band), FRAMES);
        for (unsigned i = 0; i < STEPS; i++) {
            struct impair_random random;
            impair_random_seed(&random, 77 + i);
            signal_make(&random, 0.0);
            noise_add(&random, LOW_DB + STEP_DB * i);
            genie[i] = i < 16 ? by_genie() : FRAMES;
            hard[i] = i >= 8 ? by_discriminator() : 0;
            for (size_t k = 0; k < SAMPLES && i < 20; k++) /* the modem is not told the carrier */
                iq[k] *=
                    cexpf(_Complex_I * (float)fmod(2.0 * M_PI * 430.0 / RATE_HZ * (double)k, 2.0 * M_PI));
            modem[i] = i < 20 ? by_modem() : FRAMES;
            print_message("%5.1f dB %4u %4u %4u\n", LOW_DB + STEP_DB * i, genie[i], modem[i], hard[i]);
            if (modem[i] >= FRAMES - 1 && hard[i] >= FRAMES - 2)
                break;
        }
        double bound = ninety(genie), ours = ninety(modem), scanner = ninety(hard);
        print_message("%s, 90 %%: genie %.2f dB, modem %.2f dB, discriminator %.2f dB\n",
                      tetrapol_band_text(channel.band), bound, ours, scanner);
        assert_true(ours <= bound + 1.0);
        assert_true(scanner >= ours + 6.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_decibel_from_the_genie)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
