/* SPDX-License-Identifier: Apache-2.0 */
/* Makes TCP connections for an sd-event loop: names are looked up and hosts dialled (dial.h) in a thread of
 * its own, the loop is told. All functions on the loop's thread. */
#ifndef GATEWAY_SOURCE_CALLER_H
#define GATEWAY_SOURCE_CALLER_H

#include <systemd/sd-event.h>

#include "atalaya/result.h"

struct caller;

/* fd: connected, non-blocking, the callee's; or -1, and why not. May call again, or destroy the caller. */
typedef void caller_done(void *context, int fd, const char *why);

enum atalaya_result caller_create(sd_event *event, const char *host, unsigned port, caller_done *done,
                                  void *context, struct caller **caller);
/* Begins a call, unless one is under way. It ends within DIAL_LOOKUP_MS + DIAL_CONNECT_MS. */
void caller_call(struct caller *caller);
/* NULL is allowed. Does not wait: a call under way is hung up when it ends, and nobody is told. */
void caller_destroy(struct caller *caller);

#endif
