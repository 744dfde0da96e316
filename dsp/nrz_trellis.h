/* SPDX-License-Identifier: Apache-2.0 */
/* Viterbi's algorithm over two-level pulses that reach into each other, for several lanes at once (G. D.
 * Forney, Maximum-Likelihood Sequence Estimation of Digital Sequences in the Presence of Intersymbol
 * Interference, 1972). */
#ifndef ATALAYA_DSP_NRZ_TRELLIS_H
#define ATALAYA_DSP_NRZ_TRELLIS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    NRZ_LANES = 4,             /* as many as wide.h has side by side */
    NRZ_MEMORY = 3,            /* bits that make the state */
    NRZ_TAPS = NRZ_MEMORY + 1, /* bits that a sample shows */
    NRZ_AHEAD = 1,             /* of them, bits after the sample's own */
    NRZ_STATES = 1 << NRZ_MEMORY,
    NRZ_DEPTH = 16, /* bits after which the survivors agree */
    NRZ_STEPS = 32  /* remembered; a power of two */
};

typedef float nrz_lanes[NRZ_LANES];

/* The next sample of every lane, and what a bit looks like in it: the bit NRZ_AHEAD later has tap[0]. */
struct nrz_sample {
    nrz_lanes value, tap[NRZ_TAPS];
    bool present[NRZ_LANES]; /* false: the lane has none now and stays as it is */
};

struct nrz_survivors {
    nrz_lanes metric[NRZ_STATES];
    uint32_t history[NRZ_STATES][NRZ_LANES]; /* the newest bit in bit 0 */
};

struct nrz_merge { /* what each state's winner beat: by how much, and where the loser's bits differ */
    nrz_lanes margin[NRZ_STATES];
    uint32_t pattern[NRZ_STATES][NRZ_LANES];
};

struct nrz_trellis {
    struct nrz_survivors bank[2];
    unsigned now;
    struct nrz_merge merge[NRZ_STEPS];
    uint32_t best[NRZ_LANES]; /* history of the best survivor */
    uint64_t steps, bits[NRZ_LANES];
    uint8_t step_of_bit[NRZ_LANES][NRZ_STEPS];
};

struct nrz_decision {
    bool bit;
    float margin;     /* squared volts by which the likeliest alternative is worse */
    uint32_t pattern; /* bits z before this one that it has different */
};

void nrz_trellis_reset(struct nrz_trellis *trellis);
void nrz_trellis_execute(struct nrz_trellis *trellis, const struct nrz_sample *sample);
/* The bit `back` bits before the newest; false while there is none. back <= NRZ_DEPTH */
bool nrz_trellis_recall(const struct nrz_trellis *trellis, unsigned lane, unsigned back,
                        struct nrz_decision *decision);

#endif
