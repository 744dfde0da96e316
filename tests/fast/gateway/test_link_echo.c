/* SPDX-License-Identifier: Apache-2.0 */
/* The site's word to itself: when it is said, and what its absence means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <string.h>

#include "../../../gateway/mqtt/echo.h"

static const int64_t second_ns = INT64_C(1000000000), interval_ns = INT64_C(30000000000);

/* Says a word at `at_s`, acknowledged at once. */
static void say(struct echo *echo, int mid, int64_t at_s)
{
    (void)echo_make(echo, (uint64_t)mid);
    echo_sent(echo, mid, at_s * second_ns);
    assert_true(echo_confirmed(echo, mid, true, at_s * second_ns));
}

static void come_back(struct echo *echo, int64_t at_s)
{
    char word[ECHO_TEXT_MAX];
    memcpy(word, echo->word, sizeof word);
    echo_heard(echo, at_s * second_ns);
    echo_take(echo, word, strlen(word), at_s * second_ns);
}

static void it_is_said_at_once_then_at_the_interval_and_soon_after_others_spoke(void **state)
{
    (void)state;
    struct echo echo = {0};
    echo_begin(&echo, 100 * second_ns);
    assert_true(echo_is_due(&echo, interval_ns, 100 * second_ns));
    say(&echo, 1, 100);
    assert_false(echo_is_due(&echo, interval_ns, 200 * second_ns)); /* one at a time */
    come_back(&echo, 101);
    assert_int_equal(echo.round_trip_ns, second_ns);
    assert_false(echo_is_due(&echo, interval_ns, 130 * second_ns));
    assert_true(echo_is_due(&echo, interval_ns, 131 * second_ns));
    echo_heard(&echo, 103 * second_ns);
    assert_false(echo_is_due(&echo, interval_ns, 107 * second_ns));
    assert_true(echo_is_due(&echo, interval_ns, 108 * second_ns));
}

static void once_proven_a_missing_one_means_a_stuck_broker(void **state)
{
    (void)state;
    struct echo echo = {0};
    echo_begin(&echo, 0);
    say(&echo, 1, 1);
    come_back(&echo, 2);
    say(&echo, 2, 40);
    assert_int_equal(echo_judge(&echo, 49 * second_ns), ECHO_FINE);
    echo_heard(&echo, 45 * second_ns); /* a long queue that moves is not stuck */
    assert_int_equal(echo_judge(&echo, 54 * second_ns), ECHO_FINE);
    assert_int_equal(echo_judge(&echo, 55 * second_ns), ECHO_STUCK);
    echo_begin(&echo, 60 * second_ns); /* it counts in the next connection too */
    say(&echo, 3, 61);
    assert_int_equal(echo_judge(&echo, 71 * second_ns), ECHO_STUCK);
}

static void one_that_never_came_is_said_once_and_ends_nothing(void **state)
{
    (void)state;
    struct echo echo = {0};
    unsigned said = 0;
    echo_begin(&echo, 0);
    for (int i = 1; i <= 10; i++) {
        say(&echo, i, 30 * i);
        enum echo_state judged = echo_judge(&echo, (30 * i + ECHO_PATIENCE_S) * second_ns);
        assert_int_not_equal(judged, ECHO_STUCK);
        said += judged == ECHO_UNPROVEN;
    }
    assert_int_equal(said, 1);
}

static void neither_another_word_nor_an_old_one_is_taken(void **state)
{
    (void)state;
    struct echo echo = {0};
    char old[ECHO_TEXT_MAX];
    echo_begin(&echo, 0);
    memcpy(old, echo_make(&echo, 7), sizeof old);
    echo_sent(&echo, 1, 0);
    echo_begin(&echo, 5 * second_ns);
    echo_take(&echo, "", 0, 6 * second_ns); /* nothing is awaited */
    assert_false(echo.proven);
    (void)echo_make(&echo, 8);
    echo_sent(&echo, 2, 6 * second_ns);
    echo_take(&echo, old, strlen(old), 6 * second_ns);
    echo_take(&echo, "", 0, 6 * second_ns);
    assert_false(echo.proven);
    assert_false(echo_confirmed(&echo, 1, true, 6 * second_ns));
    assert_false(echo_confirmed(&echo, 0, true, 6 * second_ns));
}

static void back_before_its_acknowledgement(void **state)
{
    (void)state;
    struct echo echo = {0};
    echo_begin(&echo, 0);
    (void)echo_make(&echo, 9);
    echo_sent(&echo, 4, second_ns);
    assert_int_equal(echo_unconfirmed_ns(&echo), second_ns);
    come_back(&echo, 2);
    assert_true(echo.proven);
    assert_true(echo_confirmed(&echo, 4, true, 3 * second_ns));
    assert_int_equal(echo_unconfirmed_ns(&echo), INT64_MAX);
    assert_int_equal(echo_judge(&echo, 100 * second_ns), ECHO_FINE);
    assert_true(echo_is_due(&echo, interval_ns, 100 * second_ns));
}

static void refused_it_is_not_said_again_in_that_connection(void **state)
{
    (void)state;
    struct echo echo = {0};
    echo_begin(&echo, 0);
    (void)echo_make(&echo, 9);
    echo_sent(&echo, 4, second_ns);
    assert_true(echo_confirmed(&echo, 4, false, 2 * second_ns));
    assert_false(echo_is_due(&echo, interval_ns, 500 * second_ns));
    echo_begin(&echo, 600 * second_ns);
    assert_true(echo_is_due(&echo, interval_ns, 600 * second_ns));
    echo_refused(&echo);
    assert_false(echo_is_due(&echo, interval_ns, 900 * second_ns));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_said_at_once_then_at_the_interval_and_soon_after_others_spoke),
        cmocka_unit_test(once_proven_a_missing_one_means_a_stuck_broker),
        cmocka_unit_test(one_that_never_came_is_said_once_and_ends_nothing),
        cmocka_unit_test(neither_another_word_nor_an_old_one_is_taken),
        cmocka_unit_test(back_before_its_acknowledgement),
        cmocka_unit_test(refused_it_is_not_said_again_in_that_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
