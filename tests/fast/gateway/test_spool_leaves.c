/* SPDX-License-Identifier: Apache-2.0 */
/* The page that leads to all items is lost: those that waited are found on their own pages, as they were
 * last, and nobody else is. */
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

#include "spool_fixture.h"

enum { PAGE = 4096, MESSAGES = 120, CALLS = 30, PATH = 600 };

static struct seen seen;

static void execute(const char *path, const char *sql)
{
    sqlite3 *handle;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static unsigned item_root(const char *path)
{
    return (unsigned)fixture_number(path, "SELECT rootpage FROM sqlite_master WHERE name = 'item'");
}

static size_t load(const char *path, const char *tail, uint8_t **bytes)
{
    char name[PATH];
    snprintf(name, sizeof name, "%s%s", path, tail);
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t size = (size_t)ftell(file);
    rewind(file);
    assert_non_null(*bytes = malloc(size + 1));
    assert_int_equal(fread(*bytes, 1, size, file), size);
    fclose(file);
    return size;
}

static void save(const char *path, const char *tail, const uint8_t *bytes, size_t size)
{
    char name[PATH];
    snprintf(name, sizeof name, "%s%s", path, tail);
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void spoil(uint8_t *page)
{
    for (size_t i = 0; i < PAGE; i++)
        page[i] = (uint8_t)rand();
}

static void lose_page(const char *path, unsigned page)
{
    uint8_t *bytes;
    size_t size = load(path, "", &bytes);
    spoil(bytes + (page - 1) * PAGE);
    save(path, "", bytes, size);
    free(bytes);
}

/* For one broker. Long ones: some ten on a page, so that whole pages become free. */
static void fill(struct spool_fixture *fixture, int64_t ids[static MESSAGES])
{
    char text[400];
    for (int i = 0; i < MESSAGES; i++) {
        snprintf(text, sizeof text, "message %d %0300d", i, i);
        assert_int_equal(fixture_append(fixture, SPOOL_MESSAGE, "site/t/message/u", text, &ids[i]),
                         ATALAYA_OK);
    }
    for (int i = 0; i < CALLS; i++) {
        snprintf(text, sizeof text, "call %d %0300d", i, i);
        assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "site/t/distress/d", text, NULL),
                         ATALAYA_OK);
    }
}

static unsigned count_of(const char *word)
{
    unsigned count = 0;
    for (size_t i = 0; i < seen.count; i++)
        count += strncmp(seen.payload[i], word, strlen(word)) == 0;
    return count;
}

static void open_damaged(struct spool_fixture *fixture)
{
    struct spool_counts counts;
    fixture_open(fixture);
    spool_counts(fixture->spool, &counts);
    assert_true(counts.damaged && !counts.failing);
    fixture_read(fixture, "b0", &seen);
    for (size_t i = 1; i < seen.count; i++) /* each once, and in order */
        assert_true(seen.class[i] > seen.class[i - 1] || seen.id[i] > seen.id[i - 1]);
}

static int set_up(void **state)
{
    struct spool_fixture *fixture = fixture_create(1);
    fixture_open(fixture);
    *state = fixture;
    return 0;
}

/* A library that does not fill what it frees with zeroes leaves whole pages of what was delivered. */
static void what_was_delivered_stays_away(void **state)
{
    struct spool_fixture *fixture = *state;
    const char *path = fixture->config.spool.path;
    int64_t ids[MESSAGES];
    uint8_t *bytes;
    unsigned dead = 0;
    fill(fixture, ids);
    fixture_close(fixture);
    execute(path, "PRAGMA secure_delete = OFF; DELETE FROM item WHERE "
                  "CAST(substr(payload, instr(payload, ' ') + 1, 3) AS INTEGER) % 60 >= 15");
    size_t size = load(path, "", &bytes);
    for (size_t at = 0; at + 11 < size; at++)
        dead += memcmp(bytes + at, "message 59 ", 11) == 0 || memcmp(bytes + at, "call 29 ", 8) == 0;
    free(bytes);
    assert_true(dead >= 2);
    lose_page(path, item_root(path));
    open_damaged(fixture);
    assert_int_equal(count_of("message"), MESSAGES / 4);
    assert_int_equal(count_of("call"), CALLS / 2);
}

/* Ours fills it: nothing is left that could be taken for an item, even where no table says what lives. */
static void nothing_is_left_of_what_was_delivered(void **state)
{
    struct spool_fixture *fixture = *state;
    const char *path = fixture->config.spool.path;
    int64_t ids[MESSAGES];
    fill(fixture, ids);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
    assert_int_equal(spool_delivered(fixture->spool, 0, ids + 20, MESSAGES - 20), ATALAYA_OK);
    fixture_close(fixture);
    assert_true(fixture_number(path, "PRAGMA freelist_count") > 5);
    unsigned root = item_root(path);
    lose_page(path,
              (unsigned)fixture_number(path, "SELECT rootpage FROM sqlite_master WHERE name = 'claim'"));
    lose_page(path, root);
    open_damaged(fixture);
    assert_int_equal(count_of("message"), 20);
    assert_int_equal(count_of("call"), CALLS);
}

/* Half of it is delivered since the log was folded in: of each page the log has the copy that counts. */
static void the_newest_copy_counts(void **state)
{
    struct spool_fixture *fixture = *state;
    const char *path = fixture->config.spool.path;
    int64_t ids[MESSAGES];
    uint8_t *database, *log;
    fill(fixture, ids);
    fixture_close(fixture);
    unsigned root = item_root(path);
    fixture_open(fixture);
    for (int i = 0; i < MESSAGES; i += 2)
        assert_int_equal(spool_delivered(fixture->spool, 0, &ids[i], 1), ATALAYA_OK);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
    size_t size = load(path, "", &database), log_size = load(path, "-wal", &log);
    fixture_close(fixture);
    for (size_t at = 32; at < log_size; at += PAGE + 24) /* else it would be whole there */
        assert_true(log[at + 3] != root || log[at + 2] != 0);
    spoil(database + (root - 1) * PAGE);
    save(path, "", database, size);
    save(path, "-wal", log, log_size);
    free(database);
    free(log);
    open_damaged(fixture);
    assert_int_equal(count_of("message"), MESSAGES / 2);
    assert_int_equal(count_of("call"), CALLS);
    for (size_t i = 0; i < seen.count; i++)
        for (int d = 0; d < MESSAGES; d += 2)
            assert_true(seen.id[i] != ids[d]);
}

/* A page of which there is a second copy, as a card may have it that wrote to the wrong place. */
static void a_second_copy_is_none_more(void **state)
{
    struct spool_fixture *fixture = *state;
    const char *path = fixture->config.spool.path;
    int64_t ids[MESSAGES];
    uint8_t *bytes;
    fill(fixture, ids);
    fixture_close(fixture);
    unsigned root = item_root(path);
    size_t size = load(path, "", &bytes);
    uint8_t *twice = malloc(2 * size);
    memcpy(twice, bytes, size);
    memcpy(twice + size, bytes, size);
    spoil(twice + (root - 1) * PAGE);
    save(path, "", twice, 2 * size);
    free(twice);
    free(bytes);
    open_damaged(fixture);
    assert_int_equal(count_of("message"), MESSAGES);
    assert_int_equal(count_of("call"), CALLS);
}

static void of_an_older_gateway_too(void **state)
{
    struct spool_fixture *fixture = *state;
    const char *path = fixture->config.spool.path;
    int64_t ids[MESSAGES];
    fill(fixture, ids);
    fixture_close(fixture);
    execute(path, "DROP INDEX item_topic; CREATE INDEX item_topic ON item(class, topic);"
                  "PRAGMA user_version = 1");
    unsigned root = item_root(path);
    lose_page(path, root);
    open_damaged(fixture);
    assert_int_equal(count_of("message"), MESSAGES);
    assert_int_equal(count_of("call"), CALLS);
}

/* Counting on from it would end below zero. */
static void no_number_is_so_large_that_none_comes_after_it(void **state)
{
    struct spool_fixture *fixture = *state;
    const char *path = fixture->config.spool.path;
    int64_t ids[MESSAGES], next;
    fill(fixture, ids);
    fixture_close(fixture);
    execute(path, "INSERT INTO item VALUES(9223372036854775807, 0, 't', CAST('last' AS BLOB), 0, 0, 0, 0, 0);"
                  "INSERT INTO claim VALUES(1, 0, 9223372036854775807)");
    open_damaged(fixture);
    assert_int_equal(count_of("last"), 0);
    assert_int_equal(count_of("message"), MESSAGES);
    assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t", "new", &next), ATALAYA_OK);
    assert_true(next > ids[MESSAGES - 1]);
}

int main(void)
{
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 1);
    srand(1);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_delivered_stays_away), TEST(nothing_is_left_of_what_was_delivered),
        TEST(the_newest_copy_counts),        TEST(a_second_copy_is_none_more),
        TEST(of_an_older_gateway_too),       TEST(no_number_is_so_large_that_none_comes_after_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
