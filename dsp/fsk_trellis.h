/* SPDX-License-Identifier: Apache-2.0 */
/* Viterbi's algorithm over the carrier's phase, for filtered two-level FSK with any deviation: each survivor
 * carries its own estimate of carrier phase and amplitude (R. Raheli, A. Polydoros, C. Tzou, Per-Survivor
 * Processing, 1995). Several lanes at once. README.md has the mathematics. */
#ifndef ATALAYA_DSP_FSK_TRELLIS_H
#define ATALAYA_DSP_FSK_TRELLIS_H

#include <stdbool.h>
#include <stdint.h>

/* Share of what a bit shows of the carrier that its survivor believes. */
#define FSK_CARRIER_RATE 0.12F

enum {
    FSK_LANES = 4,   /* as many as wide.h has side by side */
    FSK_PER_BIT = 4, /* samples of a bit */
    FSK_MEMORY = 4,  /* bits that make the state */
    FSK_AHEAD = 2,   /* the bit at hand comes this many before the newest */
    FSK_STATES = 1 << FSK_MEMORY,
    FSK_SHAPES = FSK_STATES, /* of the bit at hand, told by it and FSK_MEMORY others; as many more mirrored */
    FSK_DEPTH = 20,          /* bits after which the survivors agree */
    FSK_STEPS = 32           /* remembered; a power of two */
};

typedef float fsk_lanes[FSK_LANES];

/* How the carrier turns in a bit, by the bits around it, the oldest of them 0; where it is 1, and all others
 * too are the other way round, it turns the other way. Unit vectors: at the samples, then at the bit's end.
 */
struct fsk_shapes {
    fsk_lanes re[FSK_SHAPES][FSK_PER_BIT + 1], im[FSK_SHAPES][FSK_PER_BIT + 1];
};

/* A bit of every lane. */
struct fsk_bit {
    fsk_lanes re[FSK_PER_BIT], im[FSK_PER_BIT]; /* samples, the carrier's amplitude 1 */
    fsk_lanes turn_re, turn_im;                 /* by which the carrier itself turns in a bit */
};

struct fsk_survivors {
    fsk_lanes metric[FSK_STATES];
    fsk_lanes re[FSK_STATES], im[FSK_STATES];           /* carrier at the end of the bit at hand */
    fsk_lanes seen_re[FSK_STATES], seen_im[FSK_STATES]; /* the bit at hand against it: 1 where all fits */
    uint32_t history[FSK_STATES][FSK_LANES];
};

struct fsk_merge {
    fsk_lanes margin[FSK_STATES];
    uint32_t pattern[FSK_STATES][FSK_LANES];
};

struct fsk_trellis {
    struct fsk_survivors bank[2];
    unsigned now;
    struct fsk_merge merge[FSK_STEPS];
    uint32_t best[FSK_LANES];   /* history of the best survivor */
    fsk_lanes best_re, best_im; /* what it sees: seen_re, seen_im */
    uint64_t steps;
    /* The bit at hand against each shape and mirror image; here and not on the stack, which compilers clear.
     */
    fsk_lanes match_re[2 * FSK_SHAPES], match_im[2 * FSK_SHAPES];
};

struct fsk_decision {
    bool bit;
    float margin;
    uint32_t pattern;
};

void fsk_trellis_reset(struct fsk_trellis *trellis);
void fsk_trellis_execute(struct fsk_trellis *trellis, const struct fsk_shapes *shapes,
                         const struct fsk_bit *bit);
/* The bit `back` bits before the newest; false while there is none. back <= FSK_DEPTH */
bool fsk_trellis_recall(const struct fsk_trellis *trellis, unsigned lane, unsigned back,
                        struct fsk_decision *decision);

#endif
