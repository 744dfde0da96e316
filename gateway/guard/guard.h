/* SPDX-License-Identifier: Apache-2.0 */
/* The tower watches itself: noise of the channels, who has not been heard, its own test bursts. It only says
 * what it finds, in health and in the log; nothing of it is ever a distress. Main thread. */
#ifndef ATALAYA_GUARD_H
#define ATALAYA_GUARD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "atalaya/gateway/spool.h"
#include "check_ins.h"
#include "rounds.h"
#include "../receive_thread.h"

struct guard;

/* threads [size: sources of config; NULL where there is none], spool and words outlive it. Errors:
 * ATALAYA_E_MEMORY. */
enum atalaya_result guard_create(const struct config *config, struct spool *spool,
                                 struct receive_thread *const *threads, struct words *words,
                                 struct guard **guard);
/* For receive_thread_start. */
const struct noise_usual *guard_usual(const struct guard *guard);
struct check_ins *guard_check_ins(struct guard *guard);
/* After a reload of units. */
void guard_configured(struct guard *guard);
/* Once a second. true: a fault has come or gone, tell health at once. */
bool guard_tick(struct guard *guard, int64_t now_mono_ns);
/* Adds its part to a health document; *well becomes false where a person is needed. */
void guard_report(const struct guard *guard, json_t *health, bool *well);
/* For stats: since the start. */
struct rounds_counts guard_tests(const struct guard *guard);
/* Keeps what was learnt, which the spool commits: before the threads end. NULL is allowed. */
void guard_keep(struct guard *guard);
void guard_destroy(struct guard *guard);

#endif
