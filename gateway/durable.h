/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a power cut leaves as they were, or as they are to be. Any thread. */
#ifndef ATALAYA_DURABLE_H
#define ATALAYA_DURABLE_H

#include <stdbool.h>
#include <stddef.h>

enum { DURABLE_PATH_MAX = 1024 };

/* The names in the folder of path are on disk. Where that fails a power cut may bring the old ones back. */
bool durable_sync_folder(const char *path);
/* path has this content, or what it had before; its owner alone may read it. On false errno says why. */
bool durable_replace(const char *path, const void *content, size_t size);

#endif
