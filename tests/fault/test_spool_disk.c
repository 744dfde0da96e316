/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that is full, locked, gone bad under way or missing at the start: everything stays deliverable, and
 * is on disk when the disk is well again. RLIMIT_FSIZE stands for the full disk. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sqlite3.h>
#include <cmocka.h>

#include "atalaya/gateway/clock.h"
#include "spool_fixture.h"

static struct seen seen;

static int setup(void **state)
{
    struct spool_fixture *fixture = fixture_create(1);
    fixture_open(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_destroy(*state);
    return 0;
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static struct spool_counts counts(struct spool_fixture *fixture)
{
    struct spool_counts now;
    spool_counts(fixture->spool, &now);
    return now;
}

static uint64_t on_disk(struct spool_fixture *fixture, enum spool_class class)
{
    struct spool_counts disk;
    assert_int_equal(spool_inspect(fixture->config.spool.path, NULL, NULL, &disk), ATALAYA_OK);
    return disk.waiting[class];
}

static void a_full_disk_is_lived_through(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_item step = {.class = SPOOL_DISTRESS, .topic = "distress/a", .payload = "s", .length = 1};
    int64_t early, due;
    fixture_append(fixture, SPOOL_MESSAGE, "t", "early", &early);
    spool_commit(fixture->spool);
    limit_file_size(8192);
    assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t", "d", NULL), ATALAYA_E_IO);
    assert_true(counts(fixture).failing);
    assert_int_equal(spool_step(fixture->spool, "distress", "a", "raised", 6, &step, 1), ATALAYA_E_IO);
    assert_int_equal(fixture_append(fixture, SPOOL_MESSAGE, "t", "m", NULL), ATALAYA_E_IO);
    assert_int_equal(spool_delivered(fixture->spool, 0, &early, 1), ATALAYA_E_IO);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_E_IO);
    assert_false(
        spool_commit_due(fixture->spool, clock_mono_ns(), &due)); /* tried again later, not at once */
    assert_true(spool_commit_due(fixture->spool, clock_mono_ns() + 2000000000, &due));
    fixture_read(fixture, "b0", &seen); /* delivered from memory; what was taken is not sent again */
    assert_int_equal(seen.count, 3);
    assert_string_equal(seen.payload[0], "d");
    assert_string_equal(seen.payload[1], "s");
    assert_string_equal(seen.payload[2], "m");
    assert_int_equal(on_disk(fixture, SPOOL_DISTRESS), 0);
    limit_file_size(RLIM_INFINITY);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
    assert_false(counts(fixture).failing);
    assert_int_equal(on_disk(fixture, SPOOL_DISTRESS), 2);
    assert_int_equal(on_disk(fixture, SPOOL_MESSAGE), 1);
    fixture_close(fixture);
    fixture_open(fixture);
    fixture_read(fixture, "b0", &seen);
    assert_int_equal(seen.count, 3);
}

/* The broker takes all that waited from memory: then there is nothing to write, which any disk does well. */
static void a_full_disk_is_not_well_for_want_of_work(void **state)
{
    struct spool_fixture *fixture = *state;
    int64_t id;
    limit_file_size(8192);
    assert_int_equal(fixture_append(fixture, SPOOL_MESSAGE, "t", "m", &id), ATALAYA_OK);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_E_IO);
    assert_int_equal(spool_delivered(fixture->spool, 0, &id, 1), ATALAYA_E_IO);
    assert_int_equal(counts(fixture).waiting[SPOOL_MESSAGE], 0);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_E_IO);
    assert_true(counts(fixture).failing);
    limit_file_size(RLIM_INFINITY);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
    assert_false(counts(fixture).failing);
}

/* The same on a spool that has been written before: SQLite writes no page that a statement leaves as it was. */
static void an_old_spool_is_not_well_for_want_of_a_change(void **state)
{
    struct spool_fixture *fixture = *state;
    int64_t id;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t", "d", &id), ATALAYA_OK);
        assert_int_equal(spool_delivered(fixture->spool, 0, &id, 1), ATALAYA_OK);
        assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
    }
    for (int i = 0; i < 3; i++) { /* each bad spell, and each try while it lasts */
        limit_file_size(1);
        assert_int_equal(fixture_append(fixture, SPOOL_MESSAGE, "t", "m", &id), ATALAYA_OK);
        assert_int_equal(spool_commit(fixture->spool), ATALAYA_E_IO);
        assert_int_equal(spool_delivered(fixture->spool, 0, &id, 1), ATALAYA_E_IO);
        for (int n = 0; n < 3; n++) {
            assert_int_equal(spool_commit(fixture->spool), ATALAYA_E_IO);
            assert_true(counts(fixture).failing);
        }
        limit_file_size(RLIM_INFINITY);
        assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
        assert_false(counts(fixture).failing);
    }
}

/* The log is short and begins anew again and again, the database grows: there is no room for it any more. */
static void a_log_that_cannot_be_folded_in_is_told(void **state)
{
    struct spool_fixture *fixture = *state;
    static char text[4096];
    struct stat status;
    int64_t due;
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(fixture_append(fixture, SPOOL_MESSAGE, "t", text, NULL), ATALAYA_OK);
        assert_int_equal(i % 50 ? ATALAYA_OK : spool_commit(fixture->spool), ATALAYA_OK);
    }
    assert_int_equal(stat(fixture->config.spool.path, &status), 0);
    assert_false(counts(fixture).failing);
    limit_file_size((rlim_t)status.st_size);
    for (int i = 0; i < 12 && !counts(fixture).failing; i++) {
        for (int n = 0; n < 50; n++)
            assert_int_equal(fixture_append(fixture, SPOOL_MESSAGE, "t", text, NULL), ATALAYA_OK);
        assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK); /* the log takes it */
    }
    assert_true(counts(fixture).failing);
    assert_false(spool_commit_due(fixture->spool, clock_mono_ns(), &due));
    limit_file_size(RLIM_INFINITY);
    usleep((useconds_t)((due - clock_mono_ns()) / 1000) + 1000);
    assert_true(spool_commit_due(fixture->spool, clock_mono_ns(), &due));
    assert_int_equal(spool_commit(fixture->spool),
                     ATALAYA_OK); /* with nothing to write: nobody says a word */
    assert_false(counts(fixture).failing);
    assert_false(spool_commit_due(fixture->spool, clock_mono_ns(), &due));
}

static void memory_is_bounded_and_counts_what_it_drops(void **state)
{
    struct spool_fixture *fixture = *state;
    limit_file_size(8192);
    fixture_append(fixture, SPOOL_DISTRESS, "t", "d", NULL);
    for (int i = 0; i < 1500; i++)
        assert_int_equal(fixture_append(fixture, i % 2 ? SPOOL_STATS : SPOOL_MESSAGE, "t", "x", NULL),
                         ATALAYA_E_IO);
    enum atalaya_result result = ATALAYA_E_IO;
    int distress = 1;
    while (distress < 100 &&
           (result = fixture_append(fixture, SPOOL_DISTRESS, "t", "d", NULL)) == ATALAYA_E_IO)
        distress++;
    assert_int_equal(result, ATALAYA_E_FULL);
    assert_int_equal(distress, 64);
    assert_int_equal(counts(fixture).waiting[SPOOL_MESSAGE], 750);
    assert_int_equal(counts(fixture).waiting[SPOOL_STATS], 1024 - 750);
    assert_int_equal(counts(fixture).dropped[SPOOL_STATS], 1500 - 1024);
    limit_file_size(RLIM_INFINITY);
    fixture_close(fixture); /* commits */
    fixture_open(fixture);
    assert_int_equal(counts(fixture).waiting[SPOOL_DISTRESS], 64);
    assert_int_equal(counts(fixture).dropped[SPOOL_STATS], 1500 - 1024);
}

static void another_program_holds_the_lock_for_a_while(void **state)
{
    struct spool_fixture *fixture = *state;
    sqlite3 *other;
    assert_int_equal(sqlite3_open(fixture->config.spool.path, &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other, "BEGIN IMMEDIATE; DELETE FROM meta WHERE key = 'none'", NULL, NULL, NULL),
        SQLITE_OK);
    int64_t before = clock_mono_ns();
    assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t", "d", NULL), ATALAYA_E_IO);
    assert_true(clock_mono_ns() - before < 1000000000); /* the main thread is not held up */
    fixture_read(fixture, "b0", &seen);
    assert_int_equal(seen.count, 1);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
    assert_int_equal(on_disk(fixture, SPOOL_DISTRESS), 1);
    sqlite3_close(other);
}

static void a_disk_missing_at_the_start_does_not_stop_the_service(void **state)
{
    struct spool_fixture *fixture = *state;
    char blocker[CONFIG_PATH_MAX];
    fixture_close(fixture);
    snprintf(blocker, sizeof blocker, "%s/blocker", fixture->folder);
    close(open(blocker, O_CREAT | O_WRONLY, 0600)); /* a file where the folder should be */
    snprintf(fixture->config.spool.path, sizeof fixture->config.spool.path, "%s/blocker/spool.db",
             fixture->folder);
    fixture_open(fixture);
    uint64_t boot = spool_boot(fixture->spool);
    assert_true(boot > 0);
    assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t", "d", NULL), ATALAYA_E_IO);
    struct spool_reader *reader;
    size_t count;
    memset(&seen, 0, sizeof seen);
    assert_int_equal(spool_reader_open(fixture->config.spool.path, "b0", &reader), ATALAYA_OK);
    assert_int_equal(spool_reader_next(reader, NULL, 0, 10, seen_add, &seen, &count), ATALAYA_E_IO);
    assert_int_equal(count, 1);
    assert_int_equal(unlink(blocker), 0);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
    assert_int_equal(on_disk(fixture, SPOOL_DISTRESS), 1);
    assert_int_equal(spool_reader_next(reader, NULL, 0, 10, seen_add, &seen, &count), ATALAYA_OK);
    assert_int_equal(count, 1);
    spool_reader_close(reader);
    assert_int_equal(spool_boot(fixture->spool), boot);
    fixture_close(fixture);
    fixture_open(fixture);
    assert_true(spool_boot(fixture->spool) > boot);
}

static void damage_under_way_is_set_aside_and_service_goes_on(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_reader *reader;
    size_t count;
    for (int i = 0; i < 2000; i++)
        fixture_append(fixture, SPOOL_MESSAGE, "topic", "something of some length to fill pages with", NULL);
    spool_commit(fixture->spool);
    fixture_close(fixture); /* folds the log in */
    fixture_open(fixture);
    assert_int_equal(spool_reader_open(fixture->config.spool.path, "b0", &reader), ATALAYA_OK);
    char garbage[4096];
    memset(garbage, 0xa5, sizeof garbage);
    struct stat status;
    int fd = open(fixture->config.spool.path, O_WRONLY);
    assert_int_equal(fstat(fd, &status), 0);
    for (off_t at = 8192; at < status.st_size; at += 4096)
        assert_int_equal(pwrite(fd, garbage, sizeof garbage, at), sizeof garbage);
    close(fd);
    memset(&seen, 0, sizeof seen);
    assert_int_equal(spool_reader_next(reader, NULL, 0, 200, seen_add, &seen, &count), ATALAYA_E_IO);
    assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t", "d", NULL), ATALAYA_OK);
    assert_true(counts(fixture).damaged);
    assert_int_equal(on_disk(fixture, SPOOL_DISTRESS), 1);
    memset(&seen, 0, sizeof seen);
    assert_int_equal(spool_reader_next(reader, NULL, 0, 10, seen_add, &seen, &count), ATALAYA_OK);
    assert_int_equal(count, 1);
    assert_string_equal(seen.payload[0], "d");
    spool_reader_close(reader);
}

#define SPOOL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    signal(SIGXFSZ, SIG_IGN);
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(a_full_disk_is_lived_through),
        SPOOL_TEST(a_full_disk_is_not_well_for_want_of_work),
        SPOOL_TEST(an_old_spool_is_not_well_for_want_of_a_change),
        SPOOL_TEST(a_log_that_cannot_be_folded_in_is_told),
        SPOOL_TEST(memory_is_bounded_and_counts_what_it_drops),
        SPOOL_TEST(another_program_holds_the_lock_for_a_while),
        SPOOL_TEST(a_disk_missing_at_the_start_does_not_stop_the_service),
        SPOOL_TEST(damage_under_way_is_set_aside_and_service_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
