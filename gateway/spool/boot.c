/* SPDX-License-Identifier: Apache-2.0 */
/* The number of a run. It must never be given twice: (boot, seq) is the name of everything a site says, and
 * who has seen a name before takes what bears it for a copy. A counter in the database alone would begin
 * anew when the database is damaged, the card is changed, or a disk lied about what it had written. So the
 * last number also stands in the lock file, and the clock has its say: seconds since 2026, where it is right.
 */
#include "spool/private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"

#define EPOCH_NS (INT64_C(1767225600) * 1000000000) /* 2026-01-01T00:00:00Z: no site is older */

enum { WITNESS_DIGITS = 20 };
/* Beyond it a reader of JSON may lose digits; a witness that says so is garbage. */
static const uint64_t BOOT_MAX = UINT64_C(1) << 52;

void boot_read_witness(struct spool *spool)
{
    char text[WITNESS_DIGITS + 1] = "", *end;
    if (spool->lock_fd < 0 || pread(spool->lock_fd, text, WITNESS_DIGITS, 0) != WITNESS_DIGITS)
        return;
    unsigned long long number = strtoull(text, &end, 10);
    if (*end == '\0' && number < BOOT_MAX)
        spool->witness = number;
}

void boot_write_witness(struct spool *spool)
{
    char text[WITNESS_DIGITS + 1];
    if (spool->lock_fd < 0)
        return;
    snprintf(text, sizeof text, "%0*" PRIu64, WITNESS_DIGITS, spool->boot);
    /* Not synced: the start need not wait for it, and the database has the number too. */
    if (pwrite(spool->lock_fd, text, WITNESS_DIGITS, 0) != WITNESS_DIGITS)
        log_debug("spool %s: the number of this run could not be noted beside it", spool->path);
}

uint64_t boot_after(const struct spool *spool, uint64_t last)
{
    int64_t since_s = (clock_utc_ns() - EPOCH_NS) / INT64_C(1000000000);
    if (spool->witness > last)
        last = spool->witness;
    return since_s > 0 && (uint64_t)since_s > last ? (uint64_t)since_s : last + 1;
}

void boot_miss(struct spool *spool)
{
    if (spool->witness == 0 || spool->damaged)
        return;
    spool->damaged = true;
    snprintf(spool->damage, sizeof spool->damage,
             "%s: used before and empty now, what waited in it is lost; check the disk (dmesg, smartctl)",
             spool->path);
    log_error("spool %s", spool->damage);
}
