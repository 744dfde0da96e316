/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_PROTOCOL_ONES_H
#define ATALAYA_PROTOCOL_ONES_H

#include <stdint.h>

/* Ones in pairs, in fours, then a sum over the octets: a compiler for any processor makes a handful of
 * instructions of it, where its own would be a call. */
static inline unsigned ones_count(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(bits * UINT64_C(0x0101010101010101) >> 56);
}

#endif
