/* SPDX-License-Identifier: Apache-2.0 */
#include "burst_meter.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "burst_coherent.h"

/* Where a tone lasts for three bits or more, one-bit correlations C(j) are taken half a bit away from the
 * changes, so that neither timing nor filter tails matter. With signal amplitude A, tone offset f and noise
 * of variance s in each: mean of C(j+1) conj C(j) = A^2 exp(i 2 pi f T), mean of |C|^2 = A^2 + s, and Eb/N0 =
 * A^2 / s (matched filter, complex noise). */
/* Part of the noise shows only (waveform->noise_seen): the front end's band ends inside the correlators'
 * side lobes, and what neighbouring windows have in common counts as signal. */

#define COHERENT_NOISE 0.01 /* less than 20 dB */

struct tone_sums {
    double complex product;
    double power;
    unsigned pairs;
};

void burst_meter_reset(struct burst_meter *meter, const struct two_tone *waveform, unsigned delay)
{
    /* The rings keep what they have: nothing older than the reset is looked at, and memory that no burst has
     * needed is never touched. */
    meter->total = 0;
    meter->waveform = waveform;
    meter->delay = delay;
    meter->peak[(METER_SAMPLES - delay) / BASEBAND_PER_BIT % METER_BITS] = 0.0F;
    baseband_tone_table(meter->table);
}

void burst_meter_execute(struct burst_meter *meter, const struct baseband_block *block)
{
    for (unsigned i = 0; i < block->count; i++) {
        meter->z[meter->total % METER_SAMPLES] = block->z[i];
        uint64_t input = (meter->total + METER_SAMPLES - meter->delay);
        float *peak = &meter->peak[input / BASEBAND_PER_BIT % METER_BITS];
        bool louder = input % BASEBAND_PER_BIT == 0 || block->peak[i] > *peak;
        *peak = louder ? block->peak[i] : *peak;
        meter->total++;
    }
}

static bool in_memory(const struct burst_meter *meter, double first)
{
    double total = (double)meter->total;
    return first >= 0.0 && first >= total - METER_SAMPLES && first + BASEBAND_PER_BIT <= total;
}

double burst_meter_window(double start)
{
    return round(start + 0.5) - 0.5; /* sample n covers n - 1/2 to n + 1/2 */
}

bool burst_meter_correlate(const struct burst_meter *meter, double start, bool mark, float complex *sum)
{
    double first = burst_meter_window(start) + 0.5;
    if (!in_memory(meter, first))
        return false;
    uint64_t index = (uint64_t)first;
    float complex total = 0.0F;
    for (unsigned i = 0; i < BASEBAND_PER_BIT; i++, index++) {
        float complex turn = meter->table[index * meter->waveform->tone_step % BASEBAND_TONE_PERIOD];
        total += meter->z[index % METER_SAMPLES] * (mark ? turn : conjf(turn));
    }
    *sum = total / (float)BASEBAND_PER_BIT;
    return true;
}

static void add_steady_run(const struct burst_meter *meter, double start, double length, uint64_t bits,
                           bool mark, struct tone_sums *sums)
{
    float complex before = 0.0F, here = 0.0F;
    bool known = false;
    for (uint64_t i = 0; i + 1 < bits; i++) {
        bool read = burst_meter_correlate(meter, start + ((double)i + 0.5) * length, mark, &here);
        if (read && known) {
            sums->product += (double complex)(here * conjf(before));
            sums->power += 0.5 * (double)(crealf(here * conjf(here)) + crealf(before * conjf(before)));
            sums->pairs++;
        }
        before = here;
        known = read;
    }
}

static void collect(const struct burst_meter *meter, const struct burst_span *span, struct tone_sums tones[2])
{
    uint64_t bit = span->first_bit;
    while (bit < span->end_bit) {
        bool mark = bit_train_decision(span->train, bit);
        uint64_t end = bit + 1;
        while (end < span->end_bit && bit_train_decision(span->train, end) == mark)
            end++;
        double start = span->start + (double)(bit - span->first_bit) * span->length;
        add_steady_run(meter, start, span->length, end - bit, mark, &tones[mark]);
        bit = end;
    }
}

static float find_peak(const struct burst_meter *meter, const struct burst_span *span)
{
    float peak = 0.0F;
    double end = span->start + (double)(span->end_bit - span->first_bit) * span->length;
    double known = (double)meter->total - meter->delay, oldest = known - METER_SAMPLES + BASEBAND_PER_BIT;
    for (double at = fmax(span->start, fmax(oldest, 0.0)); at < fmin(end, known); at += BASEBAND_PER_BIT)
        peak = fmaxf(peak, meter->peak[(uint64_t)at / BASEBAND_PER_BIT % METER_BITS]);
    return peak;
}

void burst_meter_measure(const struct burst_meter *meter, const struct burst_span *span,
                         struct burst_figures *figures)
{
    struct tone_sums tones[2] = {{0}};
    collect(meter, span, tones);
    figures->level_dbfs = figures->snr_db = figures->offset_hz = figures->deviation_hz = NAN;
    figures->tone_hz = figures->tone_amplitude = 0.0F;
    figures->peak = find_peak(meter, span);
    double complex product = tones[0].product + tones[1].product;
    double pairs = tones[0].pairs + tones[1].pairs, signal = 0.0, seen = 0.0;
    for (int i = 0; i < 2; i++) {
        if (tones[i].pairs == 0)
            continue;
        const float amplitude = (float)(2.0 * sqrt(cabs(tones[i].product) / tones[i].pairs));
        if (amplitude > figures->tone_amplitude) { /* the louder one is what a transmitter limits */
            figures->tone_amplitude = amplitude;
            figures->tone_hz = (float)(i ? meter->waveform->mark_hz : meter->waveform->space_hz);
        }
        signal += cabs(tones[i].product) / pairs;
        seen += tones[i].power / pairs;
    }
    if (!(signal > 0.0))
        return;
    figures->level_dbfs = (float)(10.0 * log10(4.0 * signal)); /* a sine of amplitude a has |z| = a / 2 */
    const double turn = carg(product);
    double weak_signal, weak_seen;
    if (burst_coherent_measure(meter, span, turn, &weak_signal, &weak_seen) &&
        weak_seen - weak_signal > COHERENT_NOISE * weak_signal) {
        signal = weak_signal;
        seen = weak_seen;
    }
    if (seen > signal)
        figures->snr_db = (float)(10.0 * log10(meter->waveform->noise_seen * signal / (seen - signal)));
    figures->offset_hz = (float)(turn / (2.0 * M_PI) * meter->waveform->bit_rate);
}
