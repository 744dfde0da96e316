/* SPDX-License-Identifier: Apache-2.0 */
/* A database that is read as if its first page were whole. That page says of what kind the file is, how
 * large, and where each table begins; it is written as often as any. What is read in its place is the first
 * page of a new spool: tables begin there where they do in every spool that was not migrated. It says nothing
 * of the map of pages (auto_vacuum), which SQLite believes more than the pages themselves. */
#include "spool/first_page.h"

#include <string.h>

#include "spool/private.h"

/* https://www.sqlite.org/fileformat.html#the_database_header: offsets */
enum { VERSIONS = 18, SIZE = 28, LARGEST_ROOT = 52, INCREMENTAL = 64 };
static const char base_name[] = "unix-none", mark[16] = "SQLite format 3";

/* Lies behind the file of "unix-none". */
struct substitute {
    sqlite3_io_methods methods; /* those of the file, but for one */
    const sqlite3_io_methods *base;
    const uint8_t *page;
    bool is_database;
};

static size_t file_size(const sqlite3_vfs *base)
{
    const size_t to = _Alignof(max_align_t);
    return ((size_t)base->szOsFile + to - 1) / to * to;
}

static struct substitute *substitute_of(sqlite3_file *file)
{
    return (struct substitute *)(void *)((uint8_t *)file + file_size(sqlite3_vfs_find(base_name)));
}

/* In the log it is known by its mark, with which no other page begins. */
static int read_file(sqlite3_file *file, void *to, int amount, sqlite3_int64 at)
{
    const struct substitute *substitute = substitute_of(file);
    int code = substitute->base->xRead(file, to, amount, at);
    if (substitute->is_database && at >= 0 && at < FIRST_PAGE_BYTES) {
        int there = FIRST_PAGE_BYTES - (int)at;
        memcpy(to, substitute->page + at, (size_t)(amount < there ? amount : there));
        return amount <= there ? SQLITE_OK : code;
    }
    if (code == SQLITE_OK && amount == FIRST_PAGE_BYTES && memcmp(to, mark, sizeof mark) == 0)
        memcpy(to, substitute->page, FIRST_PAGE_BYTES);
    return code;
}

static int open_file(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *out_flags)
{
    sqlite3_vfs *base = sqlite3_vfs_find(base_name);
    int code = base->xOpen(base, path, file, flags, out_flags);
    if (code != SQLITE_OK || !file->pMethods)
        return code;
    struct substitute *substitute = substitute_of(file);
    *substitute = (struct substitute){.methods = *file->pMethods,
                                      .base = file->pMethods,
                                      .page = vfs->pAppData,
                                      .is_database = flags & SQLITE_OPEN_MAIN_DB};
    substitute->methods.xRead = read_file;
    file->pMethods = &substitute->methods;
    return SQLITE_OK;
}

/* The number of pages is left to the size of the file, or the log. */
static int make_page(uint8_t page[static FIRST_PAGE_BYTES])
{
    sqlite3 *model = NULL;
    sqlite3_int64 size = 0;
    int code = sqlite3_open_v2(":memory:", &model, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = database_execute(model, "PRAGMA auto_vacuum = INCREMENTAL");
    if (code == SQLITE_OK)
        code = schema_prepare(model);
    uint8_t *bytes = code == SQLITE_OK ? sqlite3_serialize(model, "main", &size, 0) : NULL;
    if (bytes && size > FIRST_PAGE_BYTES && memcmp(bytes, mark, sizeof mark) == 0) {
        memcpy(page, bytes, FIRST_PAGE_BYTES);
        memset(page + VERSIONS, 2, 2); /* with a log */
        memset(page + SIZE, 0, 4);
        memset(page + LARGEST_ROOT, 0, 4);
        memset(page + INCREMENTAL, 0, 4);
    } else if (code == SQLITE_OK) {
        code = SQLITE_NOMEM;
    }
    sqlite3_free(bytes);
    sqlite3_close(model);
    return code;
}

int first_page_open(struct first_page *first, const char *path, sqlite3 **handle)
{
    const sqlite3_vfs *base = sqlite3_vfs_find(base_name);
    *handle = NULL;
    if (!base)
        return SQLITE_ERROR;
    int code = make_page(first->page);
    if (code != SQLITE_OK)
        return code;
    first->vfs = *base;
    first->vfs.pNext = NULL;
    first->vfs.zName = "atalaya-first-page";
    first->vfs.szOsFile = (int)(file_size(base) + sizeof(struct substitute));
    first->vfs.pAppData = first->page;
    first->vfs.xOpen = open_file;
    code = sqlite3_vfs_register(&first->vfs, 0);
    return code == SQLITE_OK ? database_open_alone(path, first->vfs.zName, handle) : code;
}

void first_page_close(struct first_page *first, sqlite3 *handle)
{
    sqlite3_close(handle);
    if (first->vfs.zName)
        sqlite3_vfs_unregister(&first->vfs);
    first->vfs.zName = NULL;
}
