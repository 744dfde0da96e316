/* SPDX-License-Identifier: Apache-2.0 */
/* Complex samples to a rate a little different: resamp_crcf of liquid, on its firpfb_crcf, whose filters are
 * designed in a millisecond and not in thirty. One thread at a time. */
#ifndef ATALAYA_DSP_RESAMPLER_H
#define ATALAYA_DSP_RESAMPLER_H

#include <complex.h>

#include "atalaya/result.h"

enum { RESAMPLER_OUT_MAX = 4 /* outputs for one input: ratio at most 3 */ };

struct resampler;

struct resampler_settings {
    double ratio;    /* outputs an input, at most 3 */
    unsigned half;   /* length of the filter to either side, in inputs: by so much outputs are late */
    unsigned phases; /* instants to choose from between two inputs; a power of two */
    double cutoff;   /* cycles an input */
    float stop_db;
};

/* Errors: ATALAYA_E_ARGUMENT, ATALAYA_E_MEMORY. */
enum atalaya_result resampler_create(struct resampler **resampler, const struct resampler_settings *settings);
void resampler_reset(struct resampler *resampler);   /* NULL is allowed */
void resampler_destroy(struct resampler *resampler); /* the same */
/* Returns how many were written to out. */
unsigned resampler_execute(struct resampler *resampler, float complex in,
                           float complex out[RESAMPLER_OUT_MAX]);

#endif
