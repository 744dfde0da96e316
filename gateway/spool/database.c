/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the file: folder, mode, pragmas, check, tables, statements. */
#include "spool/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "atalaya/gateway/log.h"

enum {
    PAGE_BYTES = 4096,
    SLACK_BYTES = 32 << 20, /* states, indexes, half-filled pages */
};

static const char *const statement_sql[STATEMENT_COUNT] = {
#define SPOOL_STATEMENT(name, sql) [STATEMENT_##name] = (sql),
#include "spool/statements.def"
#undef SPOOL_STATEMENT
};

int database_execute(sqlite3 *handle, const char *sql)
{
    return sqlite3_exec(handle, sql, NULL, NULL, NULL);
}

int database_number(sqlite3 *handle, const char *sql, int64_t *value)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int64(statement, 0);
    int last = sqlite3_finalize(statement);
    return code == SQLITE_ROW ? SQLITE_OK : last != SQLITE_OK ? last : SQLITE_ERROR;
}

/* A constraint that none of our rows can break is one that we never made. */
bool database_is_damage(int code)
{
    static const int codes[] = {SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CONSTRAINT, SQLITE_MISMATCH};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (code > 0 && (code & 0xff) == codes[i])
            return true;
    return false;
}

void database_make_folders(const char *path)
{
    char folder[CONFIG_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST)
            log_debug("spool: cannot make folder %s: %s", folder, strerror(errno));
        *slash = '/';
    }
}

/* SQLite would make it readable for all; its companions take over this mode. */
static int make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return SQLITE_CANTOPEN;
    close(fd);
    return SQLITE_OK;
}

/* The commit itself does not copy the log into the database: a distress must not wait for that. */
static int count_wal(void *context, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    ((struct database *)context)->wal_pages = pages;
    return SQLITE_OK;
}

static int check(sqlite3 *handle, const char *pragma)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle, pragma, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    const char *text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (code == SQLITE_ROW)
        code = text && strcmp(text, "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
    sqlite3_finalize(statement);
    return code;
}

/* All pages; and of the small tables whether their indexes say the same. */
int database_check(sqlite3 *handle)
{
    int code = check(handle, "PRAGMA quick_check(1)");
    int64_t tables = 0;
    if (code == SQLITE_OK)
        code = database_number(handle, "SELECT count(*) FROM sqlite_master WHERE name = 'broker'", &tables);
    if (code == SQLITE_OK && tables > 0) /* not in a new file */
        code = check(handle, "PRAGMA integrity_check('broker')");
    if (code == SQLITE_OK && tables > 0)
        code = check(handle, "PRAGMA integrity_check('state')");
    return code;
}

static int configure(struct spool *spool)
{
    sqlite3 *handle = spool->db.handle;
    uint64_t most = (2 * (spool->limit_bytes + spool->reserve_bytes) + SLACK_BYTES) / PAGE_BYTES;
    char text[500];
    snprintf(
        text, sizeof text,
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA journal_size_limit = 4194304; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;"
        "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2048; PRAGMA secure_delete = ON;" /* leaves.c */
        "PRAGMA max_page_count = %llu",
        most > 0xfffffffe ? 0xfffffffeULL : (unsigned long long)most);
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, BUSY_WAIT_MS);
    int code = database_execute(handle, text);
    sqlite3_wal_hook(handle, count_wal, &spool->db); /* takes the place of autocheckpoint */
    return code;
}

static int prepare(struct database *db)
{
    int code = SQLITE_OK;
    for (int i = 0; i < STATEMENT_COUNT && code == SQLITE_OK; i++)
        code = sqlite3_prepare_v3(db->handle, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                  &db->statement[i], NULL);
    return code;
}

static bool memory_is_short(void)
{
    sqlite3 *handle = NULL;
    int code = sqlite3_open_v2(":memory:", &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = database_execute(handle, "CREATE TABLE t(a); INSERT INTO t VALUES(zeroblob(100000))");
    sqlite3_close(handle);
    return code != SQLITE_OK;
}

/* Tables that are not what they were: their text asks for what no file holds, or for all the memory there is.
 */
static bool is_damaged_schema(int code)
{
    return (code & 0xff) == SQLITE_ERROR || ((code & 0xff) == SQLITE_NOMEM && !memory_is_short());
}

/* SQLite writes nothing into a file whose header asks for a later version of it than there is
 * (https://www.sqlite.org/fileformat.html#file_format_version_numbers): on a spool that is damage, or it
 * would stay so for ever. */
static bool is_locked_by_its_header(const struct spool *spool)
{
    return sqlite3_db_readonly(spool->db.handle, "main") == 1 && access(spool->path, W_OK) == 0;
}

static int open_once(struct spool *spool)
{
    struct database *db = &spool->db;
    int code = make_file(spool->path);
    if (code == SQLITE_OK)
        code = sqlite3_open_v2(spool->path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = configure(spool);
    if (code == SQLITE_OK)
        code = database_check(db->handle);
    if ((code == SQLITE_OK || (code & 0xff) == SQLITE_READONLY) && is_locked_by_its_header(spool))
        code = SQLITE_CORRUPT;
    if (code == SQLITE_OK)
        code = schema_prepare(db->handle);
    if (code == SQLITE_OK)
        code = prepare(db);
    if (code == SQLITE_OK && spool->set_aside[0])
        code = salvage_execute(spool, spool->set_aside);
    if (code == SQLITE_OK)
        code = schema_load(spool);
    if (code == SQLITE_OK) {
        spool->set_aside[0] = '\0';
    } else {
        spool->open_errno = db->handle ? sqlite3_system_errno(db->handle) : errno;
        database_close(db);
    }
    return code > 0 && is_damaged_schema(code) ? SQLITE_CORRUPT : code;
}

int database_open(struct spool *spool)
{
    database_make_folders(spool->path);
    pthread_mutex_lock(&spool->share->alone);
    spool->open_errno = 0;
    int code = damage_remember(spool);
    if (code == SQLITE_OK)
        code = open_once(spool);
    if (database_is_damage(code) && damage_set_aside(spool)) {
        spool->damaged = true;
        code = open_once(spool);
    }
    if (code == SQLITE_OK) {
        share_lock(spool->share);
        spool->share->generation++;
        spool->share->unopened = false;
        share_unlock(spool->share);
    }
    pthread_mutex_unlock(&spool->share->alone);
    return code;
}

void database_close(struct database *db)
{
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(db->statement[i]);
    sqlite3_close(db->handle);
    *db = (struct database){0};
}

int database_open_alone(const char *path, const char *vfs, sqlite3 **handle)
{
    int code =
        sqlite3_open_v2(path, handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, vfs ? vfs : "unix-none");
    return code == SQLITE_OK ? database_execute(*handle, "PRAGMA locking_mode = EXCLUSIVE") : code;
}
