/* SPDX-License-Identifier: Apache-2.0 */
/* The writer as the main thread sees it. */
#include "spool/private.h"

#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"

uint64_t spool_boot(const struct spool *spool)
{
    return spool->boot;
}

static uint32_t all_brokers(const struct spool *spool)
{
    return spool->broker_count > 0 ? (1u << spool->broker_count) - 1
                                   : 1u; /* alone: the place-holder's claim */
}

/* Bits of the brokers that an item is for. */
static uint32_t claims_of(const struct spool *spool, const struct spool_item *item)
{
    uint32_t chosen = item->brokers & all_brokers(spool);
    return chosen && spool->broker_count > 0 ? chosen : all_brokers(spool);
}

static bool item_is_sound(const struct spool_item *item)
{
    return (unsigned)item->class < SPOOL_CLASS_COUNT && item->topic && item->topic[0] &&
           strlen(item->topic) < SPOOL_TOPIC_MAX && item->length <= SPOOL_PAYLOAD_MAX &&
           (item->payload || item->length == 0);
}

static void stamp(struct spool *spool, struct spool_item *item)
{
    item->id = spool->next_id++;
    item->created_utc_ns = clock_utc_ns();
    item->created_mono_ns = clock_mono_ns();
    item->boot = spool->boot;
}

static void hold(struct spool *spool, struct held_item *held, struct spool_item *item)
{
    stamp(spool, &held->item);
    held_drop_replaced(spool, &held->item);
    held_add(spool, held);
    spool->appended++;
    item->id = held->item.id;
    item->created_utc_ns = held->item.created_utc_ns;
    item->created_mono_ns = held->item.created_mono_ns;
    item->boot = held->item.boot;
}

static bool distress_fits(struct spool *spool, const struct spool_item *items, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += item_size(&items[i]);
    if (!room_for_distress(spool, count, bytes)) {
        log_error(
            "spool %s: the reserve for distress is full of undelivered distress; this one is NOT stored. "
            "Bring a broker back",
            spool->path);
        return false;
    }
    if (!held_fits(spool, items, count, true)) {
        log_error(
            "spool %s: the disk takes nothing and the memory for distress is full; this one is NOT stored",
            spool->path);
        return false;
    }
    return true;
}

static enum atalaya_result append_urgent(struct spool *spool, struct spool_item *item)
{
    if (!distress_fits(spool, item, 1))
        return ATALAYA_E_FULL;
    struct held_item *held = held_create(item, claims_of(spool, item), true);
    if (!held)
        return ATALAYA_E_MEMORY;
    hold(spool, held, item);
    return commit_urgent(spool);
}

static enum atalaya_result append_routine(struct spool *spool, struct spool_item *item)
{
    if (!held_fits(spool, item, 1, false) && !spool->failing)
        commit_batch(spool); /* its failure shows in spool->failing */
    if (!held_fits(spool, item, 1, false) && !held_make_room(spool, item_size(item)))
        return ATALAYA_E_FULL;
    struct held_item *held = held_create(item, claims_of(spool, item), false);
    if (!held)
        return ATALAYA_E_MEMORY;
    hold(spool, held, item);
    commit_batch_begins(spool, item->class > SPOOL_MESSAGE);
    return spool->failing ? ATALAYA_E_IO : ATALAYA_OK;
}

enum atalaya_result spool_append(struct spool *spool, struct spool_item *item)
{
    if (!item_is_sound(item))
        return ATALAYA_E_ARGUMENT;
    return item->class == SPOOL_DISTRESS ? append_urgent(spool, item) : append_routine(spool, item);
}

static bool put_is_sound(const char *group, const char *key, size_t length)
{
    return group && key && strlen(group) < SPOOL_TOPIC_MAX && strlen(key) < SPOOL_TOPIC_MAX &&
           length <= SPOOL_PAYLOAD_MAX;
}

static bool put_fits(struct spool *spool, bool urgent, const char *group, const char *key, size_t length)
{
    bool known = put_find(spool, group, key) != NULL;
    uint64_t bytes = spool->put_bytes + length;
    uint64_t most_bytes = HELD_ROUTINE_BYTES_MAX + (urgent ? HELD_URGENT_BYTES_MAX : 0);
    if ((!known && spool->put_count >= HELD_PUTS_MAX + (urgent ? HELD_URGENT_MAX : 0)) || bytes > most_bytes)
        return false;
    return urgent || length == 0 || spool->usage.state_bytes + bytes <= STATE_BYTES_MAX;
}

enum atalaya_result spool_put(struct spool *spool, enum spool_class class, const char *group, const char *key,
                              const void *value, size_t length)
{
    bool urgent = class == SPOOL_DISTRESS;
    if ((unsigned)class >= SPOOL_CLASS_COUNT || !put_is_sound(group, key, length))
        return ATALAYA_E_ARGUMENT;
    if (!urgent && spool->put_count >= HELD_PUTS_MAX && !spool->failing)
        commit_batch(spool);
    if (!put_fits(spool, urgent, group, key, value ? length : 0))
        return ATALAYA_E_FULL;
    enum atalaya_result result = put_add(spool, urgent, group, key, value, value ? length : 0);
    if (result != ATALAYA_OK)
        return result;
    if (urgent)
        return commit_urgent(spool);
    commit_batch_begins(spool, class > SPOOL_MESSAGE);
    return spool->failing ? ATALAYA_E_IO : ATALAYA_OK;
}

enum atalaya_result spool_step(struct spool *spool, const char *group, const char *key, const void *value,
                               size_t length, struct spool_item *items, size_t count)
{
    struct held_item *held[SPOOL_STEP_MAX];
    if (count > SPOOL_STEP_MAX || !put_is_sound(group, key, length))
        return ATALAYA_E_ARGUMENT;
    for (size_t i = 0; i < count; i++)
        if (!item_is_sound(&items[i]))
            return ATALAYA_E_ARGUMENT;
    if (!distress_fits(spool, items, count))
        return ATALAYA_E_FULL;
    size_t made = 0;
    while (made < count && (held[made] = held_create(&items[made], claims_of(spool, &items[made]), true)))
        made++;
    enum atalaya_result result = ATALAYA_E_MEMORY;
    if (made == count)
        result = put_add(spool, true, group, key, value, value ? length : 0);
    if (result != ATALAYA_OK) {
        while (made > 0)
            free(held[--made]);
        return result;
    }
    for (size_t i = 0; i < count; i++)
        hold(spool, held[i], &items[i]);
    return commit_urgent(spool);
}

enum atalaya_result spool_commit(struct spool *spool)
{
    return commit_batch(spool);
}

bool spool_commit_due(const struct spool *spool, int64_t now_mono_ns, int64_t *due_mono_ns)
{
    *due_mono_ns = INT64_MAX;
    if (spool->batch_due_ns != 0)
        *due_mono_ns = spool->batch_due_ns;
    if (spool->failing || (spool->unfolded && spool->retry_ns < *due_mono_ns))
        *due_mono_ns = spool->retry_ns;
    return now_mono_ns >= *due_mono_ns;
}

/* True when memory knew the item or keeps the news for the next commit. */
static bool note_taken(struct spool *spool, unsigned broker, int64_t id)
{
    struct held_item *held;
    TAILQ_FOREACH (held, &spool->share->held, next)
        if (held->item.id >= id)
            break;
    if (!held || held->item.id != id) {
        spool->reported++;
        commit_batch_begins(spool, true);
        return share_take(spool->share, broker, id, true);
    }
    share_forget(spool->share, broker, &id, 1);
    if (held->claims & 1u << broker) {
        spool->delivered_held++;
        held->claims &= ~(1u << broker);
    }
    if (held->claims == 0)
        held_remove(spool, held);
    return true;
}

enum atalaya_result spool_delivered(struct spool *spool, unsigned broker, const int64_t *ids, size_t count)
{
    if (broker >= spool->broker_count)
        return ATALAYA_E_ARGUMENT;
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        if (spool->reported >= TAKEN_EARLY && !spool->failing)
            commit_batch(spool); /* its failure shows in spool->failing */
        share_lock(spool->share);
        all &= note_taken(spool, broker, ids[i]); /* which did not find a place is sent again */
        share_unlock(spool->share);
    }
    if (!all)
        return ATALAYA_E_FULL;
    return spool->failing ? ATALAYA_E_IO : ATALAYA_OK;
}
