/* SPDX-License-Identifier: Apache-2.0 */
/* A link thread's view: memory and disk merged in delivery order. An item goes from memory to disk and never
 * back, so memory is looked at first: it may then be seen twice (and is told apart by its id), never missed.
 */
#include "spool/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "atalaya/gateway/log.h"

struct spool_reader {
    struct share *share;
    char broker[CONFIG_NAME_MAX];
    sqlite3 *handle;
    sqlite3_stmt *waiting;
    uint64_t generation;
    struct held_item *pinned[READ_MAX];
    size_t pinned_count;
    int64_t skip[IN_FLIGHT_MAX + TAKEN_MAX];
    size_t skip_count;
};

static const char waiting_sql[] =
    "SELECT " STORE_ITEM_COLUMNS " FROM claim CROSS JOIN item ON item.id = claim.item "
    "WHERE claim.broker = (SELECT id FROM broker WHERE name = ?1) ORDER BY claim.class, claim.item";

enum atalaya_result spool_reader_open(const char *path, const char *broker, struct spool_reader **out)
{
    *out = NULL;
    if (!path[0] || strlen(path) >= CONFIG_PATH_MAX || strlen(broker) >= CONFIG_NAME_MAX)
        return ATALAYA_E_ARGUMENT;
    struct spool_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return ATALAYA_E_MEMORY;
    snprintf(reader->broker, sizeof reader->broker, "%s", broker);
    reader->share = share_get(path);
    if (!reader->share) {
        free(reader);
        return ATALAYA_E_MEMORY;
    }
    *out = reader;
    return ATALAYA_OK;
}

static void disk_close(struct spool_reader *reader)
{
    sqlite3_finalize(reader->waiting);
    sqlite3_close(reader->handle);
    reader->waiting = NULL;
    reader->handle = NULL;
}

/* alone: nobody else has it open. */
static int disk_open(struct spool_reader *reader, bool alone)
{
    /* Not SQLITE_OPEN_READONLY beside a writer: that cannot open a log whose index is not there yet. */
    int code = alone ? database_open_alone(reader->share->path, NULL, &reader->handle)
                     : sqlite3_open_v2(reader->share->path, &reader->handle,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(reader->handle, 1);
        sqlite3_busy_timeout(reader->handle, BUSY_WAIT_MS);
        code = database_execute(reader->handle, "PRAGMA query_only = ON; PRAGMA cache_size = -512");
    }
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v3(reader->handle, waiting_sql, -1, SQLITE_PREPARE_PERSISTENT,
                                  &reader->waiting, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(reader->waiting, 1, reader->broker, -1, SQLITE_STATIC);
    return code;
}

/* Reads the next waiting row that may be sent; SQLITE_DONE at the end. */
static int disk_next(struct spool_reader *reader, struct spool_item *item)
{
    int code;
    while ((code = sqlite3_step(reader->waiting)) == SQLITE_ROW) {
        store_read_item(reader->waiting, item);
        if (ids_contain(reader->skip, reader->skip_count, item->id))
            continue;
        return (unsigned)item->class < SPOOL_CLASS_COUNT ? SQLITE_ROW : SQLITE_CORRUPT;
    }
    return code;
}

static int disk_begin(struct spool_reader *reader, uint64_t generation, bool alone, struct spool_item *item)
{
    int code = SQLITE_OK;
    if (reader->handle && (alone || reader->generation != generation))
        disk_close(reader);
    if (!reader->handle) {
        code = disk_open(reader, alone);
        if (code != SQLITE_OK)
            disk_close(reader);
        else
            reader->generation = generation;
    }
    return code == SQLITE_OK ? disk_next(reader, item) : code;
}

/* Copies the ids to pass over. False: this broker took so much that is not on disk yet that no more can be
 * told apart from it, and the disk has to wait. */
static bool skip_collect(struct spool_reader *reader, const int64_t *in_flight, size_t count,
                         uint64_t *generation)
{
    struct share *share = reader->share;
    bool room = true;
    if (count > 0)
        memcpy(reader->skip, in_flight, count * sizeof *in_flight);
    reader->skip_count = count;
    share_lock(share);
    *generation = share->generation;
    int broker = share_broker(share, reader->broker);
    unsigned taken = broker >= 0 ? share->taken_count[broker] : 0;
    for (unsigned i = 0; i < taken; i++)
        reader->skip[reader->skip_count++] = share->taken[broker][i].id;
    room = taken < TAKEN_MAX;
    share_unlock(share);
    ids_sort(reader->skip, reader->skip_count);
    return room;
}

static void pin(struct spool_reader *reader, size_t max)
{
    struct share *share = reader->share;
    reader->pinned_count = 0;
    share_lock(share);
    int broker = share_broker(share, reader->broker);
    for (int class = 0; broker >= 0 && class < SPOOL_CLASS_COUNT; class ++) {
        struct held_item *held;
        TAILQ_FOREACH (held, &share->held, next) {
            if (reader->pinned_count == max)
                break;
            if ((int)held->item.class != class || !(held->claims & ~held->taken & 1u << broker) ||
                ids_contain(reader->skip, reader->skip_count, held->item.id))
                continue;
            held->pins++;
            reader->pinned[reader->pinned_count++] = held;
        }
    }
    share_unlock(share);
}

static void unpin(struct spool_reader *reader)
{
    share_lock(reader->share);
    for (size_t i = 0; i < reader->pinned_count; i++)
        held_unpin(reader->pinned[i]);
    share_unlock(reader->share);
    reader->pinned_count = 0;
}

/* < 0: a is delivered before b. */
static int order(const struct spool_item *a, const struct spool_item *b)
{
    if (a->class != b->class)
        return a->class < b->class ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* `code` and `row`: where disk_begin left off. */
static int merge(struct spool_reader *reader, int code, struct spool_item *row, size_t max,
                 spool_item_sink *each, void *context, size_t *count)
{
    size_t pinned = 0;
    while (*count < max) {
        bool memory = pinned < reader->pinned_count, disk = code == SQLITE_ROW;
        if (!memory && !disk)
            break;
        const struct spool_item *held = memory ? &reader->pinned[pinned]->item : NULL;
        int which = !memory ? 1 : !disk ? -1 : order(held, row);
        each(context, which <= 0 ? held : row);
        (*count)++;
        if (which <= 0)
            pinned++;
        if (disk && which >= 0)
            code = disk_next(reader, row);
    }
    return code;
}

static enum atalaya_result judge(struct spool_reader *reader, int code)
{
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        return ATALAYA_OK;
    log_warning("spool %s cannot be read for broker %s (%s); %s", reader->share->path, reader->broker,
                sqlite3_errstr(code), fault_advice(code));
    if (database_is_damage(code)) {
        share_lock(reader->share);
        reader->share->damage_seen = true;
        share_unlock(reader->share);
    }
    disk_close(reader);
    return ATALAYA_E_IO;
}

enum atalaya_result spool_reader_next(struct spool_reader *reader, const int64_t *in_flight,
                                      size_t in_flight_count, size_t max, spool_item_sink *each,
                                      void *context, size_t *count)
{
    *count = 0;
    if (in_flight_count > IN_FLIGHT_MAX)
        return ATALAYA_E_ARGUMENT;
    if (max > READ_MAX)
        max = READ_MAX;
    if (max == 0)
        return ATALAYA_OK;
    uint64_t generation;
    struct spool_item row;
    /* On a disk that is full or read only SQLite cannot make the index that readers of a log share; nor may
     * one that it could open bar the writer's way. */
    bool alone = share_enter_alone(reader->share);
    bool room = skip_collect(reader, in_flight, in_flight_count, &generation);
    pin(reader, max);
    int code = room ? disk_begin(reader, generation, alone, &row) : SQLITE_DONE;
    code = merge(reader, code, &row, max, each, context, count);
    unpin(reader);
    sqlite3_reset(reader->waiting); /* ends the read transaction; its code was judged by the step */
    enum atalaya_result result = judge(reader, code);
    if (alone) {
        disk_close(reader);
        share_leave_alone(reader->share);
    }
    return result;
}

/* Else it would be sent over and over until the main thread comes to it. */
static void note_at_item(struct share *share, unsigned broker, int64_t id)
{
    struct held_item *held;
    TAILQ_FOREACH (held, &share->held, next)
        if (held->item.id == id)
            held->taken |= 1u << broker;
}

void spool_reader_taken(struct spool_reader *reader, const int64_t *ids, size_t count)
{
    struct share *share = reader->share;
    share_lock(share);
    int broker = share_broker(share, reader->broker);
    for (size_t i = 0; broker >= 0 && i < count; i++)
        if (!share_take(share, (unsigned)broker, ids[i], false))
            note_at_item(share, (unsigned)broker, ids[i]);
    share_unlock(share);
}

void spool_reader_close(struct spool_reader *reader)
{
    if (!reader)
        return;
    disk_close(reader);
    share_put(reader->share);
    free(reader);
}
