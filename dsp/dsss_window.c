/* SPDX-License-Identifier: Apache-2.0 */
#include "dsss_window.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wide.h"

enum { PARTS = 16 /* of a sample, for its average */ };

enum atalaya_result dsss_window_create(struct dsss_window *window, double rate_hz)
{
    *window = (struct dsss_window){.size = 1};
    while (window->size < DSSS_WINDOW_S * rate_hz + DSSS_TAPS_MAX)
        window->size *= 2;
    window->ring = calloc(window->size + DSSS_TAPS_MAX, sizeof *window->ring);
    return window->ring ? ATALAYA_OK : ATALAYA_E_MEMORY;
}

void dsss_window_reset(struct dsss_window *window)
{
    memset(window->ring, 0, (window->size + DSSS_TAPS_MAX) * sizeof *window->ring);
    window->total = 0;
}

void dsss_window_push(struct dsss_window *window, float complex sample)
{
    unsigned slot = (unsigned)(window->total++ & (window->size - 1));
    window->ring[slot] = sample;
    if (slot < DSSS_TAPS_MAX)
        window->ring[window->size + slot] = sample;
}

void dsss_window_destroy(struct dsss_window *window)
{
    free(window->ring);
    window->ring = NULL;
}

/* The mean over the sample around instant t, in chips. */
static double mean_over_sample(double (*response)(double t), double t, double samples_a_chip)
{
    double sum = 0.0;
    for (int i = 0; i < PARTS; i++)
        sum += response(t + ((i + 0.5) / PARTS - 0.5) / samples_a_chip);
    return sum / PARTS;
}

void dsss_filter_init(struct dsss_filter *filter, double samples_a_chip, double reach,
                      double (*response)(double t), double (*sent)(double t))
{
    unsigned half = (unsigned)ceil(reach * samples_a_chip + 0.5);
    memset(filter, 0, sizeof *filter);
    filter->taps = 2 * half < DSSS_TAPS_MAX ? 2 * half : DSSS_TAPS_MAX; /* and 0 to the next multiple of 4 */
    for (unsigned p = 0; p <= DSSS_PHASES; p++) {
        double sum = 0.0;
        for (unsigned i = 0; i < filter->taps; i++) {
            /* tap i multiplies the sample at floor(at) - taps / 2 + 1 + i */
            double t = ((double)i + 1.0 - 0.5 * filter->taps - (double)p / DSSS_PHASES) / samples_a_chip;
            double value = mean_over_sample(response, t, samples_a_chip);
            filter->table[p][i] = (float)value;
            sum += sent ? value * mean_over_sample(sent, t, samples_a_chip) : value;
        }
        for (unsigned i = 0; i < filter->taps; i++)
            filter->table[p][i] /= (float)sum;
    }
}

float complex dsss_window_read(const struct dsss_window *window, const struct dsss_filter *filter, double at)
{
    double whole = floor(at);
    unsigned phase = (unsigned)((at - whole) * DSSS_PHASES + 0.5);
    int64_t first = (int64_t)whole - (int64_t)filter->taps / 2 + 1;
    const float *sample = (const float *)(window->ring + ((uint64_t)first & (window->size - 1)));
    const float *tap = filter->table[phase];
    wide even = {0.0F}, odd = {0.0F}; /* real, imaginary, real, imaginary */
    for (unsigned i = 0; i < filter->taps; i += 4) {
        wide t = wide_load(tap + i);
        even += wide_load(sample + 2 * i) * __builtin_shufflevector(t, t, 0, 0, 1, 1);
        odd += wide_load(sample + 2 * i + 4) * __builtin_shufflevector(t, t, 2, 2, 3, 3);
    }
    even += odd;
    return even[0] + even[2] + (even[1] + even[3]) * (float complex)_Complex_I;
}
