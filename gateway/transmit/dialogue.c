/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/dialogue.h"

#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/log.h"

enum { ANSWER_LIFE_S = 30 };
static const int64_t same_burst_ns = 1000000000; /* a radio waits longer before it says a text again */

bool dialogue_is_asked(const struct dialogue *dialogue, const struct reception *reception)
{
    const struct message *message = &reception->message;
    return message->kind == MESSAGE_TEXT && message->to[0] &&
           routes_is_own(dialogue->routes, message->address_space, message->to);
}

static bool was_said(struct dialogue *dialogue, const struct reception *reception)
{
    for (unsigned i = 0; i < DIALOGUE_REMEMBERED; i++)
        if (dialogue->said[i].mono_ns != 0 && dialogue->said[i].dedupe == reception->dedupe &&
            reception->mono_ns - dialogue->said[i].mono_ns < DIALOGUE_REMEMBERED_S * INT64_C(1000000000)) {
            int64_t apart_ns = reception->mono_ns - dialogue->said[i].last_ns;
            dialogue->is_copy = apart_ns < same_burst_ns && apart_ns > -same_burst_ns;
            dialogue->said[i].last_ns = reception->mono_ns;
            return true;
        }
    dialogue->said[dialogue->next].dedupe = reception->dedupe;
    dialogue->said[dialogue->next].mono_ns = dialogue->said[dialogue->next].last_ns = reception->mono_ns;
    dialogue->next = (dialogue->next + 1) % DIALOGUE_REMEMBERED;
    return false;
}

enum dialogue_verdict dialogue_hear(struct dialogue *dialogue, const struct reception *reception,
                                    const char *unit)
{
    const struct message *message = &reception->message;
    dialogue->is_copy = false;
    if (routes_is_own(dialogue->routes, message->address_space, message->unit))
        return DIALOGUE_OWN;
    routes_hear(dialogue->routes, reception, unit);
    errands_hear(dialogue->errands, reception);
    /* Without a number two equal texts may be two: both count. */
    bool numbered = message_text(message, "message_id", NULL);
    return numbered && dialogue_is_asked(dialogue, reception) && was_said(dialogue, reception)
               ? DIALOGUE_REPEAT
               : DIALOGUE_NEW;
}

static void forget(struct dialogue *dialogue, const struct reception *reception)
{
    for (unsigned i = 0; i < DIALOGUE_REMEMBERED; i++)
        if (dialogue->said[i].dedupe == reception->dedupe)
            dialogue->said[i].mono_ns = 0;
}

void dialogue_settle(struct dialogue *dialogue, const struct reception *reception, const char *unit,
                     enum dialogue_fate fate)
{
    const struct message *message = &reception->message;
    bool taken = fate == DIALOGUE_ON_DISK;
    const char *number = message_text(message, "message_id", NULL);
    struct errand_order order = {.what = taken ? SAY_ACKNOWLEDGE : SAY_REJECT,
                                 .priority = TRANSMIT_ACKNOWLEDGE,
                                 .life_s = ANSWER_LIFE_S};
    char radio[CONFIG_TEXT_MAX];
    if (!dialogue_is_asked(dialogue, reception) ||
        dialogue->is_copy) /* the first is answered: two would collide */
        return;
    if (fate == DIALOGUE_NOT_TAKEN)
        forget(dialogue, reception);
    snprintf(radio, sizeof radio, "%s.%s", message->address_space, message->unit);
    snprintf(order.number, sizeof order.number, "%s", number ? number : "");
    if (!routes_find(dialogue->routes, unit, radio, &order.way))
        return;
    /* Anybody could have a stranger's refusals keyed. */
    if (!taken && !rates_take(&dialogue->rates, radio, dialogue->unit_per_hour, reception->mono_ns))
        return;
    enum atalaya_result result = errands_start(dialogue->errands, &order);
    if (taken && result != ATALAYA_OK && result != ATALAYA_E_ARGUMENT && result != ATALAYA_E_UNSUPPORTED)
        log_warning("a text of %s is not acknowledged: %s", unit, atalaya_result_text(result));
}
