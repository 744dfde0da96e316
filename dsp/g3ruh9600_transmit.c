/* SPDX-License-Identifier: Apache-2.0 */
#include "g3ruh9600.h"

#include <math.h>

#include "nrz_pulse.h"
#include "sample_count.h"

enum { TABLE_PER_BIT = 256, TABLE = 2 * (int)NRZ_SPAN * TABLE_PER_BIT };

size_t g3ruh9600_modulate_length(double rate_hz, size_t bit_count)
{
    if (!(rate_hz >= G3RUH_LEAST_RATE_HZ && rate_hz <= 1e9))
        return 0;
    return sample_count((double)bit_count * rate_hz / NRZ_BIT_RATE);
}

static double table_at(const float table[TABLE + 1], double t)
{
    double place = (t + NRZ_SPAN) * TABLE_PER_BIT;
    if (!(place >= 0.0 && place < TABLE))
        return 0.0;
    unsigned i = (unsigned)place;
    double part = place - i;
    return (1.0 - part) * (double)table[i] + part * (double)table[i + 1];
}

size_t g3ruh9600_modulate(double rate_hz, const uint8_t *bits, size_t bit_count, float *audio, size_t max)
{
    size_t count = g3ruh9600_modulate_length(rate_hz, bit_count);
    if (count == 0 || count > max)
        return 0;
    float table[TABLE + 1];
    for (int i = 0; i <= TABLE; i++)
        table[i] = (float)nrz_pulse((double)i / TABLE_PER_BIT - NRZ_SPAN);
    const int64_t last = (int64_t)bit_count - 1, span = (int64_t)NRZ_SPAN;
    for (size_t i = 0; i < count; i++) {
        double t = (double)i * NRZ_BIT_RATE / rate_hz - 0.5, sum = 0.0; /* from the middle of bit 0 */
        int64_t near = (int64_t)floor(t);
        for (int64_t k = near - span + 1; k <= near + span; k++) {
            int64_t bit = k < 0 ? 0 : k > last ? last : k; /* as if the first and last bit went on for ever */
            sum += (bits[bit] ? 1.0 : -1.0) * table_at(table, t - (double)k);
        }
        audio[i] = (float)sum;
    }
    return count;
}
