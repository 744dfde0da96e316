/* SPDX-License-Identifier: Apache-2.0 */
#include "rf_detector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rf_acquire.h"
#include "rf_flags.h"
#include "rf_lane.h"
#include "rf_memory.h"
#include "regained_carrier.h"

enum {
    AUDIO_SAMPLES = 8192, /* a power of two: six flags and more at 96,000 S/s */
    LOUD_BITS = 2 * RF_FLAG_BITS,
    WAITING_MAX = 4, /* bursts of which others may yet read something */
    REST_FLAGS = 10, /* from one look at audio to the next */
    LEAD_FLAGS = 16, /* from where they were last seen to the frame that they belong to, at most */
    VAIN_FEW = 3,    /* looks in vain that say nothing yet */
    REST_DOUBLED = 7 /* times, where no carrier is ever found */
};
#define BIT_RATE       1200.0
#define FULL_SCALE_HZ  5000.0 /* of the discriminator's audio */
#define STRENGTH_LEAST 16.0F
#define STRENGTH_GROWTH                                                                                      \
    1.4F                    /* by which flags must have become clearer for a lane that works to be doubted   \
                             */
#define COHERENCE_GAIN 1.5F /* and by which they must fit better than what it has */
#define LOUD           7.4F /* carrier over noise in the memory's width, 10 dB in 12.5 kHz: the audio has it */
#define WAIT_PART      0.75  /* of the memory of audio: others may read the burst first */
#define STEP_S         0.04  /* of the carrier made at once: its memory is short */
#define LIKENESS_LOUD  0.85F /* of a receiver's audio, that needs no help */

/* How a carrier is looked at. */
struct sight {
    struct rf_memory_filter filter;
    float caution;
    float score_least;
};
/* The signal, and carriers 2 kHz off. */
static const struct sight radio_sight = {
    {.width_hz = 17000.0, .length_s = 0.0015, .least_hz = 19200.0}, 1.0F, 15.0F};
/* A carrier made again stands in the middle and bears the noise that an IF filter let through. It wanders
 * with what the audio has lost, so that bits are believed sooner. */
static const struct sight audio_sight = {
    {.width_hz = 12000.0, .length_s = 0.0005, .least_hz = 12000.0}, 0.3F, 10.0F};

struct rf_detector {
    const struct discriminator *discriminator;
    struct regained_carrier *regained; /* one of these two */
    const struct front_end *front_end;
    const struct sight *sight;
    double rate_hz;
    unsigned stride;     /* of the input, for a sample of the carrier */
    unsigned rest, vain; /* flags that are not looked at; looks in vain */
    /* Of audio: */
    struct {
        struct rf_flags_found found;
        uint64_t seen;      /* window of the last of them */
        uint64_t due;       /* audio sample when it is looked at */
    } waiting[WAITING_MAX]; /* the clearest flags of each burst, oldest first */
    unsigned waiting_count;
    bool same_burst;      /* flags go on that the newest of them are of */
    uint64_t lane_window; /* of the flags from which the lane reads */
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
    if (!discriminator && !(rate_hz >= REGAINED_LEAST_RATE_HZ && rate_hz <= REGAINED_MOST_RATE_HZ))
        return ATALAYA_E_ARGUMENT;
    struct rf_detector *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->rate_hz = rate_hz;
    made->discriminator = discriminator;
    made->front_end = front_end;
    made->sight = discriminator ? &radio_sight : &audio_sight;
    made->stride = discriminator ? 1 : regained_carrier_stride(rate_hz);
    if (!discriminator)
        made->regained = calloc(1, sizeof *made->regained);
    enum atalaya_result result =
        made->regained || discriminator
            ? rf_memory_create(&made->memory, rate_hz / made->stride, &made->sight->filter)
            : ATALAYA_E_MEMORY;
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
    if (detector->regained)
        regained_carrier_reset(detector->regained, detector->rate_hz);
    detector->rest = detector->vain = 0;
    detector->waiting_count = 0;
    detector->same_burst = false;
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
    free(detector->regained);
    free(detector);
}

void rf_detector_push(struct rf_detector *detector, const float complex *iq, size_t count, const float *audio,
                      size_t made)
{
    rf_memory_push(&detector->memory, iq, count);
    for (size_t i = 0; i < made; i++)
        detector->audio[detector->heard++ % AUDIO_SAMPLES] = audio[i];
}

void rf_detector_push_audio(struct rf_detector *detector, const float *audio, size_t count)
{
    regained_carrier_push(detector->regained, audio, count);
}

/* The carrier up to an audio sample. */
static void regain(struct rf_detector *detector, uint64_t end)
{
    float complex iq[REGAINED_CHUNK];
    float hz[REGAINED_CHUNK];
    size_t made;
    while (detector->regained->made < end &&
           (made = regained_carrier_take(detector->regained, iq, hz, REGAINED_CHUNK)) > 0) {
        for (size_t i = 0; i < made; i++)
            hz[i] *= (float)(1.0 / FULL_SCALE_HZ);
        rf_detector_push(detector, iq, made, hz, made);
    }
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

/* Of the flags of a burst the clearest; they are looked at when others have had the time to read it. */
static void wait(struct rf_detector *detector, const struct rf_flags_found *found)
{
    if (!detector->same_burst && detector->waiting_count < WAITING_MAX) {
        const uint64_t due = detector->regained->heard + (uint64_t)(WAIT_PART * REGAINED_MEMORY);
        detector->waiting[detector->waiting_count].due = due;
        detector->waiting[detector->waiting_count++].found.strength = 0.0F;
        detector->same_burst = true;
    }
    if (!detector->same_burst || detector->waiting_count == 0)
        return;
    struct rf_flags_found *last = &detector->waiting[detector->waiting_count - 1].found;
    detector->waiting[detector->waiting_count - 1].seen = found->window;
    if (found->strength > last->strength)
        *last = *found;
}

static void forget(struct rf_detector *detector, unsigned place)
{
    detector->waiting_count--;
    memmove(&detector->waiting[place], &detector->waiting[place + 1],
            (detector->waiting_count - place) * sizeof detector->waiting[0]);
}

void rf_detector_satisfy(struct rf_detector *detector, double start)
{
    unsigned place = detector->waiting_count;
    while (place > 0 && (double)detector->waiting[place - 1].found.window > start + RF_FLAG_SAMPLES)
        place--;
    if (place > 0 && (double)detector->waiting[place - 1].seen + LEAD_FLAGS * RF_FLAG_SAMPLES >= start)
        forget(detector, place - 1); /* not those of a burst before it, be it that many branches read this */
    else if (detector->regained && (double)detector->lane_window < start + RF_FLAG_SAMPLES)
        detector->lane.active = false;
}

void rf_detector_finish(struct rf_detector *detector)
{
    for (unsigned i = 0; i < detector->waiting_count; i++)
        detector->waiting[i].due = 0;
}

void rf_detector_watch(struct rf_detector *detector, const struct tone_windows *windows)
{
    struct rf_flags_found found;
    if (!rf_flags_push(&detector->flags, windows, &found))
        return;
    detector->rest -= detector->rest > 0;
    if (found.strength < STRENGTH_LEAST) {
        detector->doubted = 0.0F;
        detector->loud = detector->same_burst = false;
        return;
    }
    if (detector->loud || detector->rest > 0)
        return;
    if (detector->regained) {
        wait(detector, &found);
        return;
    }
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
    if (detector->discriminator)
        audio = discriminator_input_time(detector->discriminator, audio);
    return rf_memory_sample(&detector->memory, (audio + 1.0) / detector->stride - 1.0);
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

/* Of the carrier, about: what the AFC has, or the mean of the audio. */
static double offset_of(const struct rf_detector *detector, const struct rf_stretch *stretch)
{
    const double begin = stretch->audio_end - RF_ACQUIRE_BITS * stretch->audio_length;
    struct discriminator_figures figures;
    double sum = 0.0, count = 0.0;
    if (detector->discriminator) {
        discriminator_measure(detector->discriminator, begin, stretch->audio_end, &figures);
        return (double)figures.offset_hz;
    }
    for (double at = fmax(ceil(begin), 0.0); at < stretch->audio_end; at += 1.0, count += 1.0)
        sum += (double)stretch->audio[(uint64_t)at & stretch->audio_mask];
    return stretch->unity_hz * sum / count;
}

/* Has the carrier of the flags found at hand. false: nobody needs it, or there is none. */
static bool regain_flags(struct rf_detector *detector, double end)
{
    struct regained_carrier *regained = detector->regained;
    const uint64_t last = (uint64_t)fmax(end, 0.0);
    const uint64_t length = (uint64_t)((RF_ACQUIRE_BITS + RF_FLAG_BITS) * detector->rate_hz / BIT_RATE);
    const float likeness = regained_carrier_likeness(regained, last);
    detector->rest = REST_FLAGS;
    if (likeness > LIKENESS_LOUD || last < length)
        return false;
    detector->vain = regained_carrier_learn(regained, last) ? 0 : detector->vain + 1;
    if (!regained->known) {
        unsigned often = detector->vain > VAIN_FEW ? detector->vain - VAIN_FEW : 0;
        detector->rest <<= often < REST_DOUBLED ? often : REST_DOUBLED;
        return false;
    }
    rf_memory_restart(&detector->memory, (last - length) / detector->stride);
    regained_carrier_seek(regained, detector->memory.inputs * detector->stride);
    detector->heard = detector->memory.inputs;
    regain(detector, last + (uint64_t)(STEP_S * detector->rate_hz));
    return true;
}

static void look(struct rf_detector *detector)
{
    const double end = (double)detector->found.window + 0.5; /* a sample is the middle of its time */
    if (detector->regained && !regain_flags(detector, front_end_input_time(detector->front_end, end)))
        return;
    const double audio_rate_hz = detector->discriminator
                                     ? discriminator_audio_rate_hz(detector->discriminator)
                                     : detector->rate_hz / detector->stride;
    struct rf_stretch stretch = {
        .ring = detector->memory.ring,
        .mask = detector->memory.mask,
        .end = sample_at(detector, end),
        .length = detector->memory.rate_hz / BIT_RATE,
        .audio = detector->audio,
        .audio_mask = AUDIO_SAMPLES - 1,
        .audio_end = (front_end_input_time(detector->front_end, end) - 0.5 * (detector->stride - 1)) /
                     detector->stride,
        .audio_length = audio_rate_hz / BIT_RATE,
        .unity_hz = FULL_SCALE_HZ,
        .odd = detector->found.odd,
        .noise_rate = (float)fmax(detector->memory.rate_hz / detector->memory.width_hz, 1.0),
        .caution = detector->sight->caution,
        .score_least = detector->sight->score_least,
    };
    const double offset_hz = offset_of(detector, &stretch);
    struct rf_acquired acquired;
    if (!isfinite(offset_hz))
        return;
    stretch.turn = 2.0 * M_PI * offset_hz / BIT_RATE;
    rf_memory_need(&detector->memory, stretch.end - (RF_ACQUIRE_BITS + 1) * stretch.length);
    if (detector->discriminator)
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

static void run_lane(struct rf_detector *detector, struct bit_train *train)
{
    rf_memory_need(&detector->memory, detector->lane.model.start - 1.0);
    const double origin = sample_at(detector, 0.0);
    const struct rf_clock clock = {.origin = origin, .step = sample_at(detector, 1.0) - origin};
    rf_lane_execute(&detector->lane, detector->memory.ring, detector->memory.mask, detector->memory.made,
                    &clock, train);
}

/* Reads the burst out of the memory of audio, a piece at a time. */
static bool execute_audio(struct rf_detector *detector, struct bit_train *train)
{
    struct regained_carrier *regained = detector->regained;
    if (!detector->lane.active) {
        if (detector->waiting_count == 0 || regained->heard < detector->waiting[0].due)
            return false;
        detector->found = detector->waiting[0].found;
        detector->lane_window = detector->found.window;
        forget(detector, 0);
        look(detector);
        return true;
    }
    const uint64_t made = regained->made;
    regain(detector, made + (uint64_t)(STEP_S * detector->rate_hz));
    run_lane(detector, train);
    while (!detector->lane.active && detector->waiting_count > 0 && /* flags of the burst just read */
           front_end_input_time(detector->front_end, (double)detector->waiting[0].found.window) <
               (double)regained->made)
        forget(detector, 0);
    return !detector->lane.active || regained->made > made;
}

bool rf_detector_execute(struct rf_detector *detector, struct bit_train *train)
{
    if (detector->regained)
        return execute_audio(detector, train);
    if (detector->is_found)
        look(detector);
    detector->is_found = false;
    if (detector->lane.active)
        run_lane(detector, train);
    return false;
}

float rf_detector_offset_hz(const struct rf_detector *detector, const struct bit_train *train,
                            uint64_t first_bit, uint64_t end_bit)
{
    return (float)(rf_lane_turn(&detector->lane, train, first_bit, end_bit) * BIT_RATE / (2.0 * M_PI));
}
