/* SPDX-License-Identifier: Apache-2.0 */
/* The last tenth of a second of a radio channel. It costs next to nothing until somebody wants to see it:
 * then it is filtered, and as long as he goes on wanting. */
#ifndef ATALAYA_DSP_RF_MEMORY_H
#define ATALAYA_DSP_RF_MEMORY_H

#include <complex.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"

struct rf_memory_filter {
    double width_hz; /* between its -6 dB points */
    double length_s;
    double least_hz; /* of the filtered samples */
};

struct rf_memory {
    double rate_hz; /* of the filtered samples, or the input's, where that is less */
    double width_hz;
    unsigned decimation, taps;
    struct iq_decimator *filter;
    float complex *raw;  /* [size: decimation * (mask + 1)] */
    float complex *ring; /* [size: mask + 1] filtered */
    uint64_t mask;
    uint64_t inputs;      /* since reset */
    uint64_t woken, made; /* filtered samples from one to the other are there */
};

/* Errors: ATALAYA_E_MEMORY. */
enum atalaya_result rf_memory_create(struct rf_memory *memory, double rate_hz,
                                     const struct rf_memory_filter *filter);
void rf_memory_reset(struct rf_memory *memory);
void rf_memory_destroy(struct rf_memory *memory);
/* Not finite: 0. */
void rf_memory_push(struct rf_memory *memory, const float complex *iq, size_t count);
/* Has everything from filtered sample `from` on ready in the ring, as far as it is remembered. */
void rf_memory_need(struct rf_memory *memory, double from);
/* As if `inputs` had been pushed, of which nothing is remembered. */
void rf_memory_restart(struct rf_memory *memory, uint64_t inputs);
/* Filtered sample, fractional, at an input's time. */
double rf_memory_sample(const struct rf_memory *memory, double input);

#endif
