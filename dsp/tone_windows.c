/* SPDX-License-Identifier: Apache-2.0 */
#include "tone_windows.h"

#include <math.h>
#include <string.h>

void baseband_tone_table(float complex table[BASEBAND_TONE_PERIOD])
{
    for (int i = 0; i < BASEBAND_TONE_PERIOD; i++)
        table[i] = cexpf(2.0F * (float)M_PI * _Complex_I * (float)i / (float)BASEBAND_TONE_PERIOD);
}

void tone_windows_reset(struct tone_windows *windows, const struct two_tone *waveform)
{
    memset(windows, 0, sizeof *windows);
    windows->waveform = waveform;
    baseband_tone_table(windows->table);
}

void tone_windows_push(struct tone_windows *windows, float complex z)
{
    uint64_t n = windows->total++;
    float complex turn = windows->table[n * windows->waveform->tone_step % BASEBAND_TONE_PERIOD];
    float a = crealf(z) * crealf(turn), b = cimagf(z) * cimagf(turn);
    float c = cimagf(z) * crealf(turn), d = crealf(z) * cimagf(turn);
    /* Summed anew each time, two, four, eight: a running sum would keep the rounding errors of a loud past
     * for ever. */
    wide one = {a - b, c + d, a + b, c - d};
    wide two = one + windows->one;
    wide four = two + windows->two[n % 2];
    wide eight = four + windows->four[n % 4];
    windows->one = one;
    windows->two[n % 2] = two;
    windows->four[n % 4] = four;
    windows->mark[n % TONE_WINDOWS] = eight[0] + _Complex_I * eight[1];
    windows->space[n % TONE_WINDOWS] = eight[2] + _Complex_I * eight[3];
}
