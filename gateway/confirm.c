/* SPDX-License-Identifier: Apache-2.0 */
#include "confirm.h"

#include <stdio.h>
#include <string.h>

bool confirm_distress(struct confirm *confirm, const char *unit, unsigned bits_corrected, int64_t mono_ns,
                      double window_s)
{
    if (bits_corrected == 0)
        return true;
    for (unsigned i = 0; i < CONFIRM_SUSPECTS_MAX; i++) {
        struct confirm_suspect *suspect = &confirm->suspect[i];
        if (suspect->unit[0] == '\0' || strcmp(suspect->unit, unit) != 0)
            continue;
        bool confirmed = (double)(mono_ns - suspect->mono_ns) <= window_s * 1e9;
        suspect->mono_ns = mono_ns;
        return confirmed;
    }
    struct confirm_suspect *suspect = &confirm->suspect[confirm->next];
    confirm->next = (confirm->next + 1) % CONFIRM_SUSPECTS_MAX;
    snprintf(suspect->unit, sizeof suspect->unit, "%s", unit);
    suspect->mono_ns = mono_ns;
    return false;
}
