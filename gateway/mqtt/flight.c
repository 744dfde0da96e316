/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/flight.h"

#include <assert.h>

void flight_ground(struct flight *flight)
{
    flight->count = 0;
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

void flight_park(struct flight *flight, int64_t id)
{
    assert(flight->parked_count < PARKED_MAX);
    flight->parked[flight->parked_count++] = id;
}

size_t flight_room(const struct flight *flight, size_t limit)
{
    size_t parked = PARKED_MAX - flight->parked_count; /* everything in flight may come to be parked */
    limit = limit < FLIGHT_MAX ? limit : FLIGHT_MAX;
    limit = limit < parked ? limit : parked;
    return limit > flight->count ? limit - flight->count : 0;
}

const struct flight_item *flight_oldest(const struct flight *flight)
{
    const struct flight_item *oldest = NULL;
    for (size_t i = 0; i < flight->count; i++)
        if (!oldest || flight->item[i].sent_mono_ns < oldest->sent_mono_ns)
            oldest = &flight->item[i];
    return oldest;
}

int64_t flight_oldest_ns(const struct flight *flight)
{
    const struct flight_item *oldest = flight_oldest(flight);
    return oldest ? oldest->sent_mono_ns : INT64_MAX;
}

size_t flight_skip(const struct flight *flight, int64_t ids[FLIGHT_SKIP_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < flight->count; i++)
        ids[count++] = flight->item[i].id;
    for (size_t i = 0; i < flight->parked_count; i++)
        ids[count++] = flight->parked[i];
    return count;
}
