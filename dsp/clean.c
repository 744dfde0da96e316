/* SPDX-License-Identifier: Apache-2.0 */
#include "clean.h"

#include <stdint.h>
#include <string.h>

#include "wide.h"

/* Without branches, so that compilers find vectors. */
WIDE_TWICE void clean_samples(const float *from, float *to, size_t count)
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
