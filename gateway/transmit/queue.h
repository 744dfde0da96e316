/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for a transmitter: the most important first, then the oldest. Fixed size; whoever owns it locks.
 */
#ifndef ATALAYA_TRANSMIT_QUEUE_H
#define ATALAYA_TRANSMIT_QUEUE_H

#include "atalaya/gateway/transmitter.h"

struct transmit_item {
    struct transmit_request request;
    uint64_t order; /* of arrival */
    enum transmit_result
        hinders; /* what kept it from going out last; TRANSMIT_EXPIRED = nothing but others */
    unsigned attempts;
    int64_t put_ns; /* when it came; the owner's */
    bool told;      /* that it waits */
    bool in_hand;   /* on the air just now: it gives way to nothing */
};

struct transmit_queue {
    unsigned count;
    uint64_t next_order;
    struct transmit_item item[TRANSMIT_QUEUE_MAX];
};

/* ATALAYA_E_FULL: nothing in it is less important. *evicted: its id, when something gave way; 0 = nothing
 * did. */
enum atalaya_result queue_put(struct transmit_queue *queue, const struct transmit_request *request,
                              uint64_t *evicted);
struct transmit_item *queue_first(struct transmit_queue *queue); /* NULL = empty */
/* The first whose time is over, NULL = none. */
struct transmit_item *queue_expired(struct transmit_queue *queue, int64_t now_ns);
/* The first that came before and of which it was not told that it waits, NULL = none. *why: what keeps it
 * back, that is, the first of all. */
struct transmit_item *queue_untold(struct transmit_queue *queue, int64_t before_ns,
                                   enum transmit_result *why);
struct transmit_item *queue_find(struct transmit_queue *queue, uint64_t id); /* NULL = gone */
void queue_remove(struct transmit_queue *queue, struct transmit_item *item);

#endif
