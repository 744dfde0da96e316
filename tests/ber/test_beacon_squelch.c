/* SPDX-License-Identifier: Apache-2.0 */
/* Bursts of 406 MHz beacons out of the audio of a receiver whose squelch is open: before and after them it
 * makes noise, weaker or much stronger than they are; filters of its audio let that reach into the last bit,
 * and its level control turns the silent carrier up and the first bits down. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <complex.h>
#include <math.h>
#include <string.h>

#include "atalaya/dsp/fm_channel.h"
#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "sent_ear.h"

enum { RATE = 48000, BURSTS = 30, BITS_MAX = 144, SAMPLES_MAX = RATE * 2, SECTIONS_MAX = 6 };
#define LEAD_S     0.5
#define TAIL_S     0.2
#define IF_DELAY_S 0.001 /* of the receiver's filter */
#define CNR_DB     12.0
#define LEVEL      0.1

static const char *const lines[] = {"FFFE2F8E3E0425A8318074FE44B735CD7B46", /* long and short, tests both */
                                    "FFFED056E6804002202009655250"};

static const struct modem_class *biphase;
static struct sent_ear ear;
static struct impair_random noise;
static uint8_t bits[BITS_MAX];
static float complex iq[SAMPLES_MAX];
static float audio[SAMPLES_MAX], hiss[SAMPLES_MAX];

/* The receiver's audio path. */
static struct {
    bool de_emphasis;
    unsigned steepness;      /* low-cut of 300 Hz: sections of 12 dB an octave */
    double control_s, ratio; /* time constant of its level control, 0: none; noise over burst */
} radio;

/* A Butterworth section, in place: low cut or high cut. */
static void section(float *samples, size_t count, double corner_hz, bool is_low_cut)
{
    const double w = 2.0 * M_PI * corner_hz / RATE, alpha = sin(w) / M_SQRT2, a0 = 1.0 + alpha;
    const double middle = is_low_cut ? -(1.0 + cos(w)) : 1.0 - cos(w), side = 0.5 * fabs(middle);
    double first = 0.0, second = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double x = (double)samples[i], y = side / a0 * x + first;
        first = middle / a0 * x + 2.0 * cos(w) / a0 * y + second;
        second = side / a0 * x - (1.0 - alpha) / a0 * y;
        samples[i] = (float)y;
    }
}

static void filter(float *samples, size_t count)
{
    struct impair_emphasis emphasis;
    impair_emphasis_create(&emphasis, RATE, 1000.0, false);
    for (size_t i = 0; i < count && radio.de_emphasis; i++)
        samples[i] = impair_emphasis_execute(&emphasis, samples[i]);
    for (unsigned i = 0; i < radio.steepness; i++)
        section(samples, count, 300.0, true);
    section(samples, count, 3000.0, false);
    section(samples, count, 3000.0, false);
}

static double rms(const float *samples, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (double)(samples[i] * samples[i]);
    return sqrt(sum / (double)count);
}

static double filtered_rms(const float *samples, size_t count, size_t first, size_t end)
{
    static float copy[SAMPLES_MAX];
    memcpy(copy, samples, count * sizeof *samples);
    filter(copy, count);
    return rms(copy + first, end - first);
}

/* Brings the power to LEVEL^2 as fast as the time constant lets it. */
static void control(float *samples, size_t count, double power)
{
    const double rate = radio.control_s > 0.0 ? 1.0 - exp(-1.0 / (radio.control_s * RATE)) : 0.0;
    for (size_t i = 0; i < count; i++) {
        power += rate * ((double)(samples[i] * samples[i]) - power);
        samples[i] *= (float)(LEVEL / sqrt(power + 1e-9));
    }
}

static void discriminate(size_t count, float *out)
{
    const struct fm_receiver_settings settings = {
        .rate_hz = RATE, .if_width_hz = 12500, .full_scale_hz = 5000};
    struct fm_receiver *receiver;
    assert_int_equal(fm_receiver_create(&receiver, &settings), ATALAYA_OK);
    fm_receiver_execute(receiver, iq, count, out);
    fm_receiver_destroy(receiver);
}

/* Noise, burst, noise, as the listener gets it. Returns the number of samples. */
static size_t audio_make(size_t bit_count)
{
    const size_t lead = (size_t)((LEAD_S + 0.1 * impair_random_uniform(&noise)) * RATE);
    const size_t delay = (size_t)(IF_DELAY_S * RATE), carrier = (size_t)(0.16 * RATE);
    memset(iq, 0, sizeof iq);
    const size_t length = biphase->modulate_iq(RATE, bits, bit_count, iq + lead, SAMPLES_MAX - lead);
    const size_t first = lead + delay, end = first + length, count = end + (size_t)(TAIL_S * RATE);
    assert_true(length > 0 && count <= SAMPLES_MAX);
    impair_add_noise_iq(&noise, iq, count, impair_cnr_sigma(RATE, CNR_DB));
    discriminate(count, audio);
    memset(iq, 0, sizeof iq);
    impair_add_noise_iq(&noise, iq, count, 1.0);
    discriminate(count, hiss);
    const double burst = filtered_rms(audio, count, first + carrier, end);
    const double scale = radio.ratio * burst / filtered_rms(hiss, count, delay, count);
    for (size_t i = 0; i < count; i++)
        audio[i] = i < first || i >= end ? (float)scale * hiss[i] : audio[i];
    filter(audio, count);
    control(audio, count, radio.ratio * burst * radio.ratio * burst);
    impair_clip(audio, count, 1.0F);
    return count;
}

static unsigned lost_of(const char *line)
{
    const struct protocol_transmit how = {.preamble_bits = 0};
    struct modem *modem;
    unsigned lost = 0;
    message_reset(&ear.sent, "cospas_sarsat", "cospas_sarsat");
    assert_int_equal(ear.protocol->from_text(&ear.sent, line, strlen(line)), ATALAYA_OK);
    const size_t bit_count = ear.protocol->transmit(&ear.sent, &how, bits, BITS_MAX);
    assert_int_equal(biphase->create(&modem, RATE, MODEM_AUDIO), ATALAYA_OK);
    for (unsigned n = 0; n < BURSTS; n++) {
        const size_t count = audio_make(bit_count);
        ear.whole = false;
        biphase->reset(modem);
        sent_ear_reset(&ear);
        biphase->execute(modem, audio, count, sent_ear_hear, &ear);
        lost += !ear.whole;
    }
    biphase->destroy(modem);
    return lost;
}

static void check(const char *what)
{
    unsigned lost = 0;
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++)
        lost += lost_of(lines[i]);
    print_message("%s, noise %.1f times the burst, level control %.2f s: %u of %u lost\n", what, radio.ratio,
                  radio.control_s, lost, (unsigned)(BURSTS * (sizeof lines / sizeof *lines)));
    assert_true(lost <= 3); /* of 60 */
}

static void loud_noise_takes_no_bit(void **state)
{
    const double ratios[] = {0.3, 3.0, 5.0, 10.0};
    (void)state;
    for (unsigned i = 0; i < sizeof ratios / sizeof *ratios; i++)
        for (unsigned emphasis = 0; emphasis < (ratios[i] > 3.0 ? 1 : 2); emphasis++) {
            radio.de_emphasis = emphasis;
            radio.steepness = 1;
            radio.control_s = 0.0;
            radio.ratio = ratios[i];
            check(emphasis ? "loudspeaker" : "band of voices");
        }
}

/* Behind a filter that keeps squelch tones out. */
static void a_level_control_may_follow_as_it_likes(void **state)
{
    const double times_s[] = {0.02, 0.1, 0.5};
    (void)state;
    for (unsigned i = 0; i < sizeof times_s / sizeof *times_s; i++)
        for (unsigned loud = 0; loud < 2; loud++) {
            radio.de_emphasis = true;
            radio.steepness = 2;
            radio.control_s = times_s[i];
            radio.ratio = loud ? 1.0 : 0.3;
            check("steep loudspeaker");
        }
}

static int setup(void **state)
{
    (void)state;
    biphase = modem_find("biphase400")->class;
    sent_ear_create(&ear, "cospas_sarsat");
    impair_random_seed(&noise, 3);
    return 0;
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
        cmocka_unit_test(loud_noise_takes_no_bit),
        cmocka_unit_test(a_level_control_may_follow_as_it_likes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
