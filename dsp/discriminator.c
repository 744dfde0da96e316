/* SPDX-License-Identifier: Apache-2.0 */
#include "discriminator.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <liquid/liquid.h>

enum {
    TAPS_MAX = 769,      /* at 256 kHz */
    DECIMATION_MAX = 13, /* likewise */
    STEER = 16,          /* audio samples from one change of the mixer to the next */
    STRETCH = 64,        /* audio samples to a remembered mean */
    STRETCHES = 16384    /* of them: 40 s or more */
};
#define AUDIO_LEAST_HZ           19200.0 /* the discriminator needs more than the signal's width */
#define WIDTH_HZ                 10000.0
#define FILTER_S                 0.002
#define STOP_DB                  45.0F
#define FULL_SCALE_HZ            5000.0
#define AFC_S                    0.020 /* time constant: done within the shortest preamble, silent above 10 Hz */
#define AFC_RANGE_HZ             3500.0
#define POWER_S                  0.004 /* of the mean that a sample's power is compared with */
#define INPUT_LIMIT              8.0F
#define DISCRIMINATOR_WEIGHT_MAX 1.0F

struct stretch {
    float offset_hz, power, peak;
};

struct discriminator {
    double rate_hz, audio_rate_hz;
    unsigned decimation, taps, filled;
    nco_crcf mixer;
    firdecim_crcf filter;
    float complex last;
    double offset_hz;
    float power, to_hz, afc_rate, power_rate, peak_power;
    uint64_t outputs;
    struct stretch sum; /* of the current stretch */
    struct stretch memory[STRETCHES];
    float complex waiting[DECIMATION_MAX]; /* [size: filled] */
};

static enum atalaya_result create_parts(struct discriminator *made)
{
    float taps[TAPS_MAX], sum = 0.0F;
    (void)liquid_firdes_kaiser(made->taps, (float)(WIDTH_HZ / 2.0 / made->rate_hz), STOP_DB, 0.0F, taps);
    for (unsigned i = 0; i < made->taps; i++)
        sum += taps[i];
    for (unsigned i = 0; i < made->taps; i++)
        taps[i] /= sum;
    made->mixer = nco_crcf_create(LIQUID_NCO);
    made->filter = firdecim_crcf_create(made->decimation, taps, made->taps);
    return made->mixer && made->filter ? ATALAYA_OK : ATALAYA_E_MEMORY;
}

enum atalaya_result discriminator_create(struct discriminator **discriminator, double rate_hz)
{
    if (!(rate_hz >= DISCRIMINATOR_LEAST_RATE_HZ && rate_hz <= DISCRIMINATOR_MOST_RATE_HZ))
        return ATALAYA_E_ARGUMENT;
    struct discriminator *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->rate_hz = rate_hz;
    made->decimation = rate_hz < AUDIO_LEAST_HZ ? 1 : (unsigned)(rate_hz / AUDIO_LEAST_HZ);
    made->audio_rate_hz = rate_hz / made->decimation;
    made->taps = 2 * (unsigned)(0.5 * FILTER_S * rate_hz) + 1;
    made->to_hz = (float)(made->audio_rate_hz / (2.0 * M_PI));
    made->afc_rate = (float)(1.0 / (AFC_S * made->audio_rate_hz));
    made->power_rate = (float)(1.0 / (POWER_S * made->audio_rate_hz));
    if (create_parts(made) != ATALAYA_OK) {
        discriminator_destroy(made);
        return ATALAYA_E_MEMORY;
    }
    discriminator_reset(made);
    *discriminator = made;
    return ATALAYA_OK;
}

void discriminator_reset(struct discriminator *d)
{
    nco_crcf_reset(d->mixer);
    firdecim_crcf_reset(d->filter);
    d->filled = 0;
    d->last = 0.0F;
    d->offset_hz = 0.0;
    d->power = 0.0F;
    d->peak_power = 0.0F;
    d->outputs = 0;
    d->sum = (struct stretch){0};
}

void discriminator_destroy(struct discriminator *d)
{
    if (!d)
        return;
    if (d->mixer)
        nco_crcf_destroy(d->mixer);
    if (d->filter)
        firdecim_crcf_destroy(d->filter);
    free(d);
}

double discriminator_audio_rate_hz(const struct discriminator *d)
{
    return d->audio_rate_hz;
}

static float complex clean(float complex z)
{
    float re = crealf(z), im = cimagf(z);
    if (!isfinite(re) || !isfinite(im))
        return 0.0F;
    re = fminf(fmaxf(re, -INPUT_LIMIT), INPUT_LIMIT);
    im = fminf(fmaxf(im, -INPUT_LIMIT), INPUT_LIMIT);
    return re + im * _Complex_I;
}

static void remember(struct discriminator *d, float power)
{
    d->sum.offset_hz += (float)d->offset_hz / STRETCH;
    d->sum.power += power / STRETCH;
    if (++d->outputs % STRETCH > 0)
        return;
    d->sum.peak = sqrtf(d->peak_power);
    d->peak_power = 0.0F;
    d->memory[(d->outputs / STRETCH - 1) % STRETCHES] = d->sum;
    d->sum = (struct stretch){0};
}

/* One sample behind the filter. The mean frequency steers the mixer: behind it noise lies evenly about 0, so
 * that it does not pull. */
static float demodulate(struct discriminator *d, float complex z)
{
    float complex turned = z * conjf(d->last);
    d->last = z;
    float power = sqrtf(crealf(turned) * crealf(turned) + cimagf(turned) * cimagf(turned));
    d->power += (power - d->power) * d->power_rate;
    float weight = d->power > 0.0F ? fminf(power / d->power, DISCRIMINATOR_WEIGHT_MAX) : 0.0F;
    float hz = power > 0.0F ? d->to_hz * cargf(turned) : 0.0F;
    double offset_hz = d->offset_hz + (double)(d->afc_rate * weight * hz);
    d->offset_hz = fmin(fmax(offset_hz, -AFC_RANGE_HZ), AFC_RANGE_HZ);
    if (d->outputs % STEER == 0)
        nco_crcf_set_frequency(d->mixer, (float)(2.0 * M_PI * d->offset_hz / d->rate_hz));
    remember(d, power);
    return weight * hz / (float)FULL_SCALE_HZ;
}

size_t discriminator_execute(struct discriminator *d, const float complex *iq, size_t count, float *audio,
                             size_t *taken)
{
    size_t made = 0, i = 0;
    for (; i < count && made < DISCRIMINATOR_CHUNK_MAX; i++) {
        float complex z = clean(iq[i]), low;
        float power = crealf(z) * crealf(z) + cimagf(z) * cimagf(z);
        d->peak_power = power > d->peak_power ? power : d->peak_power;
        nco_crcf_mix_down(d->mixer, z, &d->waiting[d->filled]);
        nco_crcf_step(d->mixer);
        if (++d->filled < d->decimation)
            continue;
        d->filled = 0;
        firdecim_crcf_execute(d->filter, d->waiting, &low);
        audio[made++] = demodulate(d, low);
    }
    *taken = i;
    return made;
}

/* The filter looks at each group of inputs when its first has come; the discriminator between two outputs. */
double discriminator_input_time(const struct discriminator *d, double index)
{
    return (index - 0.5) * d->decimation - 0.5 * (d->taps - 1);
}

void discriminator_measure(const struct discriminator *d, double from, double to,
                           struct discriminator_figures *figures)
{
    const int64_t end = (int64_t)(d->outputs / STRETCH), oldest = end > STRETCHES ? end - STRETCHES : 0;
    double offset_hz = 0.0, power = 0.0;
    float peak = 0.0F;
    int64_t count = 0;
    for (int64_t s = (int64_t)(from / STRETCH) + 1; s < (int64_t)(to / STRETCH); s++) {
        if (s < oldest || s >= end)
            continue;
        const struct stretch *stretch = &d->memory[s % STRETCHES];
        offset_hz += (double)stretch->offset_hz;
        power += (double)stretch->power;
        peak = fmaxf(peak, stretch->peak);
        count++;
    }
    figures->offset_hz = count ? (float)(offset_hz / (double)count) : NAN;
    figures->level_dbfs = count && power > 0.0 ? (float)(10.0 * log10(power / (double)count)) : NAN;
    figures->peak = count ? peak : NAN;
}

void discriminator_tell(const struct discriminator *discriminator, struct burst_figures *figures)
{
    struct discriminator_figures heard;
    discriminator_measure(discriminator, figures->first_sample, figures->end_sample, &heard);
    figures->offset_hz = heard.offset_hz;
    figures->level_dbfs = heard.level_dbfs;
    figures->peak = heard.peak;
    figures->first_sample = discriminator_input_time(discriminator, figures->first_sample);
    figures->end_sample = discriminator_input_time(discriminator, figures->end_sample);
}
