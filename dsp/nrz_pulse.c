/* SPDX-License-Identifier: Apache-2.0 */
#include "nrz_pulse.h"

#include <math.h>

#define NEAR 1e-6 /* of a removable singularity */

/* Smoothly to zero at the ends of the span. */
static double window(double t)
{
    if (fabs(t) >= NRZ_SPAN)
        return 0.0;
    double c = cos(0.5 * M_PI * t / NRZ_SPAN);
    return sqrt(c);
}

static double sinc(double t)
{
    return fabs(t) < NEAR ? 1.0 : sin(M_PI * t) / (M_PI * t);
}

double nrz_pulse(double t)
{
    double a = NRZ_ROLLOFF, below = 1.0 - 4.0 * a * a * t * t;
    if (fabs(below) < NEAR)
        return M_PI / 4.0 * sinc(0.5 / a) * window(t);
    return sinc(t) * cos(M_PI * a * t) / below * window(t);
}

double nrz_pulse_root(double t)
{
    double a = NRZ_ROLLOFF, below = 1.0 - 16.0 * a * a * t * t;
    if (fabs(t) < NEAR)
        return 1.0 - a + 4.0 * a / M_PI;
    if (fabs(below) < NEAR) {
        double turn = M_PI / (4.0 * a);
        return a / sqrt(2.0) * ((1.0 + 2.0 / M_PI) * sin(turn) + (1.0 - 2.0 / M_PI) * cos(turn)) * window(t);
    }
    double sum = sin(M_PI * t * (1.0 - a)) + 4.0 * a * t * cos(M_PI * t * (1.0 + a));
    return sum / (M_PI * t * below) * window(t);
}

double nrz_channel(double t)
{
    return sinc(2.0 * NRZ_CHANNEL_HZ / NRZ_BIT_RATE * t) * window(t);
}
