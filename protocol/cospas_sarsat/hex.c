/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"

#include <string.h>

bool hex_load(struct bit_frame *frame, unsigned first, const char *text, size_t count)
{
    if (strlen(text) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0)
            return false;
        bit_frame_put(frame, first + 4 * (unsigned)i, 4, (uint64_t)digit);
    }
    return true;
}
