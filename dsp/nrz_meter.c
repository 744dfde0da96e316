/* SPDX-License-Identifier: Apache-2.0 */
#include "nrz_meter.h"

#include <math.h>
#include <string.h>

enum { REACH = 3, TAPS = 2 * REACH + 1, UNKNOWNS = TAPS + 1, LEAST_BITS = 64 };

/* (Tap of the next bit - tap of the last bit) / middle tap, for samples late by t bits: t times this for the
 * ideal pulse, within 0.01 bit. */
#define LATE_SLOPE 1.757
#define LATE_BEND  1.96
#define LATE_MOST  0.6
/* Part of the signal's energy that cancels in samples half a bit late (of those t bits late: times the square
 * of sin pi t), as what lies beyond half the bit rate folds back with the other sign. */
#define FOLDED 0.135

void nrz_peaks_reset(struct nrz_peaks *peaks, double samples_a_bit)
{
    memset(peaks, 0, sizeof *peaks);
    peaks->stretch = (unsigned)samples_a_bit;
}

void nrz_peaks_execute(struct nrz_peaks *peaks, const float *samples, unsigned count)
{
    for (unsigned i = 0; i < count; i++, peaks->total++) {
        float *peak = &peaks->peak[peaks->total / peaks->stretch % NRZ_PEAKS], size = fabsf(samples[i]);
        bool louder = peaks->total % peaks->stretch == 0 || size > *peak;
        *peak = louder ? size : *peak;
    }
}

float nrz_peaks_find(const struct nrz_peaks *peaks, double first, double end)
{
    float peak = 0.0F;
    end = fmin(end, (double)peaks->total);
    for (double at = fmax(first, 0.0); at < end; at += peaks->stretch) {
        float size = peaks->peak[(uint64_t)at / peaks->stretch % NRZ_PEAKS];
        peak = size > peak ? size : peak;
    }
    return peak;
}

/* Gauss-Jordan without choice of pivots: the matrix is symmetric and positive definite but for bursts that
 * cannot be measured. */
static bool solve(double matrix[UNKNOWNS][UNKNOWNS + 1])
{
    for (int p = 0; p < UNKNOWNS; p++) {
        if (!(matrix[p][p] > 1e-3))
            return false;
        for (int r = 0; r < UNKNOWNS; r++) {
            double share = matrix[r][p] / matrix[p][p];
            for (int c = p; c <= UNKNOWNS && r != p; c++)
                matrix[r][c] -= share * matrix[p][c];
        }
    }
    for (int r = 0; r < UNKNOWNS; r++)
        matrix[r][UNKNOWNS] /= matrix[r][r];
    return true;
}

/* The bits that a sample shows, the next ones first, and 1 for the zero line. */
static void regressors(const struct bit_train *train, uint64_t bit, double x[UNKNOWNS])
{
    for (unsigned j = 0; j < TAPS; j++)
        x[j] = bit_train_decision(train, bit + REACH - j) ? 1.0 : -1.0;
    x[TAPS] = 1.0;
}

static double predict(double solution[UNKNOWNS][UNKNOWNS + 1], const double x[UNKNOWNS])
{
    double sum = 0.0;
    for (int j = 0; j < UNKNOWNS; j++)
        sum += solution[j][UNKNOWNS] * x[j];
    return sum;
}

static double find_late(double lean)
{
    double late = 0.0;
    for (int round = 0; round < 4; round++)
        late = fmin(fmax(lean / (LATE_SLOPE + LATE_BEND * late * late), -LATE_MOST), LATE_MOST);
    return late;
}

bool nrz_fit_make(struct nrz_fit *fit, const struct bit_train *train, const float *samples,
                  uint64_t first_bit, uint64_t end_bit)
{
    if (end_bit - first_bit < LEAST_BITS)
        return false;
    double matrix[UNKNOWNS][UNKNOWNS + 1] = {{0.0}}, x[UNKNOWNS], left = 0.0, signal = 0.0;
    for (uint64_t bit = first_bit + REACH; bit + REACH < end_bit; bit++) {
        double value = (double)samples[bit % BIT_TRAIN_MEMORY];
        regressors(train, bit, x);
        for (int r = 0; r < UNKNOWNS; r++) {
            for (int c = 0; c < UNKNOWNS; c++)
                matrix[r][c] += x[r] * x[c];
            matrix[r][UNKNOWNS] += x[r] * value;
        }
    }
    if (!solve(matrix))
        return false;
    for (uint64_t bit = first_bit + REACH; bit + REACH < end_bit; bit++) {
        regressors(train, bit, x);
        double error = (double)samples[bit % BIT_TRAIN_MEMORY] - predict(matrix, x);
        left += error * error;
    }
    for (int j = 0; j < TAPS; j++)
        signal += matrix[j][UNKNOWNS] * matrix[j][UNKNOWNS];
    fit->noise = left / (double)(end_bit - first_bit - 2 * REACH - UNKNOWNS);
    fit->zero = matrix[TAPS][UNKNOWNS];
    fit->late =
        find_late((matrix[REACH - 1][UNKNOWNS] - matrix[REACH + 1][UNKNOWNS]) / matrix[REACH][UNKNOWNS]);
    fit->signal = signal / (1.0 - FOLDED * sin(M_PI * fit->late) * sin(M_PI * fit->late));
    return signal > 0.0;
}
