/* SPDX-License-Identifier: Apache-2.0 */
/* Raw samples as standard input and files without a header give them. */
#ifndef GATEWAY_SOURCE_RAW_H
#define GATEWAY_SOURCE_RAW_H

#include <sys/types.h>

#include "source_private.h"

struct raw_input {
    int fd;       /* of a file it is the source's from here */
    bool is_file; /* else a pipe */
    bool loop;    /* start again at the end of the file */
    off_t offset; /* where it begins */
};

/* settings: format, rate_hz, lanes, iq, centre_hz, pace. On an error the descriptor stays the caller's. */
enum atalaya_result raw_create(const struct config_source *settings, const struct raw_input *input,
                               struct source **source, char *text, size_t size);

#endif
