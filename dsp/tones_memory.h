/* SPDX-License-Identifier: Apache-2.0 */
/* What the modem `tones` remembers of the last 20 s, for the figures of a call. */
#ifndef ATALAYA_DSP_TONES_MEMORY_H
#define ATALAYA_DSP_TONES_MEMORY_H

#include "atalaya/dsp/modem.h"

enum { TONES_REMEMBERED = 4096 /* frames */ };

struct tones_moment {
    float power; /* in the audio band; 1 = a sine of amplitude 1 */
    float share; /* of the strongest tone in it */
    float peak;  /* largest |sample| since the moment before */
};

struct tones_memory {
    uint64_t count;
    struct tones_moment moments[TONES_REMEMBERED];
};

void tones_memory_reset(struct tones_memory *memory);
void tones_memory_push(struct tones_memory *memory, const struct tones_moment *moment);
/* Level, peak and ratio of tone to noise in the audio band over frames [first, end); offset and times are
 * NaN. Errors: ATALAYA_E_RANGE. */
enum atalaya_result tones_memory_measure(const struct tones_memory *memory, uint64_t first, uint64_t end,
                                         struct burst_figures *figures);

#endif
