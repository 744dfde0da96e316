/* SPDX-License-Identifier: Apache-2.0 */
#include "format.h"

#include <stdbool.h>

#include "atalaya/protocol/ones.h"

/* Tags 01 to 0B; 00 and the others are reserved. */
static const struct fx25_format formats[] = {
    {UINT64_C(0xb74db7df8a532f3e), 239, 16}, {UINT64_C(0x26ff60a600cc8fde), 128, 16},
    {UINT64_C(0xc7dc0508f3d9b09e), 64, 16},  {UINT64_C(0x8f056eb4369660ee), 32, 16},
    {UINT64_C(0x6e260b1ac5835fae), 223, 32}, {UINT64_C(0xff94dc634f1cff4e), 128, 32},
    {UINT64_C(0x1eb7b9cdbc09c00e), 64, 32},  {UINT64_C(0xdbf869bd2dbb1776), 32, 32},
    {UINT64_C(0x3adb0c13deae2836), 191, 64}, {UINT64_C(0xab69db6a543188d6), 128, 64},
    {UINT64_C(0x4a4abec4a724b796), 64, 64},
};

enum { FORMATS = sizeof formats / sizeof *formats, FIRST_ROOT = 1 };

/* What Dire Wolf sends: more check octets the longer the block, as far as they fit. Numbers of tags. */
static const uint8_t preferred[] = {0x04, 0x03, 0x06, 0x09, 0x05, 0x01};

/* Ones in the lower and in the upper half of a word, in the lowest octet of each. */
static uint64_t ones_in_halves(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    bits += bits >> 8;
    return bits + (bits >> 16);
}

/* Two tags at once, by a half of each: nothing else is looked at in noise. */
static bool may_be_tag(uint64_t bits)
{
    const uint64_t half = bits & UINT32_MAX, twice = half << 32 | half;
    bool near = false;
    for (unsigned i = 0; i < FORMATS; i += 2) {
        uint64_t pair = (formats[i].tag & UINT32_MAX) | formats[i + 1 < FORMATS ? i + 1 : i].tag << 32;
        uint64_t ones = ones_in_halves(twice ^ pair);
        near |= (ones & 0xff) <= FX25_TAG_ERRORS_MAX || (ones >> 32 & 0xff) <= FX25_TAG_ERRORS_MAX;
    }
    return near;
}

const struct fx25_format *fx25_format_find(uint64_t bits)
{
    if (!may_be_tag(bits))
        return NULL;
    for (unsigned i = 0; i < FORMATS; i++)
        if (ones_count(bits ^ formats[i].tag) <= FX25_TAG_ERRORS_MAX)
            return &formats[i];
    return NULL;
}

const struct fx25_format *fx25_format_choose(size_t octets)
{
    for (size_t i = 0; i < sizeof preferred; i++)
        if (octets <= formats[preferred[i] - 1].data)
            return &formats[preferred[i] - 1];
    return NULL;
}

struct reed_solomon fx25_format_code(const struct fx25_format *format)
{
    unsigned gap = REED_SOLOMON_LENGTH_MAX - format->check - (unsigned)format->data;
    return (struct reed_solomon){.first_root = FIRST_ROOT, .roots = format->check, .gap = (uint8_t)gap};
}
