/* SPDX-License-Identifier: Apache-2.0 */
/* Distances of FM carriers. Two carriers of power 1 over the bits in which they differ, their phase known;
 * averaged over what precedes. Errors are convex in the distance, so that the mean never promises too little.
 */
#include <math.h>

#include "atalaya/dsp/impair.h"
#include "bounds.h"

enum { DRAWS = 2000, PER_BIT = 80, BASEBAND_PER_BIT = 20, SYMBOLS = 16, MIDDLE = SYMBOLS / 2 };

/* Carrier phase of two bits' tones, from audio phase `audio` on [size: 2 * PER_BIT]. */
static void afsk_phase(const double tone_hz[2], const double deviation_hz[2], double audio, double *phase)
{
    double step_s = 1.0 / 1200.0 / PER_BIT, sum = 0.0;
    for (int i = 0; i < 2 * PER_BIT; i++) {
        int bit = i / PER_BIT;
        audio += 2.0 * M_PI * tone_hz[bit] * step_s;
        sum += 2.0 * M_PI * deviation_hz[bit] * sin(audio) * step_s;
        phase[i] = sum;
    }
}

double bound_distance_afsk(double mark_hz, double space_hz)
{
    static const double tone_hz[2][2] = {{1200.0, 2200.0}, {2200.0, 1200.0}};
    const double deviation_hz[2][2] = {{mark_hz, space_hz}, {space_hz, mark_hz}};
    double sum = 0.0;
    struct impair_random random;
    impair_random_seed(&random, 1);
    for (int draw = 0; draw < DRAWS; draw++) {
        double audio = 2.0 * M_PI * impair_random_uniform(&random), phase[2][2 * PER_BIT];
        double correlation = 0.0;
        for (int k = 0; k < 2; k++)
            afsk_phase(tone_hz[k], deviation_hz[k], audio, phase[k]);
        for (int i = 0; i < 2 * PER_BIT; i++)
            correlation += cos(phase[0][i] - phase[1][i]);
        sum += 2.0 - correlation / PER_BIT;
    }
    return sum / DRAWS;
}

/* Raised cosine of roll-off 1/2, symbols one unit apart. */
static double raised_cosine(double t)
{
    if (fabs(t) < 1e-9)
        return 1.0;
    double edge = 1.0 - t * t; /* 1 - (2 t / 2)^2 */
    double taper = fabs(edge) < 1e-9 ? M_PI / 4.0 : cos(M_PI * t / 2.0) / edge;
    return sin(M_PI * t) / (M_PI * t) * taper;
}

/* +- becomes -+: the carrier's phase is the same before and after. The symbols around are the same in both
 * and cancel. */
double bound_distance_baseband(double deviation_hz, double bit_rate)
{
    double apart = 0.0, distance = 0.0;
    for (int i = 0; i < SYMBOLS * BASEBAND_PER_BIT; i++) {
        double t = (i + 0.5) / BASEBAND_PER_BIT;
        double difference = 2.0 * (raised_cosine(t - MIDDLE) - raised_cosine(t - MIDDLE - 1));
        apart += 2.0 * M_PI * deviation_hz * difference / bit_rate / BASEBAND_PER_BIT;
        distance += (1.0 - cos(apart)) / BASEBAND_PER_BIT;
    }
    return distance;
}
