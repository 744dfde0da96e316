/* SPDX-License-Identifier: Apache-2.0 */
#include "fsk_meter.h"

#include <math.h>

enum { LEAST_BITS = 32 };

/* Part of the noise that shows: the channel filter ends within the bit's spectrum, and the best survivor is
 * the one that sees least of it. Measured with white noise, 6 to 30 dB: 0.9 dB. */
#define NOISE_SEEN 0.81

/* While a lane learns it sees more than the noise: what the later half of a burst saw is taken where the
 * earlier half saw so many deviations more. Of normal noise the mean over n bits strays by 0.75 / sqrt(n). */
#define LEARNING   2.6
#define MEAN_STRAY 0.75
#define QUIET      0.13 /* of the carrier, 15 dB: beside more noise what a lane learns does not show */

/* Noise is measured in the phase of the carrier, where what the trellis does not model (timing between its
 * lanes, deviation between its steps, far ends of the pulse) is of second order, as it turns the carrier;
 * between neighbouring bits, so that fading does not count. By the mean size of their differences (of normal
 * ones 2 / sqrt(pi) deviations of each), which a few bits while the lane still learns spoil less than
 * squares. */
static double mean_apart(const struct fsk_seen *seen, uint64_t first_bit, uint64_t end_bit)
{
    double sum = 0.0, before = (double)seen[first_bit % BIT_TRAIN_MEMORY].re;
    for (uint64_t bit = first_bit + 1; bit < end_bit; bit++) {
        const double re = (double)seen[bit % BIT_TRAIN_MEMORY].re;
        sum += fabs(re - before);
        before = re;
    }
    return sum / (double)(end_bit - first_bit - 1);
}

static double apart_when_learnt(const struct fsk_seen *seen, uint64_t first_bit, uint64_t end_bit,
                                double carrier)
{
    double whole = mean_apart(seen, first_bit, end_bit);
    while (whole < QUIET * carrier && end_bit - first_bit >= 4 * LEAST_BITS) {
        const uint64_t middle = first_bit + (end_bit - first_bit) / 2;
        const double late = mean_apart(seen, middle, end_bit);
        const double stray = MEAN_STRAY * sqrt(2.0 / (double)(middle - first_bit));
        if (mean_apart(seen, first_bit, middle) < (1.0 + LEARNING * stray) * late)
            break;
        whole = late;
        first_bit = middle;
    }
    return whole;
}

void fsk_meter_measure(const struct fsk_bank *bank, unsigned lane, uint64_t first_bit, uint64_t end_bit,
                       struct burst_figures *figures)
{
    double re = 0.0, offset_hz = 0.0, count = (double)(end_bit - first_bit);
    if (count < LEAST_BITS)
        return;
    for (uint64_t bit = first_bit; bit < end_bit; bit++) {
        const struct fsk_seen *seen = &bank->seen[lane][bit % BIT_TRAIN_MEMORY];
        re += (double)seen->re / count;
        offset_hz += (double)seen->offset_hz / count;
    }
    const double apart = apart_when_learnt(bank->seen[lane], first_bit, end_bit, re);
    const double noise = 0.25 * M_PI * apart * apart;
    if (!(re > 0.0))
        return;
    /* With carrier power P and noise power s in the bit's correlation: re = P and a variance of P s / 2. */
    figures->level_dbfs = (float)(10.0 * log10(re));
    if (noise > 0.0)
        figures->snr_db = (float)(10.0 * log10(0.5 * NOISE_SEEN * re * re / noise));
    figures->offset_hz = (float)offset_hz;
    figures->deviation_hz = bank->deviation_hz[lane];
}
