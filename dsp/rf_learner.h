/* SPDX-License-Identifier: Apache-2.0 */
/* What decided bits teach about the model: an extended Kalman filter over its nine numbers. */
#ifndef ATALAYA_DSP_RF_LEARNER_H
#define ATALAYA_DSP_RF_LEARNER_H

#include <stdbool.h>

#include "rf_model.h"

enum rf_unknown {
    RF_CARRIER,
    RF_TURN,
    RF_SPACE_RE,
    RF_SPACE_IM,
    RF_MARK_RE,
    RF_MARK_IM,
    RF_START,  /* in bits */
    RF_LENGTH, /* as a part of itself */
    RF_DRIFT,
    RF_UNKNOWNS,
    RF_LEARNER_ROW = RF_UNKNOWNS + 1 /* as long as vectors are */
};

struct rf_learner {
    double covariance[RF_UNKNOWNS][RF_LEARNER_ROW];
    double noise_rate;   /* samples a second over the width of the noise in them */
    double caution;      /* part of the noise that it reckons with, see rf_detector.c */
    float amplitude;     /* of the carrier */
    float power;         /* of the samples */
    double least_length; /* of a bit, in samples, and the most */
    double most_length;
};

/* As uncertain as the search for flags leaves it. */
void rf_learner_reset(struct rf_learner *learner, double length, double noise_rate, double caution);
/* Forgets how sure it is of the model. */
void rf_learner_doubt(struct rf_learner *learner);
/* The model is at the start of the bit, which began in a state and has a tone. false: the model has become
 * one that no radio has, and is lost. */
bool rf_learner_learn(struct rf_learner *learner, struct rf_model *model, const struct rf_bit *bit,
                      unsigned state, unsigned tone);
/* Goes on to the next bit. */
void rf_learner_advance(struct rf_learner *learner, struct rf_model *model);
/* Energy of a bit over the density of the noise. */
float rf_learner_snr(const struct rf_learner *learner, const struct rf_model *model);

#endif
