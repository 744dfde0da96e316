/* SPDX-License-Identifier: Apache-2.0 */
#include "bell202.h"

#include <math.h>
#include <liquid/liquid.h>

#include "baseband.h"

size_t bell202_modulate_length(double rate_hz, size_t bit_count)
{
    if (!(rate_hz > 2.0 * BELL202_SPACE_HZ && rate_hz <= 1e9) || bit_count > (size_t)1 << 32)
        return 0;
    return (size_t)ceil((double)bit_count * rate_hz / BELL202_BIT_RATE);
}

size_t bell202_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max)
{
    size_t count = bell202_modulate_length(rate_hz, bit_count);
    if (count == 0 || count > max)
        return 0;
    nco_crcf oscillator = nco_crcf_create(LIQUID_VCO);
    if (oscillator == NULL)
        return 0;
    const double turn = 2.0 * M_PI / rate_hz, per_sample = BELL202_BIT_RATE / rate_hz;
    for (size_t i = 0; i < count; i++) {
        audio[i] = nco_crcf_sin(oscillator);
        /* The tone changes inside a sample where a bit ends there: the phase advances by both parts. */
        double from = (double)i * per_sample, to = (double)(i + 1) * per_sample;
        size_t bit = (size_t)from < bit_count ? (size_t)from : bit_count - 1; /* odd rates round up */
        size_t next = bit + 1 < bit_count ? bit + 1 : bit;
        double after = fmax(to - (double)(bit + 1), 0.0) / per_sample;
        double here = bits[bit] ? BELL202_MARK_HZ : BELL202_SPACE_HZ;
        double there = bits[next] ? BELL202_MARK_HZ : BELL202_SPACE_HZ;
        nco_crcf_set_frequency(oscillator, (float)(turn * (here + after * (there - here))));
        nco_crcf_step(oscillator);
    }
    nco_crcf_destroy(oscillator);
    return count;
}
