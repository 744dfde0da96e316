/* SPDX-License-Identifier: Apache-2.0 */
/* Whose folder the spool lies in. */
#ifndef ATALAYA_COMMAND_OWNER_H
#define ATALAYA_COMMAND_OWNER_H

#include <stdbool.h>

#include "atalaya/gateway/config.h"

enum { OWNER_NAME_MAX = 64 };

/* The directory part of path [size: CONFIG_PATH_MAX]. */
void owner_directory_of(const char *path, char directory[CONFIG_PATH_MAX]);
/* This is root, and the folder of that spool belongs to somebody else, whose name *name is: what root makes
 * there, that one cannot write afterwards. */
bool owner_is_another(const char *spool_path, char name[OWNER_NAME_MAX]);
/* A gateway runs with that spool, and holds the devices of its configuration. */
bool owner_gateway_runs(const char *spool_path);

#endif
