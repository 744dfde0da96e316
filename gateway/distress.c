/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/distress.h"

#include <string.h>

static const char *const state_text[DISTRESS_STATE_COUNT] = {
    "raised",  "delivered", "received",    "acknowledged", "radio_acked",
    "cleared", "cancelled", "false_alarm", "exercise",
};

const char *distress_state_text(enum distress_state state)
{
    return (unsigned)state < DISTRESS_STATE_COUNT ? state_text[state] : "unknown";
}

enum distress_state distress_state_find(const char *text)
{
    unsigned state = 0;
    while (state < DISTRESS_STATE_COUNT && strcmp(state_text[state], text) != 0)
        state++;
    return (enum distress_state)state;
}

bool distress_state_is_closed(enum distress_state state)
{
    return state >= DISTRESS_STATE_CLEARED;
}

enum atalaya_result distress_advance(struct distress *distress, const struct distress_step *step)
{
    bool first = distress->history_count == 0;
    if (!first && (distress_state_is_closed(distress->state) || step->state <= distress->state))
        return ATALAYA_E_DENIED;
    if (distress->history_count == DISTRESS_HISTORY_MAX) {
        memmove(&distress->history[1], &distress->history[2],
                (DISTRESS_HISTORY_MAX - 2) * sizeof distress->history[0]);
        distress->history_count--;
    }
    distress->history[distress->history_count++] = *step;
    distress->state = step->state;
    return ATALAYA_OK;
}

bool distress_joins(const struct distress *distress, const char *unit, bool test, int64_t utc_ns,
                    double join_s)
{
    if (distress->test != test || strcmp(distress->unit, unit) != 0)
        return false;
    return (double)(utc_ns - distress->last_heard_utc_ns) * 1e-9 <= join_s;
}
