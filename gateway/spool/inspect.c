/* SPDX-License-Identifier: Apache-2.0 */
/* A look from outside, beside a running gateway or without one. Changes nothing. */
#include "spool/private.h"

#include <stdio.h>

static int inspect_items(sqlite3 *handle, spool_item_sink *each, void *context, struct spool_counts *counts)
{
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(handle, "SELECT " STORE_ITEM_COLUMNS " FROM item ORDER BY class, id", -1,
                                  &row, NULL);
    int64_t first = INT64_MAX;
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(row);
        struct spool_item item;
        if (code != SQLITE_ROW)
            break;
        store_read_item(row, &item);
        if ((unsigned)item.class >= SPOOL_CLASS_COUNT) {
            code = SQLITE_CORRUPT;
            break;
        }
        counts->waiting[item.class]++;
        counts->bytes += item_size(&item);
        if (item.id < first) {
            first = item.id;
            counts->oldest_utc_ns = item.created_utc_ns;
        }
        if (each)
            each(context, &item);
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? SQLITE_OK : code;
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

static enum atalaya_result inspect(sqlite3 *handle, spool_item_sink *each, void *context,
                                   struct spool_counts *counts)
{
    int64_t application = 0, version = 0;
    sqlite3_busy_timeout(handle, 2000);
    int code = database_number(handle, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = database_number(handle, "PRAGMA user_version", &version);
    if (code == SQLITE_OK && (application != SPOOL_APPLICATION_ID || version > SPOOL_SCHEMA_VERSION))
        return ATALAYA_E_UNSUPPORTED;
    if (code == SQLITE_OK) /* one view for all that follows */
        code = database_execute(handle, "BEGIN");
    if (code == SQLITE_OK)
        code = inspect_items(handle, each, context, counts);
    if (code == SQLITE_OK)
        code = inspect_dropped(handle, counts);
    if (code == SQLITE_OK)
        return ATALAYA_OK;
    return database_is_damage(code) ? ATALAYA_E_FORMAT : ATALAYA_E_IO;
}

enum atalaya_result spool_inspect(const char *path, spool_item_sink *each, void *context,
                                  struct spool_counts *counts)
{
    sqlite3 *handle = NULL;
    *counts = (struct spool_counts){0};
    enum atalaya_result result = ATALAYA_E_IO;
    if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
        result = inspect(handle, each, context, counts);
    sqlite3_close(handle);
    return result;
}
