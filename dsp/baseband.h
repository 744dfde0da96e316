/* SPDX-License-Identifier: Apache-2.0 */
/* The signal inside the Bell 202 receiver: complex, midway between the tones at 0 Hz, eight samples a bit. */
#ifndef ATALAYA_DSP_BASEBAND_H
#define ATALAYA_DSP_BASEBAND_H

#include <complex.h>

#define BELL202_MARK_HZ   1200.0 /* bit 1; Bell 202 */
#define BELL202_SPACE_HZ  2200.0 /* bit 0 */
#define BELL202_CENTRE_HZ 1700.0
#define BELL202_BIT_RATE  1200.0

#define BASEBAND_RATE_HZ 9600.0

enum {
    BASEBAND_PER_BIT = 8,
    BASEBAND_TONE_PERIOD = 96, /* 500 Hz = 5 cycles in 96 samples: tone tables have this many entries */
    BASEBAND_TONE_STEP = 5,
    BASEBAND_BLOCK_MAX = 320 /* what one chunk of FRONT_END_CHUNK_MAX input samples can become */
};

struct baseband_block {
    float complex z[BASEBAND_BLOCK_MAX]; /* a sine of amplitude a gives |z| = a / 2 */
    float peak[BASEBAND_BLOCK_MAX];      /* largest |input| since the sample before */
    unsigned count;
};

#endif
