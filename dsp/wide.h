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

/* Eight: two registers, or one where there are such. Sums come out the same, bit by bit. */
typedef float wider __attribute__((vector_size(32)));

enum { WIDER = 8 };

/* A function in front of which this stands is built twice for a PC, and what the processor has decides which
 * one runs. What it calls must be WIDE_INSIDE to come along. Sanitizers are not ready when that is decided.
 */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&                \
    !defined(__clang__)
#define WIDE_TWICE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE_TWICE
#endif
#define WIDE_INSIDE static inline __attribute__((always_inline))

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

static inline float wide_sum(wide value)
{
    return value[0] + value[1] + value[2] + value[3];
}

/* The sums of four. */
static inline wide wide_sums(wide a, wide b, wide c, wide d)
{
    wide ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    wide cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
    return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

/* The largest |sample|. */
static inline float wide_peak(const float *samples, unsigned count)
{
    wide most[2] = {{0}, {0}};
    float peak = 0.0F;
    unsigned i = 0;
    for (; i + 2 * WIDE <= count; i += 2 * WIDE)
        for (unsigned k = 0; k < 2; k++) {
            wide size = (wide)((wide_int)wide_load(samples + i + k * WIDE) & INT32_MAX);
            most[k] = wide_choose(size > most[k], size, most[k]);
        }
    most[0] = wide_choose(most[0] > most[1], most[0], most[1]);
    for (unsigned k = 0; k < WIDE; k++)
        peak = most[0][k] > peak ? most[0][k] : peak;
    for (; i < count; i++) {
        float size = fabsf(samples[i]);
        peak = size > peak ? size : peak;
    }
    return peak;
}

/* Natural logarithms of numbers that are positive and not subnormal, to 2e-6: of the exponent, and for what
 * is left, between the roots of 1/2 and 2, log x = 2 artanh((x - 1) / (x + 1)) as a series. */
static inline wide wide_log(wide value)
{
    enum { MANTISSA_BITS = 23, ROOT_HALF = 0x3f3504f3 /* as a float */ };
    wide_int bits = (wide_int)value, exponent = (bits - ROOT_HALF) >> MANTISSA_BITS;
    wide rest = (wide)(bits - exponent * (1 << MANTISSA_BITS));
    wide s = (rest - 1.0F) / (rest + 1.0F), t = s * s;
    return __builtin_convertvector(exponent, wide) * (float)M_LN2 +
           (s + s) * (1.0F + t * (1.0F / 3.0F + t * (1.0F / 5.0F)));
}

/* e to the power of 0 .. 80 (beyond: of the nearest of these), to 1e-5 of it: a power of two, and the series
 * for what is left. */
static inline wide wide_exp(wide value)
{
    enum { MANTISSA_BITS = 23 };
    const wide nothing = {0.0F};
    value = wide_limit(value, nothing, nothing + 80.0F);
    wide_int twos = __builtin_convertvector(value * (float)M_LOG2E + 0.5F, wide_int);
    wide x = value - __builtin_convertvector(twos, wide) * (float)M_LN2;
    wide rest = 1.0F + x * (1.0F + x * (1.0F / 2.0F + x * (1.0F / 6.0F + x * (1.0F / 24.0F + x / 120.0F))));
    return (wide)((wide_int)rest + (twos << MANTISSA_BITS));
}

#endif
