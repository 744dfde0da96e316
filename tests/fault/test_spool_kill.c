/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 at random moments: whatever the spool acknowledged is there afterwards, once, and no step is half
 * there. The child reports through a pipe only what has returned ATALAYA_OK. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "spool_fixture.h"

enum { ROUNDS = 60, PENDING_MAX = 64, LIFE_MAX_US = 60000 };

static struct seen seen;

static void report(int pipe_out, const int64_t *ids, size_t count)
{
    if (write(pipe_out, ids, count * sizeof *ids) != (ssize_t)(count * sizeof *ids))
        _exit(1);
}

static void step(struct spool *spool, int pipe_out, int number)
{
    char key[24], value[24];
    snprintf(key, sizeof key, "%d", number);
    struct spool_item item = {
        .class = SPOOL_DISTRESS, .topic = "distress", .payload = key, .length = strlen(key)};
    snprintf(value, sizeof value, "item %d", number);
    if (spool_step(spool, "distress", key, value, strlen(value), &item, 1) != ATALAYA_OK)
        _exit(2);
    report(pipe_out, &item.id, 1);
}

/* Never returns: ends by SIGKILL. */
static void child(const struct config *config, int pipe_out, int round)
{
    struct spool *spool;
    int64_t pending[PENDING_MAX];
    size_t count = 0;
    if (spool_open(config, &spool) != ATALAYA_OK)
        _exit(3);
    for (int i = 0;; i++) {
        struct spool_item item = {
            .class = (enum spool_class)(1 + i % 4), .topic = "t", .payload = "p", .length = 1};
        if (i % 5 == 0) {
            step(spool, pipe_out, round * 1000000 + i);
            continue;
        }
        if (spool_append(spool, &item) != ATALAYA_OK)
            _exit(4);
        pending[count++] = item.id;
        if (i % 17 == 0 || count == PENDING_MAX) {
            if (spool_commit(spool) != ATALAYA_OK)
                _exit(5);
            report(pipe_out, pending, count);
            count = 0;
        }
    }
}

static size_t run_and_kill(const struct config *config, int round, int64_t *acknowledged, size_t max)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        child(config, ends[1], round);
    }
    close(ends[1]);
    struct timespec life = {.tv_nsec = 1000L * (rand() % LIFE_MAX_US)};
    struct pollfd first = {.fd = ends[0], .events = POLLIN};
    if (round % 2) /* the others may die while they open; these have acknowledged something, on any machine */
        assert_int_equal(poll(&first, 1, 30000), 1);
    nanosleep(&life, NULL);
    int status;
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    size_t count = 0;
    while (count < max && read(ends[0], &acknowledged[count], sizeof *acknowledged) == sizeof *acknowledged)
        count++;
    close(ends[0]);
    return count;
}

struct states {
    size_t count;
    char keys[FIXTURE_SEEN_MAX][24];
};

static void collect(void *context, const char *key, const void *value, size_t length)
{
    struct states *states = context;
    (void)value;
    (void)length;
    assert_true(states->count < FIXTURE_SEEN_MAX);
    snprintf(states->keys[states->count++], sizeof states->keys[0], "%s", key);
}

static bool seen_id(int64_t id)
{
    for (size_t i = 0; i < seen.count; i++)
        if (seen.id[i] == id)
            return true;
    return false;
}

static bool seen_step(const char *key)
{
    for (size_t i = 0; i < seen.count; i++)
        if (seen.class[i] == SPOOL_DISTRESS && strcmp(seen.payload[i], key) == 0)
            return true;
    return false;
}

static void nothing_acknowledged_is_lost_and_no_step_is_half_done(void **state)
{
    static struct states states;
    static int64_t acknowledged[FIXTURE_SEEN_MAX];
    struct spool_fixture *fixture = *state;
    size_t total = 0, short_lives = 0;
    uint64_t boot = 0;
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = run_and_kill(&fixture->config, round, acknowledged, FIXTURE_SEEN_MAX);
        struct spool_counts counts;
        fixture_open(fixture);
        spool_counts(fixture->spool, &counts);
        assert_false(counts.damaged);
        assert_true(spool_boot(fixture->spool) > boot);
        boot = spool_boot(fixture->spool);
        fixture_read(fixture, "b0", &seen);
        for (size_t i = 0; i < count; i++)
            assert_true(seen_id(acknowledged[i]));
        states.count = 0;
        assert_int_equal(spool_list(fixture->spool, "distress", collect, &states), ATALAYA_OK);
        size_t steps = 0;
        for (size_t i = 0; i < seen.count; i++)
            steps += seen.class[i] == SPOOL_DISTRESS;
        assert_int_equal(states.count, steps);
        for (size_t i = 0; i < states.count; i++) {
            assert_true(seen_step(states.keys[i]));
            spool_put(fixture->spool, SPOOL_UNIT, "distress", states.keys[i], NULL, 0);
        }
        assert_int_equal(spool_delivered(fixture->spool, 0, seen.id, seen.count), ATALAYA_OK);
        fixture_close(fixture);
        total += count;
        short_lives += count == 0;
    }
    print_message("%zu acknowledged over %d kills, %zu before the first\n", total, ROUNDS, short_lives);
    assert_true(total > ROUNDS && short_lives <= ROUNDS / 2);
}

int main(void)
{
    struct spool_fixture *fixture = fixture_create(1);
    srand((unsigned)time(NULL));
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(nothing_acknowledged_is_lost_and_no_step_is_half_done, fixture),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_destroy(fixture);
    return failed;
}
