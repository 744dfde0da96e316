/* SPDX-License-Identifier: Apache-2.0 */
/* One writer and two link threads at work together: each broker gets everything, in order within its class,
 * nothing twice. Meant for the thread sanitizer too. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "spool_fixture.h"

enum { ITEMS = 3000, WINDOW = 20 };

/* A link's acknowledgements on their way to the main thread. */
struct link_side {
    const char *path;
    char name[8];
    pthread_t thread;
    pthread_mutex_t mutex;
    int64_t acknowledged[ITEMS];
    size_t acknowledged_count, reported;
    int64_t window[WINDOW];
    size_t window_count, received, out_of_order, errors;
    int64_t last[SPOOL_CLASS_COUNT];
    atomic_bool stop;
};

static void receive(void *context, const struct spool_item *item)
{
    struct link_side *link = context;
    link->window[link->window_count++] = item->id;
    link->received++;
    if (item->id <= link->last[item->class])
        link->out_of_order++;
    link->last[item->class] = item->id;
}

static void *link_thread(void *context)
{
    struct link_side *link = context;
    struct spool_reader *reader;
    if (spool_reader_open(link->path, link->name, &reader) != ATALAYA_OK)
        return NULL;
    while (!atomic_load(&link->stop) && link->received < ITEMS) {
        size_t count;
        link->errors += spool_reader_next(reader, link->window, link->window_count, WINDOW, receive, link,
                                          &count) != ATALAYA_OK;
        spool_reader_taken(reader, link->window, link->window_count);
        pthread_mutex_lock(&link->mutex);
        memcpy(link->acknowledged + link->acknowledged_count, link->window,
               link->window_count * sizeof(int64_t));
        link->acknowledged_count += link->window_count;
        pthread_mutex_unlock(&link->mutex);
        link->window_count = 0;
        if (count == 0)
            usleep(200);
    }
    spool_reader_close(reader);
    return NULL;
}

static void drain(struct spool *spool, struct link_side *link, unsigned broker)
{
    int64_t ids[64];
    size_t count;
    do {
        pthread_mutex_lock(&link->mutex);
        count = link->acknowledged_count - link->reported;
        count = count > 64 ? 64 : count;
        memcpy(ids, link->acknowledged + link->reported, count * sizeof *ids);
        link->reported += count;
        pthread_mutex_unlock(&link->mutex);
        assert_int_equal(spool_delivered(spool, broker, ids, count), ATALAYA_OK);
    } while (count > 0);
}

static void both_brokers_get_everything_once_and_in_order(void **state)
{
    static struct link_side links[2];
    struct spool_fixture *fixture = *state;
    struct spool_counts counts;
    fixture_open(fixture);
    for (unsigned b = 0; b < 2; b++) {
        links[b].path = fixture->config.spool.path;
        snprintf(links[b].name, sizeof links[b].name, "b%u", b);
        pthread_mutex_init(&links[b].mutex, NULL);
        assert_int_equal(pthread_create(&links[b].thread, NULL, link_thread, &links[b]), 0);
    }
    for (int i = 0; i < ITEMS; i++) {
        enum spool_class class = i % 50 == 0 ? SPOOL_DISTRESS : (enum spool_class)(1 + i % 4);
        assert_int_equal(fixture_append(fixture, class, "t", "payload", NULL), ATALAYA_OK);
        for (unsigned b = 0; b < 2; b++)
            drain(fixture->spool, &links[b], b);
        if (i % 100 == 99)
            assert_int_equal(spool_commit(fixture->spool), ATALAYA_OK);
    }
    for (int wait = 0; wait < 4000 && links[0].reported + links[1].reported < 2 * ITEMS; wait++) {
        for (unsigned b = 0; b < 2; b++)
            drain(fixture->spool, &links[b], b);
        usleep(1000);
    }
    for (unsigned b = 0; b < 2; b++) {
        atomic_store(&links[b].stop, true);
        pthread_join(links[b].thread, NULL);
        pthread_mutex_destroy(&links[b].mutex);
        assert_int_equal(links[b].received, ITEMS);
        assert_int_equal(links[b].out_of_order, 0);
        assert_int_equal(links[b].errors, 0);
    }
    spool_commit(fixture->spool);
    spool_counts(fixture->spool, &counts);
    assert_int_equal(counts.delivered, 2 * ITEMS);
    assert_int_equal(counts.bytes, 0);
}

int main(void)
{
    struct spool_fixture *fixture = fixture_create(2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(both_brokers_get_everything_once_and_in_order, fixture),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_destroy(fixture);
    return failed;
}
