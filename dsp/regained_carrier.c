/* SPDX-License-Identifier: Apache-2.0 */
#include "regained_carrier.h"

#include <math.h>
#include <string.h>

#include "clean.h"
#include "rf_phasor.h"

enum {
    STEPS = 110,    /* of scales */
    AROUND = 5,     /* of these, what is looked at around a scale that is known */
    BURSTS_MOST = 8 /* of which the mean is taken */
};
#define EMPHASIS_S  750e-6
#define LAG_S       0.04 /* 48 bits: six flags, after which tones and phases recur */
#define STRETCH_S   0.1
#define PLACES_HZ   16000.0 /* noise within an IF filter's width hardly changes faster */
#define SCALE_STEP  1.02    /* a tenth of a turn over as many clicks as there are in six flags */
#define COARSE_STEP 0.85    /* what is below it need not be seen as closely */
#define LEAST_HZ    1100.0  /* frequency's root mean square: FM of 1.5 kHz, and noise alone */
#define CLEAR_LEAST 0.25F
#define FULL_SCALE  0.999F
#define CUT_MOST                                                                                             \
    0.002 /* of the samples: what is cut off a click is lost to the phase. De-emphasised it is not as high   \
           */

void regained_carrier_reset(struct regained_carrier *regained, double rate_hz)
{
    memset(regained, 0, sizeof *regained);
    regained->rate_hz = rate_hz;
    regained->stride = regained_carrier_stride(rate_hz);
    regained->pole = exp(-1.0 / (rate_hz * EMPHASIS_S));
}

unsigned regained_carrier_stride(double rate_hz)
{
    return (unsigned)fmin(fmax(rate_hz / REGAINED_LEAST_RATE_HZ, 1.0), REGAINED_STRIDE_MAX);
}

void regained_carrier_push(struct regained_carrier *regained, const float *audio, size_t count)
{
    while (count > 0) {
        size_t at = regained->heard % REGAINED_MEMORY, left = REGAINED_MEMORY - at;
        size_t part = left < count ? left : count;
        clean_samples(audio, regained->audio + at, part);
        regained->heard += part;
        audio += part;
        count -= part;
    }
}

static inline float audio_at(const struct regained_carrier *regained, uint64_t sample)
{
    return regained->audio[sample % REGAINED_MEMORY];
}

static inline float undone(const struct regained_carrier *regained, uint64_t sample, bool emphasised)
{
    const float pole = (float)regained->pole, here = audio_at(regained, sample);
    return emphasised ? (here - pole * audio_at(regained, sample - 1)) / (1.0F - pole) : here;
}

/* 0: not enough has been heard. */
static uint64_t stretch_begin(const struct regained_carrier *regained, uint64_t end)
{
    const uint64_t length = (uint64_t)(STRETCH_S * regained->rate_hz);
    const uint64_t oldest = regained->heard > REGAINED_MEMORY ? regained->heard - REGAINED_MEMORY : 0;
    return end > oldest + length + 1 && end <= regained->heard ? end - length : 0;
}

static unsigned stride(const struct regained_carrier *regained)
{
    return (unsigned)fmax(regained->rate_hz / PLACES_HZ, 1.0);
}

float regained_carrier_likeness(const struct regained_carrier *regained, uint64_t end)
{
    const uint64_t begin = stretch_begin(regained, end), lag = (uint64_t)lround(LAG_S * regained->rate_hz);
    const unsigned step = stride(regained);
    float both = 0.0F, mean = 0.0F, power = 1e-12F, count = 0.0F;
    for (uint64_t at = begin; begin > 0 && at + lag < end; at += step, count += 1.0F) {
        float a = audio_at(regained, at), b = audio_at(regained, at + lag);
        both += a * b;
        mean += 0.5F * (a + b);
        power += 0.5F * (a * a + b * b);
    }
    mean = mean * mean / fmaxf(count, 1.0F);
    return (both - mean) / fmaxf(power - mean, 1e-12F);
}

static bool is_cut(const struct regained_carrier *regained, uint64_t end)
{
    double cut = 0.0, all = 0.0;
    for (uint64_t at = stretch_begin(regained, end); at < end; at++, all += 1.0)
        cut += fabsf(audio_at(regained, at)) > FULL_SCALE ? 1.0 : 0.0;
    return cut > CUT_MOST * all;
}

/* By which the carrier moved in six flags, at every place; returns their number. *mean and *rms: of the
 * audio. */
static unsigned compare_flags(struct regained_carrier *regained, uint64_t end, bool emphasised, double *mean,
                              double *rms)
{
    const uint64_t begin = stretch_begin(regained, end);
    const unsigned lag = (unsigned)lround(LAG_S * regained->rate_hz), step = stride(regained);
    double sum = 0.0, power = 0.0, all = 0.0;
    unsigned places = 0;
    for (uint64_t at = begin; at < begin + lag; at++)
        sum += (double)undone(regained, at, emphasised);
    *mean = sum / lag;
    sum = 0.0;
    for (uint64_t at = begin; at + lag < end; at++, all += 1.0) {
        double leaves = (double)undone(regained, at, emphasised) - *mean;
        double comes = (double)undone(regained, at + lag, emphasised) - *mean;
        if ((at - begin) % step == 0 && places < REGAINED_PLACES)
            regained->moved[places++] = (float)sum;
        sum += comes - leaves;
        power += comes * comes;
    }
    *rms = sqrt(power / fmax(all, 1.0));
    return places / WIDE * WIDE;
}

/* 1: everywhere the carrier came back to the same phase. */
static float agreement(const struct regained_carrier *regained, unsigned places, float turns)
{
    wide re = {0.0F}, im = {0.0F};
    for (unsigned i = 0; i < places; i += WIDE) {
        struct phasor z = phasor_of_turns(turns * wide_load(regained->moved + i));
        re += z.re;
        im += z.im;
    }
    return hypotf(wide_sum(re), wide_sum(im)) / (float)places;
}

/* Where agreement is highest between steps, of a scale and of the next ones to both sides. */
static double vertex(const float agreed[3])
{
    float rise = agreed[2] - agreed[0], bend = 2.0F * agreed[1] - agreed[2] - agreed[0];
    return bend > 0.0F ? 0.5 * (double)(rise / bend) : 0.0;
}

/* The scale at which they agree more than at smaller ones; returns by how much. */
static float search(struct regained_carrier *regained, uint64_t end, bool emphasised, double *hz,
                    double *mean)
{
    double rms;
    const unsigned places = compare_flags(regained, end, emphasised, mean, &rms);
    float agreed[STEPS], least = 1.0F, clear = 0.0F;
    int best = 0;
    if (places == 0 || !(rms > 1e-9))
        return 0.0F;
    const double first_hz = LEAST_HZ / rms;
    for (int i = 0; i < STEPS; i++) {
        agreed[i] = agreement(regained, places, (float)(first_hz * pow(SCALE_STEP, i) / regained->rate_hz));
        least = fminf(least, agreed[i]);
        if (agreed[i] - least > clear) {
            clear = agreed[i] - least;
            best = i;
        }
    }
    if (best == 0 || best == STEPS - 1)
        return 0.0F;
    *hz = first_hz * pow(SCALE_STEP, best + vertex(&agreed[best - 1]));
    return clear;
}

/* The same around the scale that is known, for a sixth of the work; what a receiver makes of a carrier does
 * not change from burst to burst, and the mean of many is better than the last. */
static bool confirm(struct regained_carrier *regained, uint64_t end)
{
    double rms;
    if (!regained->emphasised && is_cut(regained, end))
        return false;
    const unsigned places = compare_flags(regained, end, regained->emphasised, &regained->mean, &rms);
    float agreed[AROUND], least = 1.0F;
    int best = 0;
    if (places == 0 || !(rms > 1e-9))
        return false;
    const double known = regained->hz / regained->rate_hz, first = LEAST_HZ / rms / regained->rate_hz;
    for (int i = 0; i < AROUND; i++) {
        agreed[i] = agreement(regained, places, (float)(known * pow(SCALE_STEP, i - AROUND / 2)));
        best = agreed[i] > agreed[best] ? i : best;
    }
    for (double scale = known; scale > first; scale *= COARSE_STEP)
        least = fminf(least, agreement(regained, places, (float)scale));
    if (best == 0 || best == AROUND - 1 || !(agreed[best] - least > CLEAR_LEAST))
        return false;
    const double step = log(SCALE_STEP) * (best - AROUND / 2 + vertex(&agreed[best - 1]));
    regained->bursts += regained->bursts < BURSTS_MOST;
    regained->hz *= exp(step / regained->bursts);
    return true;
}

bool regained_carrier_learn(struct regained_carrier *regained, uint64_t end)
{
    double hz[2] = {0.0, 0.0}, mean[2];
    if (stretch_begin(regained, end) == 0)
        return false;
    if (regained->known && confirm(regained, end))
        return true;
    float plain = is_cut(regained, end) ? 0.0F : search(regained, end, false, &hz[0], &mean[0]);
    float emphasised = search(regained, end, true, &hz[1], &mean[1]);
    bool more = emphasised > plain;
    if (!(fmaxf(plain, emphasised) > CLEAR_LEAST))
        return false;
    regained->known = true;
    regained->bursts = 1;
    regained->emphasised = more;
    regained->hz = hz[more];
    regained->mean = mean[more];
    return true;
}

void regained_carrier_seek(struct regained_carrier *regained, uint64_t sample)
{
    regained->made = sample;
    regained->phase = 0.0;
}

/* Frequencies of samples of the carrier [size: count]: of each the mean of its audio, de-emphasis undone. */
static void read_frequencies(const struct regained_carrier *regained, float *hz, size_t count)
{
    const size_t stride = regained->stride, length = count * stride + 1;
    const size_t at = (regained->made - 1) % REGAINED_MEMORY, left = REGAINED_MEMORY - at;
    const size_t part = left < length ? left : length;
    const float pole = regained->emphasised ? (float)regained->pole : 0.0F;
    const float scale = (float)regained->hz / ((1.0F - pole) * (float)stride);
    const float middle = (float)(regained->mean * regained->hz);
    float audio[REGAINED_CHUNK * REGAINED_STRIDE_MAX + 1]; /* from the one before on */
    memcpy(audio, &regained->audio[at], part * sizeof *audio);
    memcpy(audio + part, regained->audio, (length - part) * sizeof *audio);
    for (size_t n = 0; n + 1 < length; n++)
        audio[n] = audio[n + 1] - pole * audio[n];
    for (size_t i = 0; i < count; i++) {
        float sum = 0.0F;
        for (size_t n = i * stride; n < (i + 1) * stride; n++)
            sum += audio[n];
        hz[i] = scale * sum - middle;
    }
}

size_t regained_carrier_take(struct regained_carrier *regained, float complex *iq, float *hz, size_t most)
{
    const uint64_t left = (regained->heard - regained->made) / regained->stride;
    size_t count = left < most ? (size_t)left : most;
    count = (count < REGAINED_CHUNK ? count : REGAINED_CHUNK) / WIDE * WIDE;
    const double turns_of_hz = regained->stride / regained->rate_hz;
    read_frequencies(regained, hz, count);
    for (size_t i = 0; i < count; i += WIDE) {
        wide turns;
        for (size_t k = 0; k < WIDE; k++) {
            regained->phase += (double)hz[i + k] * turns_of_hz;
            turns[k] = (float)regained->phase;
        }
        regained->phase -= rint(regained->phase);
        const struct phasor z = phasor_of_turns(turns);
        for (size_t k = 0; k < WIDE; k++)
            iq[i + k] = z.re[k] + z.im[k] * _Complex_I;
    }
    regained->made += count * regained->stride;
    return count;
}
