/* SPDX-License-Identifier: Apache-2.0 */
/* What comes from outside may be anything; and limits that compilers make two instructions of, where those of
 * math.h, particular about NaN, are calls. */
#ifndef ATALAYA_DSP_CLEAN_H
#define ATALAYA_DSP_CLEAN_H

#include <stddef.h>

#define CLEAN_LIMIT 8.0F /* full scale is 1; what is louder is no sound */

/* Not finite: 0; limited to +-CLEAN_LIMIT. `to` may be `from`. */
void clean_samples(const float *from, float *to, size_t count);

static inline float within(float value, float least, float most)
{
    value = value > least ? value : least;
    return value < most ? value : most;
}

#endif
