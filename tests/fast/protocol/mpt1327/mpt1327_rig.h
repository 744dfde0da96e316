/* SPDX-License-Identifier: Apache-2.0 */
/* Line bits of MPT1327 messages, and what is heard of them. */
#ifndef MPT1327_RIG_H
#define MPT1327_RIG_H

#include "atalaya/protocol/code_word.h"
#include "line_rig.h"

enum { RIG_PREAMBLE = 16, RIG_FIRST = RIG_AFTER + RIG_PREAMBLE + 32 };

const struct line_rig line_rig = {.protocol = "mpt1327", .preamble_bits = RIG_PREAMBLE};

static inline const struct protocol *mpt1327(void)
{
    return line_protocol();
}

#endif
