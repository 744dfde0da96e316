/* SPDX-License-Identifier: Apache-2.0 */
/* May this hearing raise a distress? A frame that passed its check as it was heard may. One that passed only after bits
 * were corrected may not by itself, for one in hundreds of those is wrong: it is remembered, and the next hearing of
 * the same unit's call within the window confirms it. Main thread. */
#ifndef ATALAYA_CONFIRM_H
#define ATALAYA_CONFIRM_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"

enum { CONFIRM_SUSPECTS_MAX = 16 };

struct confirm {
    struct confirm_suspect {
        char unit[CONFIG_TEXT_MAX];
        int64_t mono_ns;
    } suspect[CONFIRM_SUSPECTS_MAX]; /* unit "" = free; all zero is the beginning */
    unsigned next;
};

bool confirm_distress(struct confirm *confirm, const char *unit, unsigned bits_corrected, int64_t mono_ns,
                      double window_s);

#endif
