/* SPDX-License-Identifier: Apache-2.0 */
/* One frame of 20 ms between its 152 body bits and what it carries (PAS 0001-2 clause 6), both ways. Any
 * thread. */
#ifndef ATALAYA_TETRAPOL_FRAME_H
#define ATALAYA_TETRAPOL_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"

enum {
    TETRAPOL_BLOCK_BYTES = 8, /* that a data frame carries */
    TETRAPOL_VOICE_BITS = TETRAPOL_FIRST_BITS + TETRAPOL_PLAIN_BITS
};

/* How the frames of one channel are made. */
struct tetrapol_channel {
    enum tetrapol_band band;
    unsigned scr;
};

struct tetrapol_frame {
    bool is_data;
    bool good;   /* the CRC holds, and no more bits were corrected than a signal needs */
    uint8_t fn;  /* data: place in a multiblock, 0 to 3 */
    uint8_t asb; /* the two auxiliary bits, first one highest */
    uint8_t block[TETRAPOL_BLOCK_BYTES];
    unsigned corrected; /* coded bits */
    /* How unlikely noise is to look like this: -log2 of the share of all bodies that are as near to a code
     * word with a right CRC. 0 when not good. */
    unsigned evidence_bits;
    uint8_t bits[TETRAPOL_VOICE_BITS]; /* decoded: 76 of a data frame, 26 + 100 of a voice frame */
};

/* Body as soft line bits [size: TETRAPOL_BODY_BITS] of the right sense. */
void tetrapol_frame_read(const int8_t *body, const struct tetrapol_channel *channel,
                         struct tetrapol_frame *frame);
/* The same for a search: false, and sooner, if it is of the other kind, or a voice frame that is not good. */
bool tetrapol_frame_is(const int8_t *body, const struct tetrapol_channel *channel, bool is_data,
                       struct tetrapol_frame *frame);
/* The same from the body's coded bits in order, deinterleaved (the unit vectors of the standard's blocks). */
void tetrapol_frame_read_coded(const int16_t *coded, struct tetrapol_frame *frame);

/* Line bits of a data frame, sync word included [size: TETRAPOL_FRAME_BITS]. */
void tetrapol_frame_write_data(const uint8_t block[TETRAPOL_BLOCK_BYTES], unsigned fn, unsigned asb,
                               const struct tetrapol_channel *channel, uint8_t *line);
/* ... and of a voice frame: 20 + 100 speech bits [size: 120]. */
void tetrapol_frame_write_voice(const uint8_t *speech, unsigned asb, const struct tetrapol_channel *channel,
                                uint8_t *line);

#endif
