/* SPDX-License-Identifier: Apache-2.0 */
/* How many frames get through impairments at a given Eb/N0 without a single bit wrong in some branch, and
 * before any repair. The bounds leave 0.5 dB and more to the figures of dsp/README.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

#include "atalaya/dsp/impair.h"
#include "atalaya/dsp/modem.h"
#include "burst_bits.h"

enum { FRAMES = 40, DATA = 666, TAIL = 40, BITS_MAX = 240 + DATA + TAIL, RATE_HZ = 24000, LEAD = 1500 };

struct impairment {
    const char *name;
    double ebn0_db;
    double twist_db;  /* space tone against mark tone */
    double clock;     /* relative error of the bit rate */
    double offset_hz; /* of both tones */
    double clip_db;   /* by which all is turned up before it is cut at full scale; 0: not at all */
    unsigned flags;   /* before the data */
};

static struct impair_random draw;
static uint8_t bits[BITS_MAX];
static float audio[RATE_HZ];
static unsigned branches;
static int8_t heard[32][4096];
static size_t heard_count[32];

static void hear(void *context, const struct soft_run *run)
{
    (void)context;
    for (size_t i = 0; i < run->count && heard_count[run->branch] < sizeof heard[0]; i++)
        heard[run->branch][heard_count[run->branch]++] = run->soft[i];
}

/* Noise, then the burst at `LEAD`; returns the samples' number. A twist that the modem must not know of in
 * phase either: amplitudes differ, and the space tone is turned. */
static size_t make_audio(const struct impairment *how, unsigned count)
{
    double ratio = pow(10.0, how->twist_db / 20.0), phase = 0.0;
    double level[2] = {ratio, 1.0}, lag[2] = {how->twist_db != 0.0 ? 0.5 : 0.0, 0.0};
    double bit_samples = RATE_HZ / (1200.0 * (1.0 + how->clock));
    size_t burst = (size_t)(count * bit_samples), total = LEAD + burst;
    for (size_t i = 0; i < total; i++) {
        audio[i] = 0.0F;
        if (i < LEAD)
            continue;
        double end = (double)(i - LEAD) / bit_samples;
        unsigned bit = bits[(unsigned)end],
                 before = end >= 1.0 ? bits[(unsigned)(end - 1.0 / bit_samples)] : bit;
        double part =
            bit != before ? (end - floor(end)) * bit_samples : 1.0; /* of the last sample, in this bit */
        double hz = part * (bit ? 1200.0 : 2200.0) + (1.0 - part) * (before ? 1200.0 : 2200.0);
        phase += 2.0 * M_PI * (hz + how->offset_hz) / RATE_HZ;
        audio[i] = (float)(level[bit] * sin(phase + lag[bit]));
    }
    double power = 0.25 * (1.0 + ratio * ratio);
    impair_add_noise(&draw, audio, total, impair_noise_sigma(power, RATE_HZ, 1200.0, how->ebn0_db));
    float gain = (float)pow(10.0, how->clip_db / 20.0);
    for (size_t i = 0; i < total && how->clip_db > 0.0; i++)
        audio[i] = fminf(fmaxf(gain * audio[i], -1.0F), 1.0F);
    return total;
}

static unsigned count_frames(const struct impairment *how)
{
    const struct modem_class *bell202 = modem_find("bell202")->class;
    struct modem *modem = NULL;
    unsigned good = 0;
    branches = bell202->branches;
    assert_int_equal(bell202->create(&modem, RATE_HZ, MODEM_AUDIO), ATALAYA_OK);
    impair_random_seed(&draw, 682);
    for (int frame = 0; frame < FRAMES; frame++) {
        unsigned count = burst_bits_make(&draw, bits, how->flags * 8, DATA + TAIL, 0);
        size_t samples = make_audio(how, count);
        memset(heard_count, 0, sizeof heard_count);
        bell202->execute(modem, audio, samples, hear, NULL);
        uint64_t at;
        bool any = false;
        for (unsigned branch = 0; branch < branches && !any; branch++)
            any = burst_bits_wrong(heard[branch], heard_count[branch], bits + how->flags * 8, DATA, 0, &at) ==
                  0;
        good += any;
    }
    bell202->destroy(modem);
    return good;
}

static void most_frames_get_through(void **state)
{
    (void)state;
    static const struct impairment cases[] = {
        {"flat", 6.5, 0, 0, 0, 0, 30},
        {"twist +6 dB", 6.9, 6, 0, 0, 0, 30},
        {"twist -6 dB", 6.9, -6, 0, 0, 0, 30},
        {"clock 1 % fast", 7.5, 0, 0.01, 0, 0, 30},
        {"clock 1 % slow", 7.5, 0, -0.01, 0, 0, 30},
        {"tones 30 Hz high", 6.5, 0, 0, 30, 0, 30},
        {"clipped by 12 dB", 8.0, 0, 0, 0, 12, 30},
        {"four flags", 6.5, 0, 0, 0, 0, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned good = count_frames(&cases[i]);
        print_message("%-18s %.1f dB: %u of %d\n", cases[i].name, cases[i].ebn0_db, good, FRAMES);
        assert_true(good >= FRAMES / 2);
    }
}

static void noise_3_db_louder_loses_most(void **state)
{
    (void)state;
    const struct impairment loud = {"flat", 3.5, 0, 0, 0, 0, 30};
    assert_true(count_frames(&loud) <= FRAMES / 4); /* else the noise is not what it is said to be */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(most_frames_get_through),
                                       cmocka_unit_test(noise_3_db_louder_loses_most)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
