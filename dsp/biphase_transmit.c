/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "biphase.h"
#include "sample_count.h"

#define RISE_S 150e-6 /* T.001 2.3.6: 150 us +-100 us from 10 to 90 % */

size_t biphase_modulate_length(double rate_hz, size_t bit_count)
{
    if (!(rate_hz >= BIPHASE_LEAST_RATE_HZ && rate_hz <= 1e9))
        return 0;
    return sample_count((BIPHASE_CARRIER_S + (double)bit_count / BIPHASE_BIT_RATE) * rate_hz - 1e-6);
}

/* The level of the half bit `half` before it is smoothed: 0 before the first, then +-1 (a one goes from + to
 * -), and the last one stays. */
static double level_of(const uint8_t *bits, int64_t halves, int64_t half)
{
    if (half < 0 || halves == 0)
        return 0.0;
    half = half < halves ? half : halves - 1;
    return (bits[half / 2] != 0) == (half % 2 == 0) ? 1.0 : -1.0;
}

/* The phase in units of 1.1 rad, t seconds after the first bit's beginning; changes are half a cosine long
 * enough that 10 to 90 % of it take RISE_S. */
static double phase_at(const uint8_t *bits, int64_t halves, double t)
{
    const double half_s = 0.5 / BIPHASE_BIT_RATE, ramp_s = RISE_S / 0.59033;
    int64_t edge = (int64_t)floor(t / half_s + 0.5);
    double into = (t - (double)edge * half_s) / ramp_s + 0.5;
    double from = level_of(bits, halves, edge - 1), to = level_of(bits, halves, edge);
    into = into < 0.0 ? 0.0 : into > 1.0 ? 1.0 : into;
    return from + (to - from) * 0.5 * (1.0 - cos(M_PI * into));
}

size_t biphase_modulate_iq(double rate_hz, const uint8_t *bits, size_t bit_count, float complex *iq,
                           size_t max)
{
    size_t count = biphase_modulate_length(rate_hz, bit_count);
    if (count == 0 || count > max)
        return 0;
    for (size_t i = 0; i < count; i++) {
        double phase = BIPHASE_PHASE * phase_at(bits, 2 * (int64_t)bit_count,
                                                ((double)i + 0.5) / rate_hz - BIPHASE_CARRIER_S);
        iq[i] = (float)cos(phase) + (float)sin(phase) * (float complex)_Complex_I;
    }
    return count;
}

/* What a discriminator makes of it: the change of the phase, so that 1.0 is the steepest change there is. */
size_t biphase_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max)
{
    size_t count = biphase_modulate_length(rate_hz, bit_count);
    const double ramp_s = RISE_S / 0.59033;
    double steepest = M_PI / ramp_s / rate_hz, last = 0.0; /* a change by 2, cosine-shaped */
    if (count == 0 || count > max)
        return 0;
    for (size_t i = 0; i < count; i++) {
        double phase =
            phase_at(bits, 2 * (int64_t)bit_count, ((double)i + 1.0) / rate_hz - BIPHASE_CARRIER_S);
        audio[i] = (float)((phase - last) / fmin(steepest, 2.0));
        last = phase;
    }
    return count;
}
