/* SPDX-License-Identifier: Apache-2.0 */
/* Small state, as memory and disk together have it. */
#include "spool/private.h"

#include <string.h>

/* What memory has newer is not shown twice. */
struct listing {
    struct spool *spool;
    const char *group;
    spool_each *each;
    void *context;
};

static void show(void *context, const char *key, const void *value, size_t length)
{
    const struct listing *listing = context;
    if (!put_find(listing->spool, listing->group, key))
        listing->each(listing->context, key, value, length);
}

/* The disk is full, or read only, or failed when the database was opened. What stands there must be known all
 * the same: incidents are open, commands were obeyed. */
static enum atalaya_result list_unwritable(struct spool *spool, const char *group, spool_each *each,
                                           void *context)
{
    struct listing listing = {.spool = spool, .group = group, .each = each, .context = context};
    return inspect_unwritable(spool->path, group, show, &listing) == ATALAYA_OK ? ATALAYA_OK : ATALAYA_E_IO;
}

enum atalaya_result spool_list(struct spool *spool, const char *group, spool_each *each, void *context)
{
    const struct held_put *put;
    TAILQ_FOREACH (put, &spool->puts, next)
        if (put->value && strcmp(put->group, group) == 0)
            each(context, put->key, put->value, put->length);
    if (!spool->db.handle)
        return spool->failing ? list_unwritable(spool, group, each, context) : ATALAYA_OK;
    sqlite3_stmt *row = store_bind(&spool->db, STATEMENT_STATE_LIST, "t", group);
    if (!row)
        return ATALAYA_E_MEMORY;
    int code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        const char *key = (const char *)sqlite3_column_text(row, 0);
        const void *value = sqlite3_column_blob(row, 1);
        if (key && !put_find(spool, group, key))
            each(context, key, value ? value : "", (size_t)sqlite3_column_bytes(row, 1));
    }
    sqlite3_reset(row);
    if (code == SQLITE_DONE)
        return ATALAYA_OK;
    commit_failed(spool, code);
    return ATALAYA_E_IO;
}
