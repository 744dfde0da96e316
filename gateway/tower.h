/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gateway: every module made, wired, run and taken down in order. Main thread. */
#ifndef ATALAYA_TOWER_H
#define ATALAYA_TOWER_H

#include "atalaya/gateway/config.h"
#include "atalaya/result.h"

struct tower;

/* Takes the configuration over (also on failure). */
enum atalaya_result tower_create(struct config *config, struct tower **tower);
/* Runs until SIGTERM or SIGINT. SIGHUP reads the configuration again. Returns the exit status. */
int tower_run(struct tower *tower);
void tower_destroy(struct tower *tower);

#endif
