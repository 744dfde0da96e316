/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/gateway/distress.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
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

static const char *const level_text[] = {"", "heard", "received", "acknowledged"};

const char *answer_level_text(enum answer_level level)
{
    return (unsigned)level < sizeof level_text / sizeof *level_text ? level_text[level] : "";
}

const char *answer_reach_text(enum answer_reach reach)
{
    static const char *const text[] = {"", "unheard", "unit", "radio"};
    return (unsigned)reach < sizeof text / sizeof *text ? text[reach] : "";
}

enum answer_level answer_level_find(const char *text)
{
    for (unsigned i = 1; i < sizeof level_text / sizeof *level_text; i++)
        if (strcmp(level_text[i], text) == 0)
            return (enum answer_level)i;
    return ANSWER_NONE;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

void distress_name_incident(struct distress *distress)
{
    char text[64];
    int64_t epoch = distress->raised_utc_ns / (DISTRESS_INCIDENT_S * INT64_C(1000000000));
    int length =
        snprintf(text, sizeof text, "/%d/%016" PRIx64 "/%" PRId64, distress->test, distress->dedupe, epoch);
    uint64_t hash = hash_bytes(UINT64_C(0xcbf29ce484222325), distress->radio, strlen(distress->radio));
    hash = hash_bytes(hash, text, (size_t)length);
    snprintf(distress->incident, sizeof distress->incident, "%016" PRIx64, hash);
}

/* Rows: the state it is in. Columns: the step asked for. Open incidents go forwards only, and may skip: an
 * acknowledgement can come from a centre whose PUBACK was lost. What comes late is noted, for it is true. The
 * radio takes back what nobody has taken on; from then on a person decides, for anybody with a radio could
 * end a rescue otherwise. The answer is keyed for a person's acknowledgement only. Closed is closed. */
/* clang-format off */
static const char machine[DISTRESS_STATE_COUNT][DISTRESS_STATE_COUNT + 1] = {
    /*  > moves  + noted  = known  - refused     raised, delivered, received, acknowledged, radio_acked,
                                                 cleared, cancelled, false_alarm, exercise */
    [DISTRESS_STATE_RAISED]       = "=>>>->>>>",
    [DISTRESS_STATE_DELIVERED]    = "==>>->>>>",
    [DISTRESS_STATE_RECEIVED]     = "==+>->>>>",
    [DISTRESS_STATE_ACKNOWLEDGED] = "==++>>+>>",
    [DISTRESS_STATE_RADIO_ACKED]  = "==+++>+>>",
    [DISTRESS_STATE_CLEARED]      = "=--------",
    [DISTRESS_STATE_CANCELLED]    = "=--------",
    [DISTRESS_STATE_FALSE_ALARM]  = "=--------",
    [DISTRESS_STATE_EXERCISE]     = "=--------",
};
/* clang-format on */

enum distress_outcome distress_judge(enum distress_state now, enum distress_state asked)
{
    if ((unsigned)now >= DISTRESS_STATE_COUNT || (unsigned)asked >= DISTRESS_STATE_COUNT)
        return DISTRESS_STEP_REFUSED;
    switch (machine[now][asked]) {
    case '>':
        return DISTRESS_STEP_MOVED;
    case '+':
        return DISTRESS_STEP_NOTED;
    case '=':
        return DISTRESS_STEP_KNOWN;
    default:
        return DISTRESS_STEP_REFUSED;
    }
}

enum distress_state distress_closing(bool test, enum distress_state asked)
{
    bool by_centre = asked == DISTRESS_STATE_CLEARED || asked == DISTRESS_STATE_FALSE_ALARM;
    return test && by_centre ? DISTRESS_STATE_EXERCISE : asked;
}

static bool is_first_of_its_state(const struct distress *distress, unsigned index)
{
    for (unsigned i = 0; i < index; i++)
        if (distress->history[i].state == distress->history[index].state)
            return false;
    return true;
}

/* There are fewer states than places, so one of the entries is not the first of its state. */
static void make_place(struct distress *distress)
{
    unsigned i = 1;
    if (distress->history_count < DISTRESS_HISTORY_MAX)
        return;
    while (i < DISTRESS_HISTORY_MAX - 1 && is_first_of_its_state(distress, i))
        i++;
    memmove(&distress->history[i], &distress->history[i + 1],
            (DISTRESS_HISTORY_MAX - 1 - i) * sizeof distress->history[0]);
    distress->history_count--;
}

static bool was_said(const struct distress *distress, const struct distress_step *step)
{
    for (unsigned i = 0; i < distress->history_count; i++)
        if (distress->history[i].state == step->state && strcmp(distress->history[i].by, step->by) == 0)
            return true;
    return false;
}

enum distress_outcome distress_advance(struct distress *distress, const struct distress_step *step)
{
    bool first = distress->history_count == 0;
    enum distress_outcome outcome = distress_judge(distress->state, step->state);
    if (first)
        outcome = step->state == DISTRESS_STATE_RAISED ? DISTRESS_STEP_MOVED : DISTRESS_STEP_REFUSED;
    if (outcome == DISTRESS_STEP_NOTED && step->state == DISTRESS_STATE_CANCELLED)
        distress->cancel_heard = true;
    if (outcome == DISTRESS_STEP_NOTED && was_said(distress, step))
        outcome = DISTRESS_STEP_KNOWN;
    if (outcome < DISTRESS_STEP_NOTED)
        return outcome;
    make_place(distress);
    distress->history[distress->history_count++] = *step;
    if (outcome == DISTRESS_STEP_MOVED)
        distress->state = step->state;
    if (distress_state_is_closed(distress->state))
        distress->answer.queued = false; /* what waits to be said is not said any more */
    return outcome;
}

bool distress_is_recent(const struct distress *distress, int64_t utc_ns,
                        const struct distress_windows *windows)
{
    double window_s =
        distress->state == DISTRESS_STATE_CANCELLED ? windows->cancelled_join_s : windows->join_s;
    return (double)(utc_ns - distress->last_heard_utc_ns) * 1e-9 <= window_s;
}

bool distress_joins(const struct distress *distress, const char *unit, bool test, int64_t utc_ns,
                    const struct distress_windows *windows)
{
    return distress->test == test && strcmp(distress->unit, unit) == 0 &&
           distress_is_recent(distress, utc_ns, windows);
}

void distress_hear(struct distress *distress, int64_t utc_ns)
{
    if (distress->heard < UINT_MAX)
        distress->heard++;
    if (utc_ns > distress->last_heard_utc_ns && distress->state != DISTRESS_STATE_CANCELLED)
        distress->last_heard_utc_ns = utc_ns;
}
