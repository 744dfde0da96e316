/* SPDX-License-Identifier: Apache-2.0 */
/* What a controller says for ever is told once a minute, and never more than so much of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../gateway/repeats.h"

static const int64_t second_ns = 1000000000;

static void the_same_is_told_once_a_minute(void **state)
{
    (void)state;
    struct repeats repeats = {0};
    unsigned told = 0;
    for (int64_t tick = 0; tick < 600 * 9; tick++) /* ten minutes, nine a second, three of them different */
        told += !repeats_hold(&repeats, (uint64_t)(tick % 3), tick * second_ns / 9);
    assert_int_equal(told, 30);
}

static void a_flood_of_different_things_is_bounded(void **state)
{
    (void)state;
    struct repeats repeats = {0};
    unsigned told = 0;
    for (int64_t tick = 0; tick < 600 * 9; tick++)
        told += !repeats_hold(&repeats, (uint64_t)tick, tick * second_ns / 9);
    assert_true(told <= 10 * REPEATS_REMEMBERED);
    assert_true(told >= 10 * REPEATS_REMEMBERED - REPEATS_REMEMBERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_told_once_a_minute),
        cmocka_unit_test(a_flood_of_different_things_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
