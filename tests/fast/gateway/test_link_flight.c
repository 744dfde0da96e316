/* SPDX-License-Identifier: Apache-2.0 */
/* The book of what is on its way never loses an id and never promises more room than there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../gateway/mqtt/flight.h"

static bool add(struct flight *flight, int mid, int64_t id, int64_t sent_ns)
{
    return flight_add(
        flight, &(struct flight_item){.mid = mid, .id = id, .class = SPOOL_MESSAGE, .sent_mono_ns = sent_ns});
}

static void a_puback_finds_its_item_once(void **state)
{
    (void)state;
    struct flight flight = {0};
    struct flight_item item;
    for (int i = 1; i <= 5; i++)
        assert_true(add(&flight, i, 100 + i, i));
    assert_int_equal(flight_oldest_ns(&flight), 1);
    assert_true(flight_take(&flight, 1, &item));
    assert_int_equal(item.id, 101);
    assert_false(flight_take(&flight, 1, &item));
    assert_false(flight_take(&flight, 6, &item));
    assert_int_equal(flight_oldest_ns(&flight), 2);
    assert_int_equal(flight.count, 4);
}

static void room_shrinks_with_what_flies_and_what_is_parked(void **state)
{
    (void)state;
    struct flight flight = {0};
    struct flight_item item;
    assert_int_equal(flight_room(&flight, 20), 20);
    assert_int_equal(flight_room(&flight, 100000), FLIGHT_MAX);
    for (int i = 0; i < 20; i++)
        assert_true(add(&flight, i, i, 0));
    assert_int_equal(flight_room(&flight, 20), 0);
    assert_int_equal(flight_room(&flight, 10), 0);
    /* The broker refuses one after the other until nothing more can be parked. */
    for (int mid = 20; mid < 20 + PARKED_MAX; mid++) {
        assert_true(flight_take(&flight, mid - 20, &item));
        flight_park(&flight, item.id);
        if (flight_room(&flight, 20) > 0)
            assert_true(add(&flight, mid, mid, 0));
    }
    assert_int_equal(flight.parked_count, PARKED_MAX);
    assert_int_equal(flight.count, 0);
    assert_int_equal(flight_room(&flight, 20), 0);
    flight_unpark(&flight);
    assert_int_equal(flight_room(&flight, 20), 20);
}

static void full_is_full(void **state)
{
    (void)state;
    struct flight flight = {0};
    for (int i = 0; i < FLIGHT_MAX; i++)
        assert_true(add(&flight, i, i, i));
    assert_false(add(&flight, FLIGHT_MAX, FLIGHT_MAX, 0));
}

static void all_that_is_on_its_way_is_passed_over_until_the_connection_ends(void **state)
{
    (void)state;
    struct flight flight = {0};
    int64_t ids[FLIGHT_SKIP_MAX];
    assert_true(add(&flight, 1, 11, 0));
    assert_true(add(&flight, 2, 12, 0));
    flight_park(&flight, 13);
    assert_int_equal(flight_skip(&flight, ids), 3);
    assert_int_equal(ids[0] + ids[1] + ids[2], 36);
    flight_ground(&flight);
    assert_int_equal(flight_skip(&flight, ids), 1);
    assert_int_equal(ids[0], 13); /* refused is refused */
    flight_unpark(&flight);
    assert_int_equal(flight_skip(&flight, ids), 0);
    assert_true(flight_oldest_ns(&flight) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_puback_finds_its_item_once),
        cmocka_unit_test(room_shrinks_with_what_flies_and_what_is_parked),
        cmocka_unit_test(full_is_full),
        cmocka_unit_test(all_that_is_on_its_way_is_passed_over_until_the_connection_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
