/* SPDX-License-Identifier: Apache-2.0 */
/* An audit log with a spool of its own, and what is wrong with it. Nobody waits for the disk: what a power
 * cut would leave is fault.power_cut's to tell; here each line must have asked for its sync. */
#ifndef AUDIT_RIG_H
#define AUDIT_RIG_H

#include "../../gateway/lifecycle/audit.h"
#include "spool_fixture.h"

enum { AUDIT_RIG_ROOM = 1 << 16 /* octets of a file */ };

struct audit_rig {
    struct spool_fixture *fixture;
    struct audit *audit;
    char path[AUDIT_PATH_MAX];
    uint64_t lines, first; /* seen by the last check */
    unsigned removals;     /* told by lines of it */
    char fault[256];       /* its first */
};
extern struct audit_rig rig;

/* Set-up and tear-down of a test; nothing is open. */
int audit_rig_create(void **state);
int audit_rig_destroy(void **state);
void audit_rig_open(void);
void audit_rig_close(void);
/* A line. ATALAYA_OK: it was synced. */
enum atalaya_result audit_rig_append(const char *event);
/* Checks all of it; how many faults. */
uint64_t audit_rig_faults(void);
void audit_rig_assert_whole(void);
void audit_rig_assert_fault(const char *words);
/* A file by its place, 0 = the one that is written. */
size_t audit_rig_load(unsigned place, char bytes[static AUDIT_RIG_ROOM]);
void audit_rig_save(unsigned place, const char *bytes, size_t length);

#endif
