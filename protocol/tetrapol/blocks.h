/* SPDX-License-Identifier: Apache-2.0 */
/* Data blocks to layer-2 frames and back (PAS 0001-3-3): a frame of 8 bytes goes alone (FN 0), one of 16 as a
 * pair (FN 1, 3), longer ones as 1, 2, 3 ..., 2, 1 where the last block is the sum of the others and
 * repairs one that was lost. The FCS, CRC-16/X-25, fills the frame's last two bytes. Any thread. */
#ifndef ATALAYA_TETRAPOL_BLOCKS_H
#define ATALAYA_TETRAPOL_BLOCKS_H

#include <stddef.h>

#include "frame.h"

enum {
    TETRAPOL_BLOCKS_MAX = 8, /* the parity block counted */
    TETRAPOL_BLOCKS_MULTI_MIN = 4,
    TETRAPOL_FCS_BYTES = 2,
    TETRAPOL_LINK_MAX = (TETRAPOL_BLOCKS_MAX - 1) * TETRAPOL_BLOCK_BYTES
};

struct tetrapol_block {
    bool good;
    uint8_t fn, asb, byte[TETRAPOL_BLOCK_BYTES];
    unsigned corrected;
};

/* A frame being put together. */
struct tetrapol_blocks {
    unsigned count;
    struct tetrapol_block block[TETRAPOL_BLOCKS_MAX];
};

/* A frame put together: the FCS held unless idle. */
struct tetrapol_link_frame {
    uint8_t byte[TETRAPOL_LINK_MAX]; /* FCS included */
    size_t length;
    unsigned blocks; /* on air, parity included */
    unsigned corrected;
    uint8_t asb;  /* of its first block */
    bool rebuilt; /* a block was lost, and made from the others */
    bool idle;    /* nobody is addressed: the channel fills its time */
};

enum tetrapol_blocks_result {
    TETRAPOL_BLOCKS_MORE, /* nothing yet */
    TETRAPOL_BLOCKS_FRAME,
    TETRAPOL_BLOCKS_CHECK /* complete, but the FCS says no */
};

void tetrapol_blocks_reset(struct tetrapol_blocks *blocks);
/* One data frame, or a frame of unknown kind that was lost (good = false). */
enum tetrapol_blocks_result tetrapol_blocks_push(struct tetrapol_blocks *blocks,
                                                 const struct tetrapol_frame *frame,
                                                 struct tetrapol_link_frame *made);

/* Can so many bytes (without FCS) be a frame? They fill blocks. */
bool tetrapol_blocks_fits(size_t length);
/* Frame without FCS to blocks on air; returns how many. */
unsigned tetrapol_blocks_split(const uint8_t *bytes, size_t length,
                               struct tetrapol_block block[TETRAPOL_BLOCKS_MAX]);

#endif
