/* SPDX-License-Identifier: Apache-2.0 */
/* The installed program finds the one for NEON beside it, a program that is not installed never takes
 * another's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../gateway/board.h"

static void installed_ones_have_a_twin(void **state)
{
    (void)state;
    char twin[64];
    assert_true(board_twin("/usr/bin/atalaya", twin, sizeof twin));
    assert_string_equal(twin, "/usr/lib/atalaya/neon/atalaya");
    assert_true(board_twin("/usr/local/bin/atalaya", twin, sizeof twin));
    assert_string_equal(twin, "/usr/local/lib/atalaya/neon/atalaya");
}

static void others_have_none(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",
        "atalaya",
        "/home/ana/atalaya/build/release/atalaya",
        "/usr/lib/atalaya/neon/atalaya", /* the twin itself: it would start itself for ever */
        "/usr/bin/atalaya (deleted)",
        "/usr/sbin/atalaya",
    };
    char twin[64];
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(board_twin(others[i], twin, sizeof twin));
}

static void a_path_without_room_is_none(void **state)
{
    (void)state;
    char twin[29]; /* one too few */
    assert_false(board_twin("/usr/bin/atalaya", twin, sizeof twin));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(installed_ones_have_a_twin),
        cmocka_unit_test(others_have_none),
        cmocka_unit_test(a_path_without_room_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
