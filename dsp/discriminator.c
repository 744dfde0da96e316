/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/dsp/discriminator.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "angle.h"
#include "clean.h"
#include "iq_decimator.h"
#include "kaiser.h"

enum {
    TAPS_MAX = 513,  /* at 256 kHz */
    STEER = 16,      /* audio samples from one change of the mixer to the next: they are worked on together */
    STRETCH = 128,   /* audio samples to a remembered mean */
    STRETCHES = 4096 /* of them: 13 s or more */
};
#define AUDIO_LEAST_HZ 19200.0 /* the discriminator needs more than the signal's width */
#define WIDTH_HZ       10000.0
#define FILTER_S       0.002
#define STOP_DB        45.0F
#define FULL_SCALE_HZ  5000.0
#define AFC_S          0.020 /* time constant: done within the shortest preamble, silent above 10 Hz */
#define AFC_RANGE_HZ   4500.0F
/* C/N0 that the envelope of tones of 3 kHz of deviation shows without noise, for the filter cuts its edges
 * off. It falls with the sixth power of the deviation: 64.4, 81 at 1.5 kHz, 52 to 54 at 4.5, at any rate. */
#define SPOILT_DB_HZ 64.0
#define SPOILT_AT_HZ 3000.0
#define SPOILT_MOST  0.8   /* of what is seen: more is not told from it */
#define POWER_S      0.004 /* of the mean that a sample's power is compared with */

struct stretch {
    float offset_hz, peak, weight;
    float squared, fourth; /* means of powers of the envelope */
};

struct discriminator {
    double rate_hz, audio_rate_hz;
    unsigned decimation, taps;
    struct iq_decimator *filter;
    float complex phase, step; /* of the mixer at the next input; by which it turns from one to the next */
    float complex last;        /* sample behind the filter */
    float offset_hz, power, peak_power;
    float to_hz, afc_rate, power_rate;
    float noise_hz; /* width of the noise behind the filter */
    uint64_t outputs;
    struct stretch sum; /* of the current stretch */
    struct stretch memory[STRETCHES];
};

static enum atalaya_result create_filter(struct discriminator *made)
{
    float taps[TAPS_MAX], sum = 0.0F;
    kaiser_lowpass(taps, made->taps, WIDTH_HZ / 2.0 / made->rate_hz, STOP_DB);
    for (unsigned i = 0; i < made->taps; i++)
        sum += taps[i];
    for (unsigned i = 0; i < made->taps; i++) {
        taps[i] /= sum;
        made->noise_hz += taps[i] * taps[i] * (float)made->rate_hz;
    }
    return iq_decimator_create(&made->filter, taps, made->taps, made->decimation);
}

static unsigned decimation_for(double rate_hz)
{
    return rate_hz < AUDIO_LEAST_HZ ? 1 : (unsigned)(rate_hz / AUDIO_LEAST_HZ);
}

double discriminator_rate_hz(double iq_rate_hz)
{
    bool taken = iq_rate_hz >= DISCRIMINATOR_LEAST_RATE_HZ && iq_rate_hz <= DISCRIMINATOR_MOST_RATE_HZ;
    return taken ? iq_rate_hz / decimation_for(iq_rate_hz) : 0.0;
}

enum atalaya_result discriminator_create(struct discriminator **discriminator, double rate_hz)
{
    if (!(discriminator_rate_hz(rate_hz) > 0.0))
        return ATALAYA_E_ARGUMENT;
    struct discriminator *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->rate_hz = rate_hz;
    made->decimation = decimation_for(rate_hz);
    made->audio_rate_hz = discriminator_rate_hz(rate_hz);
    made->taps = 2 * (unsigned)(0.5 * FILTER_S * rate_hz) + 1;
    made->to_hz = (float)(made->audio_rate_hz / (2.0 * M_PI));
    made->afc_rate = (float)(1.0 / (AFC_S * made->audio_rate_hz));
    made->power_rate = (float)(1.0 / (POWER_S * made->audio_rate_hz));
    if (create_filter(made) != ATALAYA_OK) {
        discriminator_destroy(made);
        return ATALAYA_E_MEMORY;
    }
    discriminator_reset(made);
    *discriminator = made;
    return ATALAYA_OK;
}

void discriminator_reset(struct discriminator *d)
{
    iq_decimator_reset(d->filter);
    d->phase = d->step = 1.0F;
    d->last = 0.0F;
    d->offset_hz = 0.0F;
    d->power = 0.0F;
    d->peak_power = 0.0F;
    d->outputs = 0;
    d->sum = (struct stretch){0};
}

void discriminator_destroy(struct discriminator *d)
{
    if (!d)
        return;
    iq_decimator_destroy(d->filter);
    free(d);
}

double discriminator_audio_rate_hz(const struct discriminator *d)
{
    return d->audio_rate_hz;
}

static float complex multiply(float complex a, float complex b)
{
    return (crealf(a) * crealf(b) - cimagf(a) * cimagf(b)) +
           _Complex_I * (crealf(a) * cimagf(b) + cimagf(a) * crealf(b));
}

/* Cleans and mixes, two samples at once; the mixer's phase follows from itself. */
static void mix(struct discriminator *d, const float complex *iq, unsigned count, float complex *mixed)
{
    const wide sign = {-1.0F, 1.0F, -1.0F, 1.0F};
    const float complex other = multiply(d->phase, d->step), both = multiply(d->step, d->step);
    wide re = {crealf(d->phase), crealf(d->phase), crealf(other), crealf(other)}, loudest = {0.0F};
    wide im = {cimagf(d->phase), cimagf(d->phase), cimagf(other), cimagf(other)};
    float *parts = (float *)mixed;
    clean_samples((const float *)iq, parts, 2 * (size_t)count);
    if (count % 2 > 0) /* there is room: see iq_decimator_place */
        mixed[count] = 0.0F;
    for (unsigned i = 0; i < 2 * count; i += WIDE) {
        wide z = wide_load(parts + i), turned = {z[1], z[0], z[3], z[2]};
        wide power = z * z + turned * turned;
        loudest = wide_choose(power > loudest, power, loudest);
        wide_store(parts + i, z * re + turned * (im * sign));
        wide next = re * crealf(both) - im * cimagf(both);
        im = im * crealf(both) + re * cimagf(both);
        re = next;
    }
    float complex end = re[0] + _Complex_I * im[0];
    if (count % 2 > 0)
        end = multiply(end, conjf(d->step));
    float size = crealf(end) * crealf(end) + cimagf(end) * cimagf(end);
    d->phase = end * (1.5F - 0.5F * size); /* keeps to the unit circle for ever */
    d->peak_power = fmaxf(d->peak_power, fmaxf(loudest[0], loudest[2]));
}

static void remember(struct discriminator *d, wide squared, wide fourth, float weight, unsigned count)
{
    d->sum.squared += wide_sum(squared) / STRETCH;
    d->sum.fourth += wide_sum(fourth) / STRETCH;
    d->sum.weight += weight / STRETCH;
    d->sum.offset_hz += d->offset_hz * (float)count / STRETCH;
    d->outputs += count;
    if (d->outputs % STRETCH > 0)
        return;
    d->sum.peak = sqrtf(d->peak_power);
    d->peak_power = 0.0F;
    d->memory[(d->outputs / STRETCH - 1) % STRETCHES] = d->sum;
    d->sum = (struct stretch){0};
}
_Static_assert(STRETCH % STEER == 0, "a stretch ends where a block does");

/* The mean frequency steers the mixer: behind it noise lies evenly about 0, so that it does not pull. What
 * pulls farther than any radio may be off is a neighbour: back to where this channel's own signals begin. */
static void steer(struct discriminator *d, float sum_hz)
{
    d->offset_hz += d->afc_rate * sum_hz;
    if (!(fabsf(d->offset_hz) <= AFC_RANGE_HZ))
        d->offset_hz = 0.0F;
    if (d->outputs % STEER > 0)
        return;
    float turn = (float)(-2.0 * M_PI / d->rate_hz) * d->offset_hz;
    d->step = cosf(turn) + _Complex_I * sinf(turn);
}

/* Samples behind the filter, low[1] to low[count], behind the last one, low[0]; zeros follow. */
static void demodulate(struct discriminator *d, const float complex *low, unsigned count, float *audio)
{
    float power[STEER + WIDE], mean[STEER + WIDE], hz[STEER + WIDE];
    float sum_weight = 0.0F, sum_hz = 0.0F;
    wide squared = {0.0F}, fourth = {0.0F};
    for (unsigned i = 0; i < count; i += WIDE) {
        const float complex *a = low + i, *b = low + i + 1;
        wide from_re = {crealf(a[0]), crealf(a[1]), crealf(a[2]), crealf(a[3])};
        wide from_im = {cimagf(a[0]), cimagf(a[1]), cimagf(a[2]), cimagf(a[3])};
        wide to_re = {crealf(b[0]), crealf(b[1]), crealf(b[2]), crealf(b[3])};
        wide to_im = {cimagf(b[0]), cimagf(b[1]), cimagf(b[2]), cimagf(b[3])};
        wide re = to_re * from_re + to_im * from_im, im = to_im * from_re - to_re * from_im;
        const wide square = to_re * to_re + to_im * to_im;
        squared += square;
        fourth += square * square;
        wide_store(power + i, wide_root(re * re + im * im));
        wide_store(hz + i, angle_of(im, re) * d->to_hz);
    }
    for (unsigned i = 0; i < count; i++)
        mean[i] = d->power += (power[i] - d->power) * d->power_rate;
    for (unsigned i = 0; i < count; i++) {
        float weight = power[i] < mean[i] ? power[i] / mean[i] : mean[i] > 0.0F ? 1.0F : 0.0F;
        hz[i] *= weight;
        audio[i] = hz[i] * (float)(1.0 / FULL_SCALE_HZ);
        sum_weight += weight;
        sum_hz += hz[i];
    }
    remember(d, squared, fourth, sum_weight, count);
    steer(d, sum_hz);
}

size_t discriminator_execute(struct discriminator *d, const float complex *iq, size_t count, float *audio,
                             size_t *taken)
{
    size_t made = 0, i = 0;
    while (i < count && made < DISCRIMINATOR_CHUNK_MAX) {
        float complex low[1 + STEER + WIDE] = {d->last};
        size_t outputs = STEER - d->outputs % STEER, left = DISCRIMINATOR_CHUNK_MAX - made;
        outputs = outputs < left ? outputs : left;
        size_t some = (outputs - 1) * d->decimation + iq_decimator_due(d->filter);
        some = some < count - i ? some : count - i;
        mix(d, iq + i, (unsigned)some, iq_decimator_place(d->filter));
        unsigned fresh = iq_decimator_execute(d->filter, (unsigned)some, low + 1);
        demodulate(d, low, fresh, audio + made);
        d->last = low[fresh];
        made += fresh;
        i += some;
    }
    *taken = i;
    return made;
}

/* The filter gives a group of inputs when its last has come; the discriminator stands between two outputs. */
double discriminator_input_time(const struct discriminator *d, double index)
{
    return (index + 0.5) * d->decimation - 1.0 - 0.5 * (d->taps - 1);
}

/* Sums over what is remembered of audio samples [from, to); returns the number of stretches. */
static unsigned gather(const struct discriminator *d, double from, double to, struct stretch *sum)
{
    const int64_t end = (int64_t)(d->outputs / STRETCH), oldest = end > STRETCHES ? end - STRETCHES : 0;
    unsigned count = 0;
    *sum = (struct stretch){0};
    for (int64_t s = (int64_t)(from / STRETCH) + 1; s < (int64_t)(to / STRETCH); s++) {
        if (s < oldest || s >= end)
            continue;
        const struct stretch *stretch = &d->memory[s % STRETCHES];
        sum->offset_hz += stretch->offset_hz;
        sum->squared += stretch->squared;
        sum->fourth += stretch->fourth;
        sum->weight += stretch->weight;
        sum->peak = fmaxf(sum->peak, stretch->peak);
        count++;
    }
    return count;
}

/* Of a constant envelope C and normal noise N the mean square is C + N, the mean fourth power C^2 + 4 C N + 2
 * N^2 (D. R. Pauluzzi, N. C. Beaulieu, A Comparison of SNR Estimation Techniques for the AWGN Channel, 2000).
 */
static float density_db_hz(const struct discriminator *d, const struct stretch *sum, unsigned count)
{
    const float mean = sum->squared / (float)count, carrier = 2.0F * mean * mean - sum->fourth / (float)count;
    if (!(carrier > 0.0F) || !(mean > sqrtf(carrier)))
        return NAN;
    return 10.0F * log10f(sqrtf(carrier) / (mean - sqrtf(carrier)) * d->noise_hz);
}

void discriminator_measure(const struct discriminator *d, double from, double to,
                           struct discriminator_figures *figures)
{
    struct stretch sum;
    const unsigned count = gather(d, from, to, &sum);
    figures->offset_hz = count ? sum.offset_hz / (float)count : NAN;
    figures->level_dbfs = sum.squared > 0.0F ? 10.0F * log10f(sum.squared / (float)count) : NAN;
    figures->peak = count ? sum.peak : NAN;
    figures->density_db_hz = density_db_hz(d, &sum, count);
}

/* Of a tone of that amplitude in the audio. Weighing makes it smaller, and so does the difference between
 * neighbouring phases, which is the mean of what lies between them. */
static float deviation_hz(const struct discriminator *d, double from, double to, double tone_hz,
                          float amplitude)
{
    struct stretch sum;
    const unsigned count = gather(d, from, to, &sum);
    const double half_turn = M_PI * tone_hz / d->audio_rate_hz;
    if (!(sum.weight > 0.0F) || !(tone_hz > 0.0))
        return NAN;
    return amplitude * (float)(FULL_SCALE_HZ * half_turn / sin(half_turn)) * (float)count / sum.weight;
}

/* The noise alone over the carrier, in a bit. */
static float bit_snr_db(double density_db_hz, double deviation, double bit_rate)
{
    const double seen = pow(10.0, -0.1 * density_db_hz);
    const double spoilt = pow(10.0, -0.1 * SPOILT_DB_HZ) * pow(deviation / SPOILT_AT_HZ, 6.0);
    const double noise = seen - (spoilt > 0.0 ? fmin(spoilt, SPOILT_MOST * seen) : 0.0);
    return (float)(-10.0 * log10(noise * bit_rate));
}

void discriminator_tell(const struct discriminator *discriminator, double bit_rate,
                        struct burst_figures *figures)
{
    struct discriminator_figures heard;
    discriminator_measure(discriminator, figures->first_sample, figures->end_sample, &heard);
    figures->deviation_hz = deviation_hz(discriminator, figures->first_sample, figures->end_sample,
                                         (double)figures->tone_hz, figures->tone_amplitude);
    if (bit_rate > 0.0)
        figures->snr_db = bit_snr_db((double)heard.density_db_hz, (double)figures->deviation_hz, bit_rate);
    figures->offset_hz = heard.offset_hz;
    figures->level_dbfs = heard.level_dbfs;
    figures->peak = heard.peak;
    figures->first_sample = discriminator_input_time(discriminator, figures->first_sample);
    figures->end_sample = discriminator_input_time(discriminator, figures->end_sample);
}
