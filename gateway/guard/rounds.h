/* SPDX-License-Identifier: Apache-2.0 */
/* When which channel tests itself, and what came of it. Sources are tested side by side, channels of one
 * source one after the other. Main thread. */
#ifndef ATALAYA_GUARD_ROUNDS_H
#define ATALAYA_GUARD_ROUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "atalaya/gateway/config.h"
#include "self_test.h"
#include "../receive_thread.h"

struct rounds;

struct rounds_counts {
    uint64_t passed, failed, busy;
};

/* threads [size: sources of config; NULL where there is none] and words outlive it. */
enum atalaya_result rounds_create(const struct config *config, struct receive_thread *const *threads,
                                  struct words *words, int64_t now_mono_ns, struct rounds **rounds);
/* Once a second. true: a result has changed. */
bool rounds_tick(struct rounds *rounds, int64_t now_mono_ns);
/* The last result of a channel that says something, and when; NONE: none yet. */
void rounds_outcome(const struct rounds *rounds, unsigned channel, struct self_test_outcome *outcome,
                    int64_t *utc_ns);
struct rounds_counts rounds_counts(const struct rounds *rounds);
void rounds_destroy(struct rounds *rounds); /* NULL is allowed */

#endif
