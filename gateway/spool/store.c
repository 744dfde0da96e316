/* SPDX-License-Identifier: Apache-2.0 */
/* Rows in and out, and the account of them. SQLite result codes; the caller holds the transaction. */
#include "spool/private.h"

#include <stdarg.h>
#include <string.h>

static sqlite3_stmt *bind_all(struct database *db, enum statement which, const char *kinds, va_list values)
{
    sqlite3_stmt *statement = db->statement[which];
    int code = SQLITE_OK;
    for (int i = 1; kinds[i - 1] && code == SQLITE_OK; i++) {
        if (kinds[i - 1] == 'i') {
            code = sqlite3_bind_int64(statement, i, va_arg(values, int64_t));
        } else if (kinds[i - 1] == 't') {
            code = sqlite3_bind_text(statement, i, va_arg(values, const char *), -1, SQLITE_STATIC);
        } else {
            const void *bytes = va_arg(values, const void *);
            size_t length = va_arg(values, size_t);
            code = sqlite3_bind_blob64(statement, i, bytes, length, SQLITE_STATIC);
        }
    }
    return code == SQLITE_OK ? statement : NULL;
}

/* kinds: i = int64_t, t = text, b = bytes and size_t. The caller steps and resets. NULL = no memory. */
sqlite3_stmt *store_bind(struct database *db, enum statement which, const char *kinds, ...)
{
    va_list values;
    va_start(values, kinds);
    sqlite3_stmt *statement = bind_all(db, which, kinds, values);
    va_end(values);
    return statement;
}

int store_run(struct database *db, enum statement which, const char *kinds, ...)
{
    va_list values;
    va_start(values, kinds);
    sqlite3_stmt *statement = bind_all(db, which, kinds, values);
    va_end(values);
    if (!statement)
        return SQLITE_NOMEM;
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

/* One row of up to two numbers; *found tells whether there was one. */
static int numbers(sqlite3_stmt *statement, int64_t *first, int64_t *second, bool *found)
{
    if (!statement)
        return SQLITE_NOMEM;
    int code = sqlite3_step(statement);
    *found = code == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL;
    if (*found)
        *first = sqlite3_column_int64(statement, 0);
    if (*found && second)
        *second = sqlite3_column_int64(statement, 1);
    sqlite3_reset(statement);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

/* Of one that an index or a claim names: if it is not there they are damaged, and would name it for ever.
 * Claims follow by trigger. */
static int delete_item(struct database *db, int64_t id, struct usage *usage)
{
    int64_t class = 0, size = 0;
    bool found = false;
    int code = numbers(store_bind(db, STATEMENT_ITEM_SIZE, "i", id), &class, &size, &found);
    if (code != SQLITE_OK)
        return code;
    if (!found || class < 0 || class >= SPOOL_CLASS_COUNT)
        return SQLITE_CORRUPT;
    code = store_run(db, STATEMENT_ITEM_DELETE, "i", id);
    if (code == SQLITE_OK) {
        usage->items[class]--;
        usage->bytes[class] -= (uint64_t)size;
    }
    return code;
}

static int delete_replaced(struct database *db, const struct spool_item *item, struct usage *usage)
{
    for (;;) {
        int64_t id = 0;
        bool found = false;
        int code =
            numbers(store_bind(db, STATEMENT_ITEM_OLDER, "iti", (int64_t)item->class, item->topic, item->id),
                    &id, NULL, &found);
        if (code != SQLITE_OK || !found)
            return code;
        code = delete_item(db, id, usage);
        if (code != SQLITE_OK)
            return code;
        usage->replaced++;
    }
}

int store_item_row(struct database *db, const struct spool_item *item)
{
    return store_run(db, STATEMENT_ITEM_PUT, "iitbiiiii", item->id, (int64_t)item->class, item->topic,
                     item->payload, item->length, (int64_t)item->retain, (int64_t)item->expiry_s,
                     item->created_utc_ns, item->created_mono_ns, (int64_t)item->boot);
}

int store_item(struct database *db, const struct held_item *held, struct usage *usage)
{
    const struct spool_item *item = &held->item;
    int code = item->replace ? delete_replaced(db, item, usage) : SQLITE_OK;
    if (code == SQLITE_OK)
        code = store_item_row(db, item);
    for (unsigned b = 0; b < db->broker_rows && code == SQLITE_OK; b++)
        if (held->claims & 1u << b)
            code =
                store_run(db, STATEMENT_CLAIM_PUT, "iii", db->broker_row[b], (int64_t)item->class, item->id);
    if (code == SQLITE_OK) {
        usage->items[item->class]++;
        usage->bytes[item->class] += item_size(item);
    }
    return code;
}

int store_taken(struct database *db, unsigned broker, int64_t id, struct usage *usage)
{
    int64_t class = 0, size = 0, one = 0;
    bool found = false;
    int code = numbers(store_bind(db, STATEMENT_ITEM_SIZE, "i", id), &class, &size, &found);
    if (code != SQLITE_OK || !found)
        return code; /* dropped or replaced meanwhile */
    code = store_run(db, STATEMENT_CLAIM_DELETE, "iii", db->broker_row[broker], class, id);
    if (code != SQLITE_OK || sqlite3_changes(db->handle) == 0)
        return code;
    usage->delivered++;
    code = numbers(store_bind(db, STATEMENT_CLAIM_LEFT, "ii", class, id), &one, NULL, &found);
    return code == SQLITE_OK && !found ? delete_item(db, id, usage) : code;
}

int store_put(struct database *db, const struct held_put *put, struct usage *usage)
{
    int64_t size = 0;
    bool found = false;
    int code = numbers(store_bind(db, STATEMENT_STATE_SIZE, "tt", put->group, put->key), &size, NULL, &found);
    if (code != SQLITE_OK)
        return code;
    usage->state_bytes -= found ? (uint64_t)size : 0;
    if (!put->value)
        return store_run(db, STATEMENT_STATE_DELETE, "tt", put->group, put->key);
    usage->state_bytes += strlen(put->key) + put->length;
    return store_run(db, STATEMENT_STATE_PUT, "ttb", put->group, put->key, put->value, put->length);
}

int store_drop_oldest(struct database *db, enum spool_class class, struct usage *usage, bool *dropped)
{
    int64_t oldest = INT64_MAX;
    for (unsigned b = 0; b < db->broker_rows; b++) {
        int64_t id = 0;
        bool found = false;
        int code = numbers(store_bind(db, STATEMENT_CLAIM_FIRST, "ii", db->broker_row[b], (int64_t) class),
                           &id, NULL, &found);
        if (code != SQLITE_OK)
            return code;
        if (found && id < oldest)
            oldest = id;
    }
    *dropped = oldest != INT64_MAX;
    if (!*dropped)
        return SQLITE_OK;
    usage->dropped[class]++;
    return delete_item(db, oldest, usage);
}

void store_read_item(sqlite3_stmt *row, struct spool_item *item)
{
    const void *payload = sqlite3_column_blob(row, 3);
    const char *topic = (const char *)sqlite3_column_text(row, 2);
    *item = (struct spool_item){
        .id = sqlite3_column_int64(row, 0),
        .class = (enum spool_class)sqlite3_column_int(row, 1),
        .topic = topic ? topic : "",
        .payload = payload ? payload : "",
        .length = payload ? (size_t)sqlite3_column_bytes(row, 3) : 0,
        .retain = sqlite3_column_int(row, 4) != 0,
        .expiry_s = (uint32_t)sqlite3_column_int64(row, 5),
        .created_utc_ns = sqlite3_column_int64(row, 6),
        .created_mono_ns = sqlite3_column_int64(row, 7),
        .boot = (uint64_t)sqlite3_column_int64(row, 8),
    };
}
