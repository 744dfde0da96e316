/* SPDX-License-Identifier: Apache-2.0 */
/* Discriminator audio of any level back to a carrier: its sum is the phase. Clicks, which are whole turns, do
 * no harm to it; what is lost is the amplitude. */
#ifndef ATALAYA_DSP_GMSK_AUDIO_H
#define ATALAYA_DSP_GMSK_AUDIO_H

#include <complex.h>
#include <stdbool.h>

struct gmsk_audio {
    bool used;
    float smooth[2];   /* the signal's band, two poles */
    float power, mean; /* running, of that */
    float smooth_rate, level_rate;
    double turn, phase; /* radians a sample at the deviation; radians */
};

void gmsk_audio_reset(struct gmsk_audio *audio, double rate_hz);
float complex gmsk_audio_execute(struct gmsk_audio *audio, float sample);

#endif
