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
/* Did it come before? Writes nothing. */
bool replay_knows(const struct replay *replay, const char *who, const char *id);
/* Remembers <who>/<id>, on disk when it returns. ATALAYA_E_DENIED: it came before. ATALAYA_E_FULL: too many
 * are remembered. now_utc_ns: INT64_MIN = the time is not known, then nothing is forgotten. */
enum atalaya_result replay_remember(struct replay *replay, const char *who, const char *id,
                                    int64_t expires_utc_ns, int64_t now_utc_ns);
void replay_destroy(struct replay *replay);

#endif
