/* SPDX-License-Identifier: Apache-2.0 */
/* The control page of the faults: tests/support/faults.py writes it with the names and in the order of this
 * struct, which it reads from here. */
#ifndef ATALAYA_TEST_FAULTS_H
#define ATALAYA_TEST_FAULTS_H

#include <stdint.h>

enum { FAULTS_OURS = 1, FAULTS_ALL = 2 };

struct faults {
    int64_t wall_offset_ns; /* of the wall clock from the true one */
    int64_t open_errno;     /* of files opened to write; ENOSPC: of new ones */
    int64_t write_errno;
    int64_t sync_errno;
    int64_t read_errno;
    int64_t write_hits;        /* how often a read, write or sync was failed */
    int64_t open_hits;         /* how often an open */
    int64_t kill_at;           /* SIGKILL before this change of the disk, counted down; 0 = never */
    int64_t names_error;       /* EAI_..., 0 = names are found */
    int64_t count_allocations; /* 0, FAULTS_OURS, FAULTS_ALL */
    int64_t allocations;
    int64_t fail_from, fail_count;
    int64_t failed, failed_at; /* how many were; where the last was, from the program's start */
};

#endif
