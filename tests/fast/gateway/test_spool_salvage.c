/* SPDX-License-Identifier: Apache-2.0 */
/* A database of which each page in turn is lost: what stands on the others is taken over, for whom it waited.
 */
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

#include "spool_fixture.h"

enum {
    PAGE = 4096,
    PAGES_MAX = 96,
    MESSAGES = 300,
    LONG_ONES = 4, /* of more than a page */
    LONG = 6000,
    CALLS = 6,
    STATES = 40,
    STATE_LENGTH = 400,
    OF_A_PAGE = 60 /* rows, at most */
};

static struct {
    uint8_t bytes[PAGES_MAX * PAGE];
    unsigned pages, item_root;
} whole;
static struct seen seen;

static unsigned root_of(const char *path, const char *table)
{
    sqlite3 *handle;
    sqlite3_stmt *row;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(handle, "SELECT rootpage FROM sqlite_master WHERE name = ?1", -1, &row, NULL),
        SQLITE_OK);
    sqlite3_bind_text(row, 1, table, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    unsigned root = (unsigned)sqlite3_column_int(row, 0);
    sqlite3_finalize(row);
    sqlite3_close(handle);
    return root;
}

/* Of the messages broker b1 has taken every second one. */
static int set_up(void **state)
{
    struct spool_fixture *fixture = fixture_create(2);
    static char text[LONG];
    int64_t id;
    fixture_open(fixture);
    for (int i = 0; i < LONG_ONES; i++) {
        memset(text, 'l', sizeof text - 1);
        assert_int_equal(fixture_append(fixture, SPOOL_MESSAGE, "site/t/message/l", text, NULL), ATALAYA_OK);
    }
    for (int i = 0; i < MESSAGES; i++) {
        snprintf(text, sizeof text, "message %d of somebody who walks", i);
        assert_int_equal(fixture_append(fixture, SPOOL_MESSAGE, "site/t/message/u", text, &id), ATALAYA_OK);
        if (i % 2)
            assert_int_equal(spool_delivered(fixture->spool, 1, &id, 1), ATALAYA_OK);
        snprintf(text, sizeof text, "call %d", i);
        if (i % (MESSAGES / CALLS) == 0)
            assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "site/t/distress/d", text, NULL),
                             ATALAYA_OK);
    }
    memset(text, 'x', STATE_LENGTH);
    for (int i = 0; i < STATES; i++) {
        char key[16];
        snprintf(key, sizeof key, "d%d", i);
        assert_int_equal(spool_put(fixture->spool, SPOOL_DISTRESS, "distress", key, text, STATE_LENGTH),
                         ATALAYA_OK);
    }
    fixture_close(fixture); /* folds the log in */
    FILE *file = fopen(fixture->config.spool.path, "rb");
    whole.pages = (unsigned)(fread(whole.bytes, 1, sizeof whole.bytes, file) / PAGE);
    assert_true(whole.pages > 20 && whole.pages < PAGES_MAX);
    fclose(file);
    whole.item_root = root_of(fixture->config.spool.path, "item");
    *state = fixture;
    return 0;
}

static void forget_damaged(const struct spool_fixture *fixture)
{
    char pattern[CONFIG_PATH_MAX + 16];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s?damaged*", fixture->config.spool.path);
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            unlink(found.gl_pathv[i]);
    globfree(&found);
}

/* The database as it was, but for pages [count] from `first` on (from 1), which are noise. Opens it. */
static bool open_without(struct spool_fixture *fixture, unsigned first, unsigned count)
{
    struct spool_counts counts;
    FILE *file = fopen(fixture->config.spool.path, "wb");
    for (unsigned page = 1; page <= whole.pages; page++) {
        uint8_t noise[PAGE];
        for (size_t i = 0; i < PAGE; i++)
            noise[i] = (uint8_t)rand();
        const uint8_t *bytes =
            page >= first && page < first + count ? noise : whole.bytes + (page - 1) * PAGE;
        assert_int_equal(fwrite(bytes, 1, PAGE, file), PAGE);
    }
    fclose(file);
    fixture_open(fixture);
    spool_counts(fixture->spool, &counts);
    assert_false(counts.failing);
    return counts.damaged;
}

static unsigned count_of(const char *word)
{
    unsigned count = 0;
    for (size_t i = 0; i < seen.count; i++)
        count += strncmp(seen.payload[i], word, strlen(word)) == 0;
    return count;
}

static void count_state(void *context, const char *key, const void *value, size_t length)
{
    (void)value;
    assert_true(key[0] == 'd' && length == STATE_LENGTH);
    ++*(unsigned *)context;
}

static void each_page_in_turn(void **state)
{
    struct spool_fixture *fixture = *state;
    unsigned set_aside = 0;
    srand(1);
    for (unsigned page = 1; page <= whole.pages; page++) {
        unsigned states = 0;
        set_aside += open_without(fixture, page, 1);
        assert_int_equal(spool_list(fixture->spool, "distress", count_state, &states), ATALAYA_OK);
        assert_true(states >= STATES - OF_A_PAGE / 4);
        fixture_read(fixture, "b0", &seen);
        const unsigned messages = count_of("message"), calls = count_of("call");
        const unsigned long_ones = count_of("llll");
        assert_true(messages >= MESSAGES - OF_A_PAGE && calls >= CALLS - 2 && long_ones >= LONG_ONES - 2);
        for (size_t i = 1; i < seen.count; i++) /* each once, and in order */
            assert_true(seen.class[i] > seen.class[i - 1] || seen.id[i] > seen.id[i - 1]);
        fixture_read(fixture, "b1", &seen);
        assert_true(count_of("message") >= messages / 2);
        if (page == 1 || page == whole.item_root) { /* nothing but what leads to it */
            assert_int_equal(states, STATES);
            assert_int_equal(messages + calls + long_ones, MESSAGES + CALLS + LONG_ONES);
            assert_int_equal(count_of("message"), MESSAGES / 2);
        }
        assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "site/t/distress/e", "new", NULL),
                         ATALAYA_OK);
        fixture_close(fixture);
        fixture_open(fixture); /* as good as any */
        fixture_read(fixture, "b0", &seen);
        assert_int_equal(seen.count, messages + calls + long_ones + 1);
        fixture_close(fixture);
        forget_damaged(fixture);
    }
    assert_true(set_aside > whole.pages / 2);
}

static void several_pages_at_once(void **state)
{
    struct spool_fixture *fixture = *state;
    const unsigned first = whole.item_root + 2;
    assert_true(open_without(fixture, first, 3));
    fixture_read(fixture, "b0", &seen);
    assert_true(count_of("message") >= MESSAGES - 4 * OF_A_PAGE);
    fixture_close(fixture);
    forget_damaged(fixture);
}

/* Whom a broker's number means stands on one page: if that is gone, everybody gets everything. */
static void brokers_are_not_known(void **state)
{
    struct spool_fixture *fixture = *state;
    unsigned root = 0;
    FILE *file = fopen(fixture->config.spool.path, "wb");
    assert_int_equal(fwrite(whole.bytes, PAGE, whole.pages, file), whole.pages);
    fclose(file);
    root = root_of(fixture->config.spool.path, "broker");
    assert_true(open_without(fixture, root, 1));
    for (int b = 0; b < 2; b++) {
        fixture_read(fixture, b ? "b1" : "b0", &seen);
        assert_int_equal(count_of("message"), MESSAGES);
        assert_int_equal(count_of("call"), CALLS);
    }
    fixture_close(fixture);
}

/* The marks of whose file it is, and of which version: wrong ones do not stop a tower. */
static void marks_are_not_known(void **state)
{
    static const unsigned at[] = {60, 61, 62, 68, 69, 70, 71}; /* user_version, application_id */
    struct spool_fixture *fixture = *state;
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        whole.bytes[at[i]] ^= 0x10;
        assert_true(open_without(fixture, whole.pages + 1, 0));
        whole.bytes[at[i]] ^= 0x10;
        fixture_read(fixture, "b0", &seen);
        assert_int_equal(count_of("message"), MESSAGES);
        assert_int_equal(count_of("call"), CALLS);
        fixture_close(fixture);
        forget_damaged(fixture);
    }
}

/* A claim, or an entry of an index, that names an item which is not there: whoever is to go first would be
 * it, again and again. */
static void what_is_named_is_not_there(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    sqlite3 *handle;
    char text[1000] = "";
    assert_false(open_without(fixture, whole.pages + 1, 0));
    fixture_close(fixture);
    assert_int_equal(sqlite3_open(fixture->config.spool.path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, "INSERT INTO claim VALUES(1, 2, 0)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(handle);
    fixture->config.spool.limit_bytes = 65536;
    fixture_open(fixture);
    memset(text, 'x', sizeof text - 1);
    (void)alarm(30);
    for (int i = 0; i < 200; i++)
        assert_int_equal(fixture_append(fixture, SPOOL_POSITION, "site/t/position/u", text, NULL),
                         ATALAYA_OK);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
    (void)alarm(0);
    spool_counts(fixture->spool, &counts);
    assert_true(counts.damaged && !counts.failing && counts.dropped[SPOOL_POSITION] > 100);
    assert_int_equal(counts.waiting[SPOOL_DISTRESS], CALLS);
    fixture_close(fixture);
    forget_damaged(fixture);
}

int main(void)
{
    if (access("/dev/shm", W_OK) == 0) /* hundreds of openings: this machine's disk need not matter */
        (void)setenv("TMPDIR", "/dev/shm", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_page_in_turn),          cmocka_unit_test(several_pages_at_once),
        cmocka_unit_test(brokers_are_not_known),      cmocka_unit_test(marks_are_not_known),
        cmocka_unit_test(what_is_named_is_not_there),
    };
    return cmocka_run_group_tests(tests, set_up, fixture_tear_down);
}
