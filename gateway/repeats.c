/* SPDX-License-Identifier: Apache-2.0 */
#include "repeats.h"

#include <stddef.h>

static bool is_fresh(const struct repeats_told *told, int64_t mono_ns)
{
    const int64_t interval_ns = INT64_C(1000000000) * REPEATS_INTERVAL_S;
    return told->used && mono_ns - told->mono_ns < interval_ns;
}

bool repeats_hold(struct repeats *repeats, uint64_t dedupe, int64_t mono_ns)
{
    struct repeats_told *room = NULL;
    for (unsigned i = 0; i < REPEATS_REMEMBERED; i++) {
        struct repeats_told *told = &repeats->told[i];
        bool fresh = is_fresh(told, mono_ns);
        if (fresh && told->dedupe == dedupe)
            return true;
        if (!fresh && !room)
            room = told;
    }
    if (!room)
        return true;
    *room = (struct repeats_told){.dedupe = dedupe, .mono_ns = mono_ns, .used = true};
    return false;
}
