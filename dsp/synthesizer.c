/* SPDX-License-Identifier: Apache-2.0 */
#include "synthesizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <fftw3.h>

#include "band_blocks.h"

struct width {
    float *mask;
    fftwf_plan forward; /* NULL: not used so far */
};

struct synthesizer {
    struct band_blocks blocks;
    uint64_t block;                   /* the one under way */
    fftwf_plan inverse;               /* spectrum -> output */
    float complex *spectrum, *output; /* [size: blocks.size] */
    float complex *narrow, *bins;     /* [size: blocks.size] */
    struct width widths[BAND_UNITS_MAX + 1];
};

static bool width_create(struct synthesizer *s, unsigned width)
{
    struct width *made = &s->widths[width];
    unsigned bins = band_bins(&s->blocks, width);
    made->mask = malloc(bins * sizeof *made->mask);
    made->forward = fftwf_plan_dft_1d((int)bins, s->narrow, s->bins, FFTW_FORWARD, FFTW_ESTIMATE);
    if (!made->mask || !made->forward)
        return false;
    band_mask(&s->blocks, width, 1.0 / bins, made->mask);
    return true;
}

static bool create_plans(struct synthesizer *s)
{
    int size = (int)s->blocks.size;
    s->inverse = fftwf_plan_dft_1d(size, s->spectrum, s->output, FFTW_BACKWARD, FFTW_ESTIMATE);
    for (unsigned width = 0; width <= BAND_UNITS_MAX; width++)
        if (band_bins(&s->blocks, width) <= s->blocks.size && !width_create(s, width))
            return false;
    return s->inverse != NULL;
}

enum atalaya_result synthesizer_create(struct synthesizer **synthesizer, double rate_hz)
{
    if (!band_rate_valid(rate_hz))
        return ATALAYA_E_ARGUMENT;
    struct synthesizer *s = calloc(1, sizeof *s);
    if (!s)
        return ATALAYA_E_MEMORY;
    band_blocks_init(&s->blocks, rate_hz);
    const size_t size = s->blocks.size * sizeof *s->spectrum;
    s->spectrum = fftwf_malloc(size);
    s->output = fftwf_malloc(size);
    s->narrow = fftwf_malloc(size);
    s->bins = fftwf_malloc(size);
    bool good = s->spectrum && s->output && s->narrow && s->bins && band_planner_lock();
    if (good) {
        good = create_plans(s);
        band_planner_unlock();
    }
    if (!good) {
        synthesizer_destroy(s);
        return ATALAYA_E_MEMORY;
    }
    memset(s->spectrum, 0, size);
    *synthesizer = s;
    return ATALAYA_OK;
}

void synthesizer_destroy(struct synthesizer *s)
{
    if (!s)
        return;
    bool locked = band_planner_lock();
    if (s->inverse)
        fftwf_destroy_plan(s->inverse);
    for (unsigned width = 0; width <= BAND_UNITS_MAX; width++)
        if (s->widths[width].forward)
            fftwf_destroy_plan(s->widths[width].forward);
    if (locked)
        band_planner_unlock();
    for (unsigned width = 0; width <= BAND_UNITS_MAX; width++)
        free(s->widths[width].mask);
    fftwf_free(s->spectrum);
    fftwf_free(s->output);
    fftwf_free(s->narrow);
    fftwf_free(s->bins);
    free(s);
}

unsigned synthesizer_width(const struct synthesizer *s, double rate_hz)
{
    return band_units(&s->blocks, rate_hz);
}

double synthesizer_rate_hz(const struct synthesizer *s, unsigned width)
{
    return s->blocks.rate_hz * band_bins(&s->blocks, width) / s->blocks.size;
}

double synthesizer_index(const struct synthesizer *s, unsigned width, double sample)
{
    return (sample + s->blocks.lead) * band_bins(&s->blocks, width) / s->blocks.size -
           band_lead(&s->blocks, width);
}

static unsigned bin_of(const struct synthesizer *s, double offset_hz)
{
    int64_t whole = (int64_t)round(offset_hz * s->blocks.size / s->blocks.rate_hz);
    return (unsigned)(whole + s->blocks.size) % s->blocks.size;
}

double synthesizer_bin_hz(const struct synthesizer *s, double offset_hz)
{
    return round(offset_hz * s->blocks.size / s->blocks.rate_hz) * s->blocks.rate_hz / s->blocks.size;
}

float complex *synthesizer_place(struct synthesizer *s, unsigned width, int64_t *first, size_t *count)
{
    *first = (int64_t)s->block * band_hop(&s->blocks, width) - band_lead(&s->blocks, width);
    *count = band_bins(&s->blocks, width);
    return s->narrow;
}

void synthesizer_add(struct synthesizer *s, unsigned width, double offset_hz)
{
    const struct width *used = &s->widths[width];
    const uint64_t size = s->blocks.size, bins = band_bins(&s->blocks, width), low = bins / 2;
    const uint64_t bin = bin_of(s, offset_hz);
    /* The bin's carrier starts anew with each block; it is turned to where it would be had it run on. */
    uint64_t start = s->block % size * s->blocks.advance % size;
    double turn = 2.0 * M_PI * (double)(start * bin % size) / (double)size;
    float complex phase = (float complex)cexp(turn * (double complex)_Complex_I);
    fftwf_execute(used->forward);
    uint64_t to = (bin + size - low) % size;
    for (uint64_t b = 0; b < bins; b++) { /* from the lowest frequency to the highest */
        s->spectrum[to] += s->bins[(b + bins - low) % bins] * (used->mask[b] * phase);
        to = to + 1 < size ? to + 1 : 0;
    }
}

const float complex *synthesizer_execute(struct synthesizer *s, size_t *count)
{
    fftwf_execute(s->inverse);
    memset(s->spectrum, 0, s->blocks.size * sizeof *s->spectrum);
    s->block++;
    *count = s->blocks.advance;
    return s->output + s->blocks.lead;
}
