/* SPDX-License-Identifier: Apache-2.0 */
/* Minimum-shift keying is detected as well as anybody can who knows phase and clock beforehand, from the
 * first bits on, and nothing that was heard before spoils it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "atalaya/dsp/impair.h"

#include "../../../dsp/msk_detector.h"

enum { BITS = 3000, BEFORE = 700, AFTER = 800, HEARD_MAX = BITS + 400, SHIFT_MAX = 150 };

static struct msk_detector detector;
static struct bit_train train;
static struct impair_random noise;
static uint8_t sent[BITS];
static int8_t heard[HEARD_MAX];
static unsigned heard_count;

static void take(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count && heard_count < HEARD_MAX; i++)
        heard[heard_count++] = run->soft[i];
}

static void push(float complex z)
{
    msk_detector_push(&detector, z, &train);
    if (detector.total % MSK_HOP == 0)
        bit_train_flush(&train, 0, take, NULL);
}

static void push_noise(unsigned samples, float sigma)
{
    for (unsigned i = 0; i < samples; i++)
        push(sigma *
             ((float)impair_random_normal(&noise) + _Complex_I * (float)impair_random_normal(&noise)));
}

/* A mark turns the carrier by a quarter backwards, a space forwards; `late`: where in a sample the first bit
 * begins. Amplitude 1. */
static void push_burst(float sigma, float start, float turn, float late)
{
    float quarters = 0.0F; /* turned by whole bits, modulo a turn */
    for (unsigned bit = 0; bit < BITS; bit++) {
        const float way = sent[bit] ? -1.0F : 1.0F;
        for (unsigned i = 0; i < BASEBAND_PER_BIT; i++) {
            float angle = (float)M_PI_2 * (quarters + way * ((float)i + late) / BASEBAND_PER_BIT);
            angle += start + turn * (float)(bit * BASEBAND_PER_BIT + i);
            float re = cosf(angle) + sigma * (float)impair_random_normal(&noise);
            push(re + _Complex_I * (sinf(angle) + sigma * (float)impair_random_normal(&noise)));
        }
        quarters = fmodf(quarters + way + 4.0F, 4.0F);
    }
}

/* Wrong bits, wherever the first one came out. */
static unsigned count_wrong(void)
{
    unsigned least = BITS;
    for (unsigned shift = 0; shift < SHIFT_MAX; shift++) {
        unsigned wrong = 0;
        for (unsigned i = 0; i < BITS && shift + i < heard_count; i++)
            wrong += (heard[shift + i] > 0) != sent[i];
        least = wrong < least ? wrong : least;
    }
    return least;
}

/* Noise in each part of a sample: of Eb, 8 samples of power 1, and N0, twice its square. */
static float sigma_of(double ebn0_db)
{
    return (float)sqrt(BASEBAND_PER_BIT / 2.0 / pow(10.0, ebn0_db / 10.0));
}

static void hear(double ebn0_db, float start, float turn, float late)
{
    msk_detector_reset(&detector);
    bit_train_reset(&train, BIT_TRAIN_HELD);
    heard_count = 0;
    for (unsigned i = 0; i < BITS; i++)
        sent[i] = impair_random_next(&noise) >> 63;
    push_noise(BEFORE, sigma_of(ebn0_db));
    push_burst(sigma_of(ebn0_db), start, turn, late);
    push_noise(AFTER, sigma_of(ebn0_db));
}

static void line_errors_are_those_of_known_phase(void **state)
{
    (void)state;
    impair_random_seed(&noise, 3);
    for (int db = 0; db <= 4; db += 2) {
        double sign = 0.5 * erfc(sqrt(pow(10.0, db / 10.0))), line = 2.0 * sign * (1.0 - sign);
        for (int n = 0; n < 4; n++) {
            float turn = 2.0F * (float)M_PI * (float)(n - 2) * 4.0F / 9600.0F; /* up to 8 Hz */
            hear(db, 1.7F * (float)n, turn, 0.25F * (float)n);
            double wrong = (double)count_wrong() / BITS;
            print_message("%d dB, %d Hz: %.4f of the bits wrong, known phase %.4f\n", db, 4 * (n - 2), wrong,
                          line);
            assert_true(wrong < 1.15 * line + 0.005);
        }
    }
}

static void loud_past_and_silence_leave_no_trace(void **state)
{
    (void)state;
    impair_random_seed(&noise, 4);
    hear(30.0, 0.3F, 0.0F, 0.5F);
    push_noise(3 * MSK_WINDOW, 1e4F);
    for (unsigned i = 0; i < 3 * MSK_WINDOW; i++)
        push(0.0F);
    heard_count = 0;
    push_burst(sigma_of(20.0), 2.0F, 0.0F, 0.5F);
    push_noise(AFTER, sigma_of(20.0));
    assert_true(heard_count >= BITS);
    assert_true(count_wrong() <= 2); /* at the edges */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_errors_are_those_of_known_phase),
        cmocka_unit_test(loud_past_and_silence_leave_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
