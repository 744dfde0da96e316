/* SPDX-License-Identifier: Apache-2.0 */
/* Four numbers at once: what every processor that this runs on has registers for (SSE2, NEON). Written out
 * where the compiler does not find the vectors by itself. */
#ifndef ATALAYA_DSP_WIDE_H
#define ATALAYA_DSP_WIDE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { WIDE = 4 };

typedef float wide __attribute__((vector_size(16)));
typedef int32_t wide_int __attribute__((vector_size(16)));

static inline wide wide_load(const float *from)
{
    wide value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline void wide_store(float *to, wide value)
{
    memcpy(to, &value, sizeof value);
}

static inline wide_int wide_load_int(const uint32_t *from)
{
    wide_int value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline void wide_store_int(uint32_t *to, wide_int value)
{
    memcpy(to, &value, sizeof value);
}

/* Where the comparison that made `which` held, yes; elsewhere no. */
static inline wide_int wide_choose_int(wide_int which, wide_int yes, wide_int no)
{
    return (which & yes) | (~which & no);
}

static inline wide wide_choose(wide_int which, wide yes, wide no)
{
    return (wide)wide_choose_int(which, (wide_int)yes, (wide_int)no);
}

static inline wide wide_limit(wide value, wide least, wide most)
{
    value = wide_choose(value < least, least, value);
    return wide_choose(value > most, most, value);
}

/* Square roots; compilers make one instruction of it. */
static inline wide wide_root(wide value)
{
    for (int i = 0; i < WIDE; i++)
        value[i] = sqrtf(value[i]);
    return value;
}

#endif
