/* SPDX-License-Identifier: Apache-2.0 */
/* From memory to disk. A distress (or a step of one) is a transaction of its own; the batch is another, with
 * the routine items, the deliveries and the counters. Both sync once. What fails stays in memory. */
#include "spool/private.h"

#include <stdio.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"

enum {
    CHECKPOINT_PAGES = 512,         /* after a batch */
    CHECKPOINT_URGENT_PAGES = 8192, /* after a distress: only when batches do not come */
    CHECKPOINT_MOST_PAGES = 8192,   /* 32 MiB: then readers are waited for, so that it begins anew */
    VACUUM_FREE_PAGES = 256,
    RETRY_MIN_S = 1,
};
#define NS_PER_S INT64_C(1000000000)

void commit_batch_begins(struct spool *spool, bool patient)
{
    int64_t due_ns = clock_mono_ns() + spool->batch_ns * (patient ? SPOOL_PATIENCE : 1);
    if (spool->batch_due_ns == 0 || due_ns < spool->batch_due_ns)
        spool->batch_due_ns = due_ns;
}

/* A reader stumbled: look, and give up the file only when it is really damaged. */
static int look_for_damage(struct spool *spool)
{
    share_lock(spool->share);
    bool seen = spool->share->damage_seen;
    spool->share->damage_seen = false;
    share_unlock(spool->share);
    if (!seen)
        return SQLITE_OK;
    sqlite3_db_release_memory(spool->db.handle); /* to see the file, not the cache */
    return database_check(spool->db.handle);
}

int commit_open(struct spool *spool)
{
    int code = spool->db.handle ? look_for_damage(spool) : database_open(spool);
    if (code == SQLITE_OK && !spool->begun)
        code = schema_begin_run(spool);
    return code;
}

static void try_again_later(struct spool *spool)
{
    int64_t wait_ns = spool->batch_ns > RETRY_MIN_S * NS_PER_S ? spool->batch_ns : RETRY_MIN_S * NS_PER_S;
    spool->retry_ns = clock_mono_ns() + wait_ns;
}

void commit_failed(struct spool *spool, int code)
{
    struct database *db = &spool->db;
    if (db->handle && !sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    fault_describe(spool, code);
    if (!spool->failing)
        log_error("spool%s: %s", code < 0 ? "" : ": messages wait in memory and are lost by a power cut",
                  spool->error);
    spool->failing = true;
    spool->meta_dirty = true; /* what waited may be taken from memory meanwhile: the disk is well when it has
                                 written something, not when there was nothing to write */
    try_again_later(spool);
    if (database_is_damage(code) && db->handle) {
        database_close(db);
        spool->begun = spool->unfolded = false;
        spool->damaged |= damage_set_aside(spool);
    }
}

static void collect_taken(struct spool *spool)
{
    struct share *share = spool->share;
    share_lock(share);
    for (unsigned b = 0; b < spool->broker_count; b++) {
        spool->scratch_count[b] = 0;
        for (unsigned i = 0; i < share->taken_count[b]; i++)
            if (share->taken[b][i].reported)
                spool->scratch[b][spool->scratch_count[b]++] = share->taken[b][i].id;
    }
    share_unlock(share);
    for (unsigned b = 0; b < spool->broker_count; b++)
        ids_sort(spool->scratch[b], spool->scratch_count[b]);
}

static int write_taken(struct spool *spool, struct usage *usage)
{
    int code = SQLITE_OK;
    for (unsigned b = 0; b < spool->broker_count; b++)
        for (size_t i = 0; i < spool->scratch_count[b] && code == SQLITE_OK; i++)
            code = store_taken(&spool->db, b, spool->scratch[b][i], usage);
    return code;
}

static int write_dropped(struct spool *spool, const struct usage *usage)
{
    int code = SQLITE_OK;
    for (int class = 0; class < SPOOL_CLASS_COUNT && code == SQLITE_OK; class ++) {
        char key[40];
        snprintf(key, sizeof key, "dropped_%s", spool_class_text((enum spool_class) class));
        if (spool->meta_dirty || usage->dropped[class] != spool->usage.dropped[class])
            code = store_run(&spool->db, STATEMENT_META_PUT, "ti", key, (int64_t)usage->dropped[class]);
    }
    return code;
}

static int write_pending(struct spool *spool, bool urgent, struct usage *usage)
{
    int code = SQLITE_OK;
    const struct held_put *put;
    TAILQ_FOREACH (put, &spool->puts, next)
        if (put->urgent == urgent && code == SQLITE_OK)
            code = store_put(&spool->db, put, usage);
    /* The main thread alone changes the list, so it reads it without the lock. */
    const struct held_item *held;
    TAILQ_FOREACH (held, &spool->share->held, next)
        if (held->urgent == urgent && code == SQLITE_OK)
            code = store_item(&spool->db, held, usage);
    if (!urgent && code == SQLITE_OK)
        code = write_taken(spool, usage);
    if (code == SQLITE_OK)
        code = room_shed(spool, usage);
    return code == SQLITE_OK ? write_dropped(spool, usage) : code;
}

/* Only now do readers find it on disk alone. */
static void forget_written(struct spool *spool, bool urgent)
{
    struct held_put *put = TAILQ_FIRST(&spool->puts);
    while (put) {
        struct held_put *after = TAILQ_NEXT(put, next);
        if (put->urgent == urgent)
            put_remove(spool, put);
        put = after;
    }
    share_lock(spool->share);
    struct held_item *held = TAILQ_FIRST(&spool->share->held);
    while (held) {
        struct held_item *after = TAILQ_NEXT(held, next);
        if (held->urgent == urgent)
            held_remove(spool, held);
        held = after;
    }
    for (unsigned b = 0; !urgent && b < spool->broker_count; b++)
        share_forget(spool->share, b, spool->scratch[b], spool->scratch_count[b]);
    share_unlock(spool->share);
}

/* Every page that is left behind the gap has to be moved: not while there are many. A disk that refuses this
 * refuses to fold the log as well, which tells. */
static void give_room_back(sqlite3 *handle)
{
    int64_t free_pages = 0, pages = 0;
    if (database_number(handle, "PRAGMA freelist_count", &free_pages) == SQLITE_OK &&
        free_pages > VACUUM_FREE_PAGES && database_number(handle, "PRAGMA page_count", &pages) == SQLITE_OK &&
        pages - free_pages <= free_pages)
        database_execute(handle, "PRAGMA incremental_vacuum(1024)");
}

/* A reader may hold it up; a full or failing disk may refuse it: the log keeps everything and grows, which is
 * told, and it is tried again. */
static void fold_log(struct spool *spool)
{
    int how =
        spool->db.wal_pages > CHECKPOINT_MOST_PAGES ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
    int code = sqlite3_wal_checkpoint_v2(spool->db.handle, NULL, how, NULL, NULL);
    bool refused = code == SQLITE_BUSY ? spool->unfolded : code != SQLITE_OK;
    if (refused)
        fault_describe(spool, code);
    if (refused && !spool->unfolded)
        log_error("spool: its log cannot be folded in and grows: %s", spool->error);
    else if (!refused && spool->unfolded)
        log_notice("spool %s: its log is folded in again", spool->path);
    if (!refused)
        spool->error[0] = '\0';
    spool->unfolded = refused;
    if (refused)
        try_again_later(spool);
}

static void tidy(struct spool *spool, bool urgent)
{
    /* While a link reads without a pause the log is folded in but not begun anew: what counts is what came
     * since. */
    struct database *db = &spool->db;
    if (db->wal_pages < db->folded_pages)
        db->folded_pages = 0;
    int most = urgent ? CHECKPOINT_URGENT_PAGES : CHECKPOINT_PAGES;
    if (spool->unfolded ? clock_mono_ns() < spool->retry_ns : db->wal_pages - db->folded_pages < most)
        return;
    db->folded_pages = db->wal_pages;
    give_room_back(db->handle);
    fold_log(spool);
}

static int transact(struct spool *spool, bool urgent)
{
    int code = commit_open(spool);
    struct usage usage = spool->usage;
    if (code == SQLITE_OK)
        code = store_run(&spool->db, STATEMENT_BEGIN, "");
    if (code == SQLITE_OK)
        code = write_pending(spool, urgent, &usage);
    if (code == SQLITE_OK)
        code = store_run(&spool->db, STATEMENT_COMMIT, "");
    if (code != SQLITE_OK)
        return code;
    room_report(spool, &usage);
    spool->usage = usage;
    spool->meta_dirty = false;
    forget_written(spool, urgent);
    if (spool->failing)
        log_notice("spool %s can be written again", spool->path);
    spool->failing = false;
    if (!spool->unfolded)
        spool->error[0] = '\0';
    tidy(spool, urgent);
    return SQLITE_OK;
}

static enum atalaya_result commit(struct spool *spool, bool urgent)
{
    int code = transact(spool, urgent);
    if (code != SQLITE_OK)
        commit_failed(spool, code);
    if (database_is_damage(code)) { /* set aside by now: the new file takes what memory holds */
        code = transact(spool, urgent);
        if (code != SQLITE_OK)
            commit_failed(spool, code);
    }
    return code == SQLITE_OK ? ATALAYA_OK : ATALAYA_E_IO;
}

static bool urgent_waits(const struct spool *spool)
{
    const struct held_put *put;
    TAILQ_FOREACH (put, &spool->puts, next)
        if (put->urgent)
            return true;
    return spool->held_count[1] > 0;
}

enum atalaya_result commit_urgent(struct spool *spool)
{
    return urgent_waits(spool) ? commit(spool, true) : ATALAYA_OK;
}

enum atalaya_result commit_batch(struct spool *spool)
{
    enum atalaya_result result = commit_urgent(spool);
    if (result != ATALAYA_OK)
        return result;
    if (spool->batch_due_ns == 0 && !spool->failing && spool->begun) {
        if (spool->unfolded)
            tidy(spool, false);
        return ATALAYA_OK;
    }
    collect_taken(spool);
    result = commit(spool, false);
    if (result == ATALAYA_OK) {
        spool->batch_due_ns = 0;
        spool->reported = 0;
    }
    return result;
}
