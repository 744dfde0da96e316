/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a damaged spool over is itself what kills the gateway, at one of its stages, each time: some starts
 * later it is up, and what other stages can read is there. */
#include <dlfcn.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sqlite3.h>
#include <cmocka.h>

#include "spool_fixture.h"

enum { MESSAGES = 50, CALLS = 6, STATES = 5, APPLICATION_ID = 68, TRIES = 3 };

static struct seen seen;
static const char *deadly; /* what the statement that kills contains */

/* Stands before the library's, in this program alone. */
int sqlite3_prepare_v2(sqlite3 *handle, const char *sql, int length, sqlite3_stmt **row, const char **tail)
{
    static int (*real)(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "sqlite3_prepare_v2");
    if (deadly && strstr(sql, deadly))
        (void)raise(SIGKILL);
    return real(handle, sql, length, row, tail);
}

static void damage(const struct spool_fixture *fixture)
{
    uint8_t octet = 0;
    int fd = open(fixture->config.spool.path, O_RDWR);
    assert_true(fd >= 0 && pread(fd, &octet, 1, APPLICATION_ID) == 1);
    octet ^= 1;
    assert_int_equal(pwrite(fd, &octet, 1, APPLICATION_ID), 1);
    close(fd);
}

static int set_up(void **state)
{
    struct spool_fixture *fixture = fixture_create(1);
    char text[60];
    fixture_open(fixture);
    for (int i = 0; i < MESSAGES; i++) {
        snprintf(text, sizeof text, "message %d", i);
        assert_int_equal(fixture_append(fixture, SPOOL_MESSAGE, "t/m", text, NULL), ATALAYA_OK);
    }
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t/d", "call", NULL), ATALAYA_OK);
    for (int i = 0; i < STATES; i++) {
        snprintf(text, sizeof text, "d%d", i);
        assert_int_equal(spool_put(fixture->spool, SPOOL_DISTRESS, "distress", text, "open", 4), ATALAYA_OK);
    }
    fixture_close(fixture);
    damage(fixture);
    *state = fixture;
    return 0;
}

/* Until one lives. */
static unsigned starts(struct spool_fixture *fixture)
{
    for (unsigned count = 1;; count++) {
        int status;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            fixture_open(fixture);
            fixture_close(fixture);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            return count;
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && count < 50);
    }
}

static void count_state(void *context, const char *key, const void *value, size_t length)
{
    (void)key, (void)value, (void)length;
    ++*(unsigned *)context;
}

static void live(struct spool_fixture *fixture, const char *what, unsigned starts_most, bool everything)
{
    struct spool_counts counts;
    unsigned states = 0;
    deadly = what;
    assert_in_range(starts(fixture), starts_most > 1 ? 2 : 1, starts_most);
    fixture_open(fixture); /* it is still deadly, and nobody asks for it any more */
    deadly = NULL;
    spool_counts(fixture->spool, &counts);
    assert_false(counts.damaged || counts.failing);
    assert_int_equal(counts.waiting[SPOOL_MESSAGE], everything ? MESSAGES : 0);
    assert_int_equal(counts.waiting[SPOOL_DISTRESS], everything ? CALLS : 0);
    assert_int_equal(spool_list(fixture->spool, "distress", count_state, &states), ATALAYA_OK);
    assert_int_equal(states, everything ? STATES : 0);
    fixture_read(fixture, "b0", &seen);
    for (size_t i = 1; i < seen.count; i++) /* each once, and in order */
        assert_true(seen.class[i] > seen.class[i - 1] || seen.id[i] > seen.id[i - 1]);
    assert_int_equal(seen.count, everything ? MESSAGES + CALLS : 0);
}

static void nothing_kills(void **state)
{
    live(*state, NULL, 1, true);
}

static void distress_kills(void **state)
{
    live(*state, "NOT INDEXED WHERE id > ?1 AND class = 0", TRIES + 1, true);
}

static void states_kill(void **state)
{
    live(*state, "FROM state NOT INDEXED", TRIES + 1, true);
}

static void routine_kills(void **state)
{
    live(*state, "AND class > 0", TRIES + 1, true);
}

static void lost_pages_kill(void **state)
{
    live(*state, " FROM leaf", 2 * TRIES + 1, true);
}

/* All stages: nothing can be taken over, and the tower is up. */
static void whatever_is_done_kills(void **state)
{
    live(*state, "FROM broker NOT INDEXED", 5 * TRIES + 1, false);
}

/* A mark that the card has spoilt is none that stops anything; nor does it take the new one's files. */
static void noise_marks_it(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    char to[600], mark[620];
    snprintf(to, sizeof to, "%s.damaged-20260101T000000Z", fixture->config.spool.path);
    assert_int_equal(rename(fixture->config.spool.path, to), 0);
    snprintf(mark, sizeof mark, "%s-pending", to);
    fixture_open(fixture);
    fixture_close(fixture);
    for (int round = 0; round < 20; round++) {
        uint8_t noise[40];
        int fd = open(mark, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)(128 + rand() % 128);
        assert_int_equal(write(fd, noise, (size_t)round * 2), round * 2);
        close(fd);
        fixture_open(fixture);
        spool_counts(fixture->spool, &counts);
        assert_true(counts.damaged && !counts.failing && access(mark, F_OK) != 0);
        assert_int_equal(counts.waiting[SPOOL_MESSAGE], MESSAGES);
        assert_int_equal(counts.waiting[SPOOL_DISTRESS], CALLS);
        fixture_close(fixture);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_kills),   TEST(distress_kills),         TEST(states_kill),    TEST(routine_kills),
        TEST(lost_pages_kill), TEST(whatever_is_done_kills), TEST(noise_marks_it),
    };
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
