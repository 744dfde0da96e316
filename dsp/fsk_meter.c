/* SPDX-License-Identifier: Apache-2.0 */
#include "fsk_meter.h"

#include <math.h>

enum { LEAST_BITS = 32 };

/* Part of the noise that shows: the channel filter ends within the bit's spectrum, and the best survivor is
 * the one that sees least of it. Measured with white noise, 6 to 30 dB: 0.9 dB. */
#define NOISE_SEEN 0.81

/* Noise is measured in the phase of the carrier, where what the trellis does not model (timing between its
 * lanes, deviation between its steps, far ends of the pulse) is of second order, as it turns the carrier;
 * between neighbouring bits, so that fading does not count. By the mean size of their differences (of normal
 * ones 2 / sqrt(pi) deviations of each), which a few bits while the lane still learns spoil less than
 * squares. */
void fsk_meter_measure(const struct fsk_bank *bank, unsigned lane, uint64_t first_bit, uint64_t end_bit,
                       struct burst_figures *figures)
{
    double re = 0.0, noise = 0.0, offset_hz = 0.0, count = (double)(end_bit - first_bit);
    if (count < LEAST_BITS)
        return;
    double before = (double)bank->seen[lane][first_bit % BIT_TRAIN_MEMORY].re;
    for (uint64_t bit = first_bit; bit < end_bit; bit++) {
        const struct fsk_seen *seen = &bank->seen[lane][bit % BIT_TRAIN_MEMORY];
        double apart = (double)seen->re - before;
        before = (double)seen->re;
        re += before / count;
        noise += fabs(apart) / (count - 1.0);
        offset_hz += (double)seen->offset_hz / count;
    }
    noise *= 0.25 * M_PI * noise;
    if (!(re > 0.0))
        return;
    /* With carrier power P and noise power s in the bit's correlation: re = P and a variance of P s / 2. */
    figures->level_dbfs = (float)(10.0 * log10(re));
    if (noise > 0.0)
        figures->snr_db = (float)(10.0 * log10(0.5 * NOISE_SEEN * re * re / noise));
    figures->offset_hz = (float)offset_hz;
    figures->deviation_hz = bank->deviation_hz[lane];
}
