/* SPDX-License-Identifier: Apache-2.0 */
#include "convert.h"

#include <math.h>
#include <string.h>

static const float level_max = 64.0F; /* 36 dB above full scale */

void convert_s16(const int16_t *in, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (float)in[i] * 0x1p-15F;
}

void convert_s32(const int32_t *in, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (float)in[i] * 0x1p-31F;
}

void convert_u8(const uint8_t *in, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = ((float)in[i] - 127.5F) / 127.5F;
}

void convert_s8(const uint8_t *in, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = (float)(in[i] < 0x80 ? in[i] : in[i] - 0x100) * 0x1p-7F;
}

void convert_s16_le(const uint8_t *in, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int value = in[2 * i] | in[2 * i + 1] << 8;
        out[i] = (float)(value < 0x8000 ? value : value - 0x10000) * 0x1p-15F;
    }
}

void convert_f32_le(const uint8_t *in, float *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)in[4 * i] | (uint32_t)in[4 * i + 1] << 8 | (uint32_t)in[4 * i + 2] << 16 |
                        (uint32_t)in[4 * i + 3] << 24;
        memcpy(&out[i], &bits, sizeof bits);
    }
}

void convert_tame(float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(samples[i]))
            samples[i] = 0.0F;
        else if (samples[i] > level_max)
            samples[i] = level_max;
        else if (samples[i] < -level_max)
            samples[i] = -level_max;
    }
}

const struct sample_form *sample_form_find(enum config_sample_format format)
{
    static const struct sample_form forms[] = {
        [SAMPLE_AUTO] = {"s16", 2, false, convert_s16_le}, [SAMPLE_S16] = {"s16", 2, false, convert_s16_le},
        [SAMPLE_F32] = {"f32", 4, false, convert_f32_le},  [SAMPLE_CU8] = {"cu8", 1, true, convert_u8},
        [SAMPLE_CS8] = {"cs8", 1, true, convert_s8},       [SAMPLE_CS16] = {"cs16", 2, true, convert_s16_le},
        [SAMPLE_CF32] = {"cf32", 4, true, convert_f32_le}};
    return &forms[format];
}
