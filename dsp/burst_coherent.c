/* SPDX-License-Identifier: Apache-2.0 */
#include "burst_coherent.h"

#include <math.h>

enum { REACH = 4, LEAST_PAIRS = 32 };

/* Correlations are taken with tones that run on from one bit to the next (burst_meter_correlate): where the
 * line changes at instant t, the phase that they show jumps by the phase between the two tones at t. With the
 * jumps undone all bits of a tone have one phase, but for the slow turn of an offset, and each is compared
 * with the one before of its tone. As in burst_meter.c: mean of r(j) conj r(k) = A^2, mean of |r|^2 = A^2 +
 * s; but with every bit and not only with those in runs of three, four times as many. Neighbouring bits spoil
 * each other by some 2 %, so that this is for weak bursts. */
struct last_bit {
    uint64_t bit;
    double complex r;
    bool known;
};

static double complex unit(double phase)
{
    return cos(phase) + sin(phase) * (double complex)_Complex_I;
}

bool burst_coherent_measure(const struct burst_meter *meter, const struct burst_span *span, double turn,
                            double *signal, double *seen)
{
    const double apart = 4.0 * M_PI * meter->waveform->tone_step / BASEBAND_TONE_PERIOD; /* a sample */
    struct last_bit last[2] = {{0}};
    double complex product[2] = {0.0, 0.0};
    double power[2] = {0.0, 0.0}, pairs[2] = {0.0, 0.0}, phase = 0.0;
    bool before = bit_train_decision(span->train, span->first_bit);
    for (uint64_t bit = span->first_bit; bit < span->end_bit; bit++) {
        const bool mark = bit_train_decision(span->train, bit);
        const double at = span->start + (double)(bit - span->first_bit) * span->length;
        float complex sum;
        if (mark != before)
            phase += mark ? apart * at : -apart * at;
        before = mark;
        if (!burst_meter_correlate(meter, at, mark, &sum))
            continue;
        const double complex r = (double complex)sum * unit(-phase);
        struct last_bit *old = &last[mark];
        if (old->known && bit - old->bit <= REACH) {
            product[mark] += r * conj(old->r) * unit(-turn * (double)(bit - old->bit));
            power[mark] += 0.5 * (creal(r * conj(r)) + creal(old->r * conj(old->r)));
            pairs[mark] += 1.0;
        }
        *old = (struct last_bit){bit, r, true};
    }
    const double all = pairs[0] + pairs[1];
    *signal = (cabs(product[0]) + cabs(product[1])) / fmax(all, 1.0);
    *seen = (power[0] + power[1]) / fmax(all, 1.0);
    return all >= LEAST_PAIRS;
}
