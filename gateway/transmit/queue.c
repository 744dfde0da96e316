/* SPDX-License-Identifier: Apache-2.0 */
#include "transmit/queue.h"

#include <stddef.h>

static bool is_before(const struct transmit_item *a, const struct transmit_item *b)
{
    if (a->request.priority != b->request.priority)
        return a->request.priority < b->request.priority;
    return a->order < b->order;
}

/* NULL: nothing is less important than that. */
static struct transmit_item *least(struct transmit_queue *queue, enum transmit_priority priority)
{
    struct transmit_item *last = NULL;
    for (unsigned i = 0; i < queue->count; i++)
        if (!queue->item[i].in_hand && (!last || is_before(last, &queue->item[i])))
            last = &queue->item[i];
    return last && last->request.priority > priority ? last : NULL;
}

enum atalaya_result queue_put(struct transmit_queue *queue, const struct transmit_request *request,
                              uint64_t *evicted)
{
    struct transmit_item *place;
    *evicted = 0;
    if (queue->count < TRANSMIT_QUEUE_MAX) {
        place = &queue->item[queue->count++];
    } else {
        place = least(queue, request->priority);
        if (!place)
            return ATALAYA_E_FULL;
        *evicted = place->request.id;
    }
    place->request = *request;
    place->order = queue->next_order++;
    place->hinders = TRANSMIT_EXPIRED;
    place->attempts = 0;
    place->in_hand = place->told = false;
    place->put_ns = 0;
    return ATALAYA_OK;
}

struct transmit_item *queue_first(struct transmit_queue *queue)
{
    struct transmit_item *first = NULL;
    for (unsigned i = 0; i < queue->count; i++)
        if (!first || is_before(&queue->item[i], first))
            first = &queue->item[i];
    return first;
}

struct transmit_item *queue_expired(struct transmit_queue *queue, int64_t now_ns)
{
    for (unsigned i = 0; i < queue->count; i++)
        if (queue->item[i].request.until_mono_ns <= now_ns)
            return &queue->item[i];
    return NULL;
}

struct transmit_item *queue_untold(struct transmit_queue *queue, int64_t before_ns, enum transmit_result *why)
{
    const struct transmit_item *first = queue_first(queue);
    *why = first ? first->hinders : TRANSMIT_EXPIRED;
    for (unsigned i = 0; *why != TRANSMIT_EXPIRED && i < queue->count; i++)
        if (!queue->item[i].told && !queue->item[i].in_hand && queue->item[i].put_ns < before_ns)
            return &queue->item[i];
    return NULL;
}

struct transmit_item *queue_find(struct transmit_queue *queue, uint64_t id)
{
    for (unsigned i = 0; i < queue->count; i++)
        if (queue->item[i].request.id == id)
            return &queue->item[i];
    return NULL;
}

void queue_remove(struct transmit_queue *queue, struct transmit_item *item)
{
    struct transmit_item *last = &queue->item[--queue->count];
    if (item != last)
        *item = *last;
}
