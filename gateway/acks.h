/* SPDX-License-Identifier: Apache-2.0 */
/* From link threads to the main thread: what a broker has taken. Bounded; when it is full the rest is
 * forgotten, and the broker will get those items again after a restart: twice, never lost. */
#ifndef ATALAYA_ACKS_H
#define ATALAYA_ACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/result.h"

struct acks;

enum atalaya_result acks_create(struct acks **acks);
int acks_fd(const struct acks *acks); /* readable while something waits */
void acks_put(struct acks *acks, unsigned broker, const int64_t *ids,
              size_t count); /* any thread; never blocks long */
/* Takes up to max ids of one broker. Returns how many, 0 = nothing waits. */
size_t acks_take(struct acks *acks, unsigned *broker, int64_t *ids, size_t max);
void acks_destroy(struct acks *acks);

#endif
