/* SPDX-License-Identifier: Apache-2.0 */
#include "regained_carrier.h"

#include <math.h>
#include <string.h>

#include "clean.h"
#include "rf_phasor.h"

enum { STEPS = 110 /* of scales */ };
#define EMPHASIS_S  750e-6
#define LAG_S       0.04 /* 48 bits: six flags, after which tones and phases recur */
#define STRETCH_S   0.1
#define PLACES_HZ   16000.0 /* noise within an IF filter's width hardly changes faster */
#define SCALE_STEP  1.02    /* a tenth of a turn over as many clicks as there are in six flags */
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
    regained->pole = exp(-1.0 / (rate_hz * EMPHASIS_S));
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

/* By which the carrier moved in six flags, at every place; returns their number. *rms: of the audio. */
static unsigned compare_flags(struct regained_carrier *regained, uint64_t end, bool emphasised, double *rms)
{
    const uint64_t begin = stretch_begin(regained, end);
    const unsigned lag = (unsigned)lround(LAG_S * regained->rate_hz), step = stride(regained);
    double sum = 0.0, power = 0.0, all = 0.0, mean;
    unsigned places = 0;
    for (uint64_t at = begin; at < begin + lag; at++)
        sum += (double)undone(regained, at, emphasised);
    mean = sum / lag;
    sum = 0.0;
    for (uint64_t at = begin; at + lag < end; at++, all += 1.0) {
        double leaves = (double)undone(regained, at, emphasised) - mean;
        double comes = (double)undone(regained, at + lag, emphasised) - mean;
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

/* The scale at which they agree more than at smaller ones; returns by how much. */
static float search(struct regained_carrier *regained, uint64_t end, bool emphasised, double *hz)
{
    double rms;
    const unsigned places = compare_flags(regained, end, emphasised, &rms);
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
    float rise = agreed[best + 1] - agreed[best - 1],
          bend = 2.0F * agreed[best] - agreed[best + 1] - agreed[best - 1];
    *hz = first_hz * pow(SCALE_STEP, best + (bend > 0.0F ? 0.5 * (double)(rise / bend) : 0.0));
    return clear;
}

bool regained_carrier_learn(struct regained_carrier *regained, uint64_t end)
{
    double hz[2] = {0.0, 0.0};
    if (stretch_begin(regained, end) == 0)
        return false;
    float plain = is_cut(regained, end) ? 0.0F : search(regained, end, false, &hz[0]);
    float emphasised = search(regained, end, true, &hz[1]);
    bool more = emphasised > plain;
    if (!(fmaxf(plain, emphasised) > CLEAR_LEAST))
        return false;
    regained->known = true;
    regained->emphasised = more;
    regained->hz = hz[more];
    return true;
}

void regained_carrier_seek(struct regained_carrier *regained, uint64_t sample)
{
    regained->made = sample;
    regained->phase = 0.0;
}

size_t regained_carrier_take(struct regained_carrier *regained, float complex *iq, float *hz, size_t most)
{
    const uint64_t left = regained->heard - regained->made;
    const size_t count = left < most ? (size_t)left : most;
    for (size_t i = 0; i < count; i += WIDE) {
        const size_t some = count - i < WIDE ? count - i : WIDE;
        wide turns = {0.0F};
        for (size_t k = 0; k < some; k++) {
            hz[i + k] = (float)regained->hz * undone(regained, regained->made++, regained->emphasised);
            regained->phase += (double)hz[i + k] / regained->rate_hz;
            turns[k] = (float)regained->phase;
        }
        struct phasor z = phasor_of_turns(turns);
        for (size_t k = 0; k < some; k++)
            iq[i + k] = z.re[k] + z.im[k] * _Complex_I;
        regained->phase -= rint(regained->phase);
    }
    return count;
}
