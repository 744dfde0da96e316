/* SPDX-License-Identifier: Apache-2.0 */
/* What comes from outside may be anything; and limits that compilers make two instructions of, where those of
 * math.h, particular about NaN, are calls. */
#ifndef ATALAYA_DSP_CLEAN_H
#define ATALAYA_DSP_CLEAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CLEAN_LIMIT 8.0F /* full scale is 1; what is louder is no sound */

/* Not finite: 0; limited to +-CLEAN_LIMIT. Without branches, so that compilers find vectors. */
static inline void clean_samples(const float *from, float *to, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        float sample = from[i];
        memcpy(&bits, &sample, sizeof bits);
        float bounded = sample > -CLEAN_LIMIT ? sample : -CLEAN_LIMIT;
        bounded = bounded < CLEAN_LIMIT ? bounded : CLEAN_LIMIT;
        to[i] = (bits & 0x7f800000U) == 0x7f800000U ? 0.0F : bounded;
    }
}

static inline float within(float value, float least, float most)
{
    value = value > least ? value : least;
    return value < most ? value : most;
}

#endif
