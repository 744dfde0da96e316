/* SPDX-License-Identifier: Apache-2.0 */
/* One burst is often heard several times: by several branches of a modem, by several modems, on several
 * channels. Copies are receptions of the same dedupe hash whose bursts overlap in time; a radio that repeats
 * itself cannot overlap itself. The first copies of one block meet here and the best one goes on; stragglers
 * are only counted. A guessed frame waits for a better copy: another branch may have all bits right a block
 * later, and an FX.25 block ends half a second after the frame in it. A guess that says how doubtful it is
 * gives way to any other reading of its burst, by the same modem, that is likelier: not both were sent. Fixed
 * memory; one thread. */
#ifndef ATALAYA_COLLAPSE_H
#define ATALAYA_COLLAPSE_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/reception.h"
#include "atalaya/gateway/receiver.h"

enum { COLLAPSE_WAITING_MAX = 32, COLLAPSE_RECENT_MAX = 256, COLLAPSE_PATIENCE_MS = 500 };

struct collapse_recent {
    uint64_t dedupe;
    double start_s, end_s;
    const char *modem; /* id, as in struct reception */
    char channel[CONFIG_NAME_MAX];
};

struct collapse {
    struct reception waiting[COLLAPSE_WAITING_MAX];
    unsigned waiting_count;
    struct collapse_recent recent[COLLAPSE_RECENT_MAX];
    unsigned recent_next;
    uint64_t copies;  /* receptions that were somebody else's copy */
    uint64_t outdone; /* guesses that gave way */
    receiver_sink *sink;
    void *context;
};

void collapse_reset(struct collapse *collapse, receiver_sink *sink, void *context);
void collapse_offer(struct collapse *collapse, const struct reception *reception);
/* Before a hearing is measured, which takes longer than to receive it; its time and duration need be right
 * within a tenth of a second. true: it is a copy and no better, and is counted; there is nothing more to do.
 */
bool collapse_knows(struct collapse *collapse, const struct reception *reception);
/* Hands what waits to the sink, in the order of arrival; guessed frames when now_s, in the time of the
 * receptions, is COLLAPSE_PATIENCE_MS past their end. INFINITY: everything. */
void collapse_flush(struct collapse *collapse, double now_s);

#endif
