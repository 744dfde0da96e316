/* SPDX-License-Identifier: Apache-2.0 */
#include "dsss_lock.h"

#include <math.h>
#include <string.h>

enum {
    PARTS = 8,    /* places tried in a chip */
    SIDE = 10,    /* of them on either side */
    CLOCKS = 4,   /* clocks tried on either side, */
    CARRIERS = 8, /* carriers on either side */
    MIDDLE = DSSS_PREAMBLE_PAIRS / 2
};
#define CLOCK_STEP    20e-6 /* so far apart: the beacon's 16e-6 and a receiver's own */
#define CARRIER_STEP  1.25  /* Hz */
#define LEAST_GUESS   18.0
#define LEAST_QUALITY 42.0 /* noise comes to 22 in 20 s, to 42 in 200 years */

/* Every pair of the preamble, read at every place. */
struct readings {
    float complex sum[2 * SIDE + 1][DSSS_PREAMBLE_PAIRS];
};

static void readings_make(const struct dsss_despread *how, const struct dsss_place *near, double turn,
                          struct readings *readings)
{
    for (int s = -SIDE; s <= SIDE; s++)
        for (unsigned k = 0; k < DSSS_PREAMBLE_PAIRS; k++) {
            struct dsss_pair pair = dsss_despread(how, near, k, (double)s / PARTS, turn);
            readings->sum[s + SIDE][k] = pair.i + pair.q;
        }
}

/* The pairs along one place and clock: a faster clock's are later on. */
static void pairs_pick(const struct readings *readings, int side, double clock,
                       float complex pairs[DSSS_PREAMBLE_PAIRS])
{
    for (int k = 0; k < DSSS_PREAMBLE_PAIRS; k++) {
        int at = side + (int)lround(clock * DSSS_CHIPS_A_BIT * (k - MIDDLE) * PARTS);
        at = at < -SIDE ? -SIDE : at > SIDE ? SIDE : at;
        pairs[k] = readings->sum[at + SIDE][k];
    }
}

/* The sum of all pairs, turned back to the middle one by so many radians a pair. */
static double complex pairs_sum(const float complex pairs[DSSS_PREAMBLE_PAIRS], double turn)
{
    double complex step = cexp(-turn * (double complex)_Complex_I), sum = 0.0;
    double complex rotor = cexp(turn * MIDDLE * (double complex)_Complex_I);
    for (unsigned k = 0; k < DSSS_PREAMBLE_PAIRS; k++, rotor *= step)
        sum += (double complex)pairs[k] * rotor;
    return sum;
}

static double energy(double complex value)
{
    return creal(value) * creal(value) + cimag(value) * cimag(value);
}

/* What noise alone would make of the sum of all pairs, each the mean of 256 chips of either component; from
 * the power behind the filter. */
static double noise_expected(const struct dsss_despread *how, const struct dsss_place *place)
{
    double sum = 0.0;
    for (unsigned n = 0; n < DSSS_PREAMBLE_CHIPS; n++)
        sum += energy(dsss_window_read(how->window, how->filter, dsss_place_at(place, n + 0.5 * (n & 1))));
    return sum / DSSS_PREAMBLE_CHIPS * DSSS_PREAMBLE_PAIRS * 2.0 / DSSS_CHIPS_A_BIT;
}

static void best_find(const struct readings *readings, const struct dsss_place *near, double turn,
                      struct dsss_lock *lock)
{
    double most = -1.0;
    for (int clock = -CLOCKS; clock <= CLOCKS; clock++)
        for (int side = -SIDE; side <= SIDE; side++) {
            float complex pairs[DSSS_PREAMBLE_PAIRS];
            pairs_pick(readings, side, clock * CLOCK_STEP, pairs);
            for (int c = -CARRIERS; c <= CARRIERS; c++) {
                double more = 2.0 * M_PI * CARRIER_STEP * c / DSSS_CHIP_RATE;
                double found = energy(pairs_sum(pairs, (turn + more) * DSSS_CHIPS_A_BIT));
                if (found <= most)
                    continue;
                most = found;
                double slow = clock * CLOCK_STEP, chips = MIDDLE * (double)DSSS_CHIPS_A_BIT;
                lock->place.step = near->step * (1.0 + slow);
                lock->place.at = near->at + near->step * ((double)side / PARTS - slow * chips);
                lock->turn = turn + more;
            }
        }
}

/* Half a chip apart, as a search does that wants to be sure before the work below begins. */
static double quality_guess(const struct dsss_despread *how, const struct dsss_place *near, double turn)
{
    double most = 0.0;
    for (int side = -1; side <= 1; side++) {
        float complex pairs[DSSS_PREAMBLE_PAIRS];
        for (unsigned k = 0; k < DSSS_PREAMBLE_PAIRS; k++) {
            struct dsss_pair pair = dsss_despread(how, near, k, 0.5 * side, turn);
            pairs[k] = pair.i + pair.q;
        }
        for (int c = -2; c <= 2; c++) {
            double more = 2.0 * M_PI * CARRIER_STEP * c / DSSS_CHIP_RATE;
            double found = energy(pairs_sum(pairs, (turn + more) * DSSS_CHIPS_A_BIT));
            most = found > most ? found : most;
        }
    }
    double noise = noise_expected(how, near);
    return noise > 0.0 ? most / noise : 0.0;
}

/* What it is, seen with each shape of chip. */
static void pulse_choose(struct dsss_despread how, const struct dsss_filter *filters, struct dsss_lock *lock)
{
    for (unsigned pulse = 0; pulse < DSSS_PULSES; pulse++) {
        float complex pairs[DSSS_PREAMBLE_PAIRS];
        how.filter = &filters[pulse];
        for (unsigned k = 0; k < DSSS_PREAMBLE_PAIRS; k++) {
            struct dsss_pair pair = dsss_despread(&how, &lock->place, k, 0.0, lock->turn);
            pairs[k] = pair.i + pair.q;
        }
        double complex sum = pairs_sum(pairs, lock->turn * DSSS_CHIPS_A_BIT);
        double noise = noise_expected(&how, &lock->place);
        double quality = noise > 0.0 ? energy(sum) / noise : 0.0;
        if (quality > lock->quality) {
            lock->quality = quality;
            lock->pulse = pulse;
            lock->phase = carg(sum);
            lock->amplitude = cabs(sum) / (2.0 * DSSS_PREAMBLE_PAIRS);
        }
    }
}

bool dsss_lock(const struct dsss_window *window, const struct dsss_filter *filters,
               const struct dsss_code *code, const struct dsss_place *near, double turn,
               struct dsss_lock *lock)
{
    const struct dsss_despread how = {window, &filters[DSSS_HALF_SINE], code};
    struct readings readings;
    if (quality_guess(&how, near, turn) < LEAST_GUESS)
        return false;
    *lock = (struct dsss_lock){.place = *near};
    readings_make(&how, near, turn, &readings);
    best_find(&readings, near, turn, lock);
    pulse_choose(how, filters, lock);
    return lock->quality > LEAST_QUALITY;
}
