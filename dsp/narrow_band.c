/* SPDX-License-Identifier: Apache-2.0 */
#include "narrow_band.h"

#include <math.h>
#include <string.h>

#include "kaiser.h"

#define HALF_BAND_HZ 800.0 /* around the middle: both tones, and the inner half of their sidebands */
#define STOP_DB      50.0F

void narrow_band_init(struct narrow_band *band, const struct two_tone *waveform)
{
    float taps[NARROW_BAND_TAPS], sum = 0.0F;
    kaiser_lowpass(taps, NARROW_BAND_TAPS, HALF_BAND_HZ / (BASEBAND_PER_BIT * waveform->bit_rate), STOP_DB);
    for (unsigned i = 0; i < NARROW_BAND_TAPS; i++)
        sum += taps[i];
    memset(band, 0, sizeof *band);
    for (unsigned i = 0, t = NARROW_BAND_ROOM - NARROW_BAND_TAPS; i < NARROW_BAND_TAPS; i++, t++)
        band->tap[2 * t] = band->tap[2 * t + 1] = taps[i] / sum; /* the oldest of the room have none */
    band->tone_step = waveform->tone_step;
    baseband_tone_table(band->turn);
}

void narrow_band_reset(struct narrow_band *band)
{
    memset(band->recent, 0, sizeof band->recent);
    memset(&band->one, 0, sizeof band->one);
    memset(band->two, 0, sizeof band->two);
    band->oldest = 0;
    band->total = 0;
}

static float complex filter(const struct narrow_band *band)
{
    const float *input = band->recent + (size_t)2 * band->oldest;
    wide sum[3] = {{0.0F}, {0.0F}, {0.0F}}; /* an addition does not wait for the last */
    for (unsigned i = 0; i < 2 * NARROW_BAND_ROOM; i += 3 * WIDE)
        for (unsigned k = 0; k < 3; k++)
            sum[k] += wide_load(input + i + (size_t)k * WIDE) * wide_load(band->tap + i + (size_t)k * WIDE);
    const wide all = sum[0] + sum[1] + sum[2];
    return (all[0] + all[2]) + _Complex_I * (all[1] + all[3]);
}

bool narrow_band_push(struct narrow_band *band, float complex z, float *mark, float *space)
{
    const uint64_t n = band->total++;
    float *place = band->recent + (size_t)2 * band->oldest, *again = place + (size_t)2 * NARROW_BAND_ROOM;
    place[0] = again[0] = crealf(z);
    place[1] = again[1] = cimagf(z);
    band->oldest = band->oldest + 1 < NARROW_BAND_ROOM ? band->oldest + 1 : 0;
    if (n % (BASEBAND_PER_BIT / NARROW_BAND_PER_BIT) != 0)
        return false;
    const float complex low = filter(band), turn = band->turn[n * band->tone_step % BASEBAND_TONE_PERIOD];
    float a = crealf(low) * crealf(turn), b = cimagf(low) * cimagf(turn);
    float c = cimagf(low) * crealf(turn), d = crealf(low) * cimagf(turn);
    wide one = {a - b, c + d, a + b, c - d};
    wide two = one + band->one, *before = &band->two[n / 2 % 2];
    wide four = two + *before;
    band->one = one;
    *before = two;
    *mark = sqrtf(four[0] * four[0] + four[1] * four[1]);
    *space = sqrtf(four[2] * four[2] + four[3] * four[3]);
    return true;
}
