/* SPDX-License-Identifier: Apache-2.0 */
#include "two_tone_modem.h"

#include <math.h>

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
    /* liquid's oscillators are allocated when they are created, and here is nothing that lasts. */
    const double per_sample = waveform->bit_rate / rate_hz;
    double turns = 0.0;
    for (size_t i = 0; i < count; i++) {
        audio[i] = sinf((float)(2.0 * M_PI * turns));
        /* The tone changes inside a sample where a bit ends there: the phase advances by both parts. */
        double from = (double)i * per_sample, to = (double)(i + 1) * per_sample;
        size_t bit = (size_t)from < bit_count ? (size_t)from : bit_count - 1; /* odd rates round up */
        size_t next = bit + 1 < bit_count ? bit + 1 : bit;
        double after = fmax(to - (double)(bit + 1), 0.0) / per_sample;
        double here = bits[bit] ? waveform->mark_hz : waveform->space_hz;
        double there = bits[next] ? waveform->mark_hz : waveform->space_hz;
        turns += (here + after * (there - here)) / rate_hz;
        turns -= turns >= 1.0 ? 1.0 : 0.0;
    }
    return count;
}
