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

/* Their lower halves, side by side; the last one twice: a multiple of four. */
static const uint32_t lower[] = {
    0x8a532f3e, 0x00cc8fde, 0xf3d9b09e, 0x369660ee, 0xc5835fae, 0x4f1cff4e,
    0xbc09c00e, 0x2dbb1776, 0xdeae2836, 0x543188d6, 0xa724b796, 0xa724b796,
};

enum { FORMATS = sizeof formats / sizeof *formats, FIRST_ROOT = 1 };

/* What Dire Wolf sends: more check octets the longer the block, as far as they fit. Numbers of tags. */
static const uint8_t preferred[] = {0x04, 0x03, 0x06, 0x09, 0x05, 0x01};

/* By a half of each: nothing else is looked at in noise. Without a branch for each, so that compilers find
 * vectors. */
static bool may_be_tag(uint32_t half)
{
    unsigned near = 0;
    for (unsigned i = 0; i < sizeof lower / sizeof *lower; i++) {
        uint32_t bits = half ^ lower[i];
        bits -= bits >> 1 & 0x55555555U;
        bits = (bits & 0x33333333U) + (bits >> 2 & 0x33333333U);
        bits = (bits + (bits >> 4)) & 0x0f0f0f0fU;
        bits += bits >> 8;
        bits = (bits + (bits >> 16)) & 0x3fU;
        near |= bits <= FX25_TAG_ERRORS_MAX;
    }
    return near != 0;
}

const struct fx25_format *fx25_format_find(uint64_t bits)
{
    if (!may_be_tag((uint32_t)bits))
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
