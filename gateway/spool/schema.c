/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, and what changes in them when a run begins. */
#include "spool/private.h"

#include <stdio.h>
#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"

enum { VERSION_MAX = 1000 }; /* that any gateway to come may have */

/* claim: who has not taken an item yet; its key is the order of delivery. */
static const char tables[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE item(id INTEGER PRIMARY KEY AUTOINCREMENT, class INTEGER NOT NULL, topic TEXT NOT NULL,"
    " payload BLOB NOT NULL, retain INTEGER NOT NULL, expiry_s INTEGER NOT NULL,"
    " created_utc_ns INTEGER NOT NULL, created_mono_ns INTEGER NOT NULL, boot INTEGER NOT NULL);"
    "CREATE INDEX item_topic ON item(class, topic) WHERE class IN (0, 3);" /* ITEM_OLDER */
    "CREATE TABLE broker(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE claim(broker INTEGER NOT NULL, class INTEGER NOT NULL, item INTEGER NOT NULL,"
    " PRIMARY KEY(broker, class, item)) WITHOUT ROWID;"
    "CREATE TRIGGER item_gone AFTER DELETE ON item BEGIN"
    " DELETE FROM claim WHERE broker IN (SELECT id FROM broker) AND class = old.class AND item = old.id; END;"
    "CREATE TABLE state(grp TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY(grp, key));"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "PRAGMA application_id = 1096043609;" /* SPOOL_APPLICATION_ID */
    "PRAGMA user_version = 2;"            /* SPOOL_SCHEMA_VERSION */
    "COMMIT";

/* Version 1 had every item in the index: two thirds of what a full spool wrote. */
static const char from_1_to_2[] = "BEGIN IMMEDIATE;"
                                  "DROP INDEX item_topic;"
                                  "CREATE INDEX item_topic ON item(class, topic) WHERE class IN (0, 3);"
                                  "PRAGMA user_version = 2;"
                                  "COMMIT";

/* All or nothing; what waits stays as it is. A disk that cannot be written is no reason not to read it: all
 * works with the old index too, and the next opening tries again. */
static int migrate(sqlite3 *handle)
{
    int code = database_execute(handle, from_1_to_2);
    if (code != SQLITE_OK && !sqlite3_get_autocommit(handle))
        sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL); /* the next attempt begins anew */
    return database_is_damage(code) ? code : SQLITE_OK;
}

/* Marks in the header that no gateway ever wrote: on a spool they are damage, on anything else somebody's. */
static int judge_marks(sqlite3 *handle, int64_t application, int64_t version)
{
    int64_t known = 0;
    int code = database_number(handle,
                               "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN "
                               "('item', 'broker', 'claim', 'state', 'meta')",
                               &known);
    if (code != SQLITE_OK)
        return code;
    if (known == 5 && (application != SPOOL_APPLICATION_ID || version < 0 || version > VERSION_MAX))
        return SQLITE_CORRUPT;
    return application != SPOOL_APPLICATION_ID ? DATABASE_FOREIGN : DATABASE_NEWER;
}

int schema_prepare(sqlite3 *handle)
{
    int64_t version = 0, application = 0, objects = 0;
    int code = database_number(handle, "PRAGMA user_version", &version);
    if (code == SQLITE_OK)
        code = database_number(handle, "PRAGMA application_id", &application);
    if (code == SQLITE_OK)
        code = database_number(handle, "SELECT count(*) FROM sqlite_master", &objects);
    if (code != SQLITE_OK)
        return code;
    if (objects == 0 && application == 0)
        return database_execute(handle, tables);
    if (application != SPOOL_APPLICATION_ID || version < 0 || version > SPOOL_SCHEMA_VERSION)
        return judge_marks(handle, application, version);
    return version == 1 ? migrate(handle) : SQLITE_OK;
}

static int broker_row(struct database *db, const char *name, int64_t *row)
{
    sqlite3_stmt *find = NULL;
    int code = sqlite3_prepare_v2(db->handle,
                                  "INSERT INTO broker(name) VALUES(?1) "
                                  "ON CONFLICT(name) DO UPDATE SET name = name RETURNING id",
                                  -1, &find, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(find, 1, name, -1, SQLITE_STATIC);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(find);
        if (code == SQLITE_ROW)
            *row = sqlite3_column_int64(find, 0);
    }
    sqlite3_finalize(find);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Marks the configured brokers in a temporary table; *known tells how many of them were here before. */
static int brokers_mark(struct spool *spool, int64_t *known)
{
    struct database *db = &spool->db;
    int64_t last = 0;
    int code = database_number(db->handle, "SELECT ifnull(max(id), 0) FROM broker", &last);
    if (code == SQLITE_OK)
        code = database_execute(db->handle, "CREATE TEMP TABLE IF NOT EXISTS here(id INTEGER PRIMARY KEY);"
                                            "DELETE FROM here");
    *known = last == 0 ? 1 : 0; /* a new spool has nothing to inherit */
    db->broker_rows = spool->broker_count > 0 ? spool->broker_count : 1;
    for (unsigned b = 0; b < db->broker_rows && code == SQLITE_OK; b++) {
        code = broker_row(db, spool->broker_count > 0 ? spool->broker[b] : "", &db->broker_row[b]);
        *known += db->broker_row[b] <= last;
        char text[80];
        snprintf(text, sizeof text, "INSERT INTO here VALUES(%lld)", (long long)db->broker_row[b]);
        if (code == SQLITE_OK)
            code = database_execute(db->handle, text);
    }
    return code;
}

/* A broker that left the configuration loses its claims. When none of the former brokers is left (the only
 * one was renamed, or a site got its first), the new ones inherit what waited: nothing a crew said goes lost
 * by an edit of the configuration. */
static int brokers_settle(struct spool *spool)
{
    int64_t known = 0;
    int code = brokers_mark(spool, &known);
    if (code == SQLITE_OK && known == 0)
        code = database_execute(spool->db.handle, "INSERT OR IGNORE INTO claim(broker, class, item) "
                                                  "SELECT here.id, item.class, item.id FROM item, here");
    if (code == SQLITE_OK)
        code = database_execute(
            spool->db.handle,
            "DELETE FROM claim WHERE broker IN "
            "(SELECT id FROM broker WHERE id NOT IN (SELECT id FROM here));"
            "DELETE FROM broker WHERE id NOT IN (SELECT id FROM here);"
            "DELETE FROM item WHERE NOT EXISTS (SELECT 1 FROM broker CROSS JOIN claim ON "
            "claim.broker = broker.id AND claim.class = item.class AND claim.item = item.id)");
    return code;
}

int schema_begin_run(struct spool *spool)
{
    struct database *db = &spool->db;
    int64_t boot = 0;
    int code = store_run(db, STATEMENT_BEGIN, "");
    if (code == SQLITE_OK)
        code = database_number(db->handle, "SELECT ifnull((SELECT value FROM meta WHERE key = 'boot'), 0)",
                               &boot);
    if (code == SQLITE_OK) {
        if (spool->boot == 0 && boot == 0)
            boot_miss(spool);
        if (spool->boot <= (uint64_t)boot) /* a run that began without a disk keeps its larger number */
            spool->boot = boot_after(spool, (uint64_t)boot);
        code = store_run(db, STATEMENT_META_PUT, "ti", "boot", (int64_t)spool->boot);
    }
    if (code == SQLITE_OK)
        code = brokers_settle(spool);
    struct usage usage = spool->usage;
    if (code == SQLITE_OK)
        code = schema_count(spool, &usage);
    if (code == SQLITE_OK)
        code = store_run(db, STATEMENT_COMMIT, "");
    if (code == SQLITE_OK) {
        spool->usage = usage;
        spool->begun = true;
        boot_write_witness(spool);
    }
    if (code != SQLITE_OK && !sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

int schema_count(struct spool *spool, struct usage *usage)
{
    memset(usage->items, 0, sizeof usage->items);
    memset(usage->bytes, 0, sizeof usage->bytes);
    sqlite3_stmt *row = NULL;
    /* Summed up here: the database would sort everything in memory first. */
    int code = sqlite3_prepare_v2(spool->db.handle,
                                  "SELECT class, length(CAST(topic AS BLOB)) + length(payload) FROM item", -1,
                                  &row, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(row);
        int class = code == SQLITE_ROW ? sqlite3_column_int(row, 0) : -1;
        if (code == SQLITE_ROW && (class < 0 || class >= SPOOL_CLASS_COUNT))
            code = SQLITE_CORRUPT;
        if (code == SQLITE_ROW) {
            usage->items[class]++;
            usage->bytes[class] += (uint64_t)sqlite3_column_int64(row, 1);
        }
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int schema_load(struct spool *spool)
{
    sqlite3 *handle = spool->db.handle;
    struct usage usage = {.delivered = spool->usage.delivered};
    int64_t number = 0;
    int code = schema_count(spool, &usage);
    if (code == SQLITE_OK)
        code = database_number(
            handle, "SELECT ifnull(sum(length(CAST(key AS BLOB)) + length(value)), 0) FROM state", &number);
    usage.state_bytes = (uint64_t)number;
    for (int class = 0; class < SPOOL_CLASS_COUNT && code == SQLITE_OK; class ++) {
        char text[120];
        snprintf(text, sizeof text, "SELECT ifnull((SELECT value FROM meta WHERE key = 'dropped_%s'), 0)",
                 spool_class_text((enum spool_class) class));
        code = database_number(handle, text, &number);
        usage.dropped[class] = (uint64_t)number + spool->usage.dropped[class];
    }
    if (code == SQLITE_OK)
        code = database_number(
            handle, "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'item'), 0)", &number);
    if (code == SQLITE_OK && number >= SPOOL_ID_MAX)
        code = SQLITE_CORRUPT;
    if (code == SQLITE_OK) {
        spool->usage = usage;
        spool->next_id = number >= spool->next_id ? number + 1 : spool->next_id;
    }
    return code;
}
