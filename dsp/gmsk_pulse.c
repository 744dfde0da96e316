/* SPDX-License-Identifier: Apache-2.0 */
#include "gmsk_pulse.h"

#include <math.h>

#define GAUSS_BT 0.25
#define LENGTH   4 /* bits that one change is spread over */

static double below(double x) /* the normal distribution */
{
    return 0.5 * erfc(-x / sqrt(2.0));
}

double gmsk_frequency(double t)
{
    const double scale = 2.0 * M_PI * GAUSS_BT / sqrt(log(2.0));
    return below(scale * (t + 0.5)) - below(scale * (t - 0.5));
}

/* Integral of below(). */
static double ramp(double x)
{
    return x * below(x) + exp(-0.5 * x * x) / sqrt(2.0 * M_PI);
}

/* Phase of a change that begins at 0 and lasts LENGTH, in units of its end value. */
static double phase_part(double t)
{
    const double scale = 2.0 * M_PI * GAUSS_BT / sqrt(log(2.0));
    double u = t - 0.5 * LENGTH;
    if (t <= 0.0)
        return 0.0;
    return t >= LENGTH ? 1.0 : (ramp(scale * (u + 0.5)) - ramp(scale * (u - 0.5))) / scale;
}

static double laurent_sine(double t)
{
    if (t <= 0.0 || t >= 2.0 * LENGTH)
        return 0.0;
    return sin(0.5 * M_PI * (t < LENGTH ? phase_part(t) : 1.0 - phase_part(t - LENGTH)));
}

double gmsk_pulse(double t)
{
    double start = t + 0.5 * (LENGTH + 1), product = 1.0;
    if (start <= 0.0 || start >= LENGTH + 1)
        return 0.0;
    for (int i = 0; i < LENGTH; i++)
        product *= laurent_sine(start + i);
    return product;
}
