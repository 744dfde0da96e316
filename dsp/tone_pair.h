/* SPDX-License-Identifier: Apache-2.0 */
/* Low-pass and two sliding correlators, a tone each: the non-coherent detector's filters. */
#ifndef ATALAYA_DSP_TONE_PAIR_H
#define ATALAYA_DSP_TONE_PAIR_H

#include "atalaya/result.h"
#include "baseband.h"

enum {
    TONE_WINDOW = 9, /* samples; 8 are a bit, 9.6 would make the tones orthogonal */
    TONE_LAG = 10    /* a bit that fills the window best ended this many samples before the newest */
};

struct tone_pair;

struct tone_levels {
    float mark, space; /* magnitudes over the window: |z| of a steady tone */
    float level;       /* running root of the mean of mark^2 + space^2 */
};

/* cutoff_hz of the low-pass at baseband: less lets less noise in, and smears the bits more. */
enum atalaya_result tone_pair_create(struct tone_pair **pair, double cutoff_hz);
void tone_pair_reset(struct tone_pair *pair);
void tone_pair_destroy(struct tone_pair *pair);
struct tone_levels tone_pair_execute(struct tone_pair *pair, float complex z);

#endif
