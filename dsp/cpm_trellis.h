/* SPDX-License-Identifier: Apache-2.0 */
/* Viterbi's algorithm over the phase of a continuous-phase signal of two tones whose phases recur (modulation
 * index 5/6: six states, 1/2: two), for several timing hypotheses (lanes) at once. Knows phases only;
 * amplitudes are two_tone_gain's. README.md has the mathematics. */
#ifndef ATALAYA_DSP_CPM_TRELLIS_H
#define ATALAYA_DSP_CPM_TRELLIS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TRELLIS_LANES = 8, /* innermost in every array, for vector instructions */
    TRELLIS_STATES_MAX = 6,
    TRELLIS_DEPTH = 14, /* bits after which the survivors agree on a decision */
    TRELLIS_STEPS = 32 /* remembered; a power of two, and above TRELLIS_DEPTH with room for the steps in which
                          a lane has no bit */
};

enum { SPACE, MARK, TONES };

typedef float trellis_lanes[TRELLIS_LANES];

/* One bit of every lane, what each tone would mean. */
struct trellis_bit {
    trellis_lanes match_re[TONES], match_im[TONES]; /* correlation times conjugate of the tone's amplitude */
    trellis_lanes energy[TONES];                    /* |amplitude|^2 */
    trellis_lanes turn_re[TONES], turn_im[TONES];   /* by which the phase advances in the bit */
    bool present[TRELLIS_LANES]; /* false: the lane has no bit in this step and stays as it is */
};

/* The survivors: metric, phase at the end of the last bit (unit vector), tones (newest in bit 0, 1 = mark).
 */
struct trellis_survivors {
    trellis_lanes metric[TRELLIS_STATES_MAX];
    trellis_lanes phase_re[TRELLIS_STATES_MAX], phase_im[TRELLIS_STATES_MAX];
    uint32_t history[TRELLIS_STATES_MAX][TRELLIS_LANES];
};

/* What each state's winner beat: by how much, where the loser's tones differ; and the phase it came with. */
struct trellis_merge {
    trellis_lanes margin[TRELLIS_STATES_MAX];
    trellis_lanes phase_re[TRELLIS_STATES_MAX], phase_im[TRELLIS_STATES_MAX];
    uint32_t pattern[TRELLIS_STATES_MAX][TRELLIS_LANES];
};

struct cpm_trellis {
    unsigned states; /* state: number of spaces so far modulo this, which is the phase */
    struct trellis_survivors bank[2];
    unsigned now; /* which bank holds the present survivors */
    struct trellis_merge merge[TRELLIS_STEPS];
    uint32_t best[TRELLIS_LANES]; /* state of the best survivor */
    uint64_t steps;
    uint64_t bits[TRELLIS_LANES];
    uint8_t step_of_bit[TRELLIS_LANES][TRELLIS_STEPS]; /* where in merge[] each bit of a lane is */
    unsigned wrap; /* a multiple of states that is no less than TRELLIS_DEPTH */
    uint8_t modulo[2 * TRELLIS_STATES_MAX + TRELLIS_DEPTH]; /* of states */
};

/* A bit on the best survivor's path. */
struct trellis_decision {
    bool mark;
    unsigned step;    /* in which it was decided, modulo TRELLIS_STEPS */
    float margin;     /* by which its likeliest alternative is worse, in units of energy */
    uint32_t pattern; /* the alternative: bits z before this one whose tone differs */
};

/* A bit of every lane. */
struct trellis_decisions {
    uint32_t mark[TRELLIS_LANES],
        changed[TRELLIS_LANES];                         /* 1: this bit's tone; another than the last one's */
    trellis_lanes phase_re, phase_im;                   /* at the start of the bit */
    uint8_t step[TRELLIS_LANES], before[TRELLIS_LANES]; /* in which this bit and the last one were decided */
    trellis_lanes use; /* 1; 0: there is none yet, or the lane stayed as it was */
};

void cpm_trellis_reset(struct cpm_trellis *trellis, unsigned states);
void cpm_trellis_execute(struct cpm_trellis *trellis, const struct trellis_bit *bit);
/* The bit `back` bits before the newest, as it looks now; false while there is none. back <= TRELLIS_DEPTH */
bool cpm_trellis_recall(const struct cpm_trellis *trellis, unsigned lane, unsigned back,
                        struct trellis_decision *decision);
/* The same of every lane that had a bit in the last step. */
void cpm_trellis_recall_all(const struct cpm_trellis *trellis, const bool present[TRELLIS_LANES],
                            unsigned back, struct trellis_decisions *decisions);

#endif
