/* SPDX-License-Identifier: Apache-2.0 */
/* From receive threads to the main thread: a bounded queue of receptions behind an eventfd. Full, it drops
 * the oldest routine reception and counts it; it never drops distress. All memory is taken by create. */
#ifndef ATALAYA_GATEWAY_HANDOVER_H
#define ATALAYA_GATEWAY_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atalaya/gateway/reception.h"
#include "atalaya/result.h"

struct handover;

enum atalaya_result handover_create(size_t capacity, struct handover **handover);
int handover_fd(const struct handover *handover); /* readable while something waits */
/* Copies the reception in. `wait`: the source can wait (a file), so nothing is dropped; returns
 * ATALAYA_E_GONE when the hand-over was closed meanwhile. Without `wait` it never blocks longer than a copy,
 * unless every place is held by distress. */
enum atalaya_result handover_put(struct handover *handover, const struct reception *reception, bool urgent,
                                 bool wait);
/* Takes the oldest urgent one, else the oldest. false: empty. */
bool handover_take(struct handover *handover, struct reception *reception);
uint64_t handover_dropped(struct handover *handover);
void handover_close(struct handover *handover); /* wakes who waits for room */
void handover_destroy(struct handover *handover);

#endif
