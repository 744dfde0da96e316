/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gateway: every module made, wired, run and taken down in order. Main thread. */
#ifndef ATALAYA_TOWER_H
#define ATALAYA_TOWER_H

#include <stdbool.h>

#include "atalaya/gateway/config.h"
#include "atalaya/result.h"

struct tower;

/* Takes the configuration over (also on failure). */
enum atalaya_result tower_create(struct config *config, struct tower **tower);
/* Runs until SIGTERM or SIGINT. SIGHUP reads the configuration again. Returns the exit status. */
int tower_run(struct tower *tower);
/* false: the driver of a source hangs in a thread that could not be ended; everything is on disk, and nothing
 * is left to do but _exit. */
bool tower_destroy(struct tower *tower);

#endif
