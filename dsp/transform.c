/* SPDX-License-Identifier: Apache-2.0 */
#include "transform.h"

#include <string.h>

#include <fftw3.h>

#include "band_blocks.h"

enum atalaya_result transform_create(struct transform *transform, unsigned size, bool inverse)
{
    *transform = (struct transform){.size = size};
    transform->in = fftwf_malloc(size * sizeof *transform->in);
    transform->out = fftwf_malloc(size * sizeof *transform->out);
    if (transform->in && transform->out && band_planner_lock()) {
        transform->plan = fftwf_plan_dft_1d((int)size, transform->in, transform->out,
                                            inverse ? FFTW_BACKWARD : FFTW_FORWARD, FFTW_ESTIMATE);
        band_planner_unlock();
    }
    if (!transform->plan) {
        transform_destroy(transform);
        return ATALAYA_E_MEMORY;
    }
    memset(transform->in, 0, size * sizeof *transform->in);
    return ATALAYA_OK;
}

enum atalaya_result transform_create_real(struct transform *transform, unsigned size)
{
    *transform = (struct transform){.size = size};
    transform->real = fftwf_malloc(size * sizeof *transform->real);
    transform->out = fftwf_malloc((size / 2 + 1) * sizeof *transform->out);
    if (transform->real && transform->out && band_planner_lock()) {
        transform->plan = fftwf_plan_dft_r2c_1d((int)size, transform->real, transform->out, FFTW_ESTIMATE);
        band_planner_unlock();
    }
    if (!transform->plan) {
        transform_destroy(transform);
        return ATALAYA_E_MEMORY;
    }
    memset(transform->real, 0, size * sizeof *transform->real);
    return ATALAYA_OK;
}

void transform_execute(const struct transform *transform)
{
    fftwf_execute((fftwf_plan)transform->plan);
}

void transform_destroy(struct transform *transform)
{
    if (transform->plan && band_planner_lock()) {
        fftwf_destroy_plan((fftwf_plan)transform->plan);
        band_planner_unlock();
    }
    fftwf_free(transform->in);
    fftwf_free(transform->real);
    fftwf_free(transform->out);
    *transform = (struct transform){.size = 0};
}
