/* SPDX-License-Identifier: Apache-2.0 */
/* Remembers the baseband of the last bits and measures bursts in it afterwards, when the decisions are known.
 * Of a burst that is longer its end speaks for the whole. */
#ifndef ATALAYA_DSP_BURST_METER_H
#define ATALAYA_DSP_BURST_METER_H

#include <stdint.h>

#include "baseband.h"
#include "bit_train.h"

enum {
    METER_BITS = 2048,                            /* an eighth of a MiB: there may be a hundred channels */
    METER_SAMPLES = METER_BITS * BASEBAND_PER_BIT /* a power of two, so that the ring's index can wrap */
};

struct burst_meter {
    const struct two_tone *waveform;
    uint64_t total; /* baseband samples since reset */
    unsigned delay; /* by which baseband lags the input, for the peaks */
    float complex z[METER_SAMPLES];
    float peak[METER_BITS]; /* of every BASEBAND_PER_BIT samples */
    float complex table[BASEBAND_TONE_PERIOD];
};

/* A burst in baseband: where its bits are. */
struct burst_span {
    const struct bit_train *train;
    uint64_t first_bit, end_bit;
    double start, length; /* of the first bit and of each, in baseband samples */
};

void burst_meter_reset(struct burst_meter *meter, const struct two_tone *waveform, unsigned delay);
void burst_meter_execute(struct burst_meter *meter, const struct baseband_block *block);
/* Start of the window that correlate takes for `start`: samples are whole. */
double burst_meter_window(double start);
/* One-bit correlation with a tone, the window starting at baseband instant `start`; false when that is not in
 * memory. A steady tone gives |sum| = |z|. */
bool burst_meter_correlate(const struct burst_meter *meter, double start, bool mark, float complex *sum);
/* Fills level, snr, offset, peak and the louder tone. What the burst does not show is NaN. */
void burst_meter_measure(const struct burst_meter *meter, const struct burst_span *span,
                         struct burst_figures *figures);

#endif
