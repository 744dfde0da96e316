/* SPDX-License-Identifier: Apache-2.0 */
/* Which scrambling and which band a frame has, from the frame alone.
 *
 * The syndrome of the convolutional code is linear: that of a received body is the sum of the scrambler's and
 * the errors'. It is computed once, and each of the 128 scramblings costs an exclusive or and a count. */
#ifndef ATALAYA_TETRAPOL_SEARCH_H
#define ATALAYA_TETRAPOL_SEARCH_H

#include "frame.h"

/* Syndrome bits of the first block and of a data frame's second one. */
struct tetrapol_syndrome {
    uint64_t first, second;
};

/* The scramblings' syndromes in columns, so that several are compared at once; the second one in halves. */
struct tetrapol_columns {
    uint32_t first[TETRAPOL_SCR_COUNT], low[TETRAPOL_SCR_COUNT], high[TETRAPOL_SCR_COUNT];
};

enum { TETRAPOL_SINGLES = 2 * TETRAPOL_FIRST_BITS };

struct tetrapol_search {
    uint32_t single[TETRAPOL_SINGLES]; /* of the first block: syndromes of one wrong coded bit */
    struct tetrapol_columns scrambler[TETRAPOL_BAND_COUNT];
    struct tetrapol_syndrome bit[TETRAPOL_BAND_COUNT][TETRAPOL_BODY_BITS]; /* of a single 1 */
};

void tetrapol_search_reset(struct tetrapol_search *search);
/* Finds the channel that makes the body a frame. Returns its evidence in bits before the search is
 * discounted, 0 when there is none; the frame is filled when there is one. */
unsigned tetrapol_search_execute(const struct tetrapol_search *search, const int8_t *body,
                                 struct tetrapol_channel *channel, struct tetrapol_frame *frame);

#endif
