/* SPDX-License-Identifier: Apache-2.0 */
/* Fast FSK at 2400 bit/s: half a cycle of 1200 Hz or a whole one of 2400 Hz a bit, minimum-shift keying
 * around 1800 Hz: the faster FleetSync. Line bit 1 is 1200 Hz. */
#include "gate.h"
#include "two_tone_modem.h"

/* 150 Hz: flags of AX.25. */
static const struct gate_settings gate = {.watch = {.middle_hz = 1800.0,
                                                    .pulse_s = 1.6 / 2400.0,
                                                    .line_hz = 1200.0,
                                                    .rate_hz = 6000.0,
                                                    .window_s = 0.08,
                                                    .reach_hz = 120.0,
                                                    .usual_hz = 36.0,
                                                    .bins = 27,
                                                    .apart = 20.0F,
                                                    .lifted = 300.0F,
                                                    .comb_hz = 150.0,
                                                    .threshold = 5.6F,
                                                    .lasting = 4.1F,
                                                    .both = 12.0F},
                                          .look_back_s = 0.25,
                                          .hold_s = 0.12};

static const struct two_tone waveform = {
    .bit_rate = 2400.0,
    .mark_hz = 1200.0,
    .space_hz = 2400.0,
    .lowpass_hz = 1700.0, /* passes 100 to 3500 Hz of audio */
    .tone_step = 3,       /* 600 Hz at 19,200 samples a second */
    .states = 2,
    .change_slope = 7.0F,
    .gain_rate = 0.1F, /* as of ffsk1200, for the same reasons */
    .drift_rate = 0.004F,
    .gate = &gate,
    .noise_seen = 0.66, /* 3 to 30 dB; the low-pass keeps less of a shorter bit's noise */
};

TWO_TONE_CLASS(ffsk2400, TWO_TONE_BRANCHES + 1, NULL);
