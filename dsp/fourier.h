/* SPDX-License-Identifier: Apache-2.0 */
/* One complex FFT of a fixed size with its two arrays. Several may be created at once. (The name fft_* is liquid's.) */
#ifndef ATALAYA_DSP_FOURIER_H
#define ATALAYA_DSP_FOURIER_H

#include <complex.h>
#include <stdbool.h>

#include "atalaya/result.h"

struct fourier {
    unsigned size;
    float complex *in, *out; /* [size] each */
    void *plan;
};

/* On failure nothing is left to destroy. */
enum atalaya_result fourier_create(struct fourier *fourier, unsigned size, bool inverse);
void fourier_execute(const struct fourier *fourier); /* unscaled */
void fourier_destroy(struct fourier *fourier);       /* one that is all zeros is allowed */

#endif
