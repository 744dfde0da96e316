/* SPDX-License-Identifier: Apache-2.0 */
/* What a broker is sent, in which order, and what it is not sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "spool_fixture.h"

static struct seen seen; /* large */

static void expect(struct spool_fixture *fixture, const char *broker, const char *payloads)
{
    char got[4096] = "";
    fixture_read(fixture, broker, &seen);
    for (size_t i = 0; i < seen.count; i++) {
        strcat(got, seen.payload[i]);
        strcat(got, " ");
    }
    assert_string_equal(got, payloads);
}

static void fill(struct spool_fixture *fixture)
{
    fixture_append(fixture, SPOOL_STATS, "t", "s1", NULL);
    fixture_append(fixture, SPOOL_POSITION, "t", "p1", NULL);
    fixture_append(fixture, SPOOL_MESSAGE, "t", "m1", NULL);
    fixture_append(fixture, SPOOL_DISTRESS, "t", "d1", NULL);
    fixture_append(fixture, SPOOL_UNIT, "t", "u1", NULL);
    fixture_append(fixture, SPOOL_MESSAGE, "t", "m2", NULL);
    fixture_append(fixture, SPOOL_DISTRESS, "t", "d2", NULL);
    fixture_append(fixture, SPOOL_POSITION, "t", "p2", NULL);
}

static void classes_in_order_and_fifo_within_from_memory_and_disk(void **state)
{
    expect(*state, "b0", "");
    fill(*state);
    expect(*state, "b0", "d1 d2 m1 m2 p1 p2 u1 s1 "); /* routine is still in memory */
    assert_int_equal(spool_commit(((struct spool_fixture *)*state)->spool), ATALAYA_OK);
    expect(*state, "b0", "d1 d2 m1 m2 p1 p2 u1 s1 ");
    fixture_append(*state, SPOOL_MESSAGE, "t", "m3", NULL); /* merged */
    expect(*state, "b0", "d1 d2 m1 m2 m3 p1 p2 u1 s1 ");
    fixture_close(*state);
    fixture_open(*state);
    expect(*state, "b0", "d1 d2 m1 m2 m3 p1 p2 u1 s1 ");
}

static void in_flight_is_skipped_and_max_is_kept(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_reader *reader;
    fill(fixture);
    spool_commit(fixture->spool);
    fixture_append(fixture, SPOOL_MESSAGE, "t", "m3", NULL);
    fixture_read(fixture, "b0", &seen);
    int64_t in_flight[3] = {seen.id[4], seen.id[0], seen.id[2]}; /* m3 (memory), d1, m1 */
    assert_int_equal(spool_reader_open(fixture->config.spool.path, "b0", &reader), ATALAYA_OK);
    seen.count = 0;
    size_t count;
    assert_int_equal(spool_reader_next(reader, in_flight, 3, 3, seen_add, &seen, &count), ATALAYA_OK);
    spool_reader_close(reader);
    assert_int_equal(count, 3);
    assert_string_equal(seen.payload[0], "d2");
    assert_string_equal(seen.payload[1], "m2");
    assert_string_equal(seen.payload[2], "p1");
}

static void each_broker_takes_its_own(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    int64_t memory, disk;
    fixture_append(fixture, SPOOL_MESSAGE, "t", "disk", &disk);
    spool_commit(fixture->spool);
    fixture_append(fixture, SPOOL_MESSAGE, "t", "memory", &memory);
    int64_t ids[] = {disk, memory, 123456}; /* an unknown one does no harm */
    assert_int_equal(spool_delivered(fixture->spool, 1, ids, 3), ATALAYA_OK);
    expect(fixture, "b1", ""); /* even before the commit */
    expect(fixture, "b0", "disk memory ");
    spool_commit(fixture->spool);
    expect(fixture, "b1", "");
    expect(fixture, "b0", "disk memory ");
    spool_delivered(fixture->spool, 0, ids, 2);
    spool_commit(fixture->spool);
    spool_counts(fixture->spool, &counts);
    assert_int_equal(counts.waiting[SPOOL_MESSAGE], 0);
    assert_int_equal(counts.bytes, 0);
    assert_int_equal(counts.delivered, 4);
    assert_int_equal(counts.oldest_utc_ns, 0);
    assert_int_equal(spool_delivered(fixture->spool, 2, ids, 1), ATALAYA_E_ARGUMENT);
}

static void what_the_link_reports_taken_is_never_shown_again(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_reader *reader;
    int64_t first, second;
    size_t count;
    fixture_append(fixture, SPOOL_MESSAGE, "t", "one", &first);
    spool_commit(fixture->spool);
    fixture_append(fixture, SPOOL_MESSAGE, "t", "two", &second);
    spool_reader_open(fixture->config.spool.path, "b0", &reader);
    int64_t ids[] = {first, second};
    spool_reader_taken(reader, ids, 2);
    seen.count = 0;
    assert_int_equal(spool_reader_next(reader, NULL, 0, 10, seen_add, &seen, &count), ATALAYA_OK);
    assert_int_equal(count, 0);
    spool_commit(fixture->spool); /* "two" goes to disk between the two reports */
    assert_int_equal(spool_reader_next(reader, NULL, 0, 10, seen_add, &seen, &count), ATALAYA_OK);
    assert_int_equal(count, 0);
    spool_delivered(fixture->spool, 0, ids, 2);
    spool_commit(fixture->spool);
    assert_int_equal(spool_reader_next(reader, NULL, 0, 10, seen_add, &seen, &count), ATALAYA_OK);
    assert_int_equal(count, 0);
    spool_reader_close(reader);
    expect(fixture, "b1", "one two ");
}

/* The main thread hangs on its disk while a broker takes: there is no place left to note it. */
static void what_is_taken_while_nobody_writes_it_down_is_not_sent_again(void **state)
{
    enum { NOTED_MAX = 4096 };
    struct spool_fixture *fixture = *state;
    struct spool_reader *reader;
    static int64_t others[NOTED_MAX];
    int64_t on_disk, in_memory;
    size_t count;
    fixture_append(fixture, SPOOL_MESSAGE, "t", "disk", &on_disk);
    spool_commit(fixture->spool);
    fixture_append(fixture, SPOOL_MESSAGE, "t", "memory", &in_memory);
    spool_reader_open(fixture->config.spool.path, "b0", &reader);
    others[0] = on_disk;
    for (int i = 1; i < NOTED_MAX; i++)
        others[i] = INT64_MAX - i;
    spool_reader_taken(reader, others, NOTED_MAX);
    seen.count = 0;
    assert_int_equal(spool_reader_next(reader, NULL, 0, 10, seen_add, &seen, &count), ATALAYA_OK);
    assert_int_equal(count, 1); /* what stands in memory alone goes out even so */
    spool_reader_taken(reader, &in_memory, 1);
    assert_int_equal(spool_reader_next(reader, NULL, 0, 10, seen_add, &seen, &count), ATALAYA_OK);
    assert_int_equal(count, 0);
    spool_reader_close(reader);
    expect(fixture, "b1", "disk memory ");
    /* An id that finds no place does not take those behind it along. */
    const int64_t reported[] = {INT64_MAX - 5000, on_disk, in_memory};
    assert_int_equal(spool_delivered(fixture->spool, 0, reported, 3), ATALAYA_E_FULL);
    spool_commit(fixture->spool);
    fixture_close(fixture);
    fixture_open(fixture);
    expect(fixture, "b0", "");
    expect(fixture, "b1", "disk memory ");
}

static void replace_drops_what_waits_of_the_same_class_and_topic(void **state)
{
    struct spool_fixture *fixture = *state;
    fixture_append(fixture, SPOOL_UNIT, "unit/a", "a1", NULL);
    fixture_append(fixture, SPOOL_UNIT, "unit/b", "b1", NULL);
    fixture_append(fixture, SPOOL_POSITION, "unit/a", "p1", NULL);
    spool_commit(fixture->spool);
    fixture_append(fixture, SPOOL_UNIT, "unit/a", "a2", NULL);
    struct spool_item item = {.class = SPOOL_UNIT,
                              .topic = "unit/a",
                              .payload = "a3",
                              .length = 2,
                              .replace = true,
                              .retain = true,
                              .expiry_s = 86400};
    assert_int_equal(spool_append(fixture->spool, &item), ATALAYA_OK);
    spool_commit(fixture->spool);
    expect(fixture, "b0", "p1 b1 a3 ");
    expect(fixture, "b1", "p1 b1 a3 ");
    struct spool_counts counts;
    spool_counts(fixture->spool, &counts);
    assert_int_equal(counts.waiting[SPOOL_UNIT], 2);
    assert_int_equal(counts.bytes, 3 * (6 + 2));
    assert_int_equal(counts.replaced, 2); /* a1 on disk, a2 before it was written */
}

static void every_field_survives(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool_item item = {.class = SPOOL_UNIT,
                              .topic = "site/S/unit/N0CALL-9",
                              .payload = "",
                              .retain = true,
                              .expiry_s = 4000000000u};
    struct spool_item before;
    uint64_t boot = spool_boot(fixture->spool);
    assert_int_equal(spool_append(fixture->spool, &item), ATALAYA_OK);
    before = item;
    fixture_close(fixture);
    fixture_open(fixture);
    assert_true(spool_boot(fixture->spool) > boot);
    struct spool_counts counts;
    fixture_read(fixture, "b0", &seen);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.id[0], before.id);
    assert_string_equal(seen.topic[0], "site/S/unit/N0CALL-9");
    assert_string_equal(seen.payload[0], "");
    spool_counts(fixture->spool, &counts);
    assert_int_equal(counts.oldest_utc_ns, before.created_utc_ns);
    int64_t later;
    fixture_append(fixture, SPOOL_UNIT, "t", "x", &later);
    assert_true(later > before.id);
    assert_int_equal(before.boot, boot);
}

static void bad_items_are_refused(void **state)
{
    struct spool_fixture *fixture = *state;
    static char longest[SPOOL_PAYLOAD_MAX + 1], topic[SPOOL_TOPIC_MAX + 1];
    memset(topic, 't', SPOOL_TOPIC_MAX);
    struct spool_item item = {
        .class = SPOOL_MESSAGE, .topic = "t", .payload = longest, .length = sizeof longest};
    assert_int_equal(spool_append(fixture->spool, &item), ATALAYA_E_ARGUMENT);
    item.length = SPOOL_PAYLOAD_MAX;
    assert_int_equal(spool_append(fixture->spool, &item), ATALAYA_OK);
    item.topic = topic;
    assert_int_equal(spool_append(fixture->spool, &item), ATALAYA_E_ARGUMENT);
    item.topic = "t";
    item.class = SPOOL_CLASS_COUNT;
    assert_int_equal(spool_append(fixture->spool, &item), ATALAYA_E_ARGUMENT);
}

static void files_are_for_the_owner_alone(void **state)
{
    struct spool_fixture *fixture = *state;
    struct stat status;
    char name[CONFIG_PATH_MAX + 8];
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        strcpy(name, fixture->config.spool.path);
        strcat(name, tails[i]);
        assert_int_equal(stat(name, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    *strrchr(name, '/') = '\0';
    assert_int_equal(stat(name, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
}

static void a_second_gateway_is_refused(void **state)
{
    struct spool_fixture *fixture = *state;
    struct spool *second;
    assert_int_equal(spool_open(&fixture->config, &second), ATALAYA_E_DENIED);
    assert_null(second);
    assert_int_equal(fixture_append(fixture, SPOOL_DISTRESS, "t", "d", NULL), ATALAYA_OK);
}

#define SPOOL_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPOOL_TEST(classes_in_order_and_fifo_within_from_memory_and_disk),
        SPOOL_TEST(in_flight_is_skipped_and_max_is_kept),
        SPOOL_TEST(each_broker_takes_its_own),
        SPOOL_TEST(what_the_link_reports_taken_is_never_shown_again),
        SPOOL_TEST(what_is_taken_while_nobody_writes_it_down_is_not_sent_again),
        SPOOL_TEST(replace_drops_what_waits_of_the_same_class_and_topic),
        SPOOL_TEST(every_field_survives),
        SPOOL_TEST(bad_items_are_refused),
        SPOOL_TEST(files_are_for_the_owner_alone),
        SPOOL_TEST(a_second_gateway_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
