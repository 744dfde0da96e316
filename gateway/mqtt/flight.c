/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/flight.h"

#include <assert.h>
#include <string.h>

void flight_reset(struct flight *flight)
{
    flight->count = flight->settled_count = flight->parked_count = 0;
}

void flight_ground(struct flight *flight)
{
    flight->count = flight->parked_count = 0;
}

void flight_unpark(struct flight *flight)
{
    flight->parked_count = 0;
}

bool flight_add(struct flight *flight, const struct flight_item *item)
{
    if (flight->count >= FLIGHT_MAX)
        return false;
    flight->item[flight->count++] = *item;
    return true;
}

bool flight_take(struct flight *flight, int mid, struct flight_item *item)
{
    for (size_t i = 0; i < flight->count; i++) {
        if (flight->item[i].mid != mid)
            continue;
        *item = flight->item[i];
        flight->item[i] = flight->item[--flight->count];
        return true;
    }
    return false;
}

void flight_settle(struct flight *flight, const struct flight_item *item)
{
    assert(flight->settled_count < SETTLED_MAX); /* flight_room saw to it */
    flight->settled[flight->settled_count++] = *item;
}

void flight_park(struct flight *flight, int64_t id)
{
    assert(flight->parked_count < PARKED_MAX);
    flight->parked[flight->parked_count++] = id;
}

size_t flight_room(const struct flight *flight, size_t limit)
{
    /* Everything in flight may come to be settled or parked. */
    size_t settled = SETTLED_MAX - flight->settled_count, parked = PARKED_MAX - flight->parked_count;
    limit = limit < FLIGHT_MAX ? limit : FLIGHT_MAX;
    limit = limit < settled ? limit : settled;
    limit = limit < parked ? limit : parked;
    return limit > flight->count ? limit - flight->count : 0;
}

int64_t flight_oldest_ns(const struct flight *flight)
{
    int64_t oldest_ns = INT64_MAX;
    for (size_t i = 0; i < flight->count; i++)
        if (flight->item[i].sent_mono_ns < oldest_ns)
            oldest_ns = flight->item[i].sent_mono_ns;
    return oldest_ns;
}

size_t flight_skip(const struct flight *flight, bool with_settled, int64_t ids[FLIGHT_SKIP_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < flight->count; i++)
        ids[count++] = flight->item[i].id;
    for (size_t i = 0; i < flight->parked_count; i++)
        ids[count++] = flight->parked[i];
    for (size_t i = 0; with_settled && i < flight->settled_count; i++)
        ids[count++] = flight->settled[i].id;
    return count;
}

void flight_listing_begin(struct flight_listing *listing)
{
    memset(listing, 0, sizeof *listing);
}

void flight_listing_offer(const struct flight *flight, struct flight_listing *listing,
                          const struct spool_item *item)
{
    for (size_t i = 0; i < flight->settled_count; i++)
        if (flight->settled[i].id == item->id)
            listing->seen[i] = true;
    listing->any = true;
    listing->last_class = item->class;
    listing->last_id = item->id;
}

/* Would the listing have come to this item before its last one? */
static bool is_passed(const struct flight_listing *listing, const struct flight_item *item)
{
    return listing->any && (item->class < listing->last_class ||
                            (item->class == listing->last_class && item->id < listing->last_id));
}

void flight_listing_end(struct flight *flight, const struct flight_listing *listing, bool complete)
{
    size_t kept = 0;
    for (size_t i = 0; i < flight->settled_count; i++)
        if (listing->seen[i] || !(complete || is_passed(listing, &flight->settled[i])))
            flight->settled[kept++] = flight->settled[i];
    flight->settled_count = kept;
}
