/* SPDX-License-Identifier: Apache-2.0 */
/* What a tone bank remembers of the last 4096 frames, for the figures of a burst. */
#ifndef ATALAYA_DSP_TONE_MEMORY_H
#define ATALAYA_DSP_TONE_MEMORY_H

#include "atalaya/dsp/modem.h"

enum { TONE_MEMORY_FRAMES = 4096 /* frames */ };

struct tone_moment {
    float power; /* in the audio band; 1 = a sine of amplitude 1 */
    float share; /* of the strongest tone in it */
    float peak;  /* largest |sample| since the moment before */
};

struct tone_memory {
    uint64_t count;
    struct tone_moment moments[TONE_MEMORY_FRAMES];
};

void tone_memory_reset(struct tone_memory *memory);
void tone_memory_push(struct tone_memory *memory, const struct tone_moment *moment);
/* Level, peak and ratio of tone to noise in the audio band over frames [first, end); offset and times are
 * NaN. Errors: ATALAYA_E_RANGE. */
enum atalaya_result tone_memory_measure(const struct tone_memory *memory, uint64_t first, uint64_t end,
                                        struct burst_figures *figures);

#endif
