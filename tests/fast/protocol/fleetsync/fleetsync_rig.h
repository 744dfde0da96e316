/* SPDX-License-Identifier: Apache-2.0 */
/* Line bits of FleetSync messages, and what is heard of them. */
#ifndef FLEETSYNC_RIG_H
#define FLEETSYNC_RIG_H

#include "line_rig.h"

enum { RIG_PREAMBLE = 24, RIG_FIRST = RIG_AFTER + RIG_PREAMBLE + 32 };

const struct line_rig line_rig = {.protocol = "fleetsync", .preamble_bits = RIG_PREAMBLE};

static inline const struct protocol *fleetsync(void)
{
    return line_protocol();
}

#endif
