/* SPDX-License-Identifier: Apache-2.0 */
/* Viterbi's algorithm over the audio phase, on the carrier's own waveform: six states, and with the model of
 * rf_model.h the carrier of every bit is known in each. */
#ifndef ATALAYA_DSP_RF_TRELLIS_H
#define ATALAYA_DSP_RF_TRELLIS_H

#include <stdbool.h>
#include <stdint.h>

#include "rf_model.h"

enum {
    RF_DEPTH = 16, /* bits after which the survivors agree on a decision */
    RF_STEPS = 32  /* remembered; a power of two */
};

/* What each state's winner beat. */
struct rf_merge {
    float margin[RF_STATES];
    uint32_t pattern[RF_STATES];
};

struct rf_trellis {
    float metric[RF_STATES];
    uint32_t history[RF_STATES]; /* newest bit in bit 0, 1: mark */
    struct rf_merge merge[RF_STEPS];
    uint64_t bits;
    unsigned best; /* state */
};

struct rf_decision {
    bool mark;
    unsigned state;   /* in which the bit began */
    float margin;     /* by which the likeliest alternative is worse, in units of amplitude times samples */
    uint32_t pattern; /* the alternative: bits z before this one that differ */
};

/* The first bit begins in `state`, or else in one whose metric is so much lower. */
void rf_trellis_begin(struct rf_trellis *trellis, unsigned state, float lead);
void rf_trellis_execute(struct rf_trellis *trellis, const struct rf_model *model, const struct rf_bit *bit);
/* The bit `back` bits before the newest; false while there is none. back <= RF_DEPTH */
bool rf_trellis_recall(const struct rf_trellis *trellis, unsigned back, struct rf_decision *decision);
/* Correlation of a bit with what the carrier does in a state while a tone sounds: re 1 a sample where they
 * agree. */
float complex rf_trellis_match(const struct rf_model *model, const struct rf_bit *bit, unsigned state,
                               unsigned tone);

#endif
