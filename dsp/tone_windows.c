/* SPDX-License-Identifier: Apache-2.0 */
#include "tone_windows.h"

#include <math.h>
#include <string.h>

void baseband_tone_table(float complex table[BASEBAND_TONE_PERIOD])
{
    for (int i = 0; i < BASEBAND_TONE_PERIOD; i++)
        table[i] = cexpf(2.0F * (float)M_PI * _Complex_I * (float)i / (float)BASEBAND_TONE_PERIOD);
}

/* A sample earlier at the receiver's middle frequency is a factor, and another one at each tone. */
static void set_emphasis(struct tone_windows *windows)
{
    const struct two_tone *waveform = windows->waveform;
    const double rate_hz = BASEBAND_PER_BIT * waveform->bit_rate, tau_s = waveform->emphasis_s;
    const float b = tau_s > 0.0 ? (float)exp(-1.0 / (rate_hz * tau_s)) : 0.0F;
    const float middle = (float)(M_PI * (waveform->mark_hz + waveform->space_hz) / rate_hz);
    const float complex earlier = b * cexpf(-_Complex_I * middle), turn = windows->table[waveform->tone_step];
    const float complex mark = earlier * turn, space = earlier * conjf(turn);
    windows->back_re = (wide){crealf(mark), crealf(mark), crealf(space), crealf(space)};
    windows->back_im = (wide){-cimagf(mark), cimagf(mark), -cimagf(space), cimagf(space)};
}

void tone_windows_reset(struct tone_windows *windows, const struct two_tone *waveform)
{
    memset(windows, 0, sizeof *windows);
    windows->waveform = waveform;
    baseband_tone_table(windows->table);
    set_emphasis(windows);
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
    const wide before = windows->before, turned = {before[1], before[0], before[3], before[2]};
    wide lifted = eight - (before * windows->back_re + turned * windows->back_im);
    windows->before = eight;
    windows->lifted_mark[n % TONE_WINDOWS] = lifted[0] + _Complex_I * lifted[1];
    windows->lifted_space[n % TONE_WINDOWS] = lifted[2] + _Complex_I * lifted[3];
    windows->mark[n % TONE_WINDOWS] = eight[0] + _Complex_I * eight[1];
    windows->space[n % TONE_WINDOWS] = eight[2] + _Complex_I * eight[3];
}
