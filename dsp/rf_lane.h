/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a burst off the carrier once flags have told what it looks like: trellis, and what its decisions
 * teach.
 */
#ifndef ATALAYA_DSP_RF_LANE_H
#define ATALAYA_DSP_RF_LANE_H

#include <stdbool.h>

#include "bit_train.h"
#include "rf_learner.h"
#include "rf_trellis.h"

enum {
    RF_LANE_MEMORY = 4096, /* bits whose carrier is remembered */
    RF_LANE_READ = 8       /* bits that have been read and may not have been learnt from; a power of two */
};

struct rf_lane {
    bool active;
    struct rf_model model; /* at the start of the first bit not learnt from yet */
    struct rf_learner learner;
    struct rf_trellis trellis;
    uint64_t learned;                   /* bits */
    unsigned weak;                      /* bits since it last looked like a signal */
    double end[RF_STEPS];               /* of the bits of the trellis' steps, samples */
    struct rf_model seen[RF_LANE_READ]; /* with which each bit was read */
    struct rf_bit read[RF_LANE_READ];
    float turn[RF_LANE_MEMORY]; /* of the carrier in the bits of the train */
};

/* Where samples lie in the time of a bit train: index = (sample - origin) / step. */
struct rf_clock {
    double origin, step;
};

/* Model and learner have been set. */
void rf_lane_begin(struct rf_lane *lane);
/* Reads what bits are complete before sample `newest` of the ring, as many as the train has room for, while
 * the signal is there. */
void rf_lane_execute(struct rf_lane *lane, const float complex *ring, uint64_t mask, uint64_t newest,
                     const struct rf_clock *clock, struct bit_train *train);
/* Mean turn of the carrier in a bit, radians, over bits [first_bit, end_bit) of the train, or what is
 * remembered of them. */
double rf_lane_turn(const struct rf_lane *lane, const struct bit_train *train, uint64_t first_bit,
                    uint64_t end_bit);

#endif
