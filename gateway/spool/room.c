/* SPDX-License-Identifier: Apache-2.0 */
/* Who has to go when there is no more room: the oldest of the least important class, never distress. */
#include "spool/private.h"

#include <stdio.h>

#include "atalaya/gateway/log.h"

static uint64_t class_room(const struct usage *usage, int class)
{
    return usage->bytes[class] + ITEM_OVERHEAD_BYTES * usage->items[class];
}

static uint64_t routine_room(const struct usage *usage)
{
    uint64_t room = 0;
    for (int class = SPOOL_DISTRESS + 1; class < SPOOL_CLASS_COUNT; class ++)
        room += class_room(usage, class);
    return room;
}

bool room_for_distress(const struct spool *spool, size_t items, size_t bytes)
{
    uint64_t room = class_room(&spool->usage, SPOOL_DISTRESS) + bytes + items * ITEM_OVERHEAD_BYTES;
    room += spool->held_class_bytes[SPOOL_DISTRESS];
    room += spool->held_class_items[SPOOL_DISTRESS] * ITEM_OVERHEAD_BYTES;
    return room <= spool->limit_bytes + spool->reserve_bytes;
}

int room_shed(struct spool *spool, struct usage *usage)
{
    int class = SPOOL_CLASS_COUNT - 1;
    while (class > SPOOL_DISTRESS) {
        uint64_t routine = routine_room(usage), all = routine + class_room(usage, SPOOL_DISTRESS);
        if (routine <= spool->limit_bytes && all <= spool->limit_bytes + spool->reserve_bytes)
            return SQLITE_OK;
        bool dropped = false;
        int code = usage->items[class] == 0
                       ? SQLITE_OK
                       : store_drop_oldest(&spool->db, (enum spool_class) class, usage, &dropped);
        if (code != SQLITE_OK)
            return code;
        if (!dropped)
            class --;
    }
    return SQLITE_OK;
}

void room_report(const struct spool *spool, const struct usage *after)
{
    for (int class = 0; class < SPOOL_CLASS_COUNT; class ++)
        if (after->dropped[class] > spool->usage.dropped[class])
            log_warning(
                "spool %s: %llu bytes for routine messages are full; dropped the oldest %llu of class %s. "
                "Bring a broker back or raise the spool's limit",
                spool->path, (unsigned long long)spool->limit_bytes,
                (unsigned long long)(after->dropped[class] - spool->usage.dropped[class]),
                spool_class_text((enum spool_class) class));
}
