/* SPDX-License-Identifier: Apache-2.0 */
/* So many an hour for each name: a bucket that fills evenly and holds a sixth of an hour's. Pure; the clock
 * comes in, monotonic. */
#ifndef ATALAYA_TRANSMIT_RATES_H
#define ATALAYA_TRANSMIT_RATES_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"

enum { RATES_MAX = 256 };

struct rates {
    unsigned count;
    struct {
        char name[CONFIG_TEXT_MAX];
        double left;
        int64_t since_ns; /* `left` was so then */
    } of[RATES_MAX];
};

/* One more? Counts it when true. */
bool rates_take(struct rates *rates, const char *name, unsigned per_hour, int64_t now_ns);

#endif
