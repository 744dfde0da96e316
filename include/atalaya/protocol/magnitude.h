/* SPDX-License-Identifier: Apache-2.0 */
/* |value| of a soft decision or a sum of them, without the C library: protocols keep clear of stdlib.h. */
#ifndef ATALAYA_PROTOCOL_MAGNITUDE_H
#define ATALAYA_PROTOCOL_MAGNITUDE_H

static inline int magnitude(int value)
{
    return value < 0 ? -value : value;
}

#endif
