/* SPDX-License-Identifier: Apache-2.0 */
/* What can still be read of a damaged database goes into the new one: brokers, what waits for them, states.
 * Rows that a bad page hides are passed over. Distress comes first, and all of it has an end in time, for the
 * main thread does it. What is not certain is sent again: an item whose claims cannot be read is for
 * everybody, and has the id by which a reader knows it. */
#include "spool/private.h"

#include <string.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/log.h"
#include "utf8.h"

enum { FORMER_BROKERS_MAX = 64, ROWS_OF_A_PAGE = 64 };
static const int64_t most_ns = INT64_C(4000000000);

struct salvage {
    struct database *to;
    sqlite3 *from;
    int code; /* of the new database */
    bool partly;
    int64_t end_ns;
    struct former_broker {
        int64_t id;
        char name[CONFIG_NAME_MAX];
    } broker[FORMER_BROKERS_MAX];
    unsigned broker_count;
    sqlite3_stmt *claim; /* NULL: who has still to take an item is not known */
    unsigned items, distress, states;
};

/* Takes a row over. */
typedef void salvage_row(struct salvage *salvage, sqlite3_stmt *row);

static bool goes_on(const struct salvage *salvage)
{
    return salvage->code == SQLITE_OK && clock_mono_ns() < salvage->end_ns;
}

/* Rows behind ?1 by the number in their first column. Where one cannot be read, the search goes on farther
 * and farther behind the last that could. */
static void scan(struct salvage *salvage, const char *sql, salvage_row *take)
{
    sqlite3_stmt *row = NULL;
    int64_t last = 0, gap = 0;
    int code = sqlite3_prepare_v2(salvage->from, sql, -1, &row, NULL);
    while (row && code != SQLITE_DONE && gap < INT64_MAX / 2 - last && goes_on(salvage)) {
        sqlite3_reset(row);
        sqlite3_bind_int64(row, 1, last + gap);
        while (goes_on(salvage) && (code = sqlite3_step(row)) == SQLITE_ROW) {
            if (sqlite3_column_int64(row, 0) <= last) /* pages that lead back */
                break;
            last = sqlite3_column_int64(row, 0);
            gap = 0;
            take(salvage, row);
        }
        salvage->partly |= code != SQLITE_DONE;
        gap = gap < ROWS_OF_A_PAGE ? gap + 1 : 2 * gap;
    }
    sqlite3_finalize(row);
    salvage->partly |= code != SQLITE_DONE;
}

static void take_broker(struct salvage *salvage, sqlite3_stmt *row)
{
    const char *name = (const char *)sqlite3_column_text(row, 1);
    if (!name || salvage->broker_count == FORMER_BROKERS_MAX)
        return;
    struct former_broker *broker = &salvage->broker[salvage->broker_count++];
    broker->id = sqlite3_column_int64(row, 0);
    utf8_copy(broker->name, sizeof broker->name, name);
}

static bool is_text(const void *bytes, size_t length)
{
    uint32_t point;
    for (size_t at = 0, n; at < length; at += n)
        if ((n = utf8_read((const char *)bytes + at, length - at, &point)) == 0)
            return false;
    return true;
}

static bool is_sound(const struct spool_item *item)
{
    size_t topic = strlen(item->topic);
    return (unsigned)item->class < SPOOL_CLASS_COUNT && topic > 0 && topic < SPOOL_TOPIC_MAX &&
           item->length <= SPOOL_PAYLOAD_MAX && is_text(item->topic, topic) &&
           is_text(item->payload, item->length);
}

static bool waits_for(struct salvage *salvage, const struct spool_item *item, int64_t broker)
{
    sqlite3_bind_int64(salvage->claim, 1, broker);
    sqlite3_bind_int64(salvage->claim, 2, (int64_t)item->class);
    sqlite3_bind_int64(salvage->claim, 3, item->id);
    int code = sqlite3_step(salvage->claim);
    sqlite3_reset(salvage->claim);
    return code != SQLITE_DONE;
}

/* Nothing lies there that somebody has not still to take: of an item without a claim the claims are lost. */
static void claim(struct salvage *salvage, const struct spool_item *item)
{
    bool known = false;
    for (unsigned pass = 0; pass < 2 && !known; pass++)
        for (unsigned b = 0; b < salvage->broker_count && salvage->code == SQLITE_OK; b++) {
            if (pass == 0 && !(salvage->claim && waits_for(salvage, item, salvage->broker[b].id)))
                continue;
            salvage->code = store_run(salvage->to, STATEMENT_CLAIM_PUT, "iii", salvage->broker[b].id,
                                      (int64_t)item->class, item->id);
            known = true;
        }
}

static void take_item(struct salvage *salvage, sqlite3_stmt *row)
{
    struct spool_item item;
    store_read_item(row, &item);
    if (!is_sound(&item)) {
        salvage->partly = true;
        return;
    }
    salvage->code = store_item_row(salvage->to, &item);
    claim(salvage, &item);
    salvage->items++;
    salvage->distress += item.class == SPOOL_DISTRESS;
}

static void take_state(struct salvage *salvage, sqlite3_stmt *row)
{
    const char *group = (const char *)sqlite3_column_text(row, 1);
    const char *key = (const char *)sqlite3_column_text(row, 2);
    const void *value = sqlite3_column_blob(row, 3);
    if (!group || !key || !value || strlen(group) >= SPOOL_TOPIC_MAX || strlen(key) >= SPOOL_TOPIC_MAX) {
        salvage->partly = true;
        return;
    }
    salvage->code = store_run(salvage->to, STATEMENT_STATE_PUT, "ttb", group, key, value,
                              (size_t)sqlite3_column_bytes(row, 3));
    salvage->states++;
}

static bool knows(const struct salvage *salvage, const char *name)
{
    for (unsigned b = 0; b < salvage->broker_count; b++)
        if (strcmp(salvage->broker[b].name, name) == 0)
            return true;
    return false;
}

/* Where one of the configuration is missing, or none is there, nobody knows who the others are. Without any
 * broker schema.c has a place-holder. */
static bool take_brokers(struct salvage *salvage, const struct spool *spool)
{
    bool known = true;
    scan(salvage, "SELECT id, name FROM broker NOT INDEXED WHERE id > ?1 ORDER BY id", take_broker);
    for (unsigned b = 0; b < spool->broker_count; b++)
        known = known && knows(salvage, spool->broker[b]);
    known = known && salvage->broker_count > 0;
    if (!known) {
        salvage->broker_count = spool->broker_count > 0 ? spool->broker_count : 1;
        memset(salvage->broker, 0, sizeof salvage->broker);
        for (unsigned b = 0; b < salvage->broker_count; b++)
            salvage->broker[b].id = b + 1;
        for (unsigned b = 0; b < spool->broker_count; b++)
            memcpy(salvage->broker[b].name, spool->broker[b], sizeof spool->broker[b]);
    }
    for (unsigned b = 0; b < salvage->broker_count && salvage->code == SQLITE_OK; b++)
        salvage->code = store_run(salvage->to, STATEMENT_BROKER_PUT, "it", salvage->broker[b].id,
                                  salvage->broker[b].name);
    return known;
}

static void take_all(struct salvage *salvage, const struct spool *spool)
{
    if (take_brokers(salvage, spool))
        sqlite3_prepare_v2(salvage->from,
                           "SELECT 1 FROM claim WHERE broker = ?1 AND class = ?2 AND item = ?3", -1,
                           &salvage->claim, NULL);
    scan(salvage,
         "SELECT " STORE_ITEM_COLUMNS " FROM item NOT INDEXED WHERE id > ?1 AND class = 0 ORDER BY id",
         take_item);
    scan(salvage, "SELECT rowid, grp, key, value FROM state NOT INDEXED WHERE rowid > ?1 ORDER BY rowid",
         take_state);
    scan(salvage,
         "SELECT " STORE_ITEM_COLUMNS " FROM item NOT INDEXED WHERE id > ?1 AND class > 0 ORDER BY id",
         take_item);
    sqlite3_finalize(salvage->claim);
}

int salvage_execute(struct spool *spool, const char *damaged)
{
    struct salvage salvage = {.to = &spool->db, .end_ns = clock_mono_ns() + most_ns};
    if (database_open_alone(damaged, &salvage.from) == SQLITE_OK &&
        database_execute(salvage.from, "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF") ==
            SQLITE_OK) {
        salvage.code = store_run(salvage.to, STATEMENT_BEGIN, "");
        if (salvage.code == SQLITE_OK)
            take_all(&salvage, spool);
        if (salvage.code == SQLITE_OK)
            salvage.code = store_run(salvage.to, STATEMENT_COMMIT, "");
    }
    sqlite3_close(salvage.from);
    if (salvage.code != SQLITE_OK)
        return salvage.code;
    if (salvage.items + salvage.states == 0)
        log_error("spool: nothing that waited or was open could be read in %s", damaged);
    else
        log_warning("spool: taken over from %s: %u items (%u of distress), %u states%s", damaged,
                    salvage.items, salvage.distress, salvage.states,
                    salvage.partly ? "; the rest could not be read" : "");
    return SQLITE_OK;
}
