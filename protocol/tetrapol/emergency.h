/* SPDX-License-Identifier: Apache-2.0 */
/* The direct-mode emergency frame (PAS 0001-2 clause 6.6 as quoted by others): 16 bits, ten times over,
 * without sync word, code or identity. A correlator over the last 160 changes of the line. How radios use it
 * is not public: experimental. */
#ifndef ATALAYA_TETRAPOL_EMERGENCY_H
#define ATALAYA_TETRAPOL_EMERGENCY_H

#include <stdbool.h>
#include <stdint.h>

enum { TETRAPOL_EMERGENCY_PATTERN = 0x5a0f, TETRAPOL_EMERGENCY_PERIOD = 16 };

struct tetrapol_emergency {
    uint64_t changes[3]; /* the newest lowest, of the first word */
    unsigned count;      /* bits since reset, up to a frame */
    bool latest;
    unsigned pause; /* bits before it may be found again */
    unsigned lasts; /* how often it was there once more meanwhile: every 8 bits while it goes on */
    unsigned gap;   /* bits since it was there */
};

void tetrapol_emergency_reset(struct tetrapol_emergency *emergency);
/* One line bit. True when the last 160 were the pattern, in either sense; at most every two seconds. */
bool tetrapol_emergency_push(struct tetrapol_emergency *emergency, bool bit);
/* How long the last one has gone on beyond its first frame, in bits, as far as it was there, which may be
 * with gaps of a tenth of a second; up to two seconds. */
unsigned tetrapol_emergency_lasts(const struct tetrapol_emergency *emergency);

#endif
