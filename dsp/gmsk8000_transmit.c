/* SPDX-License-Identifier: Apache-2.0 */
#include <complex.h>
#include <math.h>

#include "gmsk8000.h"
#include "gmsk_pulse.h"
#include "sample_count.h"

enum { TABLE_PER_BIT = 256, REACH = 3, TABLE = 2 * REACH * TABLE_PER_BIT };

size_t gmsk8000_modulate_length(double rate_hz, size_t bit_count)
{
    if (!(rate_hz >= GMSK8000_LEAST_RATE_HZ && rate_hz <= 1e9))
        return 0;
    return sample_count((double)bit_count * rate_hz / GMSK_BIT_RATE);
}

/* Line bits become changes: a changed bit is a high frequency (PAS 0001-2). Before the first and after the
 * last bit nothing changes. */
static double change_at(const uint8_t *bits, int64_t last, int64_t k)
{
    return k >= 1 && k <= last && bits[k] != bits[k - 1] ? 1.0 : -1.0;
}

size_t gmsk8000_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max)
{
    size_t count = gmsk8000_modulate_length(rate_hz, bit_count);
    if (count == 0 || count > max)
        return 0;
    float table[TABLE + 1];
    for (int i = 0; i <= TABLE; i++)
        table[i] = (float)gmsk_frequency((double)i / TABLE_PER_BIT - REACH);
    for (size_t i = 0; i < count; i++) {
        double t = (double)i * GMSK_BIT_RATE / rate_hz - 0.5, sum = 0.0; /* from the middle of bit 0 */
        int64_t near = (int64_t)floor(t);
        for (int64_t k = near - REACH + 1; k <= near + REACH; k++) {
            int place = (int)((t - (double)k + REACH) * TABLE_PER_BIT + 0.5);
            sum += change_at(bits, (int64_t)bit_count - 1, k) * (double)table[place];
        }
        audio[i] = (float)sum;
    }
    return count;
}

/* Modulation index 1/2: a lasting high frequency is a quarter of the bit rate. The frequency is laid into the
 * upper half of the room, where each value is read before the phase that it leads to is written over it. */
size_t gmsk8000_modulate_iq(double rate_hz, const uint8_t *bits, size_t bit_count, float complex *iq,
                            size_t max)
{
    size_t count = gmsk8000_modulate_length(rate_hz, bit_count);
    if (count == 0 || count > max)
        return 0;
    float *frequency = (float *)iq + count;
    (void)gmsk8000_modulate(rate_hz, bits, bit_count, frequency, count);
    const double turn = 2.0 * M_PI * GMSK_BIT_RATE / 4.0 / rate_hz;
    double phase = 0.0;
    for (size_t i = 0; i < count; i++) {
        phase = remainder(phase + turn * (double)frequency[i], 2.0 * M_PI);
        iq[i] = (float)cos(phase) + _Complex_I * (float)sin(phase);
    }
    return count;
}
