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

/* Samples by which a change of tone comes late, per unit of (old tone - new tone) in the window of one bit
 * centred on where it should be, both tones relative to their steady level. The phase runs on, so that d
 * samples of the other tone cost d - sin(w d) / w of 8, w = 2 pi 1000 / 9600; derivative at d = 4, twice. */
#define BASEBAND_CHANGE_SLOPE 2.14

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

/* One turn of the unit circle, exp(i 2 pi n / BASEBAND_TONE_PERIOD) (tone_pair.c). */
void baseband_tone_table(float complex table[BASEBAND_TONE_PERIOD]);

#endif
