/* SPDX-License-Identifier: Apache-2.0 */
/* One complex FFT of a fixed size with its two arrays. Several may be created at once. */
#ifndef ATALAYA_DSP_TRANSFORM_H
#define ATALAYA_DSP_TRANSFORM_H

#include <complex.h>
#include <stdbool.h>

#include "atalaya/result.h"

struct transform {
    unsigned size;
    float complex *in, *out; /* [size] each */
    float *real;             /* [size] instead of `in`; then `out` is [size / 2 + 1] */
    void *plan;
};

/* On failure nothing is left to destroy. */
enum atalaya_result transform_create(struct transform *transform, unsigned size, bool inverse);
/* The same forward, of real numbers. */
enum atalaya_result transform_create_real(struct transform *transform, unsigned size);
void transform_execute(const struct transform *transform); /* unscaled */
void transform_destroy(struct transform *transform);       /* one that is all zeros is allowed */

#endif
