/* SPDX-License-Identifier: Apache-2.0 */
#include "spool_fixture.h"

#include <assert.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct spool_fixture *fixture_create(unsigned brokers)
{
    struct spool_fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    const char *below = getenv("TMPDIR");
    snprintf(fixture->folder, sizeof fixture->folder, "%s/atalaya spool XXXXXX", below ? below : "/tmp");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->config.spool.path, sizeof fixture->config.spool.path, "%s/deep er/spool.db",
             fixture->folder);
    fixture->config.spool.limit_bytes = 16 << 20;
    fixture->config.spool.reserve_bytes = 4 << 20;
    fixture->config.spool.audit_limit_bytes = 256 << 20;
    fixture->config.spool.batch_s = 1;
    fixture->config.broker_count = brokers;
    for (unsigned b = 0; b < brokers; b++)
        snprintf(fixture->config.broker[b].name, sizeof fixture->config.broker[b].name, "b%u", b);
    return fixture;
}

void fixture_destroy(struct spool_fixture *fixture)
{
    char command[200];
    fixture_close(fixture);
    snprintf(command, sizeof command, "rm -rf '%s'", fixture->folder);
    assert_int_equal(system(command), 0);
    free(fixture);
}

int fixture_set_up(void **state)
{
    struct spool_fixture *fixture = fixture_create(2);
    fixture_open(fixture);
    *state = fixture;
    return 0;
}

int fixture_tear_down(void **state)
{
    fixture_destroy(*state);
    return 0;
}

void fixture_open(struct spool_fixture *fixture)
{
    assert_int_equal(spool_open(&fixture->config, &fixture->spool), ATALAYA_OK);
}

void fixture_close(struct spool_fixture *fixture)
{
    spool_close(fixture->spool);
    fixture->spool = NULL;
}

enum atalaya_result fixture_append(struct spool_fixture *fixture, enum spool_class class, const char *topic,
                                   const char *payload, int64_t *id)
{
    struct spool_item item = {.class = class, .topic = topic, .payload = payload, .length = strlen(payload)};
    enum atalaya_result result = spool_append(fixture->spool, &item);
    if (id)
        *id = item.id;
    return result;
}

void seen_add(void *context, const struct spool_item *item)
{
    struct seen *seen = context;
    assert_true(seen->count < FIXTURE_SEEN_MAX);
    size_t i = seen->count++;
    seen->id[i] = item->id;
    seen->class[i] = item->class;
    snprintf(seen->topic[i], sizeof seen->topic[i], "%s", item->topic);
    snprintf(seen->payload[i], sizeof seen->payload[i], "%.*s", (int)item->length,
             (const char *)item->payload);
}

void fixture_read(struct spool_fixture *fixture, const char *broker, struct seen *seen)
{
    struct spool_reader *reader;
    assert_int_equal(spool_reader_open(fixture->config.spool.path, broker, &reader), ATALAYA_OK);
    memset(seen, 0, sizeof *seen);
    size_t count, last;
    do {
        last = seen->count;
        assert_int_equal(spool_reader_next(reader, seen->id, seen->count, 256, seen_add, seen, &count),
                         ATALAYA_OK);
        assert_int_equal(count, seen->count - last);
    } while (count > 0);
    spool_reader_close(reader);
}

int64_t fixture_number(const char *path, const char *sql)
{
    sqlite3 *handle;
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    return value;
}

void fixture_empty(const struct spool_fixture *fixture)
{
    char folder[300], path[600];
    snprintf(folder, sizeof folder, "%s/deep er", fixture->folder);
    DIR *all = opendir(folder);
    for (struct dirent *entry; all && (entry = readdir(all));) {
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.')
            assert_int_equal(unlink(path), 0);
    }
    if (all)
        closedir(all);
}
