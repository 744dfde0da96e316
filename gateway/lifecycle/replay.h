/* SPDX-License-Identifier: Apache-2.0 */
/* Which commands came already: each is obeyed once, also across restarts. Kept in the spool's database until
 * it has been expired for a day, for the clock may step back. Main thread. */
#ifndef ATALAYA_LIFECYCLE_REPLAY_H
#define ATALAYA_LIFECYCLE_REPLAY_H

#include <stdbool.h>

#include "atalaya/gateway/spool.h"
#include "atalaya/result.h"

enum { REPLAY_MAX = 8192, REPLAY_NAME_MAX = 104, REPLAY_KEEP_S = 21600 };

struct replay;

enum atalaya_result replay_create(struct spool *spool, struct replay **replay);
/* Did it come before? Writes nothing. One that was open when an earlier run ended did not: nothing came of
 * it. */
bool replay_knows(struct replay *replay, const char *who, const char *id);
/* What is remembered of one command. */
struct replay_entry {
    const char *who, *id;
    int64_t expires_utc_ns;
    bool open; /* it waits for something that does not outlast this run; replay_settle ends that */
};
/* Remembers it, on disk when this returns. ATALAYA_E_DENIED: it came before. ATALAYA_E_FULL: too many are
 * remembered. now_utc_ns: INT64_MIN = the time is not known, then nothing is forgotten. */
enum atalaya_result replay_remember(struct replay *replay, const struct replay_entry *entry,
                                    int64_t now_utc_ns);
/* Something came of that command, or never will; whoever sent it. */
void replay_settle(struct replay *replay, const char *id);
void replay_destroy(struct replay *replay);

#endif
