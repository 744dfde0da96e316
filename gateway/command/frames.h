/* SPDX-License-Identifier: Apache-2.0 */
/* Frames written a line each, without any signal. */
#ifndef ATALAYA_COMMAND_FRAMES_H
#define ATALAYA_COMMAND_FRAMES_H

#include <stdbool.h>

#include "atalaya/gateway/receiver.h"

/* Is id in the comma-separated list? A NULL list has everything. */
bool frames_list_has(const char *list, const char *id);

/* Decodes the NULL-terminated list of files ("-" = standard input). `form` is a protocol's id (lines of hex)
 * or the name of its text form. Returns the exit status. */
int frames_decode(const char *form, char **files, receiver_sink *sink, void *context, bool quiet);

#endif
