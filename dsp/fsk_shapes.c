/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "fsk_trellis.h"
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

void fsk_shapes_make(struct fsk_shapes *shapes, unsigned lane, double turns_a_bit)
{
    for (unsigned s = 0; s < FSK_SHAPES; s++) {
        double phase = 0.0;
        for (int i = 0; i < STEPS; i++) {
            if (i % FINE == FINE / 2) {
                shapes->re[s][i / FINE][lane] = (float)cos(phase);
                shapes->im[s][i / FINE][lane] = (float)sin(phase);
            }
            phase += 2.0 * M_PI * turns_a_bit * deviation(s, (i + 0.5) / STEPS - 0.5) / STEPS;
        }
        shapes->end_re[s][lane] = (float)cos(phase);
        shapes->end_im[s][lane] = (float)sin(phase);
    }
}
