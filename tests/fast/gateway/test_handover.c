/* SPDX-License-Identifier: Apache-2.0 */
/* The hand-over keeps order, loses only the oldest routine receptions, and never distress. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "atalaya/gateway/clock.h"
#include "atalaya/gateway/handover.h"

enum { PRODUCERS = 4, ROUTINE_EACH = 4000, URGENT_EVERY = 10, CAPACITY = 16 };

/* The sequence number travels in first_bit, the producer in copies, urgency in distress; the raw bytes prove
 * that a copy is whole. */
static void fill(struct reception *reception, unsigned producer, uint64_t sequence, bool urgent)
{
    reception->copies = producer;
    reception->message.first_bit = sequence;
    reception->message.distress = urgent ? DISTRESS_RAISED : DISTRESS_NONE;
    memset(reception->message.raw, (int)(sequence & 0xff), sizeof reception->message.raw);
}

static bool is_whole(const struct reception *reception)
{
    const uint8_t *raw = reception->message.raw;
    return raw[0] == (reception->message.first_bit & 0xff) && memcmp(raw, raw + 1, MESSAGE_RAW_MAX - 1) == 0;
}

static bool is_readable(const struct handover *handover)
{
    struct pollfd poll_fd = {.fd = handover_fd(handover), .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 1;
}

static struct handover *create(size_t capacity)
{
    struct handover *handover = NULL;
    assert_int_equal(handover_create(capacity, &handover), ATALAYA_OK);
    return handover;
}

static void put(struct handover *handover, uint64_t sequence, bool urgent)
{
    static struct reception reception;
    fill(&reception, 0, sequence, urgent);
    assert_int_equal(handover_put(handover, &reception, urgent, false), ATALAYA_OK);
}

static void expect(struct handover *handover, uint64_t sequence)
{
    static struct reception reception;
    assert_true(handover_take(handover, &reception));
    assert_int_equal(reception.message.first_bit, sequence);
    assert_true(is_whole(&reception));
}

static void test_urgent_first_then_in_order(void **state)
{
    (void)state;
    struct handover *handover = create(8);
    for (uint64_t i = 0; i < 6; i++)
        put(handover, i, i == 2 || i == 4);
    static const uint64_t order[] = {2, 4, 0, 1, 3, 5};
    for (size_t i = 0; i < 6; i++)
        expect(handover, order[i]);
    struct reception none;
    assert_false(handover_take(handover, &none));
    handover_destroy(handover);
}

static void test_full_drops_the_oldest_routine_only(void **state)
{
    (void)state;
    struct handover *handover = create(3);
    put(handover, 0, true);
    put(handover, 1, false);
    put(handover, 2, false);
    put(handover, 3, false); /* 1 goes */
    put(handover, 4, true);  /* 2 goes */
    assert_int_equal(handover_dropped(handover), 2);
    expect(handover, 0);
    expect(handover, 4);
    expect(handover, 3);
    handover_destroy(handover);
}

static void test_routine_among_distress_alone_is_the_one_dropped(void **state)
{
    (void)state;
    struct handover *handover = create(2);
    put(handover, 0, true);
    put(handover, 1, true);
    static struct reception reception;
    assert_int_equal(handover_put(handover, &reception, false, false), ATALAYA_E_FULL);
    assert_int_equal(handover_dropped(handover), 1);
    expect(handover, 0);
    expect(handover, 1);
    handover_destroy(handover);
}

static void test_fd_is_readable_while_something_waits(void **state)
{
    (void)state;
    struct handover *handover = create(2);
    for (int round = 0; round < 3; round++) {
        assert_false(is_readable(handover));
        put(handover, 0, false);
        put(handover, 1, round == 1);
        put(handover, 2, false);
        assert_true(is_readable(handover));
        struct reception reception;
        assert_true(handover_take(handover, &reception));
        assert_true(is_readable(handover));
        assert_true(handover_take(handover, &reception));
    }
    assert_false(is_readable(handover));
    handover_destroy(handover);
}

static void test_impossible_capacity_is_refused(void **state)
{
    (void)state;
    struct handover *handover = NULL;
    assert_int_equal(handover_create(0, &handover), ATALAYA_E_ARGUMENT);
    assert_int_equal(handover_create(SIZE_MAX / 2, &handover), ATALAYA_E_ARGUMENT);
    assert_null(handover);
    handover_destroy(NULL);
}

struct producer {
    pthread_t thread;
    struct handover *handover;
    unsigned number;
    bool wait;
    unsigned failures;
    struct reception reception;
};

static atomic_uint running;

static void *produce(void *context)
{
    struct producer *producer = context;
    for (uint64_t i = 0; i < ROUTINE_EACH; i++) {
        bool urgent = i % URGENT_EVERY == 0;
        fill(&producer->reception, producer->number, i, urgent);
        if (handover_put(producer->handover, &producer->reception, urgent, producer->wait) > ATALAYA_END)
            producer->failures++;
        if (i % 64 == 0)
            sched_yield();
    }
    atomic_fetch_sub(&running, 1);
    return NULL;
}

struct tally {
    uint64_t taken, urgent, next[PRODUCERS][2];
    bool torn, disordered;
};

static void take_all(struct handover *handover, struct tally *tally)
{
    static struct reception reception;
    while (handover_take(handover, &reception)) {
        bool urgent = reception.message.distress == DISTRESS_RAISED;
        uint64_t *next = &tally->next[reception.copies][urgent];
        tally->torn |= !is_whole(&reception);
        tally->disordered |= reception.message.first_bit < *next;
        *next = reception.message.first_bit + 1;
        tally->taken++;
        tally->urgent += urgent;
    }
}

/* Four producers against one taker. */
static void run(bool wait, struct tally *tally, uint64_t *dropped, unsigned *failures)
{
    static struct producer producers[PRODUCERS];
    struct handover *handover = create(CAPACITY);
    atomic_store(&running, PRODUCERS);
    for (unsigned i = 0; i < PRODUCERS; i++) {
        producers[i] = (struct producer){.handover = handover, .number = i, .wait = wait};
        assert_int_equal(pthread_create(&producers[i].thread, NULL, produce, &producers[i]), 0);
    }
    while (atomic_load(&running) > 0) {
        struct pollfd poll_fd = {.fd = handover_fd(handover), .events = POLLIN};
        (void)poll(&poll_fd, 1, 10);
        take_all(handover, tally);
    }
    for (unsigned i = 0; i < PRODUCERS; i++) {
        assert_int_equal(pthread_join(producers[i].thread, NULL), 0);
        *failures += producers[i].failures;
    }
    take_all(handover, tally);
    *dropped = handover_dropped(handover);
    assert_false(is_readable(handover));
    handover_destroy(handover);
}

static void test_threads_never_lose_distress_and_count_the_rest(void **state)
{
    (void)state;
    struct tally tally = {0};
    uint64_t dropped;
    unsigned failures = 0;
    run(false, &tally, &dropped, &failures);
    assert_false(tally.torn);
    assert_false(tally.disordered);
    assert_int_equal(tally.urgent, PRODUCERS * ROUTINE_EACH / URGENT_EVERY);
    assert_int_equal(tally.taken + dropped, PRODUCERS * ROUTINE_EACH);
    assert_true(failures <= dropped);
}

static void test_threads_that_wait_lose_nothing(void **state)
{
    (void)state;
    struct tally tally = {0};
    uint64_t dropped;
    unsigned failures = 0;
    run(true, &tally, &dropped, &failures);
    assert_false(tally.torn);
    assert_false(tally.disordered);
    assert_int_equal(dropped, 0);
    assert_int_equal(failures, 0);
    assert_int_equal(tally.taken, PRODUCERS * ROUTINE_EACH);
}

static void *put_waiting(void *context)
{
    struct handover *handover = context;
    static struct reception reception;
    return handover_put(handover, &reception, true, true) == ATALAYA_E_GONE ? handover : NULL;
}

static void test_close_wakes_who_waits_and_keeps_what_is_there(void **state)
{
    (void)state;
    struct handover *handover = create(1);
    put(handover, 7, true);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, put_waiting, handover), 0);
    struct timespec moment = {.tv_nsec = 20000000};
    nanosleep(&moment, NULL);
    handover_close(handover);
    void *woken = NULL;
    assert_int_equal(pthread_join(thread, &woken), 0);
    assert_non_null(woken);
    expect(handover, 7);
    handover_destroy(handover);
}

static void test_cost_of_a_crossing_is_printed(void **state)
{
    (void)state;
    enum { ROUNDS = 20000 };
    struct handover *handover = create(64);
    struct reception *reception = test_calloc(1, sizeof *reception);
    int64_t start_ns = clock_mono_ns();
    for (int i = 0; i < ROUNDS; i++) {
        assert_int_equal(handover_put(handover, reception, false, false), ATALAYA_OK);
        assert_true(handover_take(handover, reception));
    }
    double each_us = (double)(clock_mono_ns() - start_ns) / 1e3 / ROUNDS;
    printf("put and take of %zu bytes: %.2f us\n", sizeof *reception, each_us);
    assert_true(each_us < 1000.0); /* a burst lasts 200 ms at the least */
    test_free(reception);
    handover_destroy(handover);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urgent_first_then_in_order),
        cmocka_unit_test(test_full_drops_the_oldest_routine_only),
        cmocka_unit_test(test_routine_among_distress_alone_is_the_one_dropped),
        cmocka_unit_test(test_fd_is_readable_while_something_waits),
        cmocka_unit_test(test_impossible_capacity_is_refused),
        cmocka_unit_test(test_threads_never_lose_distress_and_count_the_rest),
        cmocka_unit_test(test_threads_that_wait_lose_nothing),
        cmocka_unit_test(test_close_wakes_who_waits_and_keeps_what_is_there),
        cmocka_unit_test(test_cost_of_a_crossing_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
