/* SPDX-License-Identifier: Apache-2.0 */
#include "gmsk_audio.h"

#include <math.h>
#include <string.h>

#include "gmsk_pulse.h"

#define SMOOTH_HZ 3000.0
#define LEVEL_S   0.06
/* Root mean square of random changes through Gauss filter and the two poles, in units of the deviation:
 * measured, see README.md. */
#define RMS   0.59F
#define QUIET 1e-9F

void gmsk_audio_reset(struct gmsk_audio *audio, double rate_hz)
{
    memset(audio, 0, sizeof *audio);
    audio->smooth_rate = (float)(1.0 - exp(-2.0 * M_PI * SMOOTH_HZ / rate_hz));
    audio->level_rate = (float)(1.0 - exp(-1.0 / (LEVEL_S * rate_hz)));
    audio->turn = 2.0 * M_PI * GMSK_DEVIATION_HZ / rate_hz;
}

float complex gmsk_audio_execute(struct gmsk_audio *audio, float sample)
{
    audio->used = true;
    audio->smooth[0] += audio->smooth_rate * (sample - audio->smooth[0]);
    audio->smooth[1] += audio->smooth_rate * (audio->smooth[0] - audio->smooth[1]);
    float signal = audio->smooth[1] - audio->mean;
    audio->mean += 0.3F * audio->level_rate * signal;
    audio->power += audio->level_rate * (signal * signal - audio->power);
    float gain = RMS / sqrtf(audio->power + QUIET);
    audio->phase = fmod(audio->phase + audio->turn * (double)(gain * (sample - audio->mean)), 2.0 * M_PI);
    return cosf((float)audio->phase) + sinf((float)audio->phase) * (float complex)_Complex_I;
}
