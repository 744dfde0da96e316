/* SPDX-License-Identifier: Apache-2.0 */
/* Which spool items are on their way to one broker: in flight (published, no PUBACK yet) or parked (the
 * broker refused it; tried again later). Pure bookkeeping; the link's thread. */
#ifndef ATALAYA_MQTT_FLIGHT_H
#define ATALAYA_MQTT_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/spool.h"

enum {
    FLIGHT_MAX = 256, /* in flight */
    PARKED_MAX = FLIGHT_MAX,
    PARKED_FOR_DISTRESS = 64, /* of them */
    PARKED_FOR_EVER = 64,     /* so many that can never be sent: the others would have no place */
    FLIGHT_SKIP_MAX = FLIGHT_MAX + PARKED_MAX
};

struct flight_item {
    int mid;
    int64_t id;
    enum spool_class class;
    int64_t sent_mono_ns;
    size_t length; /* of the payload, as it was sent */
};

struct flight {
    size_t count, parked_count;
    struct flight_item item[FLIGHT_MAX];
    int64_t parked[PARKED_MAX];
};

void flight_ground(struct flight *flight); /* the connection is gone: nothing is in flight */
void flight_unpark(struct flight *flight);
bool flight_add(struct flight *flight, const struct flight_item *item);
/* Removes the publication `mid` into *item. false: not one of ours. */
bool flight_take(struct flight *flight, int mid, struct flight_item *item);
void flight_park(struct flight *flight, int64_t id);
/* How many more may be published. limit: allowed in flight. */
size_t flight_room(const struct flight *flight, size_t limit);
/* What waits longest for its PUBACK; NULL: nothing does. */
const struct flight_item *flight_oldest(const struct flight *flight);
/* When that wait began; INT64_MAX = none waits. */
int64_t flight_oldest_ns(const struct flight *flight);
/* Ids that the spool's reader is to pass over [size: FLIGHT_SKIP_MAX]; returns how many. */
size_t flight_skip(const struct flight *flight, int64_t ids[FLIGHT_SKIP_MAX]);

#endif
