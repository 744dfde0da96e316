/* SPDX-License-Identifier: Apache-2.0 */
/* From frames of tones to pressed keys (ITU-T Q.23, Q.24). Pure data; one thread. */
#ifndef ATALAYA_DTMF_KEYS_H
#define ATALAYA_DTMF_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/protocol/tone_frames.h"

enum { DTMF_ROWS = 4, DTMF_COLUMNS = 4, DTMF_KEYS = DTMF_ROWS * DTMF_COLUMNS, DTMF_RECENT = 4 };

/* Tones of the keypad from top to bottom and from left to right. */
extern const uint8_t dtmf_row[DTMF_ROWS], dtmf_column[DTMF_COLUMNS];

struct dtmf_keys {
    uint64_t now;    /* frames taken */
    uint8_t key;     /* the one that may be down; DTMF_KEYS = none */
    bool told;       /* it has been reported */
    unsigned held;   /* frames that showed it */
    unsigned absent; /* frames since the last of them */
    uint64_t begin;  /* frame in which it began */
    uint64_t last;   /* the last one that showed it */
    uint64_t doubt;  /* frame after a key that was heard for too short a time to be told; 0 = none yet */
    /* Of the key that is down: how far its two tones are off on average, in per cent, and their part of the
     * power. */
    float recent[DTMF_RECENT], lowest, highest, share;
};

/* True: *key (row * DTMF_COLUMNS + column) has been down long enough to be meant; told once for each time. */
bool dtmf_keys_take(struct dtmf_keys *keys, const struct tone_frame *frame, unsigned *key);
/* Do the tones of the key that is down move, as those of a voice do? */
bool dtmf_keys_glides(const struct dtmf_keys *keys);
/* As after all zero, with no key down. */
void dtmf_keys_reset(struct dtmf_keys *keys);

#endif
