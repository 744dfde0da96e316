/* SPDX-License-Identifier: Apache-2.0 */
#include "fsk_shapes.h"

#include <math.h>

#include "nrz_pulse.h"

enum { FINE = 16, STEPS = FINE * FSK_PER_BIT }; /* of the integral, even */

/* Deviation at instant t of the bit at hand, -1/2 .. 1/2, as a part of a steady bit's. */
static double deviation(unsigned shape, double t)
{
    double sum = 0.0;
    for (int j = 0; j <= FSK_MEMORY; j++) /* bit j of the shape is j bits before the newest */
        sum += ((shape >> j & 1U) != 0 ? 1.0 : -1.0) * nrz_pulse(t - (FSK_AHEAD - j));
    return sum;
}

/* Integral of the deviation from the bit's start to its samples and its end. */
static void integrate(unsigned shape, double sum[FSK_PER_BIT + 1])
{
    double running = 0.0;
    for (int i = 0; i < STEPS; i++) {
        if (i % FINE == FINE / 2)
            sum[i / FINE] = running;
        running += deviation(shape, (i + 0.5) / STEPS - 0.5) / STEPS;
    }
    sum[FSK_PER_BIT] = running;
}

void fsk_shape_table_init(struct fsk_shape_table *table)
{
    for (unsigned s = 0; s < FSK_SHAPES; s++) {
        double sum[FSK_PER_BIT + 1];
        integrate(s, sum);
        for (unsigned d = 0; d < FSK_DEVIATIONS; d++) {
            double turns =
                ((double)FSK_DEVIATION_LEAST_HZ + d * (double)FSK_DEVIATION_STEP_HZ) / NRZ_BIT_RATE;
            for (unsigned k = 0; k <= FSK_PER_BIT; k++) {
                table->re[d][s][k] = (float)cos(2.0 * M_PI * turns * sum[k]);
                table->im[d][s][k] = (float)sin(2.0 * M_PI * turns * sum[k]);
            }
        }
    }
}

void fsk_shape_table_use(const struct fsk_shape_table *table, unsigned step, struct fsk_shapes *shapes,
                         unsigned lane)
{
    for (unsigned s = 0; s < FSK_SHAPES; s++)
        for (unsigned k = 0; k <= FSK_PER_BIT; k++) {
            shapes->re[s][k][lane] = table->re[step][s][k];
            shapes->im[s][k][lane] = table->im[step][s][k];
        }
}
