/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_PROTOCOL_LINE_BITS_H
#define ATALAYA_PROTOCOL_LINE_BITS_H

#include <stddef.h>
#include <stdint.h>

/* Appends the last `count` bits of value (at most 64), the first of them first, to the `at` line bits that
 * are there. Returns how many are there then. */
static inline size_t line_bits_put(uint64_t value, unsigned count, uint8_t *bits, size_t at)
{
    while (count-- > 0)
        bits[at++] = value >> count & 1;
    return at;
}

#endif
