/* SPDX-License-Identifier: Apache-2.0 */
/* Which spool items are on their way to one broker. An item is in flight (published, no PUBACK yet), then
 * settled (PUBACK came, but the spool on disk does not know it yet, so its reader still offers it), or parked
 * (the broker refused it; tried again later). Pure bookkeeping; the link's thread. */
#ifndef ATALAYA_MQTT_FLIGHT_H
#define ATALAYA_MQTT_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/spool.h"

enum {
    FLIGHT_MAX = 256,   /* in flight */
    SETTLED_MAX = 1024, /* acknowledged faster than the spool commits: then publishing waits */
    PARKED_MAX = FLIGHT_MAX,
    FLIGHT_SKIP_MAX = FLIGHT_MAX + SETTLED_MAX + PARKED_MAX
};

struct flight_item {
    int mid;
    int64_t id;
    enum spool_class class;
    int64_t sent_mono_ns;
};

struct flight {
    size_t count, settled_count, parked_count;
    struct flight_item item[FLIGHT_MAX];
    struct flight_item settled[SETTLED_MAX];
    int64_t parked[PARKED_MAX];
};

void flight_reset(struct flight *flight);  /* everything */
void flight_ground(struct flight *flight); /* the connection is gone: nothing is in flight or parked */
void flight_unpark(struct flight *flight);
bool flight_add(struct flight *flight, const struct flight_item *item);
/* Removes the publication `mid` into *item. false: not one of ours. */
bool flight_take(struct flight *flight, int mid, struct flight_item *item);
void flight_settle(struct flight *flight, const struct flight_item *item);
void flight_park(struct flight *flight, int64_t id);
/* How many more may be published. limit: allowed in flight. */
size_t flight_room(const struct flight *flight, size_t limit);
/* When the longest wait for a PUBACK began; INT64_MAX = none waits. */
int64_t flight_oldest_ns(const struct flight *flight);
/* Ids that the spool's reader is to pass over [size: FLIGHT_SKIP_MAX]; returns how many. */
size_t flight_skip(const struct flight *flight, bool with_settled, int64_t ids[FLIGHT_SKIP_MAX]);

/* Forgets settled items that the spool no longer offers. Feed a listing in delivery order that skips
 * in flight and parked items only: begin, one offer an item, end. complete: nothing was left out at its end.
 */
struct flight_listing {
    bool any, seen[SETTLED_MAX];
    enum spool_class last_class;
    int64_t last_id;
};
void flight_listing_begin(struct flight_listing *listing);
void flight_listing_offer(const struct flight *flight, struct flight_listing *listing,
                          const struct spool_item *item);
void flight_listing_end(struct flight *flight, const struct flight_listing *listing, bool complete);

#endif
