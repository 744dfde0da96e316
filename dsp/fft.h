/* SPDX-License-Identifier: Apache-2.0 */
/* One complex FFT of a fixed size with its two arrays. */
#ifndef ATALAYA_DSP_FFT_H
#define ATALAYA_DSP_FFT_H

#include <complex.h>
#include <stdbool.h>

#include "atalaya/result.h"

/* FFTW's planner is not to be used by two threads at once: who plans or destroys a plan holds this. False:
 * the machine gave no lock. */
bool fft_planner_lock(void);
void fft_planner_unlock(void);

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
