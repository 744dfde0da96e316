/* SPDX-License-Identifier: Apache-2.0 */
/* Who is expected and is not heard is missing, and nobody else; when all are, the tower is suspect. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../../../gateway/guard/check_ins.h"

#define S INT64_C(1000000000)
static struct config config = {
    .guard = {.quiet_limit_s = 7200.0},
    .unit_count = 3,
    .unit = {{.name = "patrol-1", .expect_every_s = 900.0},
             {.name = "patrol-2", .expect_every_s = 3600.0},
             {.name = "patrol-3"}},
};
static struct check_ins *check_ins;
static char missing[256];

static int set_up(void **state)
{
    (void)state;
    return check_ins_create(&config, 100 * S, &check_ins) == ATALAYA_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    check_ins_destroy(check_ins);
    return 0;
}

static void note(void *context, const char *unit, double silent_s)
{
    (void)context;
    assert_true(silent_s > 0.0);
    strcat(missing, unit);
    strcat(missing, " ");
}

static const char *missing_at(int64_t second)
{
    missing[0] = '\0';
    check_ins_missing(check_ins, second * S, note, NULL);
    return missing;
}

static struct check_in_figures figures_at(int64_t second)
{
    struct check_in_figures figures;
    check_ins_figures(check_ins, second * S, &figures);
    return figures;
}

static void overdue_is_missing(void **state)
{
    (void)state;
    assert_string_equal(missing_at(1000), ""); /* 900 s since the start */
    assert_string_equal(missing_at(1001), "patrol-1 ");
    check_ins_hear(check_ins, "patrol-1", 1002 * S);
    assert_string_equal(missing_at(1902), "");
    check_ins_hear(check_ins, "patrol-3", 1903 * S);
    assert_string_equal(missing_at(1903), "patrol-1 ");
    assert_string_equal(missing_at(3701), "patrol-1 patrol-2 ");
    assert_int_equal(figures_at(3701).expected, 2);
    assert_int_equal(figures_at(3701).missing, 2);
    assert_true(figures_at(3701).all_missing);
    check_ins_hear(check_ins, "patrol-2", 3702 * S);
    assert_false(figures_at(3702).all_missing);
}

/* A stranger proves that the tower hears, and stands for nobody. */
static void strangers_count_for_the_tower(void **state)
{
    (void)state;
    assert_false(figures_at(7300).too_quiet);
    assert_true(figures_at(7301).too_quiet);
    assert_false(figures_at(7301).anybody);
    check_ins_hear(check_ins, "ax25.N0CALL-5", 7301 * S);
    assert_false(figures_at(7302).too_quiet);
    assert_true(figures_at(7302).anybody);
    assert_int_equal(figures_at(7302).missing, 2);
    check_ins_hear(check_ins, "ax25.N0CALL-5", 200 * S); /* a recording of old: time does not go back */
    assert_true(figures_at(7302).quiet_s < 2.0);
}

static void a_reload_keeps_who_was_heard(void **state)
{
    static struct config next;
    (void)state;
    next = config;
    next.unit[2].expect_every_s = 60.0;
    next.unit[0].expect_every_s = 0.0;
    check_ins_hear(check_ins, "patrol-2", 3000 * S);
    assert_int_equal(check_ins_configure(check_ins, &next, 3600 * S), ATALAYA_OK);
    assert_string_equal(missing_at(3660), "");
    assert_string_equal(missing_at(3661), "patrol-3 ");
    assert_string_equal(missing_at(6601), "patrol-2 patrol-3 ");
}

static void nobody_expected_nobody_missing(void **state)
{
    static struct config none;
    (void)state;
    assert_int_equal(check_ins_configure(check_ins, &none, 100 * S), ATALAYA_OK);
    struct check_in_figures figures = figures_at(10000000);
    assert_false(figures.too_quiet || figures.all_missing);
    assert_int_equal(figures.missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(overdue_is_missing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strangers_count_for_the_tower, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reload_keeps_who_was_heard, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_expected_nobody_missing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
