/* SPDX-License-Identifier: Apache-2.0 */
#include "biphase_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <fftw3.h>

#include "band_blocks.h"

#define REACH_HZ   10500.0 /* 406.022 to 406.076 MHz is more than one channel; +-10 kHz is promised */
#define EDGE_HZ    800.0   /* of the rate, where the receiver's filters fall */
#define LOOK_S     0.080
#define STANDS_OUT 12.0F /* times the mean of the neighbouring bins; one in 160,000 of noise */
#define HOPELESS   0.2F  /* whatever the bits' clock */
#define LIKENESS   0.42F /* of noise one in 250,000; at 2 dB of Eb/N0 the mean is 0.53 */

enum {
    NEAR_BINS = 64, /* neighbours on either side, */
    CLOSE_BINS = 6, /* without those that belong to the line itself */
    SLICES_A_SECOND = 400 * BIPHASE_SLICES_PER_BIT,
    LOOK_SLICES = SLICES_A_SECOND * 8 / 100,
    FIRST_SLICE = LOOK_SLICES - 32, /* 10 ms before and 50 ms after the end of what was looked at */
    LAST_SLICE = LOOK_SLICES + 160,
    SLICES = LAST_SLICE + BIPHASE_SLICES_KNOWN + 8
};

struct biphase_search {
    double rate_hz, slice; /* samples in a slice */
    unsigned look, size;   /* samples looked at; with the zeros behind them */
    unsigned reach;        /* bins on either side of 0 */
    fftwf_plan plan;
    float complex *input, *spectrum; /* [size: size] */
    float *power, *sum; /* [size: 2 reach + 1 + 1]: from the lowest frequency up; sums of all before */
    float complex slices[SLICES], d[SLICES];
};

/* The next size that FFTW likes. */
static unsigned size_from(unsigned least)
{
    for (unsigned size = least;; size++) {
        unsigned rest = size;
        for (unsigned prime = 2; prime <= 5; prime++)
            while (rest % prime == 0)
                rest /= prime;
        if (rest == 1)
            return size;
    }
}

enum atalaya_result biphase_search_create(struct biphase_search **search, double rate_hz)
{
    struct biphase_search *s = calloc(1, sizeof *s);
    if (!s)
        return ATALAYA_E_MEMORY;
    s->rate_hz = rate_hz;
    s->slice = rate_hz / SLICES_A_SECOND;
    s->look = (unsigned)(rate_hz * LOOK_S);
    s->size = size_from(2 * s->look);
    s->reach = (unsigned)(fmin(REACH_HZ, 0.5 * rate_hz - EDGE_HZ) / rate_hz * s->size);
    s->input = fftwf_alloc_complex(s->size);
    s->spectrum = fftwf_alloc_complex(s->size);
    s->power = calloc(2 * s->reach + 2, sizeof *s->power);
    s->sum = calloc(2 * s->reach + 2, sizeof *s->sum);
    if (s->input && s->spectrum && s->power && s->sum && band_planner_lock()) {
        s->plan = fftwf_plan_dft_1d((int)s->size, s->input, s->spectrum, FFTW_FORWARD, FFTW_ESTIMATE);
        band_planner_unlock();
    }
    if (!s->plan) {
        biphase_search_destroy(s);
        return ATALAYA_E_MEMORY;
    }
    memset(s->input, 0, s->size * sizeof *s->input);
    *search = s;
    return ATALAYA_OK;
}

void biphase_search_destroy(struct biphase_search *search)
{
    if (!search)
        return;
    if (search->plan && band_planner_lock()) {
        fftwf_destroy_plan(search->plan);
        band_planner_unlock();
    }
    fftwf_free(search->input);
    fftwf_free(search->spectrum);
    free(search->power);
    free(search->sum);
    free(search);
}

static float power_of(float complex z)
{
    return crealf(z) * crealf(z) + cimagf(z) * cimagf(z);
}

static void spectrum_make(struct biphase_search *s, const float complex *z)
{
    const unsigned bins = 2 * s->reach + 1;
    double sum = 0.0;
    memcpy(s->input, z, s->look * sizeof *z);
    fftwf_execute(s->plan);
    for (unsigned i = 0; i < bins; i++) {
        s->power[i] = power_of(s->spectrum[(i + s->size - s->reach) % s->size]);
        s->sum[i] = (float)sum;
        sum += (double)s->power[i];
    }
    s->sum[bins] = (float)sum;
}

/* The mean of a bin's neighbours that are not the line itself. */
static float mean_around(const struct biphase_search *s, unsigned bin)
{
    const unsigned bins = 2 * s->reach + 1;
    unsigned low = bin > NEAR_BINS ? bin - NEAR_BINS : 0;
    unsigned high = bin + NEAR_BINS < bins ? bin + NEAR_BINS : bins;
    unsigned from = bin > CLOSE_BINS ? bin - CLOSE_BINS : 0;
    unsigned to = bin + CLOSE_BINS + 1 < bins ? bin + CLOSE_BINS + 1 : bins;
    float sum = s->sum[high] - s->sum[low] - (s->sum[to] - s->sum[from]);
    return fmaxf(sum, 0.0F) / (float)(high - low - (to - from));
}

static bool is_line(const struct biphase_search *s, unsigned bin)
{
    const float *power = s->power;
    const unsigned bins = 2 * s->reach + 1;
    if ((bin > 0 && power[bin] < power[bin - 1]) || (bin + 1 < bins && power[bin] <= power[bin + 1]))
        return false;
    return power[bin] > STANDS_OUT * mean_around(s, bin) && power[bin] > 1e-20F;
}

/* Lines in the order of their strength. */
static unsigned lines_find(const struct biphase_search *s, unsigned bins[static BIPHASE_FINDS_MAX])
{
    unsigned count = 0;
    for (unsigned bin = 0; bin < 2 * s->reach + 1; bin++) {
        if (!is_line(s, bin))
            continue;
        unsigned at = count < BIPHASE_FINDS_MAX ? count++ : BIPHASE_FINDS_MAX;
        for (; at > 0 && s->power[bins[at - 1]] < s->power[bin]; at--)
            if (at < BIPHASE_FINDS_MAX)
                bins[at] = bins[at - 1];
        if (at < BIPHASE_FINDS_MAX)
            bins[at] = bin;
    }
    return count;
}

/* Sums of the mixed samples over each slice; a sample on a border belongs to both by its parts. */
static void slices_make(struct biphase_search *s, const float complex *z, double turn)
{
    const float complex step = (float)cos(turn) - (float)sin(turn) * (float complex)_Complex_I;
    float complex mixer = 1.0F, sum = 0.0F;
    double end = s->slice;
    for (unsigned i = 0, k = 0; k < SLICES; i++) {
        float complex mixed = z[i] * mixer;
        mixer *= step;
        if (i % 64 == 63) /* keeps to the unit circle */
            mixer *= 1.5F - 0.5F * power_of(mixer);
        if ((double)i + 1.0 < end) {
            sum += mixed;
            continue;
        }
        float before = (float)(end - (double)i);
        s->slices[k++] = sum + before * mixed;
        sum = (1.0F - before) * mixed;
        end = s->slice * (k + 1);
    }
}

/* The carrier's turn that is left after mixing, from the halves of what was looked at; taken out. Returns it,
 * in radians a slice. */
static double slices_straighten(struct biphase_search *s)
{
    float complex first = 0.0F, second = 0.0F;
    for (unsigned k = 0; k < LOOK_SLICES / 2; k++) {
        first += s->slices[k];
        second += s->slices[LOOK_SLICES / 2 + k];
    }
    double turn = (double)cargf(second * conjf(first)) / (LOOK_SLICES / 2);
    const double complex step = cos(turn) - sin(turn) * (double complex)_Complex_I;
    double complex mixer = 1.0;
    for (unsigned k = 0; k < SLICES; k++) {
        s->slices[k] *= (float complex)mixer;
        mixer *= step;
    }
    return turn;
}

/* Known bits behind the line that turns so much a sample. z: the samples looked at and those after them. */
static bool try_line(struct biphase_search *s, const float complex *z, double turn, struct biphase_find *find)
{
    static const double stretches[] = {1.0, 0.9933, 1.0067};
    slices_make(s, z, turn);
    find->turn = turn + slices_straighten(s) / s->slice;
    for (unsigned n = FIRST_SLICE; n + 8 <= SLICES; n++) {
        float complex early = 0.0F, late = 0.0F;
        for (unsigned i = 0; i < 4; i++) {
            early += s->slices[n + i];
            late += s->slices[n + 4 + i];
        }
        s->d[n] = early - late;
    }
    find->likeness = 0.0F;
    for (unsigned n = FIRST_SLICE; n < LAST_SLICE; n++)
        for (unsigned i = 0; i < sizeof stretches / sizeof *stretches; i++) {
            float likeness = biphase_compare(s->d + n, stretches[i]);
            if (i == 0 && likeness < HOPELESS)
                break;
            if (likeness <= find->likeness)
                continue;
            find->likeness = likeness;
            find->start = n * s->slice;
            find->bit = BIPHASE_SLICES_PER_BIT * s->slice * stretches[i];
        }
    return find->likeness > LIKENESS;
}

unsigned biphase_search_execute(struct biphase_search *s, const struct biphase_window *window, uint64_t at,
                                struct biphase_find finds[static BIPHASE_FINDS_MAX])
{
    unsigned bins[BIPHASE_FINDS_MAX], count = 0;
    const uint64_t oldest = window->total - window->count, from = at - s->look;
    const float complex *z = window->z + (from - oldest);
    spectrum_make(s, z);
    unsigned lines = lines_find(s, bins);
    for (unsigned i = 0; i < lines; i++) {
        double turn = 2.0 * M_PI * ((double)bins[i] - s->reach) / s->size;
        if (!try_line(s, z, turn, &finds[count]))
            continue;
        finds[count].start += (double)from;
        finds[count].power = s->power[bins[i]];
        count++;
    }
    return count;
}
