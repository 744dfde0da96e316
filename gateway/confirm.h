/* SPDX-License-Identifier: Apache-2.0 */
/* May this hearing raise a distress, or take one back? A frame that passed its check as it was heard may. One
 * whose bits were guessed until the check held may not by itself, for one in hundreds of those is wrong: it
 * is remembered, and the next hearing of the same call within the window confirms it. Main thread. */
#ifndef ATALAYA_CONFIRM_H
#define ATALAYA_CONFIRM_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/protocol/message.h"
#include "words.h"

enum { CONFIRM_SUSPECTS_MAX = 16 };

struct confirm {
    struct confirm_suspect {
        char unit[CONFIG_TEXT_MAX];
        enum distress_kind distress;
        bool test;
        int64_t mono_ns;
    } suspect[CONFIRM_SUSPECTS_MAX]; /* distress NONE = free; all zero is the beginning */
    unsigned next;
};

/* A guessed call of `unit`, heard at mono_ns: true = it has been heard before, in another burst, at most
 * window_s ago. */
bool confirm_call(struct confirm *confirm, const char *unit, const struct words_verdict *call,
                  int64_t mono_ns, double window_s);

#endif
