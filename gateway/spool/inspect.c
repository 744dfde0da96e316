/* SPDX-License-Identifier: Apache-2.0 */
/* A look from outside, beside a running gateway or without one. Changes nothing. */
#include "spool/private.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* One class after the other, in the order of the table: sorted at once, all of it would lie in memory. */
static int inspect_class(sqlite3_stmt *row, spool_item_sink *each, void *context, struct spool_counts *counts,
                         int64_t *first)
{
    int code;
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct spool_item item;
        store_read_item(row, &item);
        counts->waiting[item.class]++;
        counts->bytes += item_size(&item);
        if (item.id < *first) {
            *first = item.id;
            counts->oldest_utc_ns = item.created_utc_ns;
        }
        if (each)
            each(context, &item);
    }
    return code == SQLITE_DONE ? sqlite3_reset(row) : code;
}

static int inspect_items(sqlite3 *handle, spool_item_sink *each, void *context, struct spool_counts *counts)
{
    sqlite3_stmt *row = NULL;
    int64_t first = INT64_MAX, strange = 0;
    char text[80];
    snprintf(text, sizeof text, "SELECT EXISTS(SELECT 1 FROM item WHERE class NOT BETWEEN 0 AND %d)",
             SPOOL_CLASS_COUNT - 1);
    int code = database_number(handle, text, &strange);
    if (code == SQLITE_OK && strange)
        code = SQLITE_CORRUPT;
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(
            handle, "SELECT " STORE_ITEM_COLUMNS " FROM item WHERE +class = ?1 ORDER BY id", -1, &row, NULL);
    for (int class = 0; class < SPOOL_CLASS_COUNT && code == SQLITE_OK; class ++) {
        code = sqlite3_bind_int(row, 1, class);
        if (code == SQLITE_OK)
            code = inspect_class(row, each, context, counts, &first);
    }
    sqlite3_finalize(row);
    return code;
}

static int inspect_dropped(sqlite3 *handle, struct spool_counts *counts)
{
    int code = SQLITE_OK;
    for (int class = 0; class < SPOOL_CLASS_COUNT && code == SQLITE_OK; class ++) {
        char text[120];
        int64_t dropped = 0;
        snprintf(text, sizeof text, "SELECT ifnull((SELECT value FROM meta WHERE key = 'dropped_%s'), 0)",
                 spool_class_text((enum spool_class) class));
        code = database_number(handle, text, &dropped);
        counts->dropped[class] = (uint64_t)dropped;
    }
    return code;
}

static int inspect_states(sqlite3 *handle, const char *group, spool_each *each, void *context)
{
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(handle, "SELECT key, value FROM state WHERE grp = ?1 ORDER BY key", -1,
                                  &row, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(row, 1, group, -1, SQLITE_STATIC);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(row);
        const char *key = code == SQLITE_ROW ? (const char *)sqlite3_column_text(row, 0) : NULL;
        const void *value = key ? sqlite3_column_blob(row, 1) : NULL;
        if (key)
            each(context, key, value ? value : "", (size_t)sqlite3_column_bytes(row, 1));
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static enum atalaya_result verdict(int code)
{
    if (code == SQLITE_OK)
        return ATALAYA_OK;
    return database_is_damage(code) ? ATALAYA_E_FORMAT : ATALAYA_E_IO;
}

/* Opens a spool to look at, with one view for all that follows. alone: nobody else has it open. */
static enum atalaya_result begin(const char *path, bool alone, sqlite3 **handle)
{
    int64_t application = 0, version = 0;
    int code = alone ? database_open_alone(path, NULL, handle)
                     : sqlite3_open_v2(path, handle, SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(*handle, 2000);
    if (code == SQLITE_OK)
        code = database_number(*handle, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = database_number(*handle, "PRAGMA user_version", &version);
    if (code == SQLITE_OK && (application != SPOOL_APPLICATION_ID || version > SPOOL_SCHEMA_VERSION))
        return ATALAYA_E_UNSUPPORTED;
    return verdict(code == SQLITE_OK ? database_execute(*handle, "BEGIN") : code);
}

enum atalaya_result spool_inspect(const char *path, spool_item_sink *each, void *context,
                                  struct spool_counts *counts)
{
    sqlite3 *handle = NULL;
    *counts = (struct spool_counts){0};
    enum atalaya_result result = begin(path, false, &handle);
    if (result == ATALAYA_OK)
        result = verdict(inspect_items(handle, each, context, counts));
    if (result == ATALAYA_OK)
        result = verdict(inspect_dropped(handle, counts));
    sqlite3_close(handle);
    return result;
}

static enum atalaya_result look_at_state(const char *path, bool alone, const char *group, spool_each *each,
                                         void *context)
{
    sqlite3 *handle = NULL;
    enum atalaya_result result = begin(path, alone, &handle);
    if (result == ATALAYA_OK)
        result = verdict(inspect_states(handle, group, each, context));
    sqlite3_close(handle);
    return result;
}

enum atalaya_result spool_inspect_state(const char *path, const char *group, spool_each *each, void *context)
{
    return look_at_state(path, false, group, each, context);
}

enum atalaya_result inspect_unwritable(const char *path, const char *group, spool_each *each, void *context)
{
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return ATALAYA_OK;
    return look_at_state(path, true, group, each, context);
}
