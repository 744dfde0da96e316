/* SPDX-License-Identifier: Apache-2.0 */
/* The carrier's samples to bits: lanes a quarter of a bit apart on a common grid, each with its own estimate
 * of the carrier's frequency, one trellis, a bit train a lane. */
#ifndef ATALAYA_DSP_FSK_BANK_H
#define ATALAYA_DSP_FSK_BANK_H

#include <complex.h>

#include "bit_train.h"
#include "fsk_shapes.h"
#include "fsk_trellis.h"

enum { FSK_TICKS_PER_BIT = 8, FSK_GRID = 16 /* samples remembered; a power of two */ };

/* What a bit showed of its carrier, by the survivor that was the best then. */
struct fsk_seen {
    float re;        /* in the phase expected: power of the carrier if all fits */
    float offset_hz; /* of the carrier */
};

struct fsk_bank {
    float home_hz[FSK_LANES]; /* deviation that each lane starts from, and returns to */
    struct fsk_trellis trellis;
    struct fsk_shapes shapes;
    float complex grid[FSK_GRID];
    uint64_t total;      /* grid samples so far */
    float tuned_hz;      /* where the grid's 0 is */
    fsk_lanes frequency; /* radians a bit, from there */
    fsk_lanes power;     /* of the carrier */
    const struct fsk_shape_table *table;
    fsk_lanes deviation_hz;
    fsk_lanes weight;         /* of the bits' signs in the phase error that a wrong deviation makes */
    unsigned step[FSK_LANES]; /* of the deviation whose shapes are in use */
    struct fsk_seen seen[FSK_LANES][BIT_TRAIN_MEMORY];
};

/* The table stays the caller's, and must last. */
void fsk_bank_init(struct fsk_bank *bank, const struct fsk_shape_table *table,
                   const float home_hz[FSK_LANES]);
void fsk_bank_reset(struct fsk_bank *bank);
/* From now on the grid is tuned to tuned_hz, where the carrier is thought to be. */
void fsk_bank_retune(struct fsk_bank *bank, float tuned_hz);
void fsk_bank_execute(struct fsk_bank *bank, float complex sample, struct bit_train trains[FSK_LANES]);

#endif
