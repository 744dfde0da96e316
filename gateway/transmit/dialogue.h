/* SPDX-License-Identifier: Apache-2.0 */
/* What radios say to this site, and what it owes them: an acknowledgement of each text that it has taken,
 * once for each time it was said, while the text itself counts once. Main thread. */
#ifndef ATALAYA_TRANSMIT_DIALOGUE_H
#define ATALAYA_TRANSMIT_DIALOGUE_H

#include "errands.h"
#include "rates.h"
#include "routes.h"

enum dialogue_verdict {
    DIALOGUE_NEW,
    DIALOGUE_REPEAT, /* said before: a radio that has not heard its acknowledgement */
    DIALOGUE_OWN     /* this site's own transmission, heard by itself */
};

enum { DIALOGUE_REMEMBERED = 128, DIALOGUE_REMEMBERED_S = 1920 };

struct dialogue {
    struct routes *routes;
    struct errands *errands;
    unsigned unit_per_hour; /* refusals to strangers count */
    struct rates rates;
    bool is_copy; /* what was heard last is a burst that another receiver told already */
    unsigned next;
    struct {
        uint64_t dedupe;
        int64_t mono_ns, last_ns;
    } said[DIALOGUE_REMEMBERED];
};

/* Before it is published. unit: its name. */
enum dialogue_verdict dialogue_hear(struct dialogue *dialogue, const struct reception *reception,
                                    const char *unit);
/* Does its radio wait to be told that this site has it? */
bool dialogue_is_asked(const struct dialogue *dialogue, const struct reception *reception);
/* What became of what was heard. */
enum dialogue_fate {
    DIALOGUE_NOT_TAKEN, /* it is on its way to nobody: said again it is new */
    DIALOGUE_HELD,      /* in memory alone, so a power cut takes it */
    DIALOGUE_ON_DISK    /* the radio is told that it has come; else that it has not */
};
void dialogue_settle(struct dialogue *dialogue, const struct reception *reception, const char *unit,
                     enum dialogue_fate fate);

#endif
