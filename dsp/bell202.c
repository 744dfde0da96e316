/* SPDX-License-Identifier: Apache-2.0 */
#include "two_tone_modem.h"

static const struct two_tone waveform = {
    .bit_rate = 1200.0,
    .mark_hz = 1200.0, /* bit 1; Bell 202 */
    .space_hz = 2200.0,
    .lowpass_hz = 1700.0, /* passes 0 to 3400 Hz of audio; stops its image below -2400 Hz */
    .tone_step = 5,       /* 500 Hz at 9600 samples a second */
    .states = 6,
    .change_slope = 2.14F,
    .gain_rate = 0.05F,
    .drift_rate = 0.0006F,
    .emphasis_s = 750e-6, /* one pole at 212 Hz */
    .radio = true,
    .noise_seen = 0.885, /* white noise, 5 to 30 dB: 0.53 dB */
};

TWO_TONE_CLASS(bell202, TWO_TONE_BRANCHES + 2, two_tone_execute_iq);
