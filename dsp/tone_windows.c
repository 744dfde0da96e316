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
    windows->turned_mark[n % BASEBAND_PER_BIT] = z * turn;
    windows->turned_space[n % BASEBAND_PER_BIT] = z * conjf(turn);
    /* Summed anew each time: a running sum would keep the rounding errors of a loud past for ever. */
    float complex mark = 0.0F, space = 0.0F;
    for (unsigned i = 0; i < BASEBAND_PER_BIT; i++) {
        mark += windows->turned_mark[i];
        space += windows->turned_space[i];
    }
    windows->mark[n % TONE_WINDOWS] = mark;
    windows->space[n % TONE_WINDOWS] = space;
}
