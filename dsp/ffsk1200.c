/* SPDX-License-Identifier: Apache-2.0 */
/* Fast FSK of land mobile radio: 1200 bit/s, phase-continuous, one cycle of 1200 Hz or one and a half of
 * 1800 Hz a bit: minimum-shift keying around 1500 Hz. Line bit 1 is 1200 Hz, as in MPT1327 clause 6.1.2;
 * users that have it the other way round, or mean a change of tone, are told apart by their synchronisation
 * words: the protocols look for both polarities. */
#include "ffsk1200.h"

#include "two_tone_modem.h"

/* The shortest bursts of FleetSync and MDC-1200 fill the window; 150 Hz: flags of AX.25. */
const struct gate_settings ffsk1200_gate = {.watch = {.middle_hz = 1500.0,
                                                      .pulse_s = 1.6 / 1200.0,
                                                      .line_hz = 600.0,
                                                      .rate_hz = 4800.0,
                                                      .window_s = 0.107,
                                                      .reach_hz = 60.0,
                                                      .usual_hz = 36.0,
                                                      .bins = 25,
                                                      .apart = 25.0F,
                                                      .comb_hz = 150.0,
                                                      .threshold = 5.5F,
                                                      .lasting = 3.75F,
                                                      .both = 8.0F},
                                            .look_back_s = 0.4,
                                            .hold_s = 0.3};

static const struct two_tone waveform = {
    .bit_rate = 1200.0,
    .mark_hz = 1200.0,
    .space_hz = 1800.0,
    .lowpass_hz = 1400.0, /* passes 100 to 2900 Hz of audio; stops its image below -2100 Hz */
    .tone_step = 3,       /* 300 Hz at 9600 samples a second */
    .states = 2,
    .change_slope = 7.0F,
    /* Two states leave half a turn between them where Bell 202's six leave a sixth: the offset must be learnt
     * faster, from the first bits on. 30 Hz either way for 5 % more wrong bits at 4 dB. */
    .gain_rate = 0.1F,
    .drift_rate = 0.004F,
    .gate = &ffsk1200_gate,
    .noise_seen = 0.885,
};

TWO_TONE_CLASS(ffsk1200, TWO_TONE_BRANCHES + 1, NULL);
