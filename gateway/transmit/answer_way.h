/* SPDX-License-Identifier: Apache-2.0 */
/* Which radio an answer to a distress goes to, and the way there: one that has called, the last first; where
 * those cannot be told, another of the unit. Main thread. */
#ifndef ATALAYA_TRANSMIT_ANSWER_WAY_H
#define ATALAYA_TRANSMIT_ANSWER_WAY_H

#include "atalaya/gateway/distress.h"
#include "routes.h"

struct answer_way {
    enum answer_reach reach; /* ANSWER_REACH_NONE: the rest means nothing */
    struct way way;
    char radio[CONFIG_TEXT_MAX]; /* "" = the one that raised the call */
};

/* text: what that level is said by. A radio that has no word for it is passed over; if none has, it is one
 * that has called, and who gives the errand learns that it is refused. */
void answer_way_find(const struct routes *routes, const struct distress *distress, enum answer_level level,
                     const char *text, struct answer_way *found);
enum say_what answer_what(enum answer_level level);
/* Is the radio that was told last the one that called last? */
bool answer_is_for_caller(const struct distress *distress);

#endif
