/* SPDX-License-Identifier: Apache-2.0 */
/* What waits in memory for its commit: bounded by count and bytes. */
#include "spool/private.h"

#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/log.h"

size_t item_size(const struct spool_item *item)
{
    return strlen(item->topic) + item->length;
}

struct held_item *held_create(const struct spool_item *item, uint32_t claims, bool urgent)
{
    size_t topic_size = strlen(item->topic) + 1;
    struct held_item *held = malloc(sizeof *held + topic_size + item->length + 1);
    if (!held)
        return NULL;
    *held = (struct held_item){.item = *item, .claims = claims, .urgent = urgent};
    memcpy(held->bytes, item->topic, topic_size);
    if (item->length > 0)
        memcpy(held->bytes + topic_size, item->payload, item->length);
    held->bytes[topic_size + item->length] = '\0';
    held->item.topic = held->bytes;
    held->item.payload = held->bytes + topic_size;
    return held;
}

void held_add(struct spool *spool, struct held_item *held)
{
    size_t size = item_size(&held->item);
    spool->held_count[held->urgent]++;
    spool->held_bytes[held->urgent] += size;
    spool->held_class_items[held->item.class]++;
    spool->held_class_bytes[held->item.class] += size;
    share_lock(spool->share);
    TAILQ_INSERT_TAIL(&spool->share->held, held, next);
    share_unlock(spool->share);
}

void held_remove(struct spool *spool, struct held_item *held)
{
    size_t size = item_size(&held->item);
    spool->held_count[held->urgent]--;
    spool->held_bytes[held->urgent] -= size;
    spool->held_class_items[held->item.class]--;
    spool->held_class_bytes[held->item.class] -= size;
    TAILQ_REMOVE(&spool->share->held, held, next);
    held->gone = true;
    if (held->pins == 0)
        free(held);
}

void held_unpin(struct held_item *held)
{
    if (--held->pins == 0 && held->gone)
        free(held);
}

static bool replaces(const struct spool_item *newer, const struct held_item *older)
{
    return newer->replace && older->item.class == newer->class &&
           strcmp(older->item.topic, newer->topic) == 0;
}

bool held_fits(const struct spool *spool, const struct spool_item *items, size_t count, bool urgent)
{
    size_t places = spool->held_count[urgent] + count, bytes = spool->held_bytes[urgent];
    for (size_t i = 0; i < count; i++) {
        const struct held_item *held;
        bytes += item_size(&items[i]);
        TAILQ_FOREACH (held, &spool->share->held, next) {
            if (held->urgent == urgent && replaces(&items[i], held)) {
                places--;
                bytes -= item_size(&held->item);
            }
        }
    }
    return places <= (urgent ? HELD_URGENT_MAX : HELD_ROUTINE_MAX) &&
           bytes <= (urgent ? HELD_URGENT_BYTES_MAX : HELD_ROUTINE_BYTES_MAX);
}

void held_drop_replaced(struct spool *spool, const struct spool_item *item)
{
    struct held_item *held = TAILQ_FIRST(&spool->share->held);
    while (held) {
        struct held_item *after = TAILQ_NEXT(held, next);
        if (replaces(item, held) && held->item.id < item->id) {
            share_lock(spool->share);
            held_remove(spool, held);
            share_unlock(spool->share);
            spool->replaced_held++;
        }
        held = after;
    }
}

static struct held_item *least_important(struct spool *spool)
{
    struct held_item *worst = NULL, *held;
    TAILQ_FOREACH (held, &spool->share->held, next)
        if (!held->urgent && (!worst || held->item.class > worst->item.class))
            worst = held;
    return worst;
}

bool held_make_room(struct spool *spool, size_t size)
{
    while (spool->held_count[0] >= HELD_ROUTINE_MAX || spool->held_bytes[0] + size > HELD_ROUTINE_BYTES_MAX) {
        struct held_item *worst = least_important(spool);
        if (!worst)
            return false;
        spool->usage.dropped[worst->item.class]++;
        spool->meta_dirty = true;
        log_warning(
            "spool %s: the disk does not take messages and memory is full; dropped the oldest %s message",
            spool->path, spool_class_text(worst->item.class));
        share_lock(spool->share);
        held_remove(spool, worst);
        share_unlock(spool->share);
    }
    return true;
}

struct held_put *put_find(struct spool *spool, const char *group, const char *key)
{
    struct held_put *put;
    TAILQ_FOREACH (put, &spool->puts, next)
        if (strcmp(put->key, key) == 0 && strcmp(put->group, group) == 0)
            return put;
    return NULL;
}

void put_remove(struct spool *spool, struct held_put *put)
{
    spool->put_count--;
    spool->put_bytes -= put->length;
    TAILQ_REMOVE(&spool->puts, put, next);
    free(put);
}

enum atalaya_result put_add(struct spool *spool, bool urgent, const char *group, const char *key,
                            const void *value, size_t length)
{
    size_t group_size = strlen(group) + 1, key_size = strlen(key) + 1;
    struct held_put *put = malloc(sizeof *put + group_size + key_size + length + 1);
    if (!put)
        return ATALAYA_E_MEMORY;
    struct held_put *older = put_find(spool, group, key);
    *put = (struct held_put){.length = length, .urgent = urgent || (older && older->urgent)};
    memcpy(put->bytes, group, group_size);
    memcpy(put->bytes + group_size, key, key_size);
    put->group = put->bytes;
    put->key = put->bytes + group_size;
    if (value) {
        char *copy = put->bytes + group_size + key_size;
        if (length > 0)
            memcpy(copy, value, length);
        put->value = copy;
    }
    if (older)
        put_remove(spool, older);
    TAILQ_INSERT_TAIL(&spool->puts, put, next);
    spool->put_count++;
    spool->put_bytes += length;
    return ATALAYA_OK;
}
