/* SPDX-License-Identifier: Apache-2.0 */
#include "kaiser.h"

#include <math.h>
#include <liquid/liquid.h>

#define ENOUGH 1e-10 /* of the sum: what is left of the series */

/* Modified Bessel function of the first kind, order 0, by its power series. */
static double bessel_i0(double x)
{
    double sum = 1.0, term = 1.0;
    for (double k = 1.0; term > ENOUGH * sum; k += 1.0) {
        term *= 0.25 * x * x / (k * k);
        sum += term;
    }
    return sum;
}

void kaiser_lowpass(float *taps, unsigned count, double cutoff, float stop_db)
{
    const double beta = (double)kaiser_beta_As(stop_db), whole = bessel_i0(beta);
    const double middle = 0.5 * (count - 1.0);
    for (unsigned i = 0; i < count; i++) {
        const double at = i - middle, edge = middle > 0.0 ? at / middle : 0.0;
        const double turn = 2.0 * M_PI * cutoff * at;
        const double pulse = at != 0.0 ? sin(turn) / turn : 1.0;
        taps[i] = (float)(pulse * bessel_i0(beta * sqrt(fmax(1.0 - edge * edge, 0.0))) / whole);
    }
}
