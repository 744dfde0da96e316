/* SPDX-License-Identifier: Apache-2.0 */
/* Viterbi's algorithm over the last tones sent, for several timing hypotheses (lanes) at once. Every survivor
 * carries its own estimate of both tones' complex amplitudes, so nothing about the channel need be known.
 * README.md has the mathematics. */
#ifndef ATALAYA_DSP_CPM_TRELLIS_H
#define ATALAYA_DSP_CPM_TRELLIS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TRELLIS_LANES = 8, /* innermost in every array, for vector instructions */
    TRELLIS_MEMORY = 4,
    TRELLIS_STATES = 1 << TRELLIS_MEMORY, /* state: the last tones, newest in bit 0; mark is 1 */
    TRELLIS_DEPTH = 24,                   /* bits after which the survivors agree on a decision */
    TRELLIS_STEPS = 32                    /* remembered; a power of two, and above TRELLIS_DEPTH with room for
                                             the steps in which a lane has no bit */
};

typedef float trellis_lanes[TRELLIS_LANES];

/* The survivors of one step: metric, history of tones, amplitudes of both tones as expected at the start of
 * the next bit, and phase advance per bit beyond the nominal (rad: tone offset). */
struct trellis_survivors {
    trellis_lanes metric[TRELLIS_STATES];
    trellis_lanes mark_re[TRELLIS_STATES], mark_im[TRELLIS_STATES];
    trellis_lanes space_re[TRELLIS_STATES], space_im[TRELLIS_STATES];
    trellis_lanes drift[TRELLIS_STATES];
    uint32_t history[TRELLIS_STATES][TRELLIS_LANES];
};

/* One bit of every lane: correlations with phases counted from the start of the bit. */
struct trellis_bit {
    trellis_lanes mark_re, mark_im, space_re, space_im;
    trellis_lanes turn_re, turn_im; /* by which the space tone's phase advances in the bit; mark: conjugate */
    trellis_lanes power;            /* running |mark|^2 + |space|^2 */
    bool present[TRELLIS_LANES];    /* false: the lane has no bit in this step and stays as it is */
};

/* What each state's winner beat: by how much, and where the loser's tones differ. */
struct trellis_merge {
    trellis_lanes margin[TRELLIS_STATES];
    uint32_t pattern[TRELLIS_STATES][TRELLIS_LANES];
};

struct cpm_trellis {
    struct trellis_survivors bank[2];
    unsigned now; /* which bank holds the present survivors */
    struct trellis_merge merge[TRELLIS_STEPS];
    uint64_t steps;
    uint64_t bits[TRELLIS_LANES];
    uint8_t step_of_bit[TRELLIS_LANES][TRELLIS_STEPS]; /* where in merge[] each bit of a lane is */
    trellis_lanes gain_rate;                           /* share of the newest bit in an amplitude */
};

/* The decision that has become certain in a lane. */
struct trellis_decision {
    bool mark;
    float margin; /* of its likeliest alternative, in units of trellis_bit.power */
    uint32_t pattern;
    uint32_t history; /* of the present best survivor, newest tone in bit 0 */
    unsigned state;   /* of that survivor */
};

void cpm_trellis_reset(struct cpm_trellis *trellis, const float gain_rate[TRELLIS_LANES]);
void cpm_trellis_execute(struct cpm_trellis *trellis, const struct trellis_bit *bit);
/* After execute; false until TRELLIS_DEPTH bits have come. */
bool cpm_trellis_decide(const struct cpm_trellis *trellis, unsigned lane, struct trellis_decision *decision);

#endif
