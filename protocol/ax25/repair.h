/* SPDX-License-Identifier: Apache-2.0 */
/* Frames whose FCS failed, tried again with the likeliest other decisions of the detector.
 *
 * How often a wrong frame passes. An FCS of 16 bits lets one wrong trial in 65,536 pass, whatever it is, so
 * that what is tried must be likely enough by itself. A decision of reliability r is wrong with odds of
 * exp(-r / 250) (softbits.h), and so many wrong decisions, and no others, have about the probability
 *
 *     p = exp(-(sum of r over what is undone + doubt) / 250)     doubt = sum over all of 200 ln(1 + exp(-r /
 * 200))
 *
 * (200 instead of 250: alternatives that overlap exclude each other). Only what has p > exp(-5) is tried:
 * against a passing by chance the odds of each trial are 440 to 1 or better, 1000 to 1 and more in the mean,
 * for few lie near the limit. At most 148 trials can be so likely; a candidate at the detection limit gets 6,
 * of which most differ from branch to branch, and the true frame is the same in all: hence one in 700 to 2500
 * in the sum of ten branches. Half of the wrong ones are of bursts that are read as well, and the likelier
 * reading takes those out (collapse.h). Noise hardly gets that far: ten of the twelve characters of the first
 * two addresses must be possible before anything is tried, which random octets are three times in ten
 * million. Pure; one thread at a time.
 */
#ifndef ATALAYA_AX25_REPAIR_H
#define ATALAYA_AX25_REPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/protocol/ax25.h"
#include "atalaya/protocol/hdlc.h"
#include "atalaya/softbits.h"

enum {
    REPAIR_MEMORY = 4096,    /* line bits, a power of two; longer frames are not repaired */
    REPAIR_OPENINGS = 4,     /* flags that may have opened the frame: errors make false ones inside */
    REPAIR_CLOSINGS = 2,     /* flags that may have closed it: one may be false, more are the next preamble */
    REPAIR_EVENTS = 16,      /* likeliest errors that are tried */
    REPAIR_AT_ONCE = 3,      /* of them */
    REPAIR_REACH = 5 * 250,  /* what an error and the doubt may cost; see above */
    REPAIR_SPOILT = 4 * 250, /* ... less of a text with octets that few texts have, and most wrong ones */
    REPAIR_TRIALS_MAX = 148, /* exp(5) */
    REPAIR_FRAME_MAX = AX25_FRAME_MAX + HDLC_FCS_SIZE
};

/* An error that the detector may have made. */
struct repair_event {
    uint32_t mask;
    uint16_t reliability;
    uint16_t at; /* line bits after the opening's first */
};

/* A hundred channels have a thousand of these: of what was heard, levels are kept, and of the events those
 * that would be tried. */
struct repair {
    uint64_t next;  /* index in the stream of the bit to come */
    bool scrambled; /* the levels have been descrambled (G3RUH), the events have not */
    bool last;      /* level of the bit before `next` */
    uint8_t recent; /* the last eight data bits, newest on top */
    uint8_t level[REPAIR_MEMORY / 8];
    struct error_event waiting[HDLC_FLAG_BITS]; /* of bits that may turn out to be a flag's */
    struct repair_opening {
        uint64_t first; /* index of the first bit after a flag */
        unsigned tries; /* flags that did not close a frame from here */
        uint32_t doubt; /* see above, of all decisions so far, in units of 1/16 */
        unsigned events;
        struct repair_event event[REPAIR_EVENTS]; /* [size: events] likeliest first */
    } opening[REPAIR_OPENINGS];                   /* oldest first */
    unsigned opening_count;

    /* Valid after repair_try gave a length. */
    uint8_t frame[REPAIR_FRAME_MAX];
    uint64_t first_bit; /* of the opening flag */
    unsigned flipped;   /* line bits */
    unsigned cost;      /* 250 times -ln p: at most REPAIR_REACH */
};

void repair_reset(struct repair *repair);

/* One decision about a line bit; event mask 0 = no alternative is known. True: a flag ends with it. */
bool repair_push(struct repair *repair, bool level, struct error_event event);

/* After a flag that closed no good frame: length of a repaired one in `frame`, FCS included, or 0. */
size_t repair_try(struct repair *repair);

/* After each flag: what was before it is done with (a frame was found), or may still open a frame. */
void repair_flag(struct repair *repair, bool found);

#endif
