/* SPDX-License-Identifier: Apache-2.0 */
/* The code below the voice: 134.4 bit/s, two levels, told as half bits. A low-pass that stops the voice, an
 * integral over half a bit at each of eight phases, and of these the one whose integrals are largest: there
 * the half bits lie within the bits. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/dsp/modem.h"
#include "audio_decimator.h"
#include "clean.h"
#include "sample_count.h"

enum {
    PHASES = 8, /* of a half bit */
    CHUNK = AUDIO_DECIMATOR_CHUNK_MAX,
    REMEMBERED = 16384 /* half bits: a minute */
};
#define HALF_BIT_RATE  268.8
#define LEAST_RATE_HZ  7990.0 /* sound cards are not exact */
#define MOST_RATE_HZ   192000.0
#define INNER_LEAST_HZ 2000.0
#define CUT_HZ         200.0 /* half way down; the fundamental of a code is at most 67 Hz, voices begin at 300 Hz */
#define TRANSITION_HZ  150.0
#define COUPLING_S     0.15  /* time constant at which an offset is forgotten */
#define PHASE_RATE     0.02F /* of the means that choose the phase */
#define PHASE_BETTER   1.1F  /* another one must be so much stronger */

struct modem {
    struct audio_decimator filter;
    double inner_hz, ticks_per_sample; /* ticks: eighths of half bits */
    uint64_t samples, ticks, half_bits;
    double integral;
    float mean, coupling_rate;
    double at_tick[PHASES]; /* the integral at the last ticks */
    float strength[PHASES];
    unsigned phase;
    double end_time[REMEMBERED]; /* inner sample at which a half bit ends */
};

static void dcs_reset(struct modem *modem)
{
    audio_decimator_reset(&modem->filter);
    modem->phase = 0;
    modem->samples = modem->ticks = modem->half_bits = 0;
    modem->integral = 0.0;
    modem->mean = 0.0F;
    memset(modem->at_tick, 0, sizeof modem->at_tick);
    memset(modem->strength, 0, sizeof modem->strength);
}

static void dcs_destroy(struct modem *modem)
{
    free(modem);
}

static void create_filter(struct modem *modem, double rate_hz)
{
    audio_decimator_init(&modem->filter, rate_hz, INNER_LEAST_HZ, CUT_HZ, TRANSITION_HZ);
    modem->inner_hz = rate_hz / modem->filter.decimation;
    modem->ticks_per_sample = PHASES * HALF_BIT_RATE / modem->inner_hz;
    modem->coupling_rate = (float)(1.0 / (COUPLING_S * modem->inner_hz));
}

static enum atalaya_result dcs_create(struct modem **modem, double rate_hz, enum modem_input input)
{
    if (input != MODEM_AUDIO)
        return ATALAYA_E_UNSUPPORTED;
    if (!(rate_hz >= LEAST_RATE_HZ && rate_hz <= MOST_RATE_HZ))
        return ATALAYA_E_ARGUMENT;
    struct modem *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    create_filter(made, rate_hz);
    dcs_reset(made);
    *modem = made;
    return ATALAYA_OK;
}

static void give_half_bit(struct modem *modem, float value, double time, modem_sink *sink, void *context)
{
    float scale = modem->strength[modem->phase];
    int8_t soft = 0;
    if (scale > 0.0F)
        soft = (int8_t)lrintf(within(64.0F * value / scale, -127.0F, 127.0F));
    modem->end_time[modem->half_bits % REMEMBERED] = time;
    const struct soft_run run = {.soft = &soft, .count = 1, .first_bit = modem->half_bits};
    modem->half_bits++;
    sink(context, &run);
}

/* The integral up to the next tick, which lies at inner sample `time`. */
static void on_tick(struct modem *modem, double integral, double time, modem_sink *sink, void *context)
{
    unsigned phase = (unsigned)(modem->ticks++ % PHASES);
    float value = (float)(integral - modem->at_tick[phase]);
    modem->at_tick[phase] = integral;
    modem->strength[phase] += PHASE_RATE * (fabsf(value) - modem->strength[phase]);
    if (phase == modem->phase)
        give_half_bit(modem, value, time, sink, context);
    if (phase + 1 < PHASES)
        return;
    for (unsigned other = 0; other < PHASES; other++)
        if (modem->strength[other] > PHASE_BETTER * modem->strength[modem->phase])
            modem->phase = other;
}

static void take(struct modem *modem, float sample, modem_sink *sink, void *context)
{
    modem->mean += modem->coupling_rate * (sample - modem->mean);
    double step = (double)(sample - modem->mean), before = modem->integral;
    modem->integral += step;
    double from = (double)modem->samples, tick;
    modem->samples++;
    while ((tick = (double)(modem->ticks + 1) / modem->ticks_per_sample) <= from + 1.0)
        on_tick(modem, before + step * (tick - from), tick, sink, context);
}

static void dcs_execute(struct modem *modem, const float *audio, size_t count, modem_sink *sink,
                        void *context)
{
    float samples[CHUNK];
    while (count > 0) {
        unsigned chunk = count < CHUNK ? (unsigned)count : CHUNK;
        clean_samples(audio, samples, chunk);
        unsigned made = audio_decimator_execute(&modem->filter, samples, chunk, samples);
        for (unsigned i = 0; i < made; i++)
            take(modem, samples[i], sink, context);
        audio += chunk;
        count -= chunk;
    }
}

/* Times; of the audio's level the code is too small a part. */
static enum atalaya_result dcs_measure(const struct modem *modem, unsigned branch, uint64_t first_bit,
                                       uint64_t end_bit, struct burst_figures *figures)
{
    if (branch > 0 || first_bit >= end_bit)
        return ATALAYA_E_ARGUMENT;
    if (end_bit > modem->half_bits || modem->half_bits - first_bit > REMEMBERED)
        return ATALAYA_E_RANGE;
    const double lag = modem->filter.lag, decimation = modem->filter.decimation;
    double first = modem->end_time[first_bit % REMEMBERED] - modem->inner_hz / HALF_BIT_RATE;
    double last = modem->end_time[(end_bit - 1) % REMEMBERED];
    *figures = (struct burst_figures){.first_sample = first * decimation - lag,
                                      .end_sample = last * decimation - lag,
                                      .level_dbfs = NAN,
                                      .snr_db = NAN,
                                      .offset_hz = NAN,
                                      .deviation_hz = NAN,
                                      .peak = NAN};
    return ATALAYA_OK;
}

static size_t dcs_modulate_length(double rate_hz, size_t bit_count)
{
    if (!(rate_hz >= LEAST_RATE_HZ && rate_hz <= 1e9))
        return 0;
    return sample_count((double)bit_count * rate_hz / HALF_BIT_RATE);
}

/* Levels that change in a fifth of a bit: what a radio's own low-pass leaves. */
static size_t dcs_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max)
{
    size_t count = dcs_modulate_length(rate_hz, bit_count);
    if (count == 0 || count > max)
        return 0;
    float level = 0.0F, step = (float)(5.0 * HALF_BIT_RATE / rate_hz);
    for (size_t i = 0; i < count; i++) {
        size_t bit = (size_t)((double)i * HALF_BIT_RATE / rate_hz);
        float goal = bits[bit < bit_count ? bit : bit_count - 1] ? 1.0F : -1.0F;
        level += within(goal - level, -step, step);
        audio[i] = level;
    }
    return count;
}

const struct modem_class modem_dcs = {
    .branches = 1,
    .scrambler = SCRAMBLER_NONE,
    .least_rate_hz = LEAST_RATE_HZ,
    .create = dcs_create,
    .execute = dcs_execute,
    .reset = dcs_reset,
    .destroy = dcs_destroy,
    .measure = dcs_measure,
    .modulate = dcs_modulate,
    .modulate_length = dcs_modulate_length,
};
