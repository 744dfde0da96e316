/* SPDX-License-Identifier: Apache-2.0 */
/* Loops go through the burst once, by decisions; then it is read again with phases and clock smoothed from
 * both sides. */
#include "dsss_track.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define PHASE_GAIN  0.25 /* a second-order loop of 4 Hz, */
#define TURN_GAIN   0.03
#define LATE_GAIN   0.08 /* and one for the clock */
#define CLOCK_GAIN  0.002
#define EARLY       0.25 /* chips: where the clock is measured */
#define LATE_SLOPE  3.3  /* of the difference, for half-sines: 2 pi 3/4 sin(pi/4) */
#define SPREAD      5.0  /* pairs: standard deviation of the smoothing window */
#define LEAST_NOISE 1e-4 /* of the power: what is stronger is told so */
#define SOFT_MEAN   48.0 /* soft value of a bit of mean strength */

enum { PASSES = 2, WINDOW = 15 };

/* What is known of the pairs. */
struct track {
    struct dsss_place place;
    double amplitude, noise;
    double phase[DSSS_PAIRS], turn[DSSS_PAIRS], late[DSSS_PAIRS];
    double complex i[DSSS_PAIRS], q[DSSS_PAIRS]; /* turned back by `phase` */
    double complex channel[DSSS_PAIRS];          /* what `i` is for a 0, from the neighbours */
};

static double complex turned(float complex value, double phase)
{
    return (double complex)value * cexp(-phase * (double complex)_Complex_I);
}

static double sign(double value)
{
    return value < 0.0 ? -1.0 : 1.0;
}

/* Reads a pair at its phase, and how late its chips are. */
static void pair_read(struct track *track, const struct dsss_despread *how, unsigned k, double shift)
{
    struct dsss_pair now = dsss_despread(how, &track->place, k, shift, track->turn[k]);
    struct dsss_pair early = dsss_despread(how, &track->place, k, shift - EARLY, track->turn[k]);
    struct dsss_pair late = dsss_despread(how, &track->place, k, shift + EARLY, track->turn[k]);
    double phase = track->phase[k];
    track->i[k] = turned(now.i, phase);
    track->q[k] = turned(now.q, phase);
    double on_i = k < DSSS_PREAMBLE_PAIRS ? 1.0 : sign(creal(track->i[k]));
    double on_q = k < DSSS_PREAMBLE_PAIRS ? 1.0 : sign(creal(track->q[k]));
    double more =
        creal(turned(late.i - early.i, phase)) * on_i + creal(turned(late.q - early.q, phase)) * on_q;
    track->late[k] = shift + more / (2.0 * LATE_SLOPE * track->amplitude);
}

static double bounded(double value, double limit)
{
    return value > limit ? limit : value < -limit ? -limit : value;
}

/* The first time, with the past only. */
static void loops_execute(struct track *track, const struct dsss_despread *how, const struct dsss_lock *lock)
{
    double turn = lock->turn, shift = 0.0, slow = 0.0;
    double phase = lock->phase - turn * DSSS_CHIPS_A_BIT * (DSSS_PREAMBLE_PAIRS / 2);
    for (unsigned k = 0; k < DSSS_PAIRS; k++) {
        track->phase[k] = phase;
        track->turn[k] = turn;
        pair_read(track, how, k, shift);
        bool known = k < DSSS_PREAMBLE_PAIRS;
        double on_i = known ? 1.0 : sign(creal(track->i[k])), on_q = known ? 1.0 : sign(creal(track->q[k]));
        double complex both = on_i * track->i[k] + on_q * track->q[k];
        double size = cabs(both);
        track->amplitude += 0.02 * (0.5 * creal(both) - track->amplitude) * (size > 0.0);
        double error = size > 0.0 ? carg(both) : 0.0;
        double late = bounded(track->late[k] - shift, 0.5);
        turn += TURN_GAIN * error / DSSS_CHIPS_A_BIT;
        phase += PHASE_GAIN * error + turn * DSSS_CHIPS_A_BIT;
        slow += CLOCK_GAIN * late;
        shift += LATE_GAIN * late + slow;
    }
}

/* A parabola through how late the pairs are becomes the place. */
static void place_fit(struct track *track)
{
    double moment[5] = {0.0}, value[3] = {0.0};
    for (unsigned k = 0; k < DSSS_PAIRS; k++) {
        double x = (k + 0.5) / DSSS_PAIRS * 2.0 - 1.0, power = 1.0;
        for (unsigned n = 0; n < 5; n++, power *= x) {
            moment[n] += power;
            if (n < 3)
                value[n] += power * track->late[k];
        }
    }
    /* Odd moments are 0 by symmetry. */
    double determinant = moment[0] * moment[4] - moment[2] * moment[2];
    double c = (moment[0] * value[2] - moment[2] * value[0]) / determinant;
    double a = (moment[4] * value[0] - moment[2] * value[2]) / determinant;
    double b = value[1] / moment[2];
    const double scale = 2.0 / DSSS_CHIPS; /* x = scale * chip - 1 */
    double step = track->place.step;
    track->place.at += step * (a - b + c);
    track->place.step += step * scale * (b - 2.0 * c);
    track->place.bend += step * scale * scale * c;
}

/* The likeliest value of a bit, -1 .. 1, as far as its amplitude tells. */
static double expected(const struct track *track, double value)
{
    return tanh(2.0 * value * track->amplitude / track->noise);
}

static double window_weight(int d)
{
    return exp(-0.5 * d * d / (SPREAD * SPREAD));
}

/* The channel at each pair, by a straight line through what its neighbours say. */
static void channel_smooth(struct track *track)
{
    double complex seen[DSSS_PAIRS];
    double weight[DSSS_PAIRS];
    for (unsigned k = 0; k < DSSS_PAIRS; k++) {
        bool known = k < DSSS_PREAMBLE_PAIRS;
        double on_i = known ? 1.0 : expected(track, creal(track->i[k]));
        double on_q = known ? 1.0 : expected(track, creal(track->q[k]));
        seen[k] = on_i * track->i[k] + on_q * track->q[k];
        weight[k] = on_i * on_i + on_q * on_q;
    }
    for (int k = 0; k < DSSS_PAIRS; k++) {
        double w0 = 0.0, w1 = 0.0, w2 = 0.0;
        double complex s0 = 0.0, s1 = 0.0;
        for (int d = -WINDOW; d <= WINDOW; d++) {
            if (d == 0 || k + d < 0 || k + d >= DSSS_PAIRS)
                continue;
            double w = window_weight(d) * weight[k + d];
            w0 += w;
            w1 += w * d;
            w2 += w * d * d;
            s0 += window_weight(d) * seen[k + d];
            s1 += window_weight(d) * d * seen[k + d];
        }
        double determinant = w0 * w2 - w1 * w1;
        track->channel[k] = determinant > 1e-9 ? (w2 * s0 - w1 * s1) / determinant : 0.0;
    }
}

/* Amplitude and noise of the whole: across the channel there is half of the noise and nothing else. */
static void levels_measure(struct track *track)
{
    double along = 0.0, across = 0.0;
    for (unsigned k = 0; k < DSSS_PAIRS; k++) {
        double size = cabs(track->channel[k]);
        double complex unit = size > 0.0 ? conj(track->channel[k]) / size : 1.0;
        double complex i = track->i[k] * unit, q = track->q[k] * unit;
        along += (creal(i) * creal(i) + creal(q) * creal(q)) / DSSS_BITS;
        across += (cimag(i) * cimag(i) + cimag(q) * cimag(q)) / DSSS_BITS;
    }
    double least = LEAST_NOISE * along + 1e-30;
    track->noise = 2.0 * (across > least ? across : least);
    track->amplitude = sqrt(along > 1.2 * across ? along - across : 0.2 * along);
}

/* The carrier along smoothed phases: what is left of their noise would come back in the channel, which each
 * pair sees from its own phase. */
static void phases_smooth(struct track *track)
{
    double rough[DSSS_PAIRS];
    memcpy(rough, track->phase, sizeof rough);
    for (int k = 0; k < DSSS_PAIRS; k++) {
        double w0 = 0.0, w1 = 0.0, w2 = 0.0, s0 = 0.0, s1 = 0.0;
        for (int d = -WINDOW; d <= WINDOW; d++) {
            if (k + d < 0 || k + d >= DSSS_PAIRS)
                continue;
            double w = window_weight(d);
            w0 += w;
            w1 += w * d;
            w2 += w * d * d;
            s0 += w * rough[k + d];
            s1 += w * d * rough[k + d];
        }
        double determinant = w0 * w2 - w1 * w1;
        track->phase[k] = (w2 * s0 - w1 * s1) / determinant;
        track->turn[k] = (w0 * s1 - w1 * s0) / determinant / DSSS_CHIPS_A_BIT;
    }
}

/* The phases that the channel says, continued from pair to pair. */
static void phases_follow(struct track *track)
{
    double off = 0.0;
    for (unsigned k = 0; k < DSSS_PAIRS; k++) {
        off += remainder(carg(track->channel[k]) - off, 2.0 * M_PI);
        track->phase[k] += off;
    }
}

static int8_t quantised(double value)
{
    double scaled = bounded(SOFT_MEAN * value, 127.0);
    int rounded = (int)lround(scaled);
    return (int8_t)(rounded != 0 ? rounded : scaled < 0.0 ? -1 : 1);
}

/* A 0 is sent as +1 (table 2.3). */
static void bits_give(const struct track *track, struct dsss_burst *burst)
{
    double power = track->amplitude * track->amplitude + 1e-30, turn = 0.0;
    for (unsigned k = 0; k < DSSS_PAIRS; k++) {
        double complex channel = conj(track->channel[k]);
        burst->soft[2 * k] = quantised(-creal(track->i[k] * channel) / power);
        burst->soft[2 * k + 1] = quantised(-creal(track->q[k] * channel) / power);
        turn += track->turn[k] / DSSS_PAIRS;
    }
    burst->place = track->place;
    burst->turn = turn;
    burst->amplitude = track->amplitude;
    burst->noise = track->noise;
}

void dsss_track(const struct dsss_despread *how, const struct dsss_lock *lock, struct dsss_burst *burst)
{
    struct track track = {.place = lock->place, .amplitude = lock->amplitude, .noise = 1.0};
    loops_execute(&track, how, lock);
    track.noise = track.amplitude * track.amplitude;
    for (unsigned pass = 0; pass < PASSES; pass++) {
        phases_smooth(&track);
        place_fit(&track);
        for (unsigned k = 0; k < DSSS_PAIRS; k++)
            pair_read(&track, how, k, 0.0);
        channel_smooth(&track);
        levels_measure(&track);
        if (pass + 1 < PASSES)
            phases_follow(&track);
    }
    bits_give(&track, burst);
}
