/* SPDX-License-Identifier: Apache-2.0 */
/* Bits of a burst that a test sends, and how many of them were heard. */
#ifndef BURST_BITS_H
#define BURST_BITS_H

#include <stdint.h>

#include "atalaya/dsp/impair.h"

/* Line bits: `before` bits of HDLC flags that end with a whole one, `data` random bits, `after` bits of
 * flags. Returns their number. */
unsigned burst_bits_make(struct impair_random *random, uint8_t *bits, unsigned before, unsigned data,
                         unsigned after);
/* Of the bits [size: count] the wrong ones where they fit best among what was heard [size: heard_count]; *at:
 * there. More than `most` are not looked for: most + 1. */
unsigned burst_bits_wrong(const int8_t *heard, uint64_t heard_count, const uint8_t *bits, unsigned count,
                          unsigned most, uint64_t *at);

#endif
