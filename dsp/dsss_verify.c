/* SPDX-License-Identifier: Apache-2.0 */
#include "dsss_verify.h"

#include <complex.h>
#include <math.h>

#include "dsss_code.h"
#include "wide.h"

enum {
    PIECE = 128, /* chips: 3.3 ms */
    PIECES = DSSS_PREAMBLE_CHIPS / PIECE,
    SIDE = 8 /* carriers tried on either side, */
};
#define STEP_HZ 3.0 /* so far apart */

/* The carrier's turn back over a piece. */
struct rotor {
    float re[PIECE], im[PIECE];
};

static void rotor_make(struct rotor *rotor, double turn)
{
    wide re, im;
    for (int i = 0; i < WIDE; i++) {
        re[i] = (float)cos(turn * i);
        im[i] = (float)-sin(turn * i);
    }
    const float step_re = (float)cos(turn * WIDE), step_im = (float)-sin(turn * WIDE);
    for (unsigned n = 0; n < PIECE; n += WIDE) {
        wide_store(rotor->re + n, re);
        wide_store(rotor->im + n, im);
        wide next_re = re * step_re - im * step_im;
        im = re * step_im + im * step_re;
        re = next_re;
    }
}

static double lanes_sum(wide value)
{
    return (double)((value[0] + value[1]) + (value[2] + value[3]));
}

/* One piece, with the carrier's phase from its first chip on. */
static double complex piece_correlate(struct dsss_samples reference, struct dsss_samples heard, unsigned from,
                                      const struct rotor *rotor)
{
    wide re = {0.0F}, im = {0.0F};
    for (unsigned n = 0; n < PIECE; n += WIDE) {
        wide a = wide_load(heard.re + from + n), b = wide_load(heard.im + from + n);
        wide u = wide_load(reference.re + from + n), v = wide_load(reference.im + from + n);
        wide c = wide_load(rotor->re + n), s = wide_load(rotor->im + n);
        wide freed_re = a * u + b * v, freed_im = b * u - a * v;
        re += freed_re * c - freed_im * s;
        im += freed_re * s + freed_im * c;
    }
    return lanes_sum(re) + lanes_sum(im) * (double complex)_Complex_I;
}

double dsss_verify(struct dsss_samples reference, struct dsss_samples heard, double turn, double *found)
{
    struct rotor rotor;
    double complex pieces[PIECES], back = cexp(-turn * PIECE * (double complex)_Complex_I), phase = 1.0;
    double best = -1.0;
    rotor_make(&rotor, turn);
    for (unsigned p = 0; p < PIECES; p++, phase *= back)
        pieces[p] = phase * piece_correlate(reference, heard, p * PIECE, &rotor);
    for (int k = -SIDE; k <= SIDE; k++) {
        double more = 2.0 * M_PI * STEP_HZ * k / DSSS_CHIP_RATE;
        double complex sum = 0.0, step = cexp(-more * PIECE * (double complex)_Complex_I);
        for (unsigned p = PIECES; p-- > 0;)
            sum = sum * step + pieces[p];
        double energy = creal(sum) * creal(sum) + cimag(sum) * cimag(sum);
        if (energy > best) {
            best = energy;
            *found = turn + more;
        }
    }
    return best;
}
