/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_detector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rf_acquire.h"
#include "rf_flags.h"
#include "rf_lane.h"
#include "rf_memory.h"

enum {
    AUDIO_SAMPLES = 4096, /* a power of two: a tenth of a second at 38,400 S/s */
    LOUD_BITS = 2 * RF_FLAG_BITS
};
#define BIT_RATE       1200.0
#define FULL_SCALE_HZ  5000.0 /* of the discriminator's audio */
#define STRENGTH_LEAST 16.0F
#define STRENGTH_GROWTH                                                                                      \
    1.4F                    /* by which flags must have become clearer for a lane that works to be doubted   \
                             */
#define COHERENCE_GAIN 1.5F /* and by which they must fit better than what it has */
#define LOUD           7.4F /* carrier over noise in the memory's width, 10 dB in 12.5 kHz: the audio has it */

struct rf_detector {
    const struct discriminator *discriminator;
    const struct front_end *front_end;
    double rate_hz;
    struct rf_memory memory;
    struct rf_flags flags;
    struct rf_flags_found found;
    bool is_found;
    bool loud;     /* these flags need nobody who works hard */
    float doubted; /* strength of flags that a working lane was last compared with */
    struct rf_lane lane;
    uint64_t heard; /* audio samples */
    float audio[AUDIO_SAMPLES];
};

enum atalaya_result rf_detector_create(struct rf_detector **detector, double rate_hz,
                                       const struct discriminator *discriminator,
                                       const struct front_end *front_end)
{
    struct rf_detector *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->rate_hz = rate_hz;
    made->discriminator = discriminator;
    made->front_end = front_end;
    enum atalaya_result result = rf_memory_create(&made->memory, rate_hz);
    if (result != ATALAYA_OK) {
        rf_detector_destroy(made);
        return result;
    }
    rf_detector_reset(made);
    *detector = made;
    return ATALAYA_OK;
}

void rf_detector_reset(struct rf_detector *detector)
{
    rf_memory_reset(&detector->memory);
    rf_flags_reset(&detector->flags);
    detector->is_found = detector->loud = false;
    detector->doubted = 0.0F;
    detector->lane.active = false;
    detector->heard = 0;
    memset(detector->audio, 0, sizeof detector->audio);
}

void rf_detector_destroy(struct rf_detector *detector)
{
    if (!detector)
        return;
    rf_memory_destroy(&detector->memory);
    free(detector);
}

void rf_detector_push(struct rf_detector *detector, const float complex *iq, size_t count, const float *audio,
                      size_t made)
{
    rf_memory_push(&detector->memory, iq, count);
    for (size_t i = 0; i < made; i++)
        detector->audio[detector->heard++ % AUDIO_SAMPLES] = audio[i];
}

/* Two changes of tone in a row, eight bits later again: then there is little to be doubted about a lane. */
static bool reads_flags(const struct rf_lane *lane)
{
    const uint32_t history = lane->trellis.history[lane->trellis.best], changes = history ^ history >> 1;
    const uint32_t flag = changes & 0xffU, again = changes >> RF_FLAG_BITS & 0xffU;
    const uint32_t next = flag << 1 | flag >> (RF_FLAG_BITS - 1);
    return lane->active && flag == again && __builtin_popcount(flag) == 2 &&
           __builtin_popcount(flag & next) == 1;
}

void rf_detector_watch(struct rf_detector *detector, const struct tone_windows *windows)
{
    struct rf_flags_found found;
    if (!rf_flags_push(&detector->flags, windows, &found))
        return;
    if (found.strength < STRENGTH_LEAST) {
        detector->doubted = 0.0F;
        detector->loud = false;
        return;
    }
    if (detector->loud)
        return;
    if (reads_flags(&detector->lane) && found.strength < STRENGTH_GROWTH * detector->doubted)
        return;
    detector->doubted = found.strength;
    detector->found = found;
    detector->is_found = true;
}

/* Filtered sample at an index of the front end's output: all clocks are straight lines. */
static double sample_at(const struct rf_detector *detector, double index)
{
    double audio = front_end_input_time(detector->front_end, index);
    return rf_memory_sample(&detector->memory, discriminator_input_time(detector->discriminator, audio));
}

/* A carrier of constant envelope, clear of the noise: of signal and noise in power S and N the fourth moment
 * over the square of the second is 2 - (S / (S + N))^2. Where it fades or is disturbed it does not look so.
 */
static bool is_loud(const struct rf_stretch *stretch)
{
    const uint64_t end = (uint64_t)fmax(stretch->end, 0.0);
    const uint64_t count = (uint64_t)(LOUD_BITS * stretch->length); /* what was before may be noise */
    const float part = LOUD / (1.0F + LOUD);
    float second = 0.0F, fourth = 0.0F;
    for (uint64_t i = end - (count < end ? count : end); i < end; i++) {
        float complex z = stretch->ring[i & stretch->mask];
        float power = crealf(z) * crealf(z) + cimagf(z) * cimagf(z);
        second += power;
        fourth += power * power;
    }
    return second > 0.0F && fourth * (float)count < (2.0F - part * part) * second * second;
}

static void look(struct rf_detector *detector)
{
    const double end = (double)detector->found.window + 0.5; /* a sample is the middle of its time */
    const double audio_rate_hz = discriminator_audio_rate_hz(detector->discriminator);
    struct rf_stretch stretch = {
        .ring = detector->memory.ring,
        .mask = detector->memory.mask,
        .end = sample_at(detector, end),
        .length = detector->memory.rate_hz / BIT_RATE,
        .audio = detector->audio,
        .audio_mask = AUDIO_SAMPLES - 1,
        .audio_end = front_end_input_time(detector->front_end, end),
        .audio_length = audio_rate_hz / BIT_RATE,
        .unity_hz = FULL_SCALE_HZ,
        .odd = detector->found.odd,
        .noise_rate = fmax(detector->memory.rate_hz / RF_MEMORY_WIDTH_HZ, 1.0),
    };
    struct discriminator_figures figures;
    struct rf_acquired acquired;
    discriminator_measure(detector->discriminator, stretch.audio_end - RF_ACQUIRE_BITS * stretch.audio_length,
                          stretch.audio_end, &figures);
    if (!isfinite(figures.offset_hz))
        return;
    stretch.turn = 2.0 * M_PI * (double)figures.offset_hz / BIT_RATE;
    rf_memory_need(&detector->memory, stretch.end - (RF_ACQUIRE_BITS + 1) * stretch.length);
    detector->loud = is_loud(&stretch);
    if (detector->loud)
        detector->lane.active = false;
    if (detector->loud || !rf_acquire(&stretch, &acquired))
        return;
    struct rf_lane *lane = &detector->lane;
    float had = lane->learner.amplitude * lane->learner.amplitude / fmaxf(lane->learner.power, 1e-20F);
    if (lane->active && acquired.coherence < COHERENCE_GAIN * had)
        return;
    lane->model = acquired.model;
    lane->learner = acquired.learner;
    rf_lane_begin(lane);
}

void rf_detector_execute(struct rf_detector *detector, struct bit_train *train)
{
    if (detector->is_found)
        look(detector);
    detector->is_found = false;
    if (!detector->lane.active)
        return;
    rf_memory_need(&detector->memory, detector->lane.model.start - 1.0);
    const double origin = sample_at(detector, 0.0);
    const struct rf_clock clock = {.origin = origin, .step = sample_at(detector, 1.0) - origin};
    rf_lane_execute(&detector->lane, detector->memory.ring, detector->memory.mask, detector->memory.made,
                    &clock, train);
}

float rf_detector_offset_hz(const struct rf_detector *detector, const struct bit_train *train,
                            uint64_t first_bit, uint64_t end_bit)
{
    return (float)(rf_lane_turn(&detector->lane, train, first_bit, end_bit) * BIT_RATE / (2.0 * M_PI));
}
