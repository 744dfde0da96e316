/* SPDX-License-Identifier: Apache-2.0 */
/* FFTW as in the channelizer; the window is the 4-term one of F. J. Harris, On the Use of Windows for
 * Harmonic Analysis with the Discrete Fourier Transform, 1978. */
#include "atalaya/dsp/spectrum.h"

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "band_blocks.h"

struct spectrum {
    bool iq;
    unsigned bins, length; /* of a transform: of audio twice the bins */
    size_t filled;
    unsigned count;
    float *window;
    double *power;
    fftwf_complex *in, *out;
    fftwf_plan plan;
};

static void fill_window(struct spectrum *s)
{
    const double a[] = {0.35875, 0.48829, 0.14128, 0.01168};
    double sum = 0.0;
    for (unsigned i = 0; i < s->length; i++) {
        double x = 2.0 * M_PI * i / s->length;
        double w = a[0] - a[1] * cos(x) + a[2] * cos(2.0 * x) - a[3] * cos(3.0 * x);
        s->window[i] = (float)w;
        sum += w;
    }
    /* A sine has half its amplitude on either side. */
    for (unsigned i = 0; i < s->length; i++)
        s->window[i] *= (float)((s->iq ? 1.0 : 2.0) / sum);
}

enum atalaya_result spectrum_create(struct spectrum **spectrum, unsigned bins, bool iq)
{
    if (bins < SPECTRUM_BINS_MIN || bins > SPECTRUM_BINS_MAX)
        return ATALAYA_E_ARGUMENT;
    struct spectrum *s = calloc(1, sizeof *s);
    if (s == NULL)
        return ATALAYA_E_MEMORY;
    s->iq = iq;
    s->bins = bins;
    s->length = iq ? bins : 2 * bins;
    s->window = calloc(s->length, sizeof *s->window);
    s->power = calloc(bins, sizeof *s->power);
    s->in = fftwf_alloc_complex(s->length);
    s->out = fftwf_alloc_complex(s->length);
    if (s->in != NULL && s->out != NULL && band_planner_lock()) {
        s->plan = fftwf_plan_dft_1d((int)s->length, s->in, s->out, FFTW_FORWARD, FFTW_ESTIMATE);
        band_planner_unlock();
    }
    if (s->window == NULL || s->power == NULL || s->plan == NULL) {
        spectrum_destroy(s);
        return ATALAYA_E_MEMORY;
    }
    fill_window(s);
    *spectrum = s;
    return ATALAYA_OK;
}

static void transform(struct spectrum *s)
{
    fftwf_execute(s->plan);
    for (unsigned i = 0; i < s->bins; i++) {
        unsigned from = s->iq ? (i + s->length / 2) % s->length : i;
        double re = (double)crealf(s->out[from]), im = (double)cimagf(s->out[from]);
        s->power[i] += re * re + im * im;
    }
    s->count++;
    s->filled = 0;
}

/* Not finite, or beyond what any receiver gives: nothing. */
static float tamed(float sample)
{
    return fabsf(sample) <= 64.0F ? sample : 0.0F;
}

void spectrum_execute(struct spectrum *s, const float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float window = s->window[s->filled];
        float re = tamed(samples[s->iq ? 2 * i : i]), im = s->iq ? tamed(samples[2 * i + 1]) : 0.0F;
        s->in[s->filled] = window * (re + im * _Complex_I);
        if (++s->filled == s->length)
            transform(s);
    }
}

unsigned spectrum_take(struct spectrum *s, float *power)
{
    unsigned count = s->count;
    for (unsigned i = 0; i < s->bins && count > 0; i++)
        power[i] = (float)(s->power[i] / count);
    memset(s->power, 0, s->bins * sizeof *s->power);
    s->count = 0;
    return count;
}

void spectrum_reset(struct spectrum *s)
{
    memset(s->power, 0, s->bins * sizeof *s->power);
    s->count = 0;
    s->filled = 0;
}

void spectrum_destroy(struct spectrum *s)
{
    if (s == NULL)
        return;
    if (s->plan != NULL) {
        bool locked = band_planner_lock();
        fftwf_destroy_plan(s->plan);
        if (locked)
            band_planner_unlock();
    }
    fftwf_free(s->in);
    fftwf_free(s->out);
    free(s->window);
    free(s->power);
    free(s);
}
