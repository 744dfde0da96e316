/* SPDX-License-Identifier: Apache-2.0 */
#include "gmsk_sync.h"

#include <liquid/liquid.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SURE_RATIO   2.7F /* of the best pair of lines to the mean pair; noise reaches 2.4 */
#define REACH        1.5
#define CHANNEL_HALF 0.75 /* bit rates on either side that the channel filter passes: signal and offset */

enum {
    MIDDLE = GMSK_SYNC_FFT / 2,
    LINE = GMSK_SYNC_FFT / GMSK_SYNC_PER_BIT / 2,      /* half a bit rate */
    SEARCH = GMSK_SYNC_FFT / GMSK_SYNC_PER_BIT * 4 / 5 /* twice 3200 Hz */
};

struct gmsk_sync {
    double samples_a_bit;
    struct gmsk_filter filter;
    float complex square[GMSK_SYNC_FFT], spectrum[GMSK_SYNC_FFT];
    fftplan plan;
};

static double channel_response(double t)
{
    double x = 2.0 * CHANNEL_HALF * t, window = cos(0.5 * M_PI * t / REACH);
    double sinc = fabs(x) < 1e-9 ? 1.0 : sin(M_PI * x) / (M_PI * x);
    return fabs(t) < REACH ? sinc * window * window : 0.0;
}

enum atalaya_result gmsk_sync_create(struct gmsk_sync **sync, double samples_a_bit)
{
    struct gmsk_sync *made = calloc(1, sizeof *made);
    if (!made)
        return ATALAYA_E_MEMORY;
    made->samples_a_bit = samples_a_bit;
    gmsk_filter_init(&made->filter, samples_a_bit, REACH, channel_response, 0);
    made->plan = fft_create_plan(GMSK_SYNC_FFT, made->square, made->spectrum, LIQUID_FFT_FORWARD, 0);
    if (!made->plan) {
        free(made);
        return ATALAYA_E_MEMORY;
    }
    *sync = made;
    return ATALAYA_OK;
}

void gmsk_sync_destroy(struct gmsk_sync *sync)
{
    if (!sync)
        return;
    (void)fft_destroy_plan(sync->plan);
    free(sync);
}

static float complex line_at(const struct gmsk_sync *sync, int bin)
{
    return sync->spectrum[(unsigned)(bin + GMSK_SYNC_FFT) % GMSK_SYNC_FFT];
}

static float size_of(float complex z)
{
    return sqrtf(crealf(z) * crealf(z) + cimagf(z) * cimagf(z)); /* cabsf takes care of overflow, slowly */
}

/* The window's middle is sample 0 of the transform, so that phases are those of the middle. */
static void square_make(struct gmsk_sync *sync, const struct gmsk_window *window, double middle)
{
    const double step = sync->samples_a_bit / GMSK_SYNC_PER_BIT;
    memset(sync->square, 0, sizeof sync->square);
    for (int i = -GMSK_SYNC_SIZE / 2; i < GMSK_SYNC_SIZE / 2; i++) {
        float complex z = gmsk_window_read(window, &sync->filter, middle + i * step);
        sync->square[(unsigned)(i + GMSK_SYNC_FFT) % GMSK_SYNC_FFT] = z * z;
    }
}

void gmsk_sync_execute(struct gmsk_sync *sync, const struct gmsk_window *window, double middle,
                       struct gmsk_estimate *estimate)
{
    float best = 0.0F, sum = 0.0F;
    int at = 0;
    square_make(sync, window, middle);
    fft_execute(sync->plan);
    for (int bin = -SEARCH; bin <= SEARCH; bin++) {
        float size = size_of(line_at(sync, bin + LINE)) + size_of(line_at(sync, bin - LINE));
        sum += size;
        if (size > best) {
            best = size;
            at = bin;
        }
    }
    float complex upper = line_at(sync, at + LINE), lower = line_at(sync, at - LINE);
    estimate->sure = best > SURE_RATIO * sum / (2 * SEARCH + 1);
    estimate->turn = M_PI * at * GMSK_SYNC_PER_BIT / GMSK_SYNC_FFT;
    /* The square is exp(2 j phase) cos(pi (t - late)) at t bits from the middle. */
    estimate->late = -(double)cargf(upper * conjf(lower)) / (2.0 * M_PI);
    double complex both = (double complex)upper * cexp((double complex)_Complex_I * M_PI * estimate->late) +
                          (double complex)lower * cexp(-(double complex)_Complex_I * M_PI * estimate->late);
    estimate->phase = 0.5 * carg(both);
}
