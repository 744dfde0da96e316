/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/answer_way.h"

#include <stdio.h>
#include <string.h>

/* What is to be said. */
struct words {
    enum answer_level level;
    const char *text;
};

enum say_what answer_what(enum answer_level level)
{
    return level == ANSWER_HEARD      ? SAY_DISTRESS_HEARD
           : level == ANSWER_RECEIVED ? SAY_DISTRESS_RECEIVED
                                      : SAY_DISTRESS_ACKNOWLEDGED;
}

/* A base radio takes any text. */
static bool can_be_said(const void *context, const struct way *way)
{
    static struct message message; /* main thread only */
    const struct words *words = context;
    const struct protocol *protocol = way->row->protocol;
    const struct protocol_say say = {.what = answer_what(words->level),
                                     .from = way->from,
                                     .to = way->to,
                                     .text = words->text,
                                     .number = ""};
    bool asks;
    if (way->kind == WAY_BASE_RADIO)
        return true;
    message_reset(&message, way->row->id, protocol->address_space);
    return protocol->say && protocol->say(&say, &message, &asks) == ATALAYA_OK;
}

static bool find_caller(const struct routes *routes, const struct distress *distress,
                        const struct words *words, struct way *way)
{
    const char *const callers[] = {distress->other_called_last ? distress->other_radio : distress->radio,
                                   distress->other_called_last ? distress->radio : distress->other_radio};
    for (size_t i = 0; i < sizeof callers / sizeof *callers; i++)
        if (callers[i][0] && routes_find(routes, distress->unit, callers[i], way) &&
            (!words || can_be_said(words, way)))
            return true;
    return false;
}

/* Nothing was heard of it here: the one that was told before, else the first that can be. */
static bool find_unheard(const struct routes *routes, const struct distress *distress,
                         const struct words *words, struct way *way)
{
    const char *before = distress->answer.radio;
    return (before[0] && routes_is_of(routes, distress->unit, before) &&
            routes_find(routes, distress->unit, before, way) && can_be_said(words, way)) ||
           routes_find_unheard(routes, distress->unit, can_be_said, words, way);
}

void answer_way_find(const struct routes *routes, const struct distress *distress, enum answer_level level,
                     const char *text, struct answer_way *found)
{
    const struct words words = {level, text};
    struct way *way = &found->way;
    found->radio[0] = '\0';
    found->reach = find_caller(routes, distress, &words, way)                            ? ANSWER_REACH_RADIO
                   : routes_find_heard(routes, distress->unit, can_be_said, &words, way) ? ANSWER_REACH_UNIT
                   : find_unheard(routes, distress, &words, way) ? ANSWER_REACH_UNHEARD
                   : find_caller(routes, distress, NULL, way)    ? ANSWER_REACH_RADIO
                                                                 : ANSWER_REACH_NONE;
    if (found->reach == ANSWER_REACH_NONE)
        return;
    snprintf(found->radio, sizeof found->radio, "%.31s.%s", way->row->protocol->address_space, way->to);
    if (strcmp(found->radio, distress->radio) == 0)
        found->radio[0] = '\0';
}

bool answer_is_for_caller(const struct distress *distress)
{
    const char *told = distress->answer.radio[0] ? distress->answer.radio : distress->radio,
               *caller = distress->other_called_last ? distress->other_radio : distress->radio;
    return strcmp(told, caller) == 0;
}
