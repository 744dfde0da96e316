/* SPDX-License-Identifier: Apache-2.0 */
/* Limits, the reserve for distress, who is dropped first, and counters that survive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <cmocka.h>

#include "spool_fixture.h"

enum { PAYLOAD = 1000, ROW = PAYLOAD + 1 + 128 /* topic "t" and the fixed share of an item */ };
static struct seen seen;

static int setup(void **state)
{
    struct spool_fixture *fixture = fixture_create(1);
    fixture->config.spool.limit_bytes = 10 * ROW;
    fixture->config.spool.reserve_bytes = 5 * ROW;
    fixture_open(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_destroy(*state);
    return 0;
}

static enum atalaya_result append(struct spool_fixture *fixture, enum spool_class class, int number)
{
    char payload[PAYLOAD + 1];
    memset(payload, ' ', PAYLOAD);
    payload[PAYLOAD] = '\0';
    char digits[16];
    int n = snprintf(digits, sizeof digits, "%d", number);
    memcpy(payload, digits, (size_t)n);
    return fixture_append(fixture, class, "t", payload, NULL);
}

static void fill(struct spool_fixture *fixture, enum spool_class class, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(append(fixture, class, i), ATALAYA_OK);
    assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
}

static struct spool_counts counts(struct spool_fixture *fixture)
{
    struct spool_counts now;
    spool_counts(fixture->spool, &now);
    return now;
}

static void the_oldest_of_the_least_important_class_goes_first(void **state)
{
    struct spool_fixture *fixture = *state;
    fill(fixture, SPOOL_STATS, 4);
    fill(fixture, SPOOL_MESSAGE, 6); /* exactly full */
    assert_int_equal(counts(fixture).dropped[SPOOL_STATS], 0);
    fill(fixture, SPOOL_POSITION, 1);
    assert_int_equal(counts(fixture).dropped[SPOOL_STATS], 1);
    fixture_read(fixture, "b0", &seen);
    assert_int_equal(seen.count, 10);
    assert_int_equal(seen.class[7], SPOOL_STATS);
    assert_int_equal(atoi(seen.payload[7]), 1); /* 0 was the oldest */
    fill(fixture, SPOOL_MESSAGE, 5);
    assert_int_equal(counts(fixture).dropped[SPOOL_STATS], 4);
    assert_int_equal(counts(fixture).dropped[SPOOL_POSITION], 1);
    assert_int_equal(counts(fixture).dropped[SPOOL_MESSAGE], 1);
    fill(fixture, SPOOL_STATS, 1); /* less important than all that is there */
    assert_int_equal(counts(fixture).dropped[SPOOL_STATS], 5);
    assert_int_equal(counts(fixture).waiting[SPOOL_MESSAGE], 10);
}

static void counters_survive(void **state)
{
    struct spool_fixture *fixture = *state;
    fill(fixture, SPOOL_STATS, 13);
    fixture_close(fixture);
    fixture_open(fixture);
    assert_int_equal(counts(fixture).dropped[SPOOL_STATS], 3);
    assert_int_equal(counts(fixture).waiting[SPOOL_STATS], 10);
    assert_int_equal(counts(fixture).bytes, 10 * (PAYLOAD + 1));
    fill(fixture, SPOOL_STATS, 1);
    assert_int_equal(counts(fixture).dropped[SPOOL_STATS], 4);
}

static void distress_has_the_reserve_then_pushes_routine_out_then_is_refused_aloud(void **state)
{
    struct spool_fixture *fixture = *state;
    fill(fixture, SPOOL_MESSAGE, 10);
    fill(fixture, SPOOL_DISTRESS, 5);
    assert_int_equal(counts(fixture).waiting[SPOOL_MESSAGE], 10);
    fill(fixture, SPOOL_DISTRESS, 1);
    assert_int_equal(counts(fixture).waiting[SPOOL_MESSAGE], 9);
    fill(fixture, SPOOL_DISTRESS, 9);
    assert_int_equal(counts(fixture).waiting[SPOOL_MESSAGE], 0);
    assert_int_equal(counts(fixture).dropped[SPOOL_MESSAGE], 10);
    assert_int_equal(append(fixture, SPOOL_DISTRESS, 0), ATALAYA_E_FULL);
    assert_int_equal(counts(fixture).waiting[SPOOL_DISTRESS], 15);
    assert_int_equal(counts(fixture).dropped[SPOOL_DISTRESS], 0);
    int64_t id;
    fixture_read(fixture, "b0", &seen);
    id = seen.id[0];
    spool_delivered(fixture->spool, 0, &id, 1);
    spool_commit(fixture->spool);
    assert_int_equal(append(fixture, SPOOL_DISTRESS, 0), ATALAYA_OK);
}

static void the_file_shrinks_after_a_long_absence_of_the_broker(void **state)
{
    struct spool_fixture *fixture = *state;
    struct stat before, after;
    fixture_close(fixture);
    fixture->config.spool.limit_bytes = 64 << 20;
    fixture_open(fixture);
    fill(fixture, SPOOL_MESSAGE, 3000);
    for (int round = 0; round < 40; round++) {
        fixture_read(fixture, "b0", &seen);
        spool_delivered(fixture->spool, 0, seen.id, seen.count < 100 ? seen.count : 100);
        spool_commit(fixture->spool);
        if (round == 10)
            assert_int_equal(stat(fixture->config.spool.path, &before), 0);
    }
    fill(fixture, SPOOL_MESSAGE, 2000);
    fixture_read(fixture, "b0", &seen);
    spool_delivered(fixture->spool, 0, seen.id, seen.count);
    fixture_close(fixture);
    fixture_open(fixture);
    assert_int_equal(counts(fixture).waiting[SPOOL_MESSAGE], 0);
    fixture_close(fixture);
    assert_int_equal(stat(fixture->config.spool.path, &after), 0);
    assert_true(after.st_size < 1 << 20);
    assert_true(before.st_size > 3 << 20);
    fixture_open(fixture);
}

static void a_delivery_does_not_get_dearer_with_what_waits(void **state)
{
    struct spool_fixture *fixture = *state;
    fixture_close(fixture);
    fixture->config.spool.limit_bytes = 64 << 20;
    fixture_open(fixture);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(fixture_append(fixture, SPOOL_MESSAGE, "t", "x", NULL), ATALAYA_OK);
    spool_commit(fixture->spool);
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    for (int64_t id = 1; id <= 2000; id++)
        spool_delivered(fixture->spool, 0, &id, 1);
    spool_commit(fixture->spool);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    assert_int_equal(counts(fixture).waiting[SPOOL_MESSAGE], 18000);
    double cpu_s = (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    assert_true(cpu_s < 1.0); /* a scan of all claims for each takes several seconds */
}

#define SPOOL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(the_oldest_of_the_least_important_class_goes_first),
        SPOOL_TEST(counters_survive),
        SPOOL_TEST(distress_has_the_reserve_then_pushes_routine_out_then_is_refused_aloud),
        SPOOL_TEST(a_delivery_does_not_get_dearer_with_what_waits),
        SPOOL_TEST(the_file_shrinks_after_a_long_absence_of_the_broker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
