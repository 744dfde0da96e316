/* SPDX-License-Identifier: Apache-2.0 */
#include "front_end.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "clean.h"
#include "kaiser.h"
#include "mixing_decimator.h"
#include "resampler.h"

enum {
    TAPS_MAX = 421,        /* at 192 kHz */
    RESAMPLER_HALF = 8,    /* half length of the resampler, in its input samples */
    RESAMPLER_PHASES = 256 /* its timing grid: -70 dB of jitter noise at 500 Hz */
};
#define LOWPASS_S 0.0021 /* length of the low-pass, the same at every rate */
#define STOP_DB   45.0F
#define RESAMPLER_CUTOFF                                                                                     \
    0.417 /* of the baseband rate: between the low-pass's stop band and the nearest alias */
#define RESAMPLER_DB 60.0F

struct front_end {
    const struct two_tone *waveform;
    double rate_hz, baseband_hz;
    unsigned decimation, taps;
    double resampling; /* baseband samples per decimated sample; 1 = no resampler */
    struct mixing_decimator lowpass;
    struct resampler *resampler;
    float peak;         /* of the input since the last decimated sample */
    unsigned since;     /* inputs since then */
    float held_peak;    /* of the decimated samples since the last baseband sample */
    uint64_t decimated; /* decimated samples so far */
    uint64_t outputs;   /* baseband samples so far */
    double last;        /* time of the last baseband sample, in decimated samples */
    /* The chunk in work; here and not on the stack, which compilers clear. */
    float samples[FRONT_END_CHUNK_MAX], peaks[FRONT_END_CHUNK_MAX];
    float complex low[FRONT_END_CHUNK_MAX];
};

static double centre_hz(const struct two_tone *waveform)
{
    return 0.5 * (waveform->mark_hz + waveform->space_hz);
}

static void design_lowpass(const struct front_end *front_end, float taps[TAPS_MAX])
{
    unsigned n = front_end->taps;
    kaiser_lowpass(taps, n, front_end->waveform->lowpass_hz / front_end->rate_hz, STOP_DB);
    double tone =
        2.0 * M_PI * (front_end->waveform->space_hz - centre_hz(front_end->waveform)) / front_end->rate_hz;
    double gain = 0.0; /* real, as the taps are symmetric; unity at the tones keeps the level true */
    for (unsigned i = 0; i < n; i++)
        gain += (double)taps[i] * cos(tone * (i - 0.5 * (n - 1)));
    for (unsigned i = 0; i < n; i++)
        taps[i] = (float)((double)taps[i] / gain);
}

static enum atalaya_result create_filters(struct front_end *front_end)
{
    float taps[TAPS_MAX];
    design_lowpass(front_end, taps);
    mixing_decimator_init(&front_end->lowpass, taps, front_end->taps, front_end->decimation,
                          2.0 * M_PI * centre_hz(front_end->waveform) / front_end->rate_hz);
    if (fabs(front_end->resampling - 1.0) <= 1e-9)
        return ATALAYA_OK;
    const double cutoff =
        RESAMPLER_CUTOFF * front_end->baseband_hz * front_end->decimation / front_end->rate_hz;
    const struct resampler_settings settings = {.ratio = front_end->resampling,
                                                .half = RESAMPLER_HALF,
                                                .phases = RESAMPLER_PHASES,
                                                .cutoff = fmin(cutoff, 0.45),
                                                .stop_db = RESAMPLER_DB};
    return resampler_create(&front_end->resampler, &settings);
}

enum atalaya_result front_end_create(struct front_end **front_end, const struct two_tone *waveform,
                                     double rate_hz)
{
    if (!(rate_hz >= FRONT_END_LEAST_RATE_HZ && rate_hz <= FRONT_END_MOST_RATE_HZ))
        return ATALAYA_E_ARGUMENT;
    struct front_end *made = calloc(1, sizeof *made);
    if (made == NULL)
        return ATALAYA_E_MEMORY;
    made->waveform = waveform;
    made->rate_hz = rate_hz;
    made->baseband_hz = BASEBAND_PER_BIT * waveform->bit_rate;
    made->decimation = rate_hz < made->baseband_hz ? 1 : (unsigned)(rate_hz / made->baseband_hz);
    made->taps = 2 * (unsigned)(0.5 * LOWPASS_S * rate_hz) + 1;
    made->resampling = made->baseband_hz * made->decimation / rate_hz;
    enum atalaya_result result = create_filters(made);
    if (result != ATALAYA_OK) {
        front_end_destroy(made);
        return result;
    }
    front_end_reset(made);
    *front_end = made;
    return ATALAYA_OK;
}

void front_end_reset(struct front_end *front_end)
{
    mixing_decimator_reset(&front_end->lowpass);
    resampler_reset(front_end->resampler);
    front_end->peak = front_end->held_peak = 0.0F;
    front_end->since = 0;
    front_end->decimated = 0;
    front_end->outputs = 0;
    front_end->last = 0.0;
}

void front_end_destroy(struct front_end *front_end)
{
    if (front_end == NULL)
        return;
    resampler_destroy(front_end->resampler);
    free(front_end);
}

/* The n-th output is due at n / resampling. The resampler's own step is rounded, so over hours it slides off:
 * an output can only lie within one sample after the input that brought it out. */
static void note_output(struct front_end *front_end)
{
    double newest = (double)front_end->decimated; /* index of the sample just filtered */
    double due = front_end->outputs == 0 ? 0.0 : front_end->last + 1.0 / front_end->resampling;
    due = due > newest ? due : newest;
    front_end->last = due < newest + 1.0 ? due : newest + 1.0;
    front_end->outputs++;
}

static void emit(struct front_end *front_end, struct baseband_block *block, float complex z)
{
    if (block->count == BASEBAND_BLOCK_MAX) /* cannot be: FRONT_END_CHUNK_MAX is sized for it */
        return;
    block->z[block->count] = z;
    block->peak[block->count] = front_end->held_peak;
    block->count++;
    front_end->held_peak = 0.0F;
    note_output(front_end);
}

static void take_decimated(struct front_end *front_end, struct baseband_block *block, float complex low,
                           float peak)
{
    float complex out[RESAMPLER_OUT_MAX] = {low};
    unsigned made = 1;
    front_end->held_peak = peak > front_end->held_peak ? peak : front_end->held_peak;
    if (front_end->resampler != NULL)
        made = resampler_execute(front_end->resampler, low, out);
    for (unsigned i = 0; i < made; i++)
        emit(front_end, block, out[i]);
    front_end->decimated++;
}

/* Of the samples that each decimated one is made from. */
static void find_peaks(struct front_end *front_end, const float *samples, size_t count, float *peaks)
{
    while (count > 0) {
        size_t left = front_end->decimation - front_end->since, part = left < count ? left : count;
        float peak = front_end->peak;
        for (size_t i = 0; i < part; i++) {
            float size = fabsf(samples[i]);
            peak = size > peak ? size : peak;
        }
        front_end->peak = peak;
        front_end->since += (unsigned)part;
        samples += part;
        count -= part;
        if (part < left)
            return;
        *peaks++ = peak;
        front_end->peak = 0.0F;
        front_end->since = 0;
    }
}

void front_end_execute(struct front_end *front_end, const float *audio, size_t count,
                       struct baseband_block *block)
{
    float *samples = front_end->samples;
    block->count = 0;
    clean_samples(audio, samples, count);
    find_peaks(front_end, samples, count, front_end->peaks);
    unsigned made = mixing_decimator_execute(&front_end->lowpass, samples, (unsigned)count, front_end->low);
    for (unsigned i = 0; i < made; i++)
        take_decimated(front_end, block, front_end->low[i], front_end->peaks[i]);
}

double front_end_input_time(const struct front_end *front_end, double index)
{
    if (front_end->outputs == 0)
        return 0.0;
    double behind = (double)(front_end->outputs - 1) - index;
    double decimated = front_end->last - behind / front_end->resampling;
    if (front_end->resampler != NULL)
        decimated -= RESAMPLER_HALF;
    /* A decimated sample is due with the last of its inputs. */
    return (decimated + 1.0) * front_end->decimation - 1.0 - 0.5 * (front_end->taps - 1);
}

unsigned front_end_delay(const struct front_end *front_end)
{
    double input = 0.5 * (front_end->taps - 1) - 0.5 * (front_end->decimation - 1);
    if (front_end->resampler != NULL)
        input += (double)RESAMPLER_HALF * front_end->decimation;
    return (unsigned)lround(input * front_end->baseband_hz / front_end->rate_hz);
}
