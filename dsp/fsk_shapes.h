/* SPDX-License-Identifier: Apache-2.0 */
/* What each combination of bits makes of the carrier's phase, for a range of deviations. */
#ifndef ATALAYA_DSP_FSK_SHAPES_H
#define ATALAYA_DSP_FSK_SHAPES_H

#include "fsk_trellis.h"

#define FSK_DEVIATION_LEAST_HZ 1400.0F
#define FSK_DEVIATION_STEP_HZ  80.0F

enum { FSK_DEVIATIONS = 42 };

struct fsk_shape_table {
    float re[FSK_DEVIATIONS][FSK_SHAPES][FSK_PER_BIT + 1], im[FSK_DEVIATIONS][FSK_SHAPES][FSK_PER_BIT + 1];
};

void fsk_shape_table_init(struct fsk_shape_table *table);
/* Gives a lane the shapes of deviation FSK_DEVIATION_LEAST_HZ + step * FSK_DEVIATION_STEP_HZ. */
void fsk_shape_table_use(const struct fsk_shape_table *table, unsigned step, struct fsk_shapes *shapes,
                         unsigned lane);

#endif
