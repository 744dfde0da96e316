/* SPDX-License-Identifier: Apache-2.0 */
/* A call whose bits were guessed counts when it is heard a second time, and only then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../gateway/confirm.h"

static const struct words_verdict raised = {.distress = DISTRESS_RAISED};
static const struct words_verdict drill = {.distress = DISTRESS_RAISED, .test = true};
static const struct words_verdict cancelled = {.distress = DISTRESS_CANCELLED};
static struct confirm confirm;

static int start(void **state)
{
    (void)state;
    memset(&confirm, 0, sizeof confirm);
    return 0;
}

static bool call(const char *unit, const struct words_verdict *verdict, double at_s)
{
    return confirm_call(&confirm, unit, verdict, (int64_t)(at_s * 1e9), 1800);
}

static void the_second_hearing_confirms(void **state)
{
    (void)state;
    assert_false(call("patrol-1", &raised, 100));
    assert_true(call("patrol-1", &raised, 130));
    assert_true(call("patrol-1", &raised, 1800));
}

static void one_burst_at_two_receivers_is_one_hearing(void **state)
{
    (void)state;
    assert_false(call("patrol-1", &raised, 100));
    assert_false(call("patrol-1", &raised, 100.4));
    assert_true(call("patrol-1", &raised, 102));
}

static void another_unit_a_drill_or_a_cancellation_confirms_nothing(void **state)
{
    (void)state;
    assert_false(call("patrol-1", &raised, 100));
    assert_false(call("patrol-2", &raised, 130));
    assert_false(call("patrol-1", &drill, 160));
    assert_false(call("patrol-1", &cancelled, 190));
    assert_true(call("patrol-1", &cancelled, 200));
}

static void after_the_window_it_begins_anew(void **state)
{
    (void)state;
    assert_false(call("patrol-1", &raised, 100));
    assert_false(call("patrol-1", &raised, 1901));
    assert_true(call("patrol-1", &raised, 1950));
}

static void a_crowd_pushes_out_the_oldest_only(void **state)
{
    (void)state;
    char unit[32];
    for (int i = 0; i <= CONFIRM_SUSPECTS_MAX; i++) {
        snprintf(unit, sizeof unit, "patrol-%d", i);
        assert_false(call(unit, &raised, 100 + i));
    }
    assert_true(call("patrol-1", &raised, 200));
    assert_false(call("patrol-0", &raised, 200));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_second_hearing_confirms, start),
        cmocka_unit_test_setup(one_burst_at_two_receivers_is_one_hearing, start),
        cmocka_unit_test_setup(another_unit_a_drill_or_a_cancellation_confirms_nothing, start),
        cmocka_unit_test_setup(after_the_window_it_begins_anew, start),
        cmocka_unit_test_setup(a_crowd_pushes_out_the_oldest_only, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
