/* SPDX-License-Identifier: Apache-2.0 */
#include "fft.h"

#include <string.h>

#include <fftw3.h>

#include "band_blocks.h"

enum atalaya_result fft_create(struct fft *fft, unsigned size, bool inverse)
{
    *fft = (struct fft){.size = size};
    fft->in = fftwf_malloc(size * sizeof *fft->in);
    fft->out = fftwf_malloc(size * sizeof *fft->out);
    if (fft->in && fft->out && band_planner_lock()) {
        fft->plan = fftwf_plan_dft_1d((int)size, fft->in, fft->out, inverse ? FFTW_BACKWARD : FFTW_FORWARD,
                                      FFTW_ESTIMATE);
        band_planner_unlock();
    }
    if (!fft->plan) {
        fft_destroy(fft);
        return ATALAYA_E_MEMORY;
    }
    memset(fft->in, 0, size * sizeof *fft->in);
    return ATALAYA_OK;
}

void fft_execute(const struct fft *fft)
{
    fftwf_execute((fftwf_plan)fft->plan);
}

void fft_destroy(struct fft *fft)
{
    if (fft->plan && band_planner_lock()) {
        fftwf_destroy_plan((fftwf_plan)fft->plan);
        band_planner_unlock();
    }
    fftwf_free(fft->in);
    fftwf_free(fft->out);
    *fft = (struct fft){.size = 0};
}
