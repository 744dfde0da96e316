/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a damaged database into the new one. What is not certain is sent again: an item whose claims cannot
 * be read is for everybody, and has the id by which a reader knows it. */
#include <string.h>

#include "spool/salvage.h"
#include "utf8.h"

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
    return item->id > 0 && item->id < SPOOL_ID_MAX && (unsigned)item->class < SPOOL_CLASS_COUNT &&
           topic > 0 && topic < SPOOL_TOPIC_MAX && item->length <= SPOOL_PAYLOAD_MAX &&
           is_text(item->topic, topic) && is_text(item->payload, item->length);
}

static bool is_there(sqlite3_stmt *find)
{
    bool there = find && sqlite3_step(find) == SQLITE_ROW;
    sqlite3_reset(find);
    return there;
}

/* Also where that cannot be read. */
static bool is_claimed(struct salvage *salvage, const struct spool_item *item, int64_t broker)
{
    sqlite3_bind_int64(salvage->claim, 1, broker);
    sqlite3_bind_int64(salvage->claim, 2, (int64_t)item->class);
    sqlite3_bind_int64(salvage->claim, 3, item->id);
    int code = sqlite3_step(salvage->claim);
    sqlite3_reset(salvage->claim);
    return code != SQLITE_DONE;
}

static bool is_indexed(struct salvage *salvage, const struct spool_item *item)
{
    if (item->class != SPOOL_DISTRESS && item->class != SPOOL_UNIT)
        return false;
    if (!salvage->index)
        return true;
    sqlite3_bind_int64(salvage->index, 1, (int64_t)item->class);
    sqlite3_bind_text(salvage->index, 2, item->topic, -1, SQLITE_STATIC);
    sqlite3_bind_int64(salvage->index, 3, item->id);
    int code = sqlite3_step(salvage->index);
    sqlite3_reset(salvage->index);
    return code != SQLITE_DONE;
}

/* On a page to which nothing leads, and nothing names it: delivered and deleted. */
static bool is_dead(struct salvage *salvage, const struct spool_item *item)
{
    if (!salvage->lost_pages || !salvage->claim || is_indexed(salvage, item))
        return false;
    for (unsigned b = 0; b < salvage->broker_count; b++)
        if (is_claimed(salvage, item, salvage->broker[b].id))
            return false;
    return true;
}

/* Nothing lies there that somebody has not still to take: of an item without a claim the claims are lost. */
static void claim(struct salvage *salvage, const struct spool_item *item)
{
    bool known = false;
    for (unsigned pass = 0; pass < 2 && !known; pass++)
        for (unsigned b = 0; b < salvage->broker_count && salvage->code == SQLITE_OK; b++) {
            if (pass == 0 && !(salvage->claim && is_claimed(salvage, item, salvage->broker[b].id)))
                continue;
            salvage->code = store_run(salvage->to, STATEMENT_CLAIM_PUT, "iii", salvage->broker[b].id,
                                      (int64_t)item->class, item->id);
            known = true;
        }
}

void salvage_item(struct salvage *salvage, sqlite3_stmt *row)
{
    struct spool_item item;
    store_read_item(row, &item);
    if (!is_sound(&item)) {
        salvage->partly = true;
        return;
    }
    if (is_there(store_bind(salvage->to, STATEMENT_ITEM_SIZE, "i", item.id)) || is_dead(salvage, &item))
        return;
    salvage->code = store_item_row(salvage->to, &item);
    claim(salvage, &item);
    salvage->items++;
    salvage->distress += item.class == SPOOL_DISTRESS;
}

void salvage_state(struct salvage *salvage, sqlite3_stmt *row)
{
    const char *group = (const char *)sqlite3_column_text(row, 1);
    const char *key = (const char *)sqlite3_column_text(row, 2);
    const void *value = sqlite3_column_blob(row, 3);
    if (!group || !key || !value || strlen(group) >= SPOOL_TOPIC_MAX || strlen(key) >= SPOOL_TOPIC_MAX) {
        salvage->partly = true;
        return;
    }
    if (is_there(store_bind(salvage->to, STATEMENT_STATE_SIZE, "tt", group, key)))
        return;
    salvage->code = store_run(salvage->to, STATEMENT_STATE_PUT, "ttb", group, key, value,
                              (size_t)sqlite3_column_bytes(row, 3));
    salvage->states++;
}

static void read_brokers(struct salvage *salvage)
{
    sqlite3_stmt *row = NULL;
    int64_t last = 0;
    sqlite3_prepare_v2(salvage->from, "SELECT id, name FROM broker NOT INDEXED ORDER BY id", -1, &row, NULL);
    while (row && sqlite3_step(row) == SQLITE_ROW && salvage->broker_count < FORMER_BROKERS_MAX) {
        const char *name = (const char *)sqlite3_column_text(row, 1);
        struct former_broker *broker = &salvage->broker[salvage->broker_count];
        broker->id = sqlite3_column_int64(row, 0);
        if (broker->id <= last) /* pages that lead back */
            break;
        last = broker->id;
        if (!name)
            continue;
        utf8_copy(broker->name, sizeof broker->name, name);
        salvage->broker_count++;
    }
    salvage->partly |= sqlite3_finalize(row) != SQLITE_OK;
}

static bool knows(const struct salvage *salvage, const char *name)
{
    for (unsigned b = 0; b < salvage->broker_count; b++)
        if (strcmp(salvage->broker[b].name, name) == 0)
            return true;
    return false;
}

/* Its three numbers tell it from any other table or index that a wrong root may lead to. */
static void prepare_names(struct salvage *salvage)
{
    int64_t numbers = 0;
    if (database_number(salvage->from,
                        "SELECT typeof(broker) = 'integer' AND typeof(class) = 'integer' AND "
                        "typeof(item) = 'integer' FROM claim LIMIT 1",
                        &numbers) == SQLITE_OK &&
        numbers)
        sqlite3_prepare_v2(salvage->from,
                           "SELECT 1 FROM claim WHERE broker = ?1 AND class = ?2 AND item = ?3", -1,
                           &salvage->claim, NULL);
    sqlite3_prepare_v2(salvage->from,
                       "SELECT 1 FROM item INDEXED BY item_topic WHERE class IN (0, 3) AND class = ?1 AND "
                       "topic = ?2 AND id = ?3",
                       -1, &salvage->index, NULL);
}

/* Where one of the configuration is missing, or none is there, nobody knows who the others are. Without any
 * broker schema.c has a place-holder. */
void salvage_brokers(struct salvage *salvage, const struct spool *spool)
{
    bool known = true;
    salvage->broker_count = 0;
    read_brokers(salvage);
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
    if (known)
        prepare_names(salvage);
}
