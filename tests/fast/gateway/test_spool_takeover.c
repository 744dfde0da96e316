/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a damaged spool over is itself what kills the gateway, at one of its stages, each time: some starts
 * later it is up, and what other stages can read is there. Or it takes too long, finds no room on the disk,
 * or what it was taken over into goes bad as well. */
#include <dirent.h>
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
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <sqlite3.h>
#include <cmocka.h>

#include "spool_fixture.h"

enum { MESSAGES = 50, CALLS = 6, STATES = 5, APPLICATION_ID = 68, TRIES = 3 };

static struct seen seen;
static const char *deadly; /* what the statement that kills contains */
static const char *slow;   /* and the one from which on time flies, by this much at each look at the clock */
static int64_t slow_ns, flies_ns, flown_ns;

int clock_gettime(clockid_t id, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(id, now);
    if (id != CLOCK_REALTIME) {
        flown_ns += flies_ns;
        now->tv_sec += (time_t)(flown_ns / 1000000000); /* whole seconds and parts stay in range together */
        now->tv_nsec += (long)(flown_ns % 1000000000);
        now->tv_sec += now->tv_nsec / 1000000000;
        now->tv_nsec %= 1000000000;
    }
    return status;
}

/* Stands before the library's, in this program alone. */
int sqlite3_prepare_v2(sqlite3 *handle, const char *sql, int length, sqlite3_stmt **row, const char **tail)
{
    static int (*real)(sqlite3 *, const char *, int, sqlite3_stmt **, const char **);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "sqlite3_prepare_v2");
    if (deadly && strstr(sql, deadly))
        (void)raise(SIGKILL);
    if (slow && strstr(sql, slow))
        flies_ns = slow_ns;
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
    char text[1100];
    fixture_open(fixture);
    for (int i = 0; i < MESSAGES; i++) {
        snprintf(text, sizeof text, "message %d %01000d", i, i);
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

static bool is_left(const struct spool_fixture *fixture, const char *what)
{
    char folder[300];
    bool left = false;
    snprintf(folder, sizeof folder, "%s/deep er", fixture->folder);
    DIR *all = opendir(folder);
    assert_non_null(all);
    for (const struct dirent *entry; (entry = readdir(all));)
        left |= strstr(entry->d_name, what) != NULL;
    closedir(all);
    return left;
}

/* Each once, and in order. */
static void assert_there(struct spool_fixture *fixture, unsigned messages, unsigned calls, unsigned states)
{
    unsigned found = 0, of_class[SPOOL_CLASS_COUNT] = {0};
    fixture_read(fixture, "b0", &seen);
    for (size_t i = 0; i < seen.count; i++) {
        of_class[seen.class[i]]++;
        assert_true(i == 0 || seen.class[i] > seen.class[i - 1] || seen.id[i] > seen.id[i - 1]);
    }
    assert_int_equal(spool_list(fixture->spool, "distress", count_state, &found), ATALAYA_OK);
    assert_int_equal(of_class[SPOOL_MESSAGE], messages);
    assert_int_equal(of_class[SPOOL_DISTRESS], calls);
    assert_int_equal(found, states);
    assert_false(is_left(fixture, "-pending"));
}

/* Time flies from this statement on: what was read before is there, as are `messages` at most, and the tower
 * is up, well but for the damage, and does not begin anew with the next start. */
static void hurry(struct spool_fixture *fixture, const char *from, int64_t by_ns, unsigned calls,
                  unsigned states)
{
    struct spool_counts counts;
    slow = from;
    slow_ns = by_ns;
    fixture_open(fixture);
    slow = NULL;
    flies_ns = 0;
    spool_counts(fixture->spool, &counts);
    assert_true(counts.damaged && !counts.failing);
    const unsigned messages = (unsigned)counts.waiting[SPOOL_MESSAGE];
    assert_there(fixture, messages, calls, states);
    if (by_ns < INT64_C(1000000000)) /* in the midst of them */
        assert_in_range(messages, 1, MESSAGES - 1);
    else
        assert_int_equal(messages, 0);
    assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t/d", "call", NULL), ATALAYA_OK);
    fixture_close(fixture);
    fixture_open(fixture);
    spool_counts(fixture->spool, &counts);
    assert_false(counts.damaged || counts.failing);
    assert_there(fixture, messages, calls + 1, states);
}

static void routine_takes_too_long(void **state)
{
    hurry(*state, "AND class > 0", INT64_C(5000000000), CALLS, STATES);
}

static void it_is_late_amid_the_routine(void **state)
{
    hurry(*state, "AND class > 0", INT64_C(200000000), CALLS, STATES);
}

static void states_take_too_long(void **state)
{
    hurry(*state, "FROM state NOT INDEXED", INT64_C(5000000000), CALLS, 0);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* As much as there is room for, at every size, and however often it is tried meanwhile: a stage that finds no
 * room is not one that kills. */
static void the_disk_is_full(void **state)
{
    struct spool_counts counts;
    unsigned full = 0;
    fixture_destroy(*state);
    for (rlim_t room = 4096;; room += 4096) {
        set_up(state);
        struct spool_fixture *fixture = *state;
        limit_file_size(room);
        fixture_open(fixture);
        spool_counts(fixture->spool, &counts);
        bool was_full = counts.failing;
        for (int i = 0; was_full && i < 3 * TRIES; i++) /* some get a stage farther each time */
            (void)spool_commit(fixture->spool);
        if (was_full)
            (void)fixture_append(fixture, SPOOL_DISTRESS, "t/d", "call", NULL);
        spool_counts(fixture->spool, &counts);
        full += counts.failing;
        limit_file_size(RLIM_INFINITY);
        assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
        spool_counts(fixture->spool, &counts);
        assert_true(counts.damaged && !counts.failing);
        for (int again = 0; again < 2; again++) {
            assert_there(fixture, MESSAGES, CALLS + was_full, STATES);
            fixture_close(fixture);
            fixture_open(fixture);
        }
        if (!was_full)
            break;
        fixture_destroy(fixture);
    }
    assert_true(full > 5);
}

/* Not even the mark by which the next run would know that something is to be taken over. */
static void the_disk_is_full_and_the_power_goes(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    int status, fd = open(fixture->config.spool.path, O_WRONLY);
    assert_int_equal(pwrite(fd, "no database", 11, 0), 11); /* seen before anything is written */
    (void)close(fd);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        limit_file_size(1);
        fixture_open(fixture);
        spool_counts(fixture->spool, &counts);
        assert_true(counts.failing && strstr(counts.error, "damaged, and stays in its place"));
        (void)spool_commit(fixture->spool);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    fixture_open(fixture);
    spool_counts(fixture->spool, &counts);
    assert_true(counts.damaged && !counts.failing);
    assert_there(fixture, MESSAGES, CALLS, STATES);
}

static void spoil(const struct spool_fixture *fixture)
{
    char name[600];
    FILE *file = fopen(fixture->config.spool.path, "wb");
    assert_non_null(file);
    for (int i = 0; i < 8192; i++)
        (void)fputc(rand() % 256, file);
    (void)fclose(file);
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "%s-%s", fixture->config.spool.path, i ? "wal" : "shm");
        (void)unlink(name);
    }
}

static bool start_is_killed(struct spool_fixture *fixture)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        fixture_open(fixture);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* Killed when all of distress and states was in the new one, and that goes bad: they are read anew. */
static void the_new_one_goes_bad(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    deadly = "AND class > 0";
    assert_true(start_is_killed(fixture));
    deadly = NULL;
    assert_true(is_left(fixture, "-pending"));
    spoil(fixture);
    fixture_open(fixture);
    spool_counts(fixture->spool, &counts);
    assert_true(counts.damaged && !counts.failing);
    assert_there(fixture, MESSAGES, CALLS, STATES);
    fixture_close(fixture);
    fixture_open(fixture);
    spool_counts(fixture->spool, &counts);
    assert_false(counts.damaged || counts.failing);
    assert_there(fixture, MESSAGES, CALLS, STATES);
}

/* Where that happens each time, and something kills each time, too, it comes to an end. */
static void the_new_one_goes_bad_each_time(void **state)
{
    struct spool_fixture *fixture = *state;
    unsigned starts_made = 1;
    deadly = " FROM leaf";
    for (; start_is_killed(fixture); starts_made++) {
        assert_true(starts_made < 50);
        spoil(fixture);
    }
    assert_in_range(starts_made, 2, 2 * TRIES + 2);
    fixture_open(fixture);
    deadly = NULL;
    assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t/d", "call", NULL), ATALAYA_OK);
    assert_false(is_left(fixture, "-pending"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_kills),
        TEST(distress_kills),
        TEST(states_kill),
        TEST(routine_kills),
        TEST(lost_pages_kill),
        TEST(whatever_is_done_kills),
        TEST(noise_marks_it),
        TEST(routine_takes_too_long),
        TEST(it_is_late_amid_the_routine),
        TEST(states_take_too_long),
        TEST(the_disk_is_full),
        TEST(the_disk_is_full_and_the_power_goes),
        TEST(the_new_one_goes_bad),
        TEST(the_new_one_goes_bad_each_time),
    };
    (void)signal(SIGXFSZ, SIG_IGN);
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
