/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as devices and pipes give them, into floats that filters survive. */
#ifndef GATEWAY_SOURCE_CONVERT_H
#define GATEWAY_SOURCE_CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"

void convert_s16(const int16_t *in, float *out, size_t count);
void convert_s32(const int32_t *in, float *out, size_t count);
/* As RTL-SDR dongles give them: 127.5 is zero. */
void convert_u8(const uint8_t *in, float *out, size_t count);
void convert_s8(const uint8_t *in, float *out, size_t count);
/* Little-endian bytes, whatever this machine is. in [size: 2 * count] and [size: 4 * count]. */
void convert_s16_le(const uint8_t *in, float *out, size_t count);
void convert_f32_le(const uint8_t *in, float *out, size_t count);
/* NaN and infinity become 0, absurd levels the limit: one bad float would stay in a recursive filter for
 * ever. */
void convert_tame(float *samples, size_t count);

/* Raw samples of a pipe or file. */
struct sample_form {
    const char *name; /* as in the configuration */
    unsigned bytes;   /* of one number */
    bool iq;          /* two numbers make a frame */
    void (*convert)(const uint8_t *in, float *out, size_t count);
};

/* SAMPLE_AUTO is s16. */
const struct sample_form *sample_form_find(enum config_sample_format format);

#endif
