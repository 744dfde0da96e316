/* SPDX-License-Identifier: Apache-2.0 */
/* One complex FFT of a fixed size with its two arrays. Several may be created at once. */
#ifndef ATALAYA_DSP_FFT_H
#define ATALAYA_DSP_FFT_H

#include <complex.h>
#include <stdbool.h>

#include "atalaya/result.h"

struct fft {
    unsigned size;
    float complex *in, *out; /* [size] each */
    void *plan;
};

/* On failure nothing is left to destroy. */
enum atalaya_result fft_create(struct fft *fft, unsigned size, bool inverse);
void fft_execute(const struct fft *fft); /* unscaled */
void fft_destroy(struct fft *fft);       /* one that is all zeros is allowed */

#endif
