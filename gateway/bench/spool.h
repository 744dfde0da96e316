/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ATALAYA_BENCH_SPOOL_H
#define ATALAYA_BENCH_SPOOL_H

#include <stdbool.h>

struct bench_spool_options {
    unsigned items;
    const char *path; /* of a new database; must be on the disk that is meant */
    const char *broker;
    bool keep; /* full, for a gateway to drain */
};

/* Routine items in and out of a real spool on disk, and a distress beside them. Returns the exit status. */
int bench_spool(const struct bench_spool_options *options);

#endif
