/* SPDX-License-Identifier: Apache-2.0 */
#include "dsss_pulse.h"

#include <math.h>

#define ROLL_OFF 0.8 /* T.018 2.3.3 */

static double half_sine(double t)
{
    return fabs(t) < 0.5 ? cos(M_PI * t) : 0.0;
}

static double rectangle(double t)
{
    return fabs(t) < 0.5 ? 1.0 : 0.0;
}

/* At t = 0 it would be 1 - b + 4 b / pi. */
static double root_cosine(double t)
{
    const double b = ROLL_OFF, peak = 1.0 - b + 4.0 * b / M_PI;
    double x = 4.0 * b * t, below = 1.0 - x * x;
    if (fabs(t) < 1e-6)
        return 1.0;
    if (fabs(below) < 1e-6)
        return b * M_SQRT1_2 *
               ((1.0 + 2.0 / M_PI) * sin(0.25 * M_PI / b) + (1.0 - 2.0 / M_PI) * cos(0.25 * M_PI / b)) / peak;
    return (sin(M_PI * t * (1.0 - b)) + x * cos(M_PI * t * (1.0 + b))) / (M_PI * t * below) / peak;
}

/* The root raised cosine's energy is 1 before it is scaled. */
const struct dsss_pulse dsss_pulses[DSSS_PULSES] = {
    [DSSS_HALF_SINE] = {half_sine, 0.5, 0.5},
    [DSSS_ROOT_COSINE] = {root_cosine, 2.5,
                          1.0 / ((1.0 - ROLL_OFF + 4.0 * ROLL_OFF / M_PI) *
                                 (1.0 - ROLL_OFF + 4.0 * ROLL_OFF / M_PI))},
    [DSSS_RECTANGLE] = {rectangle, 0.5, 1.0},
};
