/* SPDX-License-Identifier: Apache-2.0 */
#include "biphase_phase.h"

#include <math.h>
#include <string.h>

#define FOLLOW_PHASE 0.15   /* of a bit's phase error goes into the phase, */
#define FOLLOW_TURN  0.0056 /* and into what it turns from bit to bit: a loop that is critically damped */
#define DRIFT_HZ_S   20.0   /* between the drifts that are tried; the loop follows half of it */
#define MIDDLE       11.5   /* of the known bits */
#define CARRIER_PART 0.509F /* carrier over bits: cos 1.1 / sin 1.1 */

enum {
    COMMON_BITS = 16,
    SMOOTH = 10, /* bits on either side whose phases are averaged */
    ROUNDS = 3,
    DRIFTS = 3 /* on either side of none */
};

/* What is known before the first bit is read, if the carrier drifts so much. */
struct outset {
    double phase, turn;              /* in the middle of bit 0; radians a bit */
    double drift;                    /* radians a bit each bit */
    float sense[BIPHASE_KNOWN_BITS]; /* of the known bits, the sense of the phase and the kind included */
    float size;                      /* of d */
};

static float complex turn_back(float complex z, double phase)
{
    return z * ((float)cos(phase) - (float)sin(phase) * (float complex)_Complex_I);
}

/* How far the phase has come `bits` after the middle of the known bits. */
static double phase_from_middle(double turn, double drift, double bits)
{
    return (turn + 0.5 * drift * bits) * bits;
}

/* The carrier before the bits tells the turn, the known bits tell the phase but for half a turn, and the
 * carrier before and within them that. */
static void outset_find(const struct biphase_reader *reader, const struct biphase_burst *burst, double drift,
                        struct outset *outset)
{
    const double bit = burst->bit, start = burst->start;
    float complex first = biphase_sum(reader, start - 62 * bit, start - 32 * bit);
    float complex second = biphase_sum(reader, start - 31 * bit, start - bit);
    float complex common = 0.0F, last = 0.0F, inside = 0.0F;
    float first_size = cabsf(first), second_size = cabsf(second);
    double turn = 0.0;
    if (first_size > 0.6F * second_size && second_size > 0.6F * first_size)
        turn = (double)cargf(second * conjf(first)) / 31.0 + drift * (MIDDLE + 31.0);
    for (unsigned k = 0; k < BIPHASE_KNOWN_BITS; k++) {
        double phase = phase_from_middle(turn, drift, k - MIDDLE);
        float complex d = biphase_known(k) * turn_back(reader->d[k], phase);
        inside += turn_back(reader->c[k], phase);
        if (k < COMMON_BITS)
            common += d;
        else
            last += d;
    }
    float kind = cabsf(common + last) >= cabsf(common - last) ? 1.0F : -1.0F;
    float complex known = common + kind * last;
    double phase = (double)cargf(known) - 0.5 * M_PI;
    float complex carrier = inside + turn_back(second, phase_from_middle(turn, drift, -15.5 - MIDDLE));
    float sense = crealf(turn_back(carrier, phase)) >= 0.0F ? 1.0F : -1.0F;
    outset->size = cabsf(known) / BIPHASE_KNOWN_BITS;
    outset->phase = phase + (sense < 0.0F ? M_PI : 0.0) + phase_from_middle(turn, drift, -MIDDLE);
    outset->turn = turn - MIDDLE * drift;
    outset->drift = drift;
    for (unsigned k = 0; k < BIPHASE_KNOWN_BITS; k++)
        outset->sense[k] = sense * biphase_known(k) * (k < COMMON_BITS ? 1.0F : kind);
}

static float bounded(float value)
{
    return value < -1.0F ? -1.0F : value > 1.0F ? 1.0F : value;
}

/* All that a bit says of the phase, turned back by `phase`; its argument is the error. */
static float complex evidence(const struct biphase_reader *reader, const struct outset *outset, unsigned k,
                              double phase)
{
    float complex c = turn_back(reader->c[k], phase), d = turn_back(reader->d[k], phase);
    float decision = k < BIPHASE_KNOWN_BITS ? outset->sense[k] : bounded(cimagf(d) / outset->size);
    return CARRIER_PART * c - decision * d * (float complex)_Complex_I;
}

/* Bit by bit, each phase from those before. */
static void phase_follow(const struct biphase_reader *reader, const struct outset *outset,
                         double phase[static BIPHASE_BITS])
{
    const float most = outset->size * (1.0F + CARRIER_PART * CARRIER_PART);
    double now = outset->phase, turn = outset->turn;
    for (unsigned k = 0; k < BIPHASE_BITS; k++) {
        phase[k] = now;
        double error = (double)bounded(cimagf(evidence(reader, outset, k, now)) / most);
        turn += outset->drift + FOLLOW_TURN * error;
        now += turn + FOLLOW_PHASE * error;
    }
}

/* Then each from those before and after it, by a straight line through what they say. */
static void phase_smooth(const struct biphase_reader *reader, const struct outset *outset,
                         double phase[static BIPHASE_BITS])
{
    const float most = outset->size * (1.0F + CARRIER_PART * CARRIER_PART);
    double said[BIPHASE_BITS];
    for (unsigned k = 0; k < BIPHASE_BITS; k++)
        said[k] = phase[k] + (double)bounded(cimagf(evidence(reader, outset, k, phase[k])) / most);
    for (int k = 0; k < BIPHASE_BITS; k++) {
        int from = k > SMOOTH ? k - SMOOTH : 0,
            to = k + SMOOTH < BIPHASE_BITS ? k + SMOOTH : BIPHASE_BITS - 1;
        double count = to - from + 1, middle = 0.5 * (from + to), mean = 0.0, slope = 0.0;
        for (int i = from; i <= to; i++) {
            mean += said[i] / count;
            slope += (i - middle) * said[i];
        }
        phase[k] = mean + (k - middle) * slope * 12.0 / (count * (count * count - 1.0));
    }
}

/* How much of all bits is where these phases have it. */
static float phase_judge(const struct biphase_reader *reader, const struct outset *outset,
                         const double phase[static BIPHASE_BITS])
{
    float sum = 0.0F;
    for (unsigned k = 0; k < BIPHASE_BITS; k++)
        sum += crealf(evidence(reader, outset, k, phase[k]));
    return sum;
}

/* The phase of every bit for the drift that fits best. */
static void phase_find(const struct biphase_reader *reader, const struct biphase_burst *burst,
                       double phase[static BIPHASE_BITS])
{
    const double unit = 2.0 * M_PI * DRIFT_HZ_S / BIPHASE_BIT_RATE / BIPHASE_BIT_RATE;
    float best = -1.0F;
    for (int n = -DRIFTS; n <= DRIFTS; n++) {
        struct outset outset;
        double tried[BIPHASE_BITS];
        outset_find(reader, burst, n * unit, &outset);
        phase_follow(reader, &outset, tried);
        for (unsigned round = 0; round < ROUNDS; round++)
            phase_smooth(reader, &outset, tried);
        float agreed = phase_judge(reader, &outset, tried);
        if (agreed <= best)
            continue;
        best = agreed;
        memcpy(phase, tried, sizeof tried);
    }
}

void biphase_phase_read(const struct biphase_reader *reader, struct biphase_burst *burst)
{
    double phase[BIPHASE_BITS];
    float carrier = 0.0F, along = 0.0F, across = 0.0F, shift = 0.0F;
    phase_find(reader, burst, phase);
    for (unsigned k = 0; k < BIPHASE_BITS; k++) {
        float complex d = turn_back(reader->d[k], phase[k]);
        burst->value[k] = cimagf(d);
        if (k >= BIPHASE_SHORT_BITS)
            continue;
        carrier += crealf(turn_back(reader->c[k], phase[k])) / BIPHASE_SHORT_BITS;
        along += cimagf(d) * cimagf(d) / BIPHASE_SHORT_BITS;
        across += crealf(d) * crealf(d) / BIPHASE_SHORT_BITS;
        shift += crealf(d) / BIPHASE_SHORT_BITS;
    }
    across -= shift * shift; /* the same in every bit: somebody else's carrier */
    for (int k = 0; k < BIPHASE_MARGIN; k++) {
        float complex before = biphase_bit(reader, burst, k - BIPHASE_MARGIN);
        float complex after = biphase_bit(reader, burst, BIPHASE_BITS + k);
        burst->margin[k] = cimagf(turn_back(before, phase[0]));
        burst->margin[BIPHASE_MARGIN + k] = cimagf(turn_back(after, phase[BIPHASE_BITS - 1]));
    }
    /* Noise lies across the bits as much as along them. */
    float bits = fmaxf(along - across, 0.05F * along), power = bits + carrier * carrier;
    /* The bits lose something by the time that the phase
     * takes to turn; the carrier before them, where it was heard, does not. */
    float before =
        cabsf(biphase_sum(reader, burst->start - 31 * burst->bit, burst->start - burst->bit)) / 30.0F;
    if (before * before > 0.5F * power)
        power = before * before;
    burst->carrier = carrier / sqrtf(bits + 1e-30F);
    burst->along = along / fmaxf(across, 1e-6F * along + 1e-30F);
    burst->amplitude = sqrtf(power) / (float)burst->bit;
    burst->ebn0 = power / (2.0F * fmaxf(across, 1e-4F * power + 1e-30F));
    const unsigned from = BIPHASE_KNOWN_BITS, to = BIPHASE_SHORT_BITS - 1;
    burst->turn += (phase[to] - phase[from]) / ((to - from) * burst->bit);
}
