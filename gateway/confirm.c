/* SPDX-License-Identifier: Apache-2.0 */
#include "confirm.h"

#include <stdio.h>
#include <string.h>

/* Closer hearings are one burst at two receivers. */
static const double other_burst_s = 1.0;

static bool is_same_call(const struct confirm_suspect *suspect, const char *unit,
                         const struct words_verdict *call)
{
    return suspect->distress == call->distress && suspect->test == call->test &&
           strcmp(suspect->unit, unit) == 0;
}

bool confirm_call(struct confirm *confirm, const char *unit, const struct words_verdict *call,
                  int64_t mono_ns, double window_s)
{
    for (unsigned i = 0; i < CONFIRM_SUSPECTS_MAX; i++) {
        struct confirm_suspect *suspect = &confirm->suspect[i];
        if (!is_same_call(suspect, unit, call))
            continue;
        double age_s = (double)(mono_ns - suspect->mono_ns) * 1e-9;
        if (age_s < other_burst_s)
            return false;
        suspect->mono_ns = mono_ns;
        return age_s <= window_s;
    }
    struct confirm_suspect *suspect = &confirm->suspect[confirm->next];
    confirm->next = (confirm->next + 1) % CONFIRM_SUSPECTS_MAX;
    snprintf(suspect->unit, sizeof suspect->unit, "%s", unit);
    suspect->distress = call->distress;
    suspect->test = call->test;
    suspect->mono_ns = mono_ns;
    return false;
}
