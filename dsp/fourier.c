/* SPDX-License-Identifier: Apache-2.0 */
#include "fourier.h"

#include <string.h>

#include <fftw3.h>

#include "band_blocks.h"

enum atalaya_result fourier_create(struct fourier *fourier, unsigned size, bool inverse)
{
    *fourier = (struct fourier){.size = size};
    fourier->in = fftwf_malloc(size * sizeof *fourier->in);
    fourier->out = fftwf_malloc(size * sizeof *fourier->out);
    if (fourier->in && fourier->out && band_planner_lock()) {
        fourier->plan = fftwf_plan_dft_1d((int)size, fourier->in, fourier->out,
                                          inverse ? FFTW_BACKWARD : FFTW_FORWARD, FFTW_ESTIMATE);
        band_planner_unlock();
    }
    if (!fourier->plan) {
        fourier_destroy(fourier);
        return ATALAYA_E_MEMORY;
    }
    memset(fourier->in, 0, size * sizeof *fourier->in);
    return ATALAYA_OK;
}

void fourier_execute(const struct fourier *fourier)
{
    fftwf_execute((fftwf_plan)fourier->plan);
}

void fourier_destroy(struct fourier *fourier)
{
    if (fourier->plan && band_planner_lock()) {
        fftwf_destroy_plan((fftwf_plan)fourier->plan);
        band_planner_unlock();
    }
    fftwf_free(fourier->in);
    fftwf_free(fourier->out);
    *fourier = (struct fourier){.size = 0};
}
