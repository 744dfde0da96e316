/* SPDX-License-Identifier: Apache-2.0 */
/* Which way leads to a unit: where its radios were heard last, and which radio of this site can say something
 * there. Main thread. */
#ifndef ATALAYA_TRANSMIT_ROUTES_H
#define ATALAYA_TRANSMIT_ROUTES_H

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/reception.h"
#include "atalaya/gateway/units.h"
#include "atalaya/protocol/protocol.h"

enum way_kind {
    WAY_TRANSMITTER, /* index: of the transmitter in the configuration */
    WAY_TNC,         /* index: of the source; port is the TNC's */
    WAY_BASE_RADIO   /* index: of the source */
};

struct way {
    enum way_kind kind;
    unsigned index, port;
    unsigned transmitter; /* whose limits count; of a base radio none */
    const struct protocol_row *row;
    char from[MESSAGE_ID_MAX], to[MESSAGE_ID_MAX]; /* to "" = all */
};

struct routes;

enum atalaya_result routes_create(const struct config *config, struct routes **routes);
/* unit: its name in topics. */
void routes_hear(struct routes *routes, const struct reception *reception, const char *unit);
/* The registry has changed: whose radios they are is looked up anew. */
void routes_configured(struct routes *routes, const struct units *units);
/* radio: "<address space>.<id>" of the unit, "" = whichever was heard last. false: nothing here reaches it.
 */
bool routes_find(const struct routes *routes, const char *unit, const char *radio, struct way *way);
/* Of a unit of the registry: a radio that `usable` agrees to, the one heard last; or the first of its radios
 * that would be somewhere here, heard or not. */
typedef bool routes_usable(const void *context, const struct way *way);
bool routes_find_heard(const struct routes *routes, const char *unit, routes_usable *usable,
                       const void *context, struct way *way);
bool routes_find_unheard(const struct routes *routes, const char *unit, routes_usable *usable,
                         const void *context, struct way *way);
/* Has the registry that radio as the unit's, by its own id? */
bool routes_is_of(const struct routes *routes, const char *unit, const char *radio);
/* To all on a channel, in the first of its protocols that can. */
bool routes_to_all(const struct routes *routes, const char *channel, struct way *way);
/* Is that id, of that address space, one of this site's own? */
bool routes_is_own(const struct routes *routes, const char *address_space, const char *id);
void routes_destroy(struct routes *routes);

#endif
