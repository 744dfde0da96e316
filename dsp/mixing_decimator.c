/* SPDX-License-Identifier: Apache-2.0 */
#include "mixing_decimator.h"

#include <assert.h>
#include <string.h>

#include "wide.h"

/* Output at input n: sum of h(i) x(n - i) exp(-j w (n - i)) = exp(-j w n) sum of [h(i) exp(j w i)] x(n - i).
 */
void mixing_decimator_init(struct mixing_decimator *decimator, const float *taps, unsigned count,
                           unsigned decimation, double turn_per_sample)
{
    memset(decimator, 0, sizeof *decimator);
    decimator->decimation = decimation;
    decimator->taps = (count + MIXING_WIDTH - 1) / MIXING_WIDTH * MIXING_WIDTH;
    assert(decimator->taps <= MIXING_TAPS_MAX);
    for (unsigned i = 0; i < count; i++) {
        double complex tap = (double)taps[i] * cexp((double complex)_Complex_I * turn_per_sample * i);
        decimator->tap_re[decimator->taps - 1 - i] = (float)creal(tap);
        decimator->tap_im[decimator->taps - 1 - i] = (float)cimag(tap);
    }
    decimator->turn_per_sample = turn_per_sample;
    decimator->step = cexp(-(double complex)_Complex_I * turn_per_sample * decimation);
    mixing_decimator_reset(decimator);
}

void mixing_decimator_reset(struct mixing_decimator *decimator)
{
    memset(decimator->input, 0, sizeof decimator->input);
    decimator->skip = decimator->decimation - 1;
    decimator->phase = cexp(-(double complex)_Complex_I * decimator->turn_per_sample * decimator->skip);
}

WIDE_INSIDE float complex filter(const struct mixing_decimator *decimator, const float *newest)
{
    const float *input = newest + 1 - decimator->taps;
    wider re = {0}, im = {0};
    for (unsigned i = 0; i < decimator->taps; i += WIDER) {
        wider x, tap_re, tap_im;
        memcpy(&x, input + i, sizeof x);
        memcpy(&tap_re, decimator->tap_re + i, sizeof tap_re);
        memcpy(&tap_im, decimator->tap_im + i, sizeof tap_im);
        re += x * tap_re;
        im += x * tap_im;
    }
    return ((re[0] + re[4]) + (re[1] + re[5])) + ((re[2] + re[6]) + (re[3] + re[7])) +
           _Complex_I * (((im[0] + im[4]) + (im[1] + im[5])) + ((im[2] + im[6]) + (im[3] + im[7])));
}
_Static_assert((int)MIXING_WIDTH == (int)WIDER, "whole steps");

WIDE_TWICE unsigned mixing_decimator_execute(struct mixing_decimator *decimator, const float *samples,
                                             unsigned count, float complex *out)
{
    assert(count <= MIXING_CHUNK_MAX);
    float *fresh = decimator->input + decimator->taps;
    unsigned made = 0, at = decimator->skip;
    memcpy(fresh, samples, count * sizeof *samples);
    for (; at < count; at += decimator->decimation) {
        out[made++] = (float complex)decimator->phase * filter(decimator, fresh + at);
        double complex next = decimator->phase * decimator->step;
        double size = creal(next) * creal(next) + cimag(next) * cimag(next);
        decimator->phase = next * (1.5 - 0.5 * size); /* keeps to the unit circle for ever */
    }
    decimator->skip = at - count;
    memmove(decimator->input, decimator->input + count, decimator->taps * sizeof *decimator->input);
    return made;
}
