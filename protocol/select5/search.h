/* SPDX-License-Identifier: Apache-2.0 */
/* From frames of tones to telegrams: five tones or more, one right after the other, all as long as their
 * standard wants them. There is no check in such a call, so that its shape must do: in each slot one tone of
 * the family prevails nearly all of the time, tones change where slots end, and all are off by the same part
 * of their frequency, because one oscillator makes them. Pure data; one thread. */
#ifndef ATALAYA_SELECT5_SEARCH_H
#define ATALAYA_SELECT5_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/protocol/tone_frames.h"
#include "standards.h"

enum {
    SELECT5_TONES = 5,        /* of a telegram, at least */
    SELECT5_TONES_MOST = 24,  /* of a telegram that is followed; and of a call */
    SELECT5_REMEMBERED = 256, /* frames */
    SELECT5_NEAR = 6,         /* tones of a family that the peak nearest to some tone may be, at most */
    SELECT5_SETTLED = 40      /* frames of silence in which a telegram comes to its end */
};

/* The strongest tone of one frame, as each family reads it. */
struct select5_moment {
    uint8_t tone[SELECT5_FAMILIES];    /* enum tone, TONE_COUNT = none of the family */
    float deviation[SELECT5_FAMILIES]; /* in per cent */
    float power;                       /* part of the band's */
};

struct select5_telegram {
    enum select5_family family;
    unsigned tone_ms; /* nominal */
    unsigned count;
    uint8_t tone[SELECT5_TONES_MOST]; /* enum tone */
    float start, end;                 /* in frames; the first tone counts from its last slot's beginning */
    float hop;                        /* frames from tone to tone, as found */
    float deviation;                  /* in per cent, common to all */
    float score;                      /* 0 .. 1: how much of the band's power fits */
    float power;                      /* mean part of the tones in the band's power */
    float lead;                       /* frames for which the first tone sounded before `start` */
    bool headless;                    /* another tone stood before: the beginning is lost */
};

enum select5_phase { PHASE_SEARCH, PHASE_GATHER, PHASE_FOLLOW };

struct select5_search {
    uint64_t now;    /* frames taken */
    uint32_t silent; /* rhythms that are not looked for, by their place in the table */
    enum select5_phase phase;
    uint64_t settled;                 /* nothing that begins before this frame is of interest */
    struct select5_telegram telegram; /* in PHASE_GATHER the best so far */
    uint64_t best_at;
    struct select5_moment moments[SELECT5_REMEMBERED];
    uint8_t near[TONE_COUNT][SELECT5_FAMILIES][SELECT5_NEAR]; /* enum tone; TONE_COUNT: no more */
};

void select5_search_reset(struct select5_search *search);

/* From now on only what some standard of the set (bit n: select5_standards[n]) could have sent. */
void select5_search_allow(struct select5_search *search, uint32_t allowed);
/* A telegram has just ended; *telegram is valid until the next call. */
bool select5_search_take(struct select5_search *search, const struct tone_frame *frame);
/* Is a tone of the family sounding, steadily, in the newest frames? */
bool select5_search_sounds(const struct select5_search *search, enum select5_family family);

#endif
