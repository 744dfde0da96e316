/* SPDX-License-Identifier: Apache-2.0 */
/* A broker's password, from a file or a systemd credential, never from a command line; and who may see such a
 * file. */
#ifndef ATALAYA_MQTT_SECRET_H
#define ATALAYA_MQTT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "atalaya/gateway/config.h"

enum { SECRET_MAX = 512 };

/* Reads the first line. *given false: none is configured. On false `why` says what is wrong [size]: absent,
 * empty, or open to everybody. */
bool secret_read(const struct config_broker *broker, char password[SECRET_MAX], bool *given, char *why,
                 size_t size);

/* Is the file at `path` one that not everybody may read or write? An empty path is. Else as above. */
bool secret_is_private(const char *path, const char *what, char *why, size_t size);

/* A new file for its owner alone, on disk when this returns; what is there already stays. Else as above. */
bool secret_save(const char *path, const char *text, size_t length, char *why, size_t size);

#endif
