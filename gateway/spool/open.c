/* SPDX-License-Identifier: Apache-2.0 */
/* The writer's life: from the configuration to the first commit, and the last one. */
#include "spool/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "resident.h"

#define NS_PER_S INT64_C(1000000000)
enum { ITEMS_OF_A_BOOT_BITS = 32, BOOT_BITS = 31 };

const char *spool_class_text(enum spool_class class)
{
    static const char *const texts[SPOOL_CLASS_COUNT] = {
        [SPOOL_DISTRESS] = "distress", [SPOOL_MESSAGE] = "message", [SPOOL_POSITION] = "position",
        [SPOOL_UNIT] = "unit",         [SPOOL_STATS] = "stats",
    };
    return (unsigned)class < SPOOL_CLASS_COUNT ? texts[class] : "unknown";
}

static struct spool *create(const struct config *config)
{
    struct spool *spool = resident_calloc(sizeof *spool);
    if (!spool)
        return NULL;
    snprintf(spool->path, sizeof spool->path, "%s", config->spool.path);
    spool->broker_count = config->broker_count;
    for (unsigned b = 0; b < config->broker_count; b++)
        snprintf(spool->broker[b], sizeof spool->broker[b], "%s", config->broker[b].name);
    spool->limit_bytes = config->spool.limit_bytes;
    spool->reserve_bytes = config->spool.reserve_bytes;
    spool->batch_ns = (int64_t)(config->spool.batch_s * (double)NS_PER_S);
    spool->lock_fd = -1;
    spool->next_id = 1;
    TAILQ_INIT(&spool->puts);
    return spool;
}

static void destroy(struct spool *spool)
{
    database_close(&spool->db);
    if (spool->lock_fd >= 0)
        close(spool->lock_fd);
    while (!TAILQ_EMPTY(&spool->puts))
        put_remove(spool, TAILQ_FIRST(&spool->puts));
    if (spool->share) {
        share_lock(spool->share);
        while (!TAILQ_EMPTY(&spool->share->held))
            held_remove(spool, TAILQ_FIRST(&spool->share->held));
        memset(spool->share->taken_count, 0, sizeof spool->share->taken_count);
        spool->share->broker_count = 0;
        share_unlock(spool->share);
        share_put(spool->share);
    }
    free(spool);
}

/* A folder that cannot be written shows itself when the database is opened; a lock of root's nowhere else. */
static void look_at_lock(struct spool *spool, const char *name)
{
    bool told = spool->lock_error[0] != '\0';
    spool->lock_error[0] = '\0';
    if (spool->lock_fd < 0)
        (void)spool_is_forbidden(spool->path, spool->lock_error);
    else if (access(name, R_OK | W_OK) != 0)
        fault_of_file(name, errno, spool->lock_error);
    if (!told && spool->lock_error[0])
        log_warning("spool: %s", spool->lock_error);
}

/* Two gateways on one spool would publish everything twice. The lock dies with its process. */
static enum atalaya_result open_lock(struct spool *spool)
{
    char name[CONFIG_PATH_MAX + 8];
    snprintf(name, sizeof name, "%s-lock", spool->path);
    int fd = spool->lock_fd;
    if (fd < 0)
        fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) /* a disk that cannot be written: it can still tell */
        fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && spool->lock_fd < 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        (void)close(fd);
        return ATALAYA_E_DENIED;
    }
    spool->lock_fd = fd;
    look_at_lock(spool, name);
    return ATALAYA_OK;
}

static void announce_brokers(struct spool *spool)
{
    struct share *share = spool->share;
    share_lock(share);
    share->broker_count = spool->broker_count;
    memcpy(share->broker, spool->broker, sizeof share->broker);
    share_unlock(share);
}

/* Without a disk the service still goes on: from memory, under a number that no run has had. Nor has anything
 * on that disk an id that is given now: what a broker takes must not be mistaken for what waits there. */
static void settle_boot(struct spool *spool)
{
    int64_t boot = 0;
    if (spool->boot != 0)
        return;
    if (spool->db.handle)
        (void)database_number(spool->db.handle, "SELECT value FROM meta WHERE key = 'boot'", &boot);
    spool->boot = boot_after(spool, (uint64_t)boot);
    spool->next_id = (int64_t)(spool->boot % (UINT64_C(1) << BOOT_BITS) << ITEMS_OF_A_BOOT_BITS) + 1;
    share_lock(spool->share);
    spool->share->unopened = spool->db.handle == NULL;
    share_unlock(spool->share);
}

enum atalaya_result spool_open(const struct config *config, struct spool **out)
{
    *out = NULL;
    if (!config->spool.path[0] || config->broker_count > BROKER_PLACES || !(config->spool.batch_s >= 0))
        return ATALAYA_E_ARGUMENT;
    struct spool *spool = create(config);
    if (!spool)
        return ATALAYA_E_MEMORY;
    database_make_folders(spool->path);
    enum atalaya_result result = open_lock(spool);
    if (result == ATALAYA_E_DENIED)
        log_error("spool %s is in use by another atalaya: stop that one, or give each its own path",
                  spool->path);
    if (result == ATALAYA_OK && !(spool->share = share_get(spool->path)))
        result = ATALAYA_E_MEMORY;
    if (result != ATALAYA_OK) {
        destroy(spool);
        return result;
    }
    announce_brokers(spool);
    boot_read_witness(spool);
    int code = commit_open(spool);
    if (code != SQLITE_OK)
        commit_failed(spool, code);
    if (code == DATABASE_NEWER || code == DATABASE_FOREIGN) {
        destroy(spool);
        return ATALAYA_E_UNSUPPORTED;
    }
    settle_boot(spool);
    *out = spool;
    return ATALAYA_OK;
}

static int64_t oldest_utc_ns(struct spool *spool)
{
    const struct held_item *held = TAILQ_FIRST(&spool->share->held);
    int64_t oldest = held ? held->item.created_utc_ns : 0;
    sqlite3_stmt *row = spool->db.handle ? store_bind(&spool->db, STATEMENT_ITEM_FIRST, "") : NULL;
    if (row && sqlite3_step(row) == SQLITE_ROW)
        oldest = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    return oldest;
}

/* What forbade it may be mended; then another gateway may have it. */
static void try_lock_again(struct spool *spool)
{
    if (spool->lock_fd >= 0 && !spool->lock_error[0])
        return;
    if (open_lock(spool) == ATALAYA_E_DENIED)
        snprintf(spool->lock_error, sizeof spool->lock_error,
                 "%s: another atalaya uses it, too; stop one of them, or give each its own path",
                 spool->path);
    else if (spool->lock_fd >= 0 && !spool->lock_error[0])
        boot_write_witness(spool);
}

void spool_counts(struct spool *spool, struct spool_counts *counts)
{
    try_lock_again(spool);
    *counts = (struct spool_counts){.appended = spool->appended,
                                    .delivered = spool->usage.delivered + spool->delivered_held,
                                    .replaced = spool->usage.replaced + spool->replaced_held,
                                    .damaged = spool->damaged,
                                    .failing = spool->failing || spool->unfolded,
                                    .oldest_utc_ns = oldest_utc_ns(spool)};
    const char *error = counts->failing        ? spool->error
                        : spool->lock_error[0] ? spool->lock_error
                        : spool->damaged       ? spool->damage
                                               : "";
    memcpy(counts->error, error, strlen(error) + 1);
    for (int class = 0; class < SPOOL_CLASS_COUNT; class ++) {
        counts->waiting[class] = spool->usage.items[class] + spool->held_class_items[class];
        counts->bytes += spool->usage.bytes[class] + spool->held_class_bytes[class];
        counts->dropped[class] = spool->usage.dropped[class];
    }
}

void spool_close(struct spool *spool)
{
    if (!spool)
        return;
    commit_batch(spool); /* what cannot be written now was logged as failing */
    if (spool->held_count[0] + spool->held_count[1] > 0)
        log_error("spool %s: %u messages could not be written and end with this run", spool->path,
                  spool->held_count[0] + spool->held_count[1]);
    destroy(spool);
}
