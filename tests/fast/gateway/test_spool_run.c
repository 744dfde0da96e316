/* SPDX-License-Identifier: Apache-2.0 */
/* From one run to the next: brokers come and go, states stay, batches fall due. */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sqlite3.h>
#include <cmocka.h>

#include "atalaya/gateway/clock.h"
#include "spool_fixture.h"

static struct seen seen;

static void reopen_with(struct spool_fixture *fixture, unsigned count, const char *first, const char *second)
{
    fixture_close(fixture);
    fixture->config.broker_count = count;
    strcpy(fixture->config.broker[0].name, first);
    strcpy(fixture->config.broker[1].name, second);
    fixture_open(fixture);
}

static size_t waiting(struct spool_fixture *fixture, const char *broker)
{
    fixture_read(fixture, broker, &seen);
    return seen.count;
}

static void a_broker_that_leaves_loses_its_claims_and_a_new_one_starts_empty(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    int64_t id;
    fixture_append(fixture, SPOOL_MESSAGE, "t", "for b1 alone", &id);
    fixture_append(fixture, SPOOL_MESSAGE, "t", "for both", NULL);
    spool_delivered(fixture->spool, 0, &id, 1);
    reopen_with(fixture, 2, "b0", "b2");
    assert_int_equal(waiting(fixture, "b0"), 1);
    assert_int_equal(waiting(fixture, "b2"), 0);
    assert_int_equal(waiting(fixture, "b1"), 0);
    spool_counts(fixture->spool, &counts);
    assert_int_equal(counts.waiting[SPOOL_MESSAGE], 1);
    fixture_append(fixture, SPOOL_MESSAGE, "t", "new", NULL);
    assert_int_equal(waiting(fixture, "b2"), 1);
    reopen_with(fixture, 2, "b2", "b0"); /* order in the configuration means nothing */
    assert_int_equal(waiting(fixture, "b0"), 2);
    assert_int_equal(waiting(fixture, "b2"), 1);
}

static void a_renamed_only_broker_inherits(void **state)
{
    struct spool_fixture *fixture = *state;
    reopen_with(fixture, 1, "old", "");
    fixture_append(fixture, SPOOL_DISTRESS, "t", "d", NULL);
    reopen_with(fixture, 1, "new", "");
    assert_int_equal(waiting(fixture, "new"), 1);
}

static void a_site_without_brokers_keeps_everything_for_the_first(void **state)
{
    struct spool_fixture *fixture = *state;
    reopen_with(fixture, 0, "", "");
    fixture_append(fixture, SPOOL_MESSAGE, "t", "early", NULL);
    fixture_close(fixture);
    fixture_open(fixture);
    fixture_append(fixture, SPOOL_DISTRESS, "t", "help", NULL);
    reopen_with(fixture, 2, "x", "y");
    assert_int_equal(waiting(fixture, "x"), 2);
    assert_int_equal(waiting(fixture, "y"), 2);
    assert_string_equal(seen.payload[0], "help");
}

static void a_batch_falls_due_once_and_distress_never_waits(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    int64_t due, first;
    assert_false(spool_commit_due(fixture->spool, clock_mono_ns(), &due));
    assert_true(due == INT64_MAX);
    int64_t before = clock_mono_ns();
    fixture_append(fixture, SPOOL_MESSAGE, "t", "m", NULL);
    assert_false(spool_commit_due(fixture->spool, clock_mono_ns(), &first));
    assert_true(first >= before + 1000000000 && first <= clock_mono_ns() + 1000000000);
    fixture_append(fixture, SPOOL_MESSAGE, "t", "m", NULL);
    fixture_append(fixture, SPOOL_DISTRESS, "t", "d", NULL);
    assert_false(spool_commit_due(fixture->spool, first - 1, &due));
    assert_true(due == first);
    assert_true(spool_commit_due(fixture->spool, first, &due));
    assert_int_equal(spool_inspect(fixture->config.spool.path, NULL, NULL, &counts), ATALAYA_OK);
    assert_int_equal(counts.waiting[SPOOL_DISTRESS], 1); /* on disk, alone */
    assert_int_equal(counts.waiting[SPOOL_MESSAGE], 0);
    spool_commit(fixture->spool);
    spool_inspect(fixture->config.spool.path, NULL, NULL, &counts);
    assert_int_equal(counts.waiting[SPOOL_MESSAGE], 2);
    assert_false(spool_commit_due(fixture->spool, first, &due));
    int64_t id = 1;
    before = clock_mono_ns();
    spool_delivered(fixture->spool, 0, &id, 1); /* joins a batch */
    fixture_append(fixture, SPOOL_POSITION, "t", "p", NULL);
    assert_false(spool_commit_due(fixture->spool, clock_mono_ns(), &due));
    assert_true(due >= before + SPOOL_PATIENCE * INT64_C(1000000000) && due != INT64_MAX);
    fixture_append(fixture, SPOOL_MESSAGE, "t", "m", NULL); /* hurries it */
    assert_false(spool_commit_due(fixture->spool, clock_mono_ns(), &due));
    assert_true(due <= clock_mono_ns() + INT64_C(1000000000));
}

static void collect(void *context, const char *key, const void *value, size_t length)
{
    char *text = context;
    sprintf(text + strlen(text), "%s=%.*s ", key, (int)length, (const char *)value);
}

static const char *states(struct spool_fixture *fixture, const char *group)
{
    static char text[1000];
    text[0] = '\0';
    assert_int_equal(spool_list(fixture->spool, group, collect, text), ATALAYA_OK);
    return text;
}

static void states_are_kept_replaced_listed_and_deleted(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool *spool = fixture->spool;
    assert_int_equal(spool_put(spool, SPOOL_DISTRESS, "distress", "a", "1", 1), ATALAYA_OK);
    assert_int_equal(spool_put(spool, SPOOL_UNIT, "unit", "a", "x", 1), ATALAYA_OK);
    assert_int_equal(spool_put(spool, SPOOL_UNIT, "unit", "a", "yy", 2), ATALAYA_OK);
    assert_int_equal(spool_put(spool, SPOOL_UNIT, "unit", "b", "z", 1), ATALAYA_OK);
    assert_string_equal(states(fixture, "unit"), "a=yy b=z ");
    spool_commit(spool);
    assert_int_equal(spool_put(spool, SPOOL_UNIT, "unit", "b", NULL, 0), ATALAYA_OK);
    assert_int_equal(spool_put(spool, SPOOL_UNIT, "unit", "e", "", 0), ATALAYA_OK);
    assert_string_equal(states(fixture, "unit"), "e= a=yy ");
    fixture_close(fixture);
    fixture_open(fixture);
    assert_string_equal(states(fixture, "unit"), "a=yy e= ");
    assert_string_equal(states(fixture, "distress"), "a=1 ");
    assert_string_equal(states(fixture, "nothing"), "");
}

static void a_step_is_on_disk_whole(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    struct spool_item items[2] = {
        {.class = SPOOL_DISTRESS, .topic = "distress/d", .payload = "{}", .length = 2, .replace = true},
        {.class = SPOOL_MESSAGE, .topic = "message/u", .payload = "{}", .length = 2},
    };
    assert_int_equal(spool_step(fixture->spool, "distress", "d", "raised", 6, items, 2), ATALAYA_OK);
    assert_true(items[1].id > items[0].id && items[0].id > 0);
    spool_inspect(fixture->config.spool.path, NULL, NULL, &counts);
    assert_int_equal(counts.waiting[SPOOL_DISTRESS], 1);
    assert_int_equal(counts.waiting[SPOOL_MESSAGE], 1);
    assert_string_equal(states(fixture, "distress"), "d=raised ");
    items[1].topic = "";
    assert_int_equal(spool_step(fixture->spool, "distress", "d", "cleared", 7, items, 2), ATALAYA_E_ARGUMENT);
    assert_string_equal(states(fixture, "distress"), "d=raised ");
}

static void a_damaged_file_is_set_aside_and_three_are_kept(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    fixture_append(fixture, SPOOL_MESSAGE, "t", "lost", NULL);
    for (int round = 0; round < 5; round++) {
        fixture_close(fixture);
        int fd = open(fixture->config.spool.path, O_WRONLY);
        assert_true(fd >= 0);
        if (round % 2 == 0) { /* garbage in the header; then a file cut short */
            assert_int_equal(pwrite(fd, "this is no database at all", 26, 0), 26);
        } else {
            assert_int_equal(ftruncate(fd, 4096 + 700), 0);
        }
        close(fd);
        fixture_open(fixture);
        spool_counts(fixture->spool, &counts);
        assert_true(counts.damaged);
        assert_false(counts.failing);
        assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t", "d", NULL), ATALAYA_OK);
        assert_int_equal(waiting(fixture, "b0"), round % 2 == 0 ? 2 : 1); /* what waited on other pages */
    }
    char pattern[CONFIG_PATH_MAX + 16];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s.damaged-*", fixture->config.spool.path);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 3);
    globfree(&found);
}

/* Each version of a file format that its header may tell: SQLite would read such a file and write nothing,
 * for ever. */
static void a_header_that_asks_for_another_sqlite_is_damage(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    enum { WRITE_VERSION = 18, READ_VERSION = 19 };
    fixture_append(fixture, SPOOL_DISTRESS, "t", "waits", NULL);
    for (int round = 0; round < 4; round++) {
        uint8_t version = (uint8_t)(round < 2 ? 3 : 0xff);
        fixture_close(fixture);
        int fd = open(fixture->config.spool.path, O_WRONLY);
        assert_int_equal(pwrite(fd, &version, 1, round % 2 ? READ_VERSION : WRITE_VERSION), 1);
        close(fd);
        fixture_open(fixture);
        assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t", "new", NULL), ATALAYA_OK);
        spool_counts(fixture->spool, &counts);
        assert_true(counts.damaged);
        assert_false(counts.failing);
        assert_int_equal(waiting(fixture, "b0"), 2 + round);
    }
}

static void companion(struct spool_fixture *fixture, const char *tail, char path[CONFIG_PATH_MAX + 16])
{
    snprintf(path, CONFIG_PATH_MAX + 16, "%s%s", fixture->config.spool.path, tail);
}

/* (boot, seq) names what a site says: who takes copies for copies must never take something new for one. */
static void no_run_bears_the_number_of_another(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    char path[CONFIG_PATH_MAX + 16];
    uint64_t last = spool_boot(fixture->spool);
    for (int round = 0; round < 6; round++) {
        fixture_close(fixture);
        if (round == 1 || round == 2) /* the database is emptied, or gone */
            assert_int_equal(
                round == 1 ? truncate(fixture->config.spool.path, 0) : unlink(fixture->config.spool.path), 0);
        companion(fixture, "-lock", path);
        if (round == 3) /* what is noted beside it is gone; or garbage */
            assert_int_equal(unlink(path), 0);
        if (round == 4) {
            int fd = open(path, O_WRONLY);
            assert_int_equal(write(fd, "99999999999999999999", 20), 20);
            close(fd);
        }
        fixture_open(fixture);
        assert_true(spool_boot(fixture->spool) > last);
        assert_true(spool_boot(fixture->spool) < last + 1000);
        last = spool_boot(fixture->spool);
        spool_counts(fixture->spool, &counts);
        assert_int_equal(counts.damaged, round == 1 || round == 2);
    }
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *handle;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
}

static void newer_and_foreign_databases_are_refused_untouched(void **state)
{
    struct spool_fixture *fixture = *state;
    fixture_append(fixture, SPOOL_MESSAGE, "t", "kept", NULL);
    fixture_close(fixture);
    execute(fixture->config.spool.path, "PRAGMA user_version = 3");
    assert_int_equal(spool_open(&fixture->config, &fixture->spool), ATALAYA_E_UNSUPPORTED);
    assert_null(fixture->spool);
    execute(fixture->config.spool.path, "PRAGMA user_version = 2");
    fixture_open(fixture);
    assert_int_equal(waiting(fixture, "b0"), 1);
    fixture_close(fixture);
    execute(fixture->config.spool.path, "ALTER TABLE meta RENAME TO its_own; PRAGMA application_id = 7");
    assert_int_equal(spool_open(&fixture->config, &fixture->spool), ATALAYA_E_UNSUPPORTED);
}

/* As version 1 of the schema wrote it. */
static const char old_spool[] =
    "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE;"
    "CREATE TABLE item(id INTEGER PRIMARY KEY AUTOINCREMENT, class INTEGER NOT NULL, topic TEXT NOT NULL,"
    " payload BLOB NOT NULL, retain INTEGER NOT NULL, expiry_s INTEGER NOT NULL,"
    " created_utc_ns INTEGER NOT NULL, created_mono_ns INTEGER NOT NULL, boot INTEGER NOT NULL);"
    "CREATE INDEX item_topic ON item(class, topic);"
    "CREATE TABLE broker(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE claim(broker INTEGER NOT NULL, class INTEGER NOT NULL, item INTEGER NOT NULL,"
    " PRIMARY KEY(broker, class, item)) WITHOUT ROWID;"
    "CREATE TRIGGER item_gone AFTER DELETE ON item BEGIN"
    " DELETE FROM claim WHERE broker IN (SELECT id FROM broker) AND class = old.class AND item = old.id; END;"
    "CREATE TABLE state(grp TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY(grp, key));"
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "PRAGMA application_id = 1096043609; PRAGMA user_version = 1;"
    "INSERT INTO broker VALUES(1, 'b0'), (2, 'b1'); INSERT INTO meta VALUES('boot', 41);"
    "INSERT INTO state VALUES('g', 'k', CAST('v' AS BLOB));"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
    " INSERT INTO item SELECT i, i % 5, 'topic/' || (i / 5), CAST(i AS BLOB), 0, 0, i, i, 41 FROM n;"
    "INSERT INTO claim SELECT broker.id, item.class, item.id FROM broker, item; COMMIT";

static void assert_old_items_are_read(struct spool_fixture *fixture)
{
    fixture_read(fixture, "b0", &seen);
    assert_int_equal(seen.count, 1000);
    for (size_t i = 0; i < 200; i++) {
        char payload[16];
        snprintf(payload, sizeof payload, "%zu", 5 * (i + 1));
        assert_string_equal(seen.payload[i], payload);
        assert_int_equal(seen.class[i], SPOOL_DISTRESS);
    }
}

static void assert_old_items(struct spool_fixture *fixture)
{
    struct spool_counts counts;
    spool_counts(fixture->spool, &counts);
    for (unsigned class = 0; class < SPOOL_CLASS_COUNT; class ++)
        assert_int_equal(counts.waiting[class], 200);
    assert_false(counts.damaged);
    assert_old_items_are_read(fixture);
}

static void a_full_spool_of_version_1_goes_on(void **state)
{
    struct spool_fixture *fixture = *state;
    const char *path = fixture->config.spool.path;
    fixture_close(fixture);
    assert_int_equal(unlink(path), 0);
    execute(path, old_spool);
    fixture_open(fixture);
    assert_old_items(fixture);
    assert_true(spool_boot(fixture->spool) > 41);
    /* What is replaced is found, what is not is left alone. */
    struct spool_item item = {
        .class = SPOOL_UNIT, .topic = "topic/1", .payload = "new", .length = 3, .replace = true};
    assert_int_equal(spool_append(fixture->spool, &item), ATALAYA_OK);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
    fixture_close(fixture);
    assert_int_equal(fixture_number(path, "PRAGMA user_version"), 2);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM item WHERE class = 3 AND topic = 'topic/1'"),
                     1);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM item"), 1000);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM sqlite_master WHERE name = 'item_topic' AND "
                                          "sql LIKE '%WHERE class IN (0, 3)'"),
                     1);
    fixture_open(fixture); /* and nothing is left to do */
    assert_int_equal(waiting(fixture, "b1"), 1000);
}

static void an_old_spool_that_cannot_be_written_is_read(void **state)
{
    struct spool_fixture *fixture = *state;
    const char *path = fixture->config.spool.path;
    sqlite3 *other;
    struct spool_counts counts;
    fixture_close(fixture);
    assert_int_equal(unlink(path), 0);
    execute(path, old_spool);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    fixture_open(fixture);
    spool_counts(fixture->spool, &counts);
    assert_true(counts.failing);
    assert_old_items_are_read(fixture);
    sqlite3_close(other);
    assert_int_equal(fixture_number(path, "PRAGMA user_version"), 1);
    fixture_close(fixture);
    fixture_open(fixture);
    assert_int_equal(fixture_number(path, "PRAGMA user_version"), 2);
    assert_old_items(fixture);
}

/* All classes can be replaced, those that nobody replaces more slowly. */
static void whatever_is_replaced_is_found(void **state)
{
    struct spool_fixture *fixture = *state;
    for (unsigned class = 0; class < SPOOL_CLASS_COUNT; class ++) {
        for (unsigned i = 0; i < 3; i++) {
            struct spool_item item = {
                .class = class, .topic = "t", .payload = "p", .length = 1, .replace = i == 2};
            assert_int_equal(spool_append(fixture->spool, &item), ATALAYA_OK);
            assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
        }
        assert_int_equal(waiting(fixture, "b0"), class + 1);
    }
}

/* The index serves what is replaced, and the planner knows it. */
static void no_replacement_scans_the_table(void **state)
{
    struct spool_fixture *fixture = *state;
    sqlite3 *handle;
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_open(fixture->config.spool.path, &handle), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(handle,
                           "EXPLAIN QUERY PLAN SELECT id FROM item WHERE class IN (0, 3) AND class = ?1 "
                           "AND topic = ?2 AND id < ?3",
                           -1, &row, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_non_null(strstr((const char *)sqlite3_column_text(row, 3), "item_topic"));
    sqlite3_finalize(row);
    sqlite3_close(handle);
}

#define SPOOL_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(a_broker_that_leaves_loses_its_claims_and_a_new_one_starts_empty),
        SPOOL_TEST(a_renamed_only_broker_inherits),
        SPOOL_TEST(a_site_without_brokers_keeps_everything_for_the_first),
        SPOOL_TEST(a_batch_falls_due_once_and_distress_never_waits),
        SPOOL_TEST(states_are_kept_replaced_listed_and_deleted),
        SPOOL_TEST(a_step_is_on_disk_whole),
        SPOOL_TEST(a_damaged_file_is_set_aside_and_three_are_kept),
        SPOOL_TEST(a_header_that_asks_for_another_sqlite_is_damage),
        SPOOL_TEST(no_run_bears_the_number_of_another),
        SPOOL_TEST(newer_and_foreign_databases_are_refused_untouched),
        SPOOL_TEST(a_full_spool_of_version_1_goes_on),
        SPOOL_TEST(an_old_spool_that_cannot_be_written_is_read),
        SPOOL_TEST(whatever_is_replaced_is_found),
        SPOOL_TEST(no_replacement_scans_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
