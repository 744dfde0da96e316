/* SPDX-License-Identifier: Apache-2.0 */
/* A beacon's message as bits numbered from 1, as the tables of C/S T.001 and T.018 number them. Pure. */
#ifndef ATALAYA_COSPAS_SARSAT_BIT_FRAME_H
#define ATALAYA_COSPAS_SARSAT_BIT_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum { BIT_FRAME_MAX = 256 };

struct bit_frame {
    uint8_t bit[BIT_FRAME_MAX + 1]; /* 0 or 1; bit[0] is not used */
    unsigned count;                 /* bits beyond are zero and mean nothing */
};

/* bits `first` to `first + count - 1`, most significant first; count at most 64, all of them in the frame's
 * memory. */
uint64_t bit_frame_get(const struct bit_frame *frame, unsigned first, unsigned count);
void bit_frame_put(struct bit_frame *frame, unsigned first, unsigned count, uint64_t value);
/* Octets, first bit in the most significant place, to and from bits first .. first + count - 1. Store fills
 * the last octet with zeros. */
void bit_frame_load(struct bit_frame *frame, unsigned first, unsigned count, const uint8_t *octets);
void bit_frame_store(const struct bit_frame *frame, unsigned first, unsigned count, uint8_t *octets);

#endif
