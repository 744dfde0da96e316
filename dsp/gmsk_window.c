/* SPDX-License-Identifier: Apache-2.0 */
#include "gmsk_window.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

void gmsk_filter_init(struct gmsk_filter *filter, double samples_a_bit, double reach,
                      double (*response)(double t), int matched)
{
    unsigned half = (unsigned)ceil(reach * samples_a_bit);
    memset(filter, 0, sizeof *filter);
    filter->taps = 2 * half < GMSK_TAPS_MAX ? 2 * half : GMSK_TAPS_MAX;
    for (unsigned p = 0; p <= GMSK_PHASES; p++) {
        double sum = 0.0;
        for (unsigned i = 0; i < filter->taps; i++) {
            /* tap i multiplies the sample at floor(at) - taps / 2 + 1 + i */
            double t = ((double)i + 1.0 - 0.5 * filter->taps - (double)p / GMSK_PHASES) / samples_a_bit;
            double value = response(t);
            filter->table[p][i] = (float)value;
            sum += matched ? value * value : value;
        }
        for (unsigned i = 0; i < filter->taps; i++)
            filter->table[p][i] /= (float)sum;
    }
}

void gmsk_window_push(struct gmsk_window *window, float complex sample)
{
    unsigned slot = (unsigned)(window->total++ % GMSK_RING);
    window->ring[slot] = sample;
    if (slot < GMSK_TAPS_MAX)
        window->ring[GMSK_RING + slot] = sample;
}

/* Samples and taps of the sum at an instant; false before there are any. */
static bool place_find(const struct gmsk_window *window, const struct gmsk_filter *filter, double at,
                       const float complex **sample, const float **tap)
{
    double whole = floor(at);
    unsigned phase = (unsigned)((at - whole) * GMSK_PHASES + 0.5);
    int64_t first = (int64_t)whole - (int64_t)filter->taps / 2 + 1;
    if (first < 0)
        return false;
    *sample = window->ring + (uint64_t)first % GMSK_RING;
    *tap = filter->table[phase];
    return true;
}

float complex gmsk_window_read(const struct gmsk_window *window, const struct gmsk_filter *filter, double at)
{
    const float complex *sample;
    const float *tap;
    if (!place_find(window, filter, at, &sample, &tap))
        return 0.0F;
    float re = 0.0F, im = 0.0F;
    for (unsigned i = 0; i < filter->taps; i++) {
        re += crealf(sample[i]) * tap[i];
        im += cimagf(sample[i]) * tap[i];
    }
    return re + im * (float complex)_Complex_I;
}

void gmsk_mixer_tune(struct gmsk_mixer *mixer, const struct gmsk_filter *filter, double turn)
{
    mixer->turn = turn;
    for (unsigned i = 0; i < filter->taps; i++)
        mixer->rotor[i] =
            (float complex)cexp(-(double complex)_Complex_I * turn * ((double)i + 1.0 - 0.5 * filter->taps));
}

float complex gmsk_window_mix(const struct gmsk_window *window, const struct gmsk_filter *filter,
                              const struct gmsk_mixer *mixer, double at)
{
    const float complex *sample;
    const float *tap;
    if (!place_find(window, filter, at, &sample, &tap))
        return 0.0F;
    float re = 0.0F, im = 0.0F;
    for (unsigned i = 0; i < filter->taps; i++) {
        float cosine = crealf(mixer->rotor[i]) * tap[i], sine = cimagf(mixer->rotor[i]) * tap[i];
        re += crealf(sample[i]) * cosine - cimagf(sample[i]) * sine;
        im += crealf(sample[i]) * sine + cimagf(sample[i]) * cosine;
    }
    double rest = (at - floor(at)) * mixer->turn;
    return (re + im * (float complex)_Complex_I) * (float complex)cexp((double complex)_Complex_I * rest);
}
