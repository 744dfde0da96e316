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

static int setup(void **state)
{
    struct spool_fixture *fixture = fixture_create(2);
    fixture_open(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_destroy(*state);
    return 0;
}

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
    spool_delivered(fixture->spool, 0, &id, 1); /* joins a batch */
    assert_false(spool_commit_due(fixture->spool, clock_mono_ns(), &due));
    assert_true(due != INT64_MAX);
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
        assert_int_equal(waiting(fixture, "b0"), 1);
    }
    char pattern[CONFIG_PATH_MAX + 16];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s.damaged-*", fixture->config.spool.path);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 3);
    globfree(&found);
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
    execute(fixture->config.spool.path, "PRAGMA user_version = 2");
    assert_int_equal(spool_open(&fixture->config, &fixture->spool), ATALAYA_E_UNSUPPORTED);
    assert_null(fixture->spool);
    execute(fixture->config.spool.path, "PRAGMA user_version = 1");
    fixture_open(fixture);
    assert_int_equal(waiting(fixture, "b0"), 1);
    fixture_close(fixture);
    execute(fixture->config.spool.path, "PRAGMA application_id = 7");
    assert_int_equal(spool_open(&fixture->config, &fixture->spool), ATALAYA_E_UNSUPPORTED);
}

#define SPOOL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
        SPOOL_TEST(no_run_bears_the_number_of_another),
        SPOOL_TEST(newer_and_foreign_databases_are_refused_untouched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
