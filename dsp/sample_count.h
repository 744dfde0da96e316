/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_DSP_SAMPLE_COUNT_H
#define ATALAYA_DSP_SAMPLE_COUNT_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

/* How many samples reach over `samples` of them; 0 where no memory of this machine could hold as many (a
 * size_t of 32 bits overflows within reach of a caller's mistake, and then nothing is defined any more). */
static inline size_t sample_count(double samples)
{
    return samples < (double)PTRDIFF_MAX / (2.0 * sizeof(float)) ? (size_t)ceil(samples) : 0;
}

#endif
