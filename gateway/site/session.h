/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that talks to gpsd, for ever. gps_open may hang in a name server or a dead host for minutes, and
 * cannot be interrupted: so the thread is detached and the session belongs to whoever leaves last. */
#ifndef ATALAYA_GATEWAY_SITE_SESSION_H
#define ATALAYA_GATEWAY_SITE_SESSION_H

#include <stdbool.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/site.h"
#include "atalaya/result.h"

struct session;

/* Starts the thread. `quiet`: say nothing in the log. */
enum atalaya_result session_create(const struct config_gpsd *settings, bool quiet, struct session **session);
/* What is known now; never waits on gpsd. */
void session_facts(struct session *session, struct site_facts *facts);
/* How many attempts to reach gpsd have failed or ended so far. */
unsigned session_failures(struct session *session);
/* Returns within SESSION_LEAVE_MS, even if gps_open hangs; the thread then frees the session later. */
void session_destroy(struct session *session);

enum { SESSION_LEAVE_MS = 1000 };

#endif
