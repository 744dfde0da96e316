/* SPDX-License-Identifier: Apache-2.0 */
#include "two_tone_modem.h"

#include <math.h>
#include <liquid/liquid.h>

#include "sample_count.h"

size_t two_tone_modulate_length(const struct two_tone *waveform, double rate_hz, size_t bit_count)
{
    if (!(rate_hz > 2.0 * waveform->space_hz && rate_hz <= 1e9))
        return 0;
    return sample_count((double)bit_count * rate_hz / waveform->bit_rate);
}

size_t two_tone_modulate(const struct two_tone *waveform, double rate_hz, const uint8_t *bits,
                         size_t bit_count, float *audio, size_t max)
{
    size_t count = two_tone_modulate_length(waveform, rate_hz, bit_count);
    if (count == 0 || count > max)
        return 0;
    nco_crcf oscillator = nco_crcf_create(LIQUID_VCO);
    if (oscillator == NULL)
        return 0;
    const double turn = 2.0 * M_PI / rate_hz, per_sample = waveform->bit_rate / rate_hz;
    for (size_t i = 0; i < count; i++) {
        audio[i] = nco_crcf_sin(oscillator);
        /* The tone changes inside a sample where a bit ends there: the phase advances by both parts. */
        double from = (double)i * per_sample, to = (double)(i + 1) * per_sample;
        size_t bit = (size_t)from < bit_count ? (size_t)from : bit_count - 1; /* odd rates round up */
        size_t next = bit + 1 < bit_count ? bit + 1 : bit;
        double after = fmax(to - (double)(bit + 1), 0.0) / per_sample;
        double here = bits[bit] ? waveform->mark_hz : waveform->space_hz;
        double there = bits[next] ? waveform->mark_hz : waveform->space_hz;
        nco_crcf_set_frequency(oscillator, (float)(turn * (here + after * (there - here))));
        nco_crcf_step(oscillator);
    }
    nco_crcf_destroy(oscillator);
    return count;
}
