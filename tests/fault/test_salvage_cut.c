/* SPDX-License-Identifier: Apache-2.0 */
/* A damaged spool is set aside and taken over, and the gateway is killed, or the plug is pulled, before each
 * of the operations by which that is done: the next start has what waited and was open, each once, no more
 * and no less, and leaves nothing to do. What was not synced by then is there, or not (samples;
 * ATALAYA_POWER_SEED). */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sqlite3.h>
#include <cmocka.h>

#include "../support/power/recorder.h"
#include "atalaya/gateway/log.h"
#include "spool_fixture.h"

enum { PAGE = 4096, MESSAGES = 60, CALLS = 6, STATES = 5, SAMPLES = 1, ALL_SUBSETS_OF = 3 };

static struct image images[RECORDER_FILES_MAX];
static struct part part[RECORDER_OPS_MAX];
static struct seen seen;
static struct spool_fixture *life, *copy;
static struct {
    uint8_t *database, *log;
    size_t size, log_size;
} damaged;
static unsigned states_seen;
static int delivered_below; /* every second message below this one */

static size_t load(const char *tail, uint8_t **bytes)
{
    char name[600];
    snprintf(name, sizeof name, "%s%s", life->config.spool.path, tail);
    assert_non_null(*bytes = malloc(RECORDER_FILE_MAX));
    int fd = open(name, O_RDONLY);
    ssize_t size = read(fd, *bytes, RECORDER_FILE_MAX);
    assert_true(size > 0 && size < RECORDER_FILE_MAX);
    close(fd);
    return (size_t)size;
}

static void save(const char *tail, const uint8_t *bytes, size_t size)
{
    char name[600];
    snprintf(name, sizeof name, "%s%s", life->config.spool.path, tail);
    int fd = open(name, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && fsync(fd) == 0);
    close(fd);
}

/* Some were delivered, which its log alone knows; the page that leads to all is noise, or the first, and is
 * not in the log. */
static void make_damaged(bool first)
{
    int64_t ids[MESSAGES];
    char text[400];
    fixture_open(life);
    for (int i = 0; i < MESSAGES; i++) {
        snprintf(text, sizeof text, "message %d %0300d", i, i);
        assert_int_equal(fixture_append(life, SPOOL_MESSAGE, "t/message", text, &ids[i]), ATALAYA_OK);
    }
    for (int i = 0; i < CALLS; i++) {
        snprintf(text, sizeof text, "call %d", i);
        assert_int_equal(fixture_append(life, SPOOL_DISTRESS, "t/distress", text, NULL), ATALAYA_OK);
    }
    for (int i = 0; i < STATES; i++) {
        snprintf(text, sizeof text, "d%d", i);
        assert_int_equal(spool_put(life->spool, SPOOL_DISTRESS, "distress", text, "open", 4), ATALAYA_OK);
    }
    fixture_close(life);
    const size_t lost =
        first ? 1
              : (size_t)fixture_number(life->config.spool.path,
                                       "SELECT rootpage FROM sqlite_master WHERE name = 'item'");
    sqlite3 *handle; /* a gateway that opens it would write the first page anew, into the log */
    assert_int_equal(sqlite3_open(life->config.spool.path, &handle), SQLITE_OK);
    for (int i = 0; i < delivered_below; i += 2) {
        snprintf(text, sizeof text, "DELETE FROM item WHERE id = %lld", (long long)ids[i]);
        assert_int_equal(sqlite3_exec(handle, text, NULL, NULL, NULL), SQLITE_OK);
    }
    damaged.size = load("", &damaged.database);
    damaged.log_size = load("-wal", &damaged.log);
    sqlite3_close(handle);
    for (size_t i = 0; i < PAGE; i++)
        damaged.database[(lost - 1) * PAGE + i] = (uint8_t)rand();
}

static void count_state(void *context, const char *key, const void *value, size_t length)
{
    assert_true(key[0] == 'd' && length == 4 && memcmp(value, "open", 4) == 0);
    ++*(unsigned *)context;
}

static void check_contents(void)
{
    unsigned messages = 0, calls = 0, states = 0;
    fixture_read(copy, "b0", &seen);
    for (size_t i = 0; i < seen.count; i++) {
        int number;
        assert_true(i == 0 || seen.class[i] > seen.class[i - 1] || seen.id[i] > seen.id[i - 1]);
        calls += strncmp(seen.payload[i], "call", 4) == 0;
        if (sscanf(seen.payload[i], "message %d", &number) == 1)
            assert_true(number % 2 == 1 || number >= delivered_below);
        messages += strncmp(seen.payload[i], "message", 7) == 0;
    }
    assert_int_equal(messages, MESSAGES - delivered_below / 2);
    assert_int_equal(calls, CALLS);
    assert_int_equal(spool_list(copy->spool, "distress", count_state, &states), ATALAYA_OK);
    assert_int_equal(states, STATES);
}

static bool something_is_left(void)
{
    char folder[300];
    bool left = false;
    snprintf(folder, sizeof folder, "%s/deep er", copy->folder);
    DIR *all = opendir(folder);
    for (struct dirent *entry; (entry = readdir(all));)
        left |= strstr(entry->d_name, "-pending") != NULL;
    closedir(all);
    return left;
}

/* The operations before a cut. */
static void describe(size_t cut)
{
    static const char *const kinds[] = {"create", "write", "truncate", "unlink", "sync", "rename"};
    for (size_t i = cut < 24 ? 0 : cut - 24; i < cut; i++)
        print_message("  %zu %s %s at %lld, %zu octets%s\n", i, kinds[recorder.op[i].kind],
                      recorder.op[i].file < recorder.files ? recorder.name[recorder.op[i].file] : "folder",
                      (long long)recorder.op[i].at, recorder.op[i].length, part[i].applied ? "" : " LOST");
}

/* over: everything had been done. */
static void check_state(size_t cut, bool over)
{
    struct spool_counts counts;
    recorder_build(images, part, cut);
    fixture_empty(copy);
    recorder_restore(images, copy->folder);
    fixture_open(copy);
    spool_counts(copy->spool, &counts);
    if (counts.failing || (!counts.damaged && !over) || something_is_left())
        describe(cut);
    assert_false(counts.failing);
    assert_true(counts.damaged || over);
    assert_false(something_is_left());
    check_contents();
    assert_int_equal(fixture_append(copy, SPOOL_DISTRESS, "t", "after", NULL), ATALAYA_OK);
    fixture_close(copy);
    fixture_open(copy);
    spool_counts(copy->spool, &counts);
    assert_false(counts.failing || counts.damaged);
    check_contents();
    fixture_close(copy);
    states_seen++;
}

static void apply_all(size_t cut)
{
    for (size_t i = 0; i < cut; i++)
        part[i] = (struct part){true, 0, recorder.op[i].length};
}

static void try_cut(size_t cut, bool over)
{
    static size_t pending[RECORDER_OPS_MAX];
    size_t count = recorder_pending(cut, pending);
    bool all = count <= ALL_SUBSETS_OF;
    apply_all(cut);
    check_state(cut, over);
    for (unsigned s = 0; s < (all ? (1u << count) - 1 : SAMPLES); s++) {
        apply_all(cut);
        for (size_t p = 0; p < count; p++)
            part[pending[p]].applied = all ? s >> p & 1u : (unsigned)rand() % 2;
        check_state(cut, over);
    }
}

static void free_all(void)
{
    for (unsigned i = 0; i < RECORDER_FILES_MAX; i++)
        free(images[i].bytes);
    for (size_t i = 0; i < recorder.count; i++)
        free(recorder.op[i].data);
    free(damaged.database);
    free(damaged.log);
    memset(&recorder, 0, sizeof recorder);
}

/* read_by_others: while somebody reads it SQLite does not fold its log in, and that is moved, too. */
static void try_all_cuts(bool first_page, bool read_by_others)
{
    sqlite3 *other = NULL;
    unsigned moves = 0;
    bool over = false;
    states_seen = 0;
    delivered_below = first_page ? 4 : MESSAGES; /* few: no page becomes free */
    fixture_empty(life);
    make_damaged(first_page);
    fixture_empty(life);
    recorder_watch(life->folder);
    save("", damaged.database, damaged.size);
    save("-wal", damaged.log, damaged.log_size);
    if (read_by_others) {
        assert_int_equal(sqlite3_open(life->config.spool.path, &other), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, "BEGIN; SELECT * FROM broker", NULL, NULL, NULL), SQLITE_OK);
    }
    const size_t first = recorder.count;
    fixture_open(life);
    const size_t last = recorder.count;
    fixture_close(life);
    recorder_watch(NULL);
    sqlite3_close(other);
    for (unsigned i = 0; i < RECORDER_FILES_MAX; i++)
        assert_non_null(images[i].bytes = malloc(RECORDER_FILE_MAX));
    for (size_t cut = first; cut <= last; cut++) {
        try_cut(cut, over);
        const struct op *op = &recorder.op[cut];
        moves += op->kind == OP_RENAME;
        over |= op->kind == OP_UNLINK && strstr(recorder.name[op->file], "-pending");
    }
    print_message("%zu operations, %u states\n", last - first, states_seen);
    assert_true(over && moves >= (read_by_others ? 2u : 1u) && last - first > 50 &&
                states_seen > last - first);
    free_all();
}

static void the_next_start_takes_over_what_is_left(void **state)
{
    (void)state;
    try_all_cuts(true, false);
}

static void also_of_files_that_are_moved_one_by_one(void **state)
{
    (void)state;
    try_all_cuts(false, true);
}

int main(void)
{
    const char *seed = getenv("ATALAYA_POWER_SEED");
    srand(seed ? (unsigned)strtoul(seed, NULL, 10) : 1);
    log_set_level(LOG_LEVEL_ERROR);
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 1);
    life = fixture_create(1);
    copy = fixture_create(1);
    fixture_open(copy); /* makes its folder */
    fixture_close(copy);
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_next_start_takes_over_what_is_left),
                                       cmocka_unit_test(also_of_files_that_are_moved_one_by_one)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_destroy(copy);
    fixture_destroy(life);
    return failed;
}
