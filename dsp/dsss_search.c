/* SPDX-License-Identifier: Apache-2.0 */
/* First step: SEGMENTS pieces of the preamble, each correlated by FFT at all chips and all carriers, their
 * energies added. Second step, where that is high: all of the preamble, taken together. */
#include "dsss_search.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dsss_pulse.h"
#include "dsss_verify.h"
#include "transform.h"
#include "wide.h"

enum {
    SEGMENTS = 4,
    SEGMENT = 1024,     /* chips of one: 26.7 ms */
    SIZE = 2 * SEGMENT, /* of an FFT: 18.75 Hz from bin to bin */
    MIXES = 2,          /* carriers are STEP bins apart, */
    STEP_TWICE = 3,     /* which is one and a half */
    HOP = SEGMENT,      /* chips of a block, each the first of a preamble or not */
    HELD = HOP + DSSS_PREAMBLE_CHIPS,
    PULSE_REACH = 5, /* chips that a chip is spread over by pulse and low-pass */
    PULSE_PARTS = 64
};
#define BAND       0.45  /* of the chip rate: where the low-pass ends */
#define LEAST      14.5F /* energy over the noise's of the first step: so much in 1 % of all chips */
#define LEAST_SURE 16.0F /* ... and of the second */

/* Twice in a row, so that it can be read from any bin on. */
struct spectrum {
    float re[2 * SIZE], im[2 * SIZE];
};

struct dsss_search {
    struct transform forward, inverse;
    struct spectrum *segment[DSSS_SEQUENCES]; /* conjugated [SEGMENTS] */
    struct spectrum *heard[MIXES];            /* the input [SEGMENTS] */
    float reference_re[DSSS_SEQUENCES][DSSS_PREAMBLE_CHIPS],
        reference_im[DSSS_SEQUENCES][DSSS_PREAMBLE_CHIPS];
    double energy[DSSS_SEQUENCES]; /* that noise of power 1 a sample leaves of the reference */
    float noise_power[SIZE];       /* noise behind the low-pass, over its mean */
    float between;                 /* power of noise at a chip over that of two chips' sum */
    float held_re[HELD], held_im[HELD];
    double power[HELD + 1]; /* of all before */
    unsigned filled;
    uint64_t first;            /* sample of held[0] */
    float at[HOP], later[HOP]; /* energies of a carrier: at a chip, and half a chip later */
    float best[HOP], carrier[HOP];
    struct spectrum *memory;
};

/* A windowed sinc. */
double dsss_search_lowpass(double t)
{
    if (fabs(t) >= DSSS_SEARCH_REACH)
        return 0.0;
    double x = 2.0 * M_PI * BAND * t, window = 0.5 + 0.5 * cos(M_PI * t / DSSS_SEARCH_REACH);
    return window * (fabs(x) < 1e-9 ? 1.0 : sin(x) / x);
}

/* What is left of a chip, t chips from its middle. */
static double filtered_pulse(double t)
{
    double sum = 0.0;
    for (int i = 0; i < PULSE_PARTS; i++) {
        double u = (i + 0.5) / PULSE_PARTS - 0.5;
        sum += dsss_pulses[DSSS_HALF_SINE].at(u) * dsss_search_lowpass(t - u);
    }
    return sum / PULSE_PARTS;
}

static void reference_make(const struct dsss_code *code, float *reference_re, float *reference_im)
{
    double on_i[2 * PULSE_REACH + 1], on_q[2 * PULSE_REACH + 1];
    for (int d = -PULSE_REACH; d <= PULSE_REACH; d++) {
        on_i[d + PULSE_REACH] = filtered_pulse(d);
        on_q[d + PULSE_REACH] = filtered_pulse(d - 0.5);
    }
    for (int n = 0; n < DSSS_PREAMBLE_CHIPS; n++) {
        double re = 0.0, im = 0.0;
        for (int d = -PULSE_REACH; d <= PULSE_REACH; d++) {
            int chip = n - d;
            if (chip < 0) /* what comes after the preamble is not known */
                continue;
            re += chip < DSSS_PREAMBLE_CHIPS ? code->i[chip] * on_i[d + PULSE_REACH] : 0.0;
            im += chip < DSSS_PREAMBLE_CHIPS ? code->q[chip] * on_q[d + PULSE_REACH] : 0.0;
        }
        reference_re[n] = (float)re;
        reference_im[n] = (float)im;
    }
}

static double energy_of(const float *re, const float *im, unsigned count)
{
    double sum = 0.0;
    for (unsigned n = 0; n < count; n++)
        sum += (double)(re[n] * re[n] + im[n] * im[n]);
    return sum;
}

/* White noise behind the low-pass, by frequency. */
static void noise_make(struct dsss_search *search)
{
    const double step = 0.125;
    double sum = 0.0;
    for (unsigned b = 0; b < SIZE; b++) {
        double turn = 2.0 * M_PI * b / SIZE, gain = 0.5 * step;
        for (double t = step; t < DSSS_SEARCH_REACH; t += step)
            gain += step * dsss_search_lowpass(t) * cos(turn * t);
        search->noise_power[b] = (float)(gain * gain);
        sum += gain * gain;
    }
    for (unsigned b = 0; b < SIZE; b++)
        search->noise_power[b] *= (float)(SIZE / sum);
}

static void spectrum_take(struct spectrum *spectrum, const float complex *bins, float scale, bool conjugate)
{
    for (unsigned b = 0; b < SIZE; b++) {
        spectrum->re[b] = spectrum->re[b + SIZE] = scale * crealf(bins[b]);
        spectrum->im[b] = spectrum->im[b + SIZE] = (conjugate ? -scale : scale) * cimagf(bins[b]);
    }
}

/* Segments' spectra, scaled so that the noise of a correlation has the power of one sample. */
static void segments_make(struct dsss_search *search, unsigned sequence)
{
    double at = 0.0, next = 0.0, all = 0.0;
    for (unsigned s = 0; s < SEGMENTS; s++) {
        const float *re = search->reference_re[sequence] + s * SEGMENT;
        const float *im = search->reference_im[sequence] + s * SEGMENT;
        struct spectrum *segment = &search->segment[sequence][s];
        double noise = 0.0;
        memset(search->forward.in, 0, SIZE * sizeof *search->forward.in);
        for (unsigned n = 0; n < SEGMENT; n++)
            search->forward.in[n] = re[n] + im[n] * (float complex)_Complex_I;
        transform_execute(&search->forward);
        for (unsigned b = 0; b < SIZE; b++) {
            float complex value = search->forward.out[b];
            float power = crealf(value) * crealf(value) + cimagf(value) * cimagf(value);
            noise += (double)(power * search->noise_power[b]) / SIZE;
            next += (double)(power * search->noise_power[b]) / SIZE * cos(2.0 * M_PI * b / SIZE);
        }
        spectrum_take(segment, search->forward.out, (float)(1.0 / (SIZE * sqrt(noise))), true);
        at += noise;
        all += energy_of(re, im, SEGMENT);
    }
    search->between = (float)(0.5 * at / (at + next));
    search->energy[sequence] =
        at / all *
        energy_of(search->reference_re[sequence], search->reference_im[sequence], DSSS_PREAMBLE_CHIPS);
}

static enum atalaya_result tables_create(struct dsss_search *search)
{
    search->memory = calloc((DSSS_SEQUENCES + MIXES) * (size_t)SEGMENTS, sizeof *search->memory);
    if (!search->memory)
        return ATALAYA_E_MEMORY;
    for (unsigned q = 0; q < DSSS_SEQUENCES; q++)
        search->segment[q] = search->memory + (size_t)q * SEGMENTS;
    for (unsigned m = 0; m < MIXES; m++)
        search->heard[m] = search->memory + ((size_t)DSSS_SEQUENCES + m) * SEGMENTS;
    return ATALAYA_OK;
}

enum atalaya_result dsss_search_create(struct dsss_search **search, const struct dsss_code *code)
{
    struct dsss_search *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    if (transform_create(&made->forward, SIZE, false) != ATALAYA_OK ||
        transform_create(&made->inverse, SIZE, true) != ATALAYA_OK || tables_create(made) != ATALAYA_OK) {
        dsss_search_destroy(made);
        return ATALAYA_E_MEMORY;
    }
    noise_make(made);
    for (unsigned q = 0; q < DSSS_SEQUENCES; q++) {
        reference_make(&code[q], made->reference_re[q], made->reference_im[q]);
        segments_make(made, q);
    }
    dsss_search_reset(made);
    *search = made;
    return ATALAYA_OK;
}

void dsss_search_reset(struct dsss_search *search)
{
    search->filled = 0;
    search->first = 0;
}

void dsss_search_destroy(struct dsss_search *search)
{
    if (!search)
        return;
    transform_destroy(&search->forward);
    transform_destroy(&search->inverse);
    free(search->memory);
    free(search);
}

/* The input's spectra: of each segment's block, and moved by half a bin. */
static void spectra_make(struct dsss_search *search)
{
    for (unsigned m = 0; m < MIXES; m++) {
        double turn = -2.0 * M_PI * m / (MIXES * (double)SIZE);
        float complex step = (float complex)cexp(turn * (double complex)_Complex_I);
        for (unsigned s = 0; s < SEGMENTS; s++) {
            float complex rotor = 1.0F;
            for (unsigned n = 0; n < SIZE; n++, rotor *= step)
                search->forward.in[n] = (search->held_re[s * SEGMENT + n] +
                                         search->held_im[s * SEGMENT + n] * (float complex)_Complex_I) *
                                        rotor;
            transform_execute(&search->forward);
            spectrum_take(&search->heard[m][s], search->forward.out, 1.0F, false);
        }
    }
}

/* The product of both from heard's bin `from` on, to where the inverse FFT takes it. */
static void product_make(const struct spectrum *heard, unsigned from, const struct spectrum *segment,
                         float *product)
{
    for (unsigned b = 0; b < SIZE; b += WIDE) {
        wide a = wide_load(heard->re + from + b), c = wide_load(heard->im + from + b);
        wide u = wide_load(segment->re + b), v = wide_load(segment->im + b);
        wide re = a * u - c * v, im = a * v + c * u;
        wide_store(product + 2 * b, __builtin_shufflevector(re, im, 0, 4, 1, 5));
        wide_store(product + 2 * b + WIDE, __builtin_shufflevector(re, im, 2, 6, 3, 7));
    }
}

/* Adds a segment's energies at every chip, and half a chip later, where its neighbours are alike. */
static void energies_add(struct dsss_search *search)
{
    const float *value = (const float *)search->inverse.out;
    for (unsigned n = 0; n < HOP; n += WIDE, value += 2 * WIDE) {
        wide here = wide_load(value), more = wide_load(value + WIDE);
        wide after = wide_load(value + 2), last = wide_load(value + WIDE + 2);
        wide re = __builtin_shufflevector(here, more, 0, 2, 4, 6);
        wide im = __builtin_shufflevector(here, more, 1, 3, 5, 7);
        wide both_re = re + __builtin_shufflevector(after, last, 0, 2, 4, 6);
        wide both_im = im + __builtin_shufflevector(after, last, 1, 3, 5, 7);
        wide_store(search->at + n, wide_load(search->at + n) + re * re + im * im);
        wide_store(search->later + n, wide_load(search->later + n) + both_re * both_re + both_im * both_im);
    }
}

/* Keeps the carrier that is best at each chip. */
static void best_keep(struct dsss_search *search, float carrier)
{
    for (unsigned n = 0; n < HOP; n += WIDE) {
        wide at = wide_load(search->at + n), later = search->between * wide_load(search->later + n);
        wide energy = wide_choose(at > later, at, later), best = wide_load(search->best + n);
        wide_int better = energy > best;
        wide_store(search->best + n, wide_choose(better, energy, best));
        wide now = {carrier, carrier, carrier, carrier};
        wide_store(search->carrier + n, wide_choose(better, now, wide_load(search->carrier + n)));
    }
}

static void carrier_execute(struct dsss_search *search, unsigned sequence, int carrier)
{
    int halves = STEP_TWICE * carrier, whole = (halves - (halves & 1)) / 2;
    unsigned from = (unsigned)(whole + SIZE) % SIZE;
    memset(search->at, 0, sizeof search->at);
    memset(search->later, 0, sizeof search->later);
    for (unsigned s = 0; s < SEGMENTS; s++) {
        product_make(&search->heard[halves & 1][s], from, &search->segment[sequence][s],
                     (float *)search->inverse.in);
        transform_execute(&search->inverse);
        energies_add(search);
    }
    best_keep(search, (float)carrier);
}

/* A chip at which a preamble may begin, looked at more closely. */
static void peak_execute(struct dsss_search *search, unsigned sequence, unsigned n, dsss_search_sink *sink,
                         void *context)
{
    struct dsss_samples reference = {search->reference_re[sequence], search->reference_im[sequence]};
    struct dsss_samples heard = {search->held_re + n, search->held_im + n};
    double turn = (double)search->carrier[n] * M_PI * STEP_TWICE / SIZE;
    struct dsss_candidate candidate = {.sequence = sequence, .chip = (double)(search->first + n)};
    double energy = dsss_verify(reference, heard, turn, &candidate.turn);
    double power = search->power[n + DSSS_PREAMBLE_CHIPS] - search->power[n];
    candidate.quality = energy * DSSS_PREAMBLE_CHIPS / (search->energy[sequence] * power);
    if (candidate.quality > (double)LEAST_SURE)
        sink(context, &candidate);
}

static void peaks_execute(struct dsss_search *search, unsigned sequence, dsss_search_sink *sink,
                          void *context)
{
    const unsigned length = SEGMENTS * SEGMENT;
    for (unsigned n = 0; n < HOP; n++) {
        float noise = (float)((search->power[n + length] - search->power[n]) / length);
        if (noise > 0.0F && search->best[n] > LEAST * noise)
            peak_execute(search, sequence, n, sink, context);
    }
}

static void block_execute(struct dsss_search *search, dsss_search_sink *sink, void *context)
{
    int most = (int)(DSSS_SEARCH_HZ / DSSS_CHIP_RATE * SIZE * 2 / STEP_TWICE);
    spectra_make(search);
    for (unsigned n = 0; n < HELD; n++)
        search->power[n + 1] = search->power[n] + energy_of(search->held_re + n, search->held_im + n, 1);
    for (unsigned q = 0; q < DSSS_SEQUENCES; q++) {
        memset(search->best, 0, sizeof search->best);
        for (int carrier = -most; carrier <= most; carrier++)
            carrier_execute(search, q, carrier);
        peaks_execute(search, q, sink, context);
    }
}

void dsss_search_execute(struct dsss_search *search, float complex sample, dsss_search_sink *sink,
                         void *context)
{
    search->held_re[search->filled] = crealf(sample);
    search->held_im[search->filled++] = cimagf(sample);
    if (search->filled < HELD)
        return;
    block_execute(search, sink, context);
    memmove(search->held_re, search->held_re + HOP, (HELD - HOP) * sizeof search->held_re[0]);
    memmove(search->held_im, search->held_im + HOP, (HELD - HOP) * sizeof search->held_im[0]);
    search->filled = HELD - HOP;
    search->first += HOP;
}
