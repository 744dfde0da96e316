/* SPDX-License-Identifier: Apache-2.0 */
/* What a base radio is told: the order's letters, whom it is for, and what cannot be said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "atalaya/protocol/kenwood.h"

static char order[KENWOOD_ORDER_MAX];

static void orders_read_as_radios_expect_them(void **state)
{
    (void)state;
    assert_int_equal(kenwood_order_text("100-1001", "come home", 9, order), 17);
    assert_string_equal(order, "F1001001come home");
    assert_int_equal(kenwood_order_text("000-0000", "storm", 5, order), 13);
    assert_string_equal(order, "F0000000storm");
    assert_true(kenwood_order_text("U01001", "come home", 9, order) > 0);
    assert_string_equal(order, "gFU01001come home");
    assert_true(kenwood_order_poll("100-1001", order) > 0);
    assert_string_equal(order, "R31001001");
    assert_true(kenwood_order_poll("U01001", order) > 0);
    assert_string_equal(order, "gR3U01001");
}

static void a_long_text_is_another_order(void **state)
{
    (void)state;
    char text[KENWOOD_TEXT_MAX + 1];
    memset(text, 'x', sizeof text);
    assert_true(kenwood_order_text("100-1001", text, 48, order) > 0);
    assert_int_equal(order[0], 'F');
    assert_int_equal(kenwood_order_text("100-1001", text, KENWOOD_TEXT_MAX, order), KENWOOD_TEXT_MAX + 8);
    assert_int_equal(order[0], 'G');
    assert_int_equal(kenwood_order_text("100-1001", text, KENWOOD_TEXT_MAX + 1, order), 0);
}

static void what_cannot_be_said_is_refused(void **state)
{
    (void)state;
    static const char *const units[] = {
        "",        "1001001", "100-101", "10O-1001",     "U1001",
        "U010011", "u01001",  "N0CALL",  "100-1001\003", "-------------------------------"};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        assert_int_equal(kenwood_order_text(units[i], "x", 1, order), 0);
        assert_int_equal(kenwood_order_poll(units[i], order), 0);
    }
    assert_int_equal(kenwood_order_text("100-1001", "", 0, order), 0);
    assert_int_equal(kenwood_order_text("100-1001", "a\003b", 3, order), 0); /* ETX would end the order */
    assert_int_equal(kenwood_order_text("100-1001", "\xc3\xa1", 2, order), 0);
    assert_int_equal(kenwood_order_poll("000-0000", order), 0); /* all of them would answer at once */
}

static void a_place_is_known_by_its_unit(void **state)
{
    (void)state;
    static const char fleetsync[] = "$PKLSH,3129.4702,N,11131.5600,W,120000,A,100,1001,*00";
    static const char nexedge[] = "$PKNSH,3129.4702,N,11131.5600,W,120000,A,U01001*00";
    assert_true(kenwood_is_place_of("100-1001", fleetsync, sizeof fleetsync - 1));
    assert_false(kenwood_is_place_of("100-1002", fleetsync, sizeof fleetsync - 1));
    assert_false(kenwood_is_place_of("100-100", fleetsync, sizeof fleetsync - 1));
    assert_true(kenwood_is_place_of("U01001", nexedge, sizeof nexedge - 1));
    assert_false(kenwood_is_place_of("U01001", nexedge + 1, sizeof nexedge - 2));
    assert_false(kenwood_is_place_of("U0100", nexedge, sizeof nexedge - 1));
    assert_false(kenwood_is_place_of("100-1001", "I110010011001001", 16));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_read_as_radios_expect_them),
        cmocka_unit_test(a_long_text_is_another_order),
        cmocka_unit_test(what_cannot_be_said_is_refused),
        cmocka_unit_test(a_place_is_known_by_its_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
