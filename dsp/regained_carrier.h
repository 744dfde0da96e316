/* SPDX-License-Identifier: Apache-2.0 */
/* The FM carrier that a receiver made audio of, as far as the audio still has it: its phase is the sum of the
 * audio, and where the sum is taken at the right scale a click is one whole turn and does no harm. What the
 * scale is, and whether the audio is de-emphasised, flags tell: they recur. README.md has the mathematics. */
#ifndef ATALAYA_DSP_REGAINED_CARRIER_H
#define ATALAYA_DSP_REGAINED_CARRIER_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGAINED_LEAST_RATE_HZ 22000.0 /* below, too little of the noise is left in the audio */
#define REGAINED_MOST_RATE_HZ  96000.0

enum {
    REGAINED_MEMORY = 65536, /* samples, a power of two: 1.4 s at 48 kHz */
    REGAINED_PLACES = 1024,  /* at which flags are compared */
    REGAINED_CHUNK = 64,
    REGAINED_STRIDE_MAX = 4
};

struct regained_carrier {
    double rate_hz, pole; /* of the receiver's de-emphasis */
    unsigned stride;      /* of audio for one of the carrier */
    uint64_t heard;       /* samples */
    uint64_t made;        /* of them, up to here, the carrier has been told */
    double phase;         /* there, turns */
    bool known;           /* what follows: */
    bool emphasised;
    unsigned bursts; /* that have told it */
    double hz;       /* carrier frequency that the audio, its de-emphasis undone, tells as 1.0 */
    double mean;     /* of the audio, its de-emphasis undone, in the flags last looked at: the carrier is put
                        there */
    float audio[REGAINED_MEMORY];
    float moved[REGAINED_PLACES]; /* by which the carrier moved while flags recurred, in sums of audio */
};

void regained_carrier_reset(struct regained_carrier *regained, double rate_hz);
void regained_carrier_push(struct regained_carrier *regained, const float *audio, size_t count);
/* How alike the 0.1 s before sample `end` and what was 48 bits of Bell 202 before are, which in flags are the
 * same: part of the signal in the audio's power. */
float regained_carrier_likeness(const struct regained_carrier *regained, uint64_t end);
/* Looks for the scale in the 0.1 s before `end`. false: they are no flags on FM, or cut too much; what was
 * known stays known. */
bool regained_carrier_learn(struct regained_carrier *regained, uint64_t end);
/* Begins anew at a sample, which must be remembered. */
void regained_carrier_seek(struct regained_carrier *regained, uint64_t sample);
/* Samples of audio for one of the carrier, at 22,000 S/s or more: the receiver's IF filter was narrower. */
unsigned regained_carrier_stride(double rate_hz);
/* The next samples of the carrier, each at its last sample of audio, of amplitude 1, and their frequencies,
 * Hz; returns how many [size: most]. */
size_t regained_carrier_take(struct regained_carrier *regained, float complex *iq, float *hz, size_t most);

#endif
