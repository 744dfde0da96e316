/* SPDX-License-Identifier: Apache-2.0 */
#include "bit_frame.h"

#include <string.h>

uint64_t bit_frame_get(const struct bit_frame *frame, unsigned first, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = first; i < first + count && i <= BIT_FRAME_MAX; i++)
        value = value << 1 | frame->bit[i];
    return value;
}

void bit_frame_put(struct bit_frame *frame, unsigned first, unsigned count, uint64_t value)
{
    for (unsigned i = 0; i < count && first + i <= BIT_FRAME_MAX; i++)
        frame->bit[first + i] = (uint8_t)(value >> (count - 1 - i) & 1);
}

void bit_frame_load(struct bit_frame *frame, unsigned first, unsigned count, const uint8_t *octets)
{
    for (unsigned i = 0; i < count && first + i <= BIT_FRAME_MAX; i++)
        frame->bit[first + i] = octets[i / 8] >> (7 - i % 8) & 1;
}

void bit_frame_store(const struct bit_frame *frame, unsigned first, unsigned count, uint8_t *octets)
{
    memset(octets, 0, (count + 7) / 8);
    for (unsigned i = 0; i < count && first + i <= BIT_FRAME_MAX; i++)
        octets[i / 8] |= (uint8_t)(frame->bit[first + i] << (7 - i % 8));
}
