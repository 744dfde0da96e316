/* SPDX-License-Identifier: Apache-2.0 */
/* What decided bits teach about the model: an extended Kalman filter over its nine numbers. */
#ifndef ATALAYA_DSP_RF_LEARNER_H
#define ATALAYA_DSP_RF_LEARNER_H

#include <stdbool.h>

#include "rf_model.h"

/* Three vectors, the first of which the second changes from bit to bit; what has no name is nothing. */
enum rf_unknown {
    RF_CARRIER,
    RF_START, /* in bits */
    RF_DRIFT,
    RF_TURN = WIDE,
    RF_LENGTH, /* as a part of itself */
    RF_SPACE_RE = 2 * WIDE,
    RF_SPACE_IM,
    RF_MARK_RE,
    RF_MARK_IM,
    RF_UNKNOWNS,
    RF_LEARNER_VECTORS = RF_UNKNOWNS / WIDE
};

struct rf_learner {
    wide covariance[RF_UNKNOWNS][RF_LEARNER_VECTORS];
    float noise_rate;    /* samples a second over the width of the noise in them */
    float caution;       /* part of the noise that it reckons with, see rf_detector.c */
    float amplitude;     /* of the carrier */
    float power;         /* of the samples */
    double least_length; /* of a bit, in samples, and the most */
    double most_length;
};

/* As uncertain as the search for flags leaves it. */
void rf_learner_reset(struct rf_learner *learner, double length, float noise_rate, float caution);
/* Forgets how sure it is of the model. */
void rf_learner_doubt(struct rf_learner *learner);
/* The model is at the start of the bit, which began in a state and has a tone; `seen`, there too, is the one
 * that it was read with, which may be some bits older. false: the model has become one that no radio has, and
 * is lost. */
bool rf_learner_learn(struct rf_learner *learner, struct rf_model *model, const struct rf_model *seen,
                      const struct rf_bit *bit, unsigned state, unsigned tone);
/* Goes on to the next bit. */
void rf_learner_advance(struct rf_learner *learner, struct rf_model *model);
/* Energy of a bit over the density of the noise. */
float rf_learner_snr(const struct rf_learner *learner, const struct rf_model *model);

#endif
