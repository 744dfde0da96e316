/* SPDX-License-Identifier: Apache-2.0 */
/* Frames in a stream of line bits of either polarity: found by their sync word and their code, followed every
 * 160 bits, given up when they stop.
 *
 * An eight-bit sync word and a CRC of five bits prove nothing. What is believed is evidence: frames of one
 * scrambling and band, 160 bits apart, add up how unlikely each was to come from noise. A search tries some
 * 2^19 (place, sense, band, scrambling, kind) a second; nothing is said to anyone before 48 bits of evidence,
 * so that noise is believed once in some ten years; and no evidence is what repeats itself, as a carrier that
 * stands still or swings with a tone does. */
#ifndef ATALAYA_TETRAPOL_TRACK_H
#define ATALAYA_TETRAPOL_TRACK_H

#include "search.h"

enum { TETRAPOL_TRACK_RING = 512 };

enum tetrapol_track_event {
    TETRAPOL_TRACK_NONE,
    TETRAPOL_TRACK_FIRST, /* a frame, the first of a possible transmission */
    TETRAPOL_TRACK_FRAME, /* the next one; good or not */
    TETRAPOL_TRACK_LOST   /* no frames any more */
};

struct tetrapol_track {
    int8_t soft[TETRAPOL_TRACK_RING];
    uint8_t sense[TETRAPOL_TRACK_RING]; /* of a sync word that begins here, see track.c; 0 = none */
    uint64_t count;                     /* bits since reset */
    uint8_t latest;                     /* hard bits, the newest lowest */
    uint8_t sense_of[256];              /* of eight bits, see track.c */

    bool locked, believed;
    uint64_t frame_at;    /* where the frame being waited for begins */
    uint8_t alternation;  /* every other bit is inverted: the carrier's sense is turned */
    unsigned misses;      /* frames in a row that were not good */
    unsigned misses_most; /* ... and how many end it */
    unsigned evidence_bits;
    struct tetrapol_channel channel;
    struct tetrapol_frame frame; /* of the last event */
    uint64_t frame_first_bit;
    struct tetrapol_search search;
};

void tetrapol_track_reset(struct tetrapol_track *track);
enum tetrapol_track_event tetrapol_track_push(struct tetrapol_track *track, int8_t soft);
/* What else speaks for the frames followed: a right FCS. */
void tetrapol_track_support(struct tetrapol_track *track, unsigned evidence_bits);
/* The transmission said that it ends: the first frame missed is the end. */
void tetrapol_track_expect_end(struct tetrapol_track *track);

#endif
