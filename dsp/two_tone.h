/* SPDX-License-Identifier: Apache-2.0 */
/* A waveform of two tones with continuous phase: everything in which Bell 202 and FFSK differ. */
#ifndef ATALAYA_DSP_TWO_TONE_H
#define ATALAYA_DSP_TWO_TONE_H

#include <stdbool.h>

struct gate_settings;

struct two_tone {
    double bit_rate;
    double mark_hz, space_hz; /* line bit 1, line bit 0 */
    double lowpass_hz;        /* half the band kept around the middle of the tones */
    unsigned tone_step;       /* half the tones' distance: cycles in BASEBAND_TONE_PERIOD samples */
    unsigned states;          /* a space instead of a mark turns the phase by one turn less 1 / states */
    float change_slope;       /* samples of lateness a unit of (old tone - new tone); see README.md */
    float gain_rate;          /* share of the newest bit in a tone's amplitude and phase */
    float drift_rate;         /* share of a bit's phase error that is learnt as offset */
    double emphasis_s;        /* time constant of the de-emphasis that some lanes undo; 0: none does */
    const struct gate_settings *gate; /* when to work at all; NULL: always */
    bool radio;        /* AX.25 on FM: complex baseband is also detected without a discriminator */
    double noise_seen; /* part of the noise that the meter's correlations show; measured */
};

#endif
