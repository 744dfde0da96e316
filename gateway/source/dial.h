/* SPDX-License-Identifier: Apache-2.0 */
/* A TCP connection to a name or address, with a limit on every wait: the resolver of the C library waits for
 * dead name servers as long as it likes, so it works in a thread of its own. */
#ifndef GATEWAY_SOURCE_DIAL_H
#define GATEWAY_SOURCE_DIAL_H

#include <stddef.h>

#include "atalaya/result.h"

enum { DIAL_LOOKUP_MS = 4000, DIAL_CONNECT_MS = 3000, DIAL_HOST_MAX = 256, DIAL_PORT_MAX = 8 };

/* "host", "host:port", "[address]", "[address]:port"; empty: the given defaults. Pure. */
enum atalaya_result dial_split(const char *address, const char *host_default, const char *port_default,
                               char host[DIAL_HOST_MAX], char port[DIAL_PORT_MAX]);
/* *fd: connected, non-blocking. text [size: size]: why not. Waits at most lookup_ms + DIAL_CONNECT_MS.
 * Errors: ATALAYA_E_GONE, ATALAYA_E_MEMORY, ATALAYA_E_FULL (lookups hang already). */
enum atalaya_result dial(const char *host, const char *port, unsigned lookup_ms, int *fd, char *text,
                         size_t size);

#endif
