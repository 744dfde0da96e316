/* SPDX-License-Identifier: Apache-2.0 */
/* The signal inside a receiver of two tones: complex, midway between the tones at 0 Hz, eight samples a bit.
 */
#ifndef ATALAYA_DSP_BASEBAND_H
#define ATALAYA_DSP_BASEBAND_H

#include <complex.h>

#include "two_tone.h"

enum {
    BASEBAND_PER_BIT = 8,
    BASEBAND_TONE_PERIOD = 96, /* a tone is tone_step cycles in 96 samples: tables have this many entries */
    BASEBAND_BLOCK_MAX = 640   /* what one chunk of FRONT_END_CHUNK_MAX input samples can become */
};

struct baseband_block {
    float complex z[BASEBAND_BLOCK_MAX]; /* a sine of amplitude a gives |z| = a / 2 */
    float peak[BASEBAND_BLOCK_MAX];      /* largest |input| since the sample before */
    unsigned count;
};

/* One turn of the unit circle, exp(i 2 pi n / BASEBAND_TONE_PERIOD) (tone_windows.c). */
void baseband_tone_table(float complex table[BASEBAND_TONE_PERIOD]);

#endif
